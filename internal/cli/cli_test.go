package cli

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/peterh/liner"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// canned answers the statements of these tests.
func canned(req protocol.SubmitRequest) protocoltest.Answer {
	bigint := types.Of(types.BigInt)
	switch sql := req.SQL; {
	case strings.HasSuffix(sql, "SELECT 1"):
		return protocoltest.Rows([]protocol.Column{{Name: "_col0", Type: bigint}}, "[1]")
	case strings.HasPrefix(sql, "USE"):
		return protocoltest.Changed("USE", protocol.SessionChanges{SetCatalog: "memory", SetSchema: "default"})
	case sql == "SHOW SESSION":
		text, _, _ := strings.Cut(strings.Join([]string{req.Session.Catalog, req.Session.Schema, req.Session.Properties["a.b"], req.Session.User}, "/"), "\n")
		return protocoltest.Rows([]protocol.Column{{Name: "s", Type: types.Of(types.Varchar)}}, `["`+text+`"]`)
	case strings.HasPrefix(sql, "INSERT"):
		n := int64(1)
		return protocoltest.Answer{Pages: []protocol.ResultPage{
			{Columns: []protocol.Column{{Name: "rows", Type: bigint}}, UpdateType: "INSERT", Stats: protocoltest.Running(1)},
			{Data: [][]byte{[]byte("[1]")}, UpdateType: "INSERT", UpdateCount: &n, Stats: protocoltest.Finished(1)},
		}}
	case sql == "HANG":
		return protocoltest.Answer{Pages: []protocol.ResultPage{{Stats: protocoltest.Running(5)}}, Hang: true}
	case strings.HasSuffix(sql, "PAGES"):
		a := protocoltest.Answer{}
		for _, rows := range []string{"[1],[2]", "[3]", "[4],[5],[6]"} {
			a.Pages = append(a.Pages, protocol.ResultPage{
				Columns: []protocol.Column{{Name: "n", Type: bigint}}, Data: [][]byte{[]byte(rows)}, Stats: protocoltest.Running(60175),
			})
		}
		a.Pages[2].Stats = protocoltest.Finished(60175)
		return a
	}
	line := strings.Count(req.SQL[:strings.Index(req.SQL, "foo")], "\n")
	column := strings.Index(strings.Split(req.SQL, "\n")[line], "foo")
	return protocoltest.Failed(trinoerr.At(trinoerr.Position{Line: line + 1, Column: column + 1}, trinoerr.ColumnNotFound, "Column 'foo' cannot be resolved"))
}

func serve(t *testing.T) (url string, d *protocoltest.Dispatcher) {
	t.Helper()
	d = protocoltest.New(canned)
	h := httptest.NewServer(protocol.New(protocol.Config{}, d))
	t.Cleanup(h.Close)
	return h.URL, d
}

func TestBatch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "script.sql")
	if err := os.WriteFile(file, []byte("-- one; two\nSELECT 1; /* ; */ PAGES;\n;\nSELECT 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	failed := "Query 20200102_030405_00000_abcde failed: line 2:3: Column 'foo' cannot be resolved\nLINE 2:   foo\n          ^\n\n"
	for _, c := range []struct {
		name           string
		options        Options
		stdin          string
		code           int
		stdout, stderr string
	}{
		{"execute", Options{Execute: "SELECT 1"}, "", 0, "\"1\"\n", ""},
		{"two statements", Options{Execute: "SELECT 1; INSERT x;"}, "", 0, "\"1\"\n", "INSERT: 1 row\n"},
		{"pages", Options{Execute: "PAGES", OutputFormat: "aligned"}, "", 0, " n \n---\n 1 \n 2 \n 3 \n 4 \n 5 \n 6 \n(6 rows)\n", ""},
		{"session", Options{Execute: "USE memory.default; SHOW SESSION", User: "u", Session: map[string]string{"a.b": "x y,z"}, OutputFormat: "TSV"}, "", 0, "memory/default/x y,z/u\n", "USE\n"},
		{"error", Options{Execute: "SELECT\n  foo; SELECT 1"}, "", 1, "", failed},
		{"ignored error", Options{Execute: "SELECT\n  foo; SELECT 1", IgnoreErrors: true}, "", 1, "\"1\"\n", failed},
		{"file", Options{File: file, OutputFormat: "CSV_UNQUOTED"}, "", 1, "1\n1\n2\n3\n4\n5\n6\n", "Non-terminated statement: SELECT 1\n"},
		{"standard input", Options{OutputFormat: "JSON"}, "SELECT 1;", 0, "{\"_col0\":1}\n", ""},
		{"no file", Options{File: file + "x"}, "", 1, "", "error reading from file " + file + "x: open " + file + "x: no such file or directory\n"},
		{"both", Options{File: file, Execute: "SELECT 1"}, "", 2, "", "both --execute and --file specified\n"},
		{"bad format", Options{Execute: "SELECT 1", OutputFormat: "XML"}, "", 2, "", "unknown output format \"XML\": use one of AUTO, ALIGNED, VERTICAL, TSV, TSV_HEADER, CSV, CSV_HEADER, CSV_UNQUOTED, CSV_HEADER_UNQUOTED, JSON, MARKDOWN, NULL\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Server, _ = serve(t) // a new one, for the query's id is in messages
			var stdout, stderr bytes.Buffer
			code := Run(t.Context(), c.options, strings.NewReader(c.stdin), &stdout, &stderr)
			if code != c.code || stdout.String() != c.stdout || stderr.String() != c.stderr {
				t.Errorf("exit %d\nstdout %q\nstderr %q\nwant %d\n%q\n%q", code, stdout.String(), stderr.String(), c.code, c.stdout, c.stderr)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	url, _ := serve(t)
	var stdout, stderr bytes.Buffer
	Run(t.Context(), Options{Server: url, Execute: "PAGES", Progress: true}, nil, &stdout, &stderr)
	for _, want := range []string{
		"Query 20200102_030405_00000_abcde, RUNNING, 1 node, 1/2 splits, 60.2K rows, 588KB, ",
		" rows/s",
		"\nQuery 20200102_030405_00000_abcde, FINISHED, 1 node\nSplits: 1 total, 1 done (100.00%)\n",
		" [60.2K rows, 588KB] [",
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("progress lacks %q:\n%q", want, stderr.String())
		}
	}
}

func TestInterruptCancelsTheQuery(t *testing.T) {
	url, d := serve(t)
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		for len(d.Queries()) == 0 || d.Queries()[0].State != "RUNNING" {
			time.Sleep(time.Millisecond)
		}
		interrupt()
	}()
	var stdout, stderr bytes.Buffer
	if code := Run(ctx, Options{Server: url, Execute: "HANG; SELECT 1", IgnoreErrors: true}, nil, &stdout, &stderr); code != 1 {
		t.Errorf("exit code %d", code)
	}
	q, _ := d.Lookup("20200102_030405_00000_abcde")
	if reason := q.(*protocoltest.Query).Reason(); reason == nil || reason.Code != trinoerr.UserCanceled {
		t.Errorf("query was not cancelled: %v", reason)
	}
	if len(d.Requests()) != 1 || stderr.String() != "Query aborted by user\n" {
		t.Errorf("%d statements sent; %q", len(d.Requests()), stderr.String())
	}
}

func TestStatusLineFits(t *testing.T) {
	half := 45.0
	r := &client.Results{ID: "20260102_030405_00001_abcde", Stats: protocol.Stats{
		State: "RUNNING", Nodes: 3, CompletedSplits: 12, TotalSplits: 40, ProcessedRows: 60175, ProcessedBytes: 1 << 20, ProgressPercentage: &half,
	}}
	const text = "0:02 Query 20260102_030405_00001_abcde, RUNNING, 3 nodes, 12/40 splits, 60.2K rows, 1MB, 30.1K rows/s"
	for width, want := range map[int]string{
		150:            text + " [=========>          ] 45%",
		len(text) + 13: text + " [==>  ] 45%",
		len(text) + 12: text + " 45%",
		40:             text[:39],
	} {
		if got := statusLine(r, 2*time.Second, width); got != want {
			t.Errorf("width %d:\n got %s\nwant %s", width, got, want)
		}
	}
}

// typist types lines; "^C" is the key.
type typist struct {
	lines   []string
	prompts []string
	history []string
}

func (t *typist) Prompt(prompt string) (string, error) {
	t.prompts = append(t.prompts, prompt)
	if len(t.lines) == 0 {
		return "", io.EOF
	}
	line := t.lines[0]
	t.lines = t.lines[1:]
	if line == "^C" {
		return "", liner.ErrPromptAborted
	}
	return line, nil
}

func (t *typist) AppendHistory(line string) { t.history = append(t.history, line) }

func TestShell(t *testing.T) {
	var out bytes.Buffer
	r := &runner{stdout: &out, stderr: &out, client: &client.Client{}}
	in := &typist{lines: []string{
		"SELECT", "  'a;b' -- c;", "FROM t; SELECT 2;", "half", "^C", "/* comment", "ends */ SELECT 3;", "HELP", "History;", "quit", "never",
	}}
	var ran []string
	history := 0
	code := r.converse(in, func(sql string) {
		ran = append(ran, sql)
		r.client.Session.Schema = "tiny"
	}, func() { history++ })
	if want := []string{"SELECT\n  'a;b' -- c;\nFROM t", "SELECT 2", "/* comment\nends */ SELECT 3"}; !reflect.DeepEqual(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
	if want := []string{
		"waterbear> ", "        -> ", "        -> ", "waterbear:tiny> ", "             -> ", "waterbear:tiny> ", "             -> ",
		"waterbear:tiny> ", "waterbear:tiny> ", "waterbear:tiny> ",
	}; !reflect.DeepEqual(in.prompts, want) {
		t.Errorf("prompts %q", in.prompts)
	}
	if code != 0 || history != 1 || len(in.lines) != 1 || !strings.Contains(out.String(), "Supported commands") || len(in.history) != 5 {
		t.Errorf("exit %d, %d times history, left %q, remembered %q, output %q", code, history, in.lines, in.history, out.String())
	}
}

func TestSplitStatements(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []string
		rest   string
	}{
		{"", nil, ""},
		{" ; ;\n-- nothing\n;", nil, ""},
		{"a;b", []string{"a"}, "b"},
		{"a ';' b; c", []string{"a ';' b"}, "c"},
		{`a ";""" ';''' ; b;`, []string{`a ";""" ';'''`, "b"}, ""},
		{"a -- ;\n b; /* ; */ c; d /* ; ", []string{"a -- ;\n b", "/* ; */ c"}, "d /* ;"},
		{"a 'open; b", nil, "a 'open; b"},
		{"-- only a comment", nil, ""},
	} {
		got, rest := splitStatements(c.script)
		if !reflect.DeepEqual(got, c.want) || rest != c.rest {
			t.Errorf("splitStatements(%q) = %q, %q; want %q, %q", c.script, got, rest, c.want, c.rest)
		}
	}
}

// Whatever is typed, the pieces are found in the text, in order.
func FuzzSplitStatements(f *testing.F) {
	f.Add("a ';' ; \"b;\" -- c;\n d /* ; */ ;")
	f.Fuzz(func(t *testing.T, script string) {
		statements, rest := splitStatements(script)
		left := script
		for _, s := range append(statements, rest) {
			i := strings.Index(left, s)
			if i < 0 {
				t.Fatalf("%q of %q is out of place", s, script)
			}
			left = left[i+len(s):]
		}
		open(script)
	})
}

func TestScaled(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 5: "5", 25: "25", 999: "999", 60175: "60.2K", 1234567: "1.23M", 99900: "99.9K", 2.5: "2.5"} {
		if got := formatCount(n); got != want {
			t.Errorf("formatCount(%v) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[float64]string{0: "0B", 1204: "1.18KB", 1 << 20: "1MB", 2273: "2.22KB"} {
		if got := formatSize(n); got != want {
			t.Errorf("formatSize(%v) = %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{1620 * time.Millisecond: "1.62", 61 * time.Second: "1:01", 0: "0.00"} {
		if got := formatElapsed(d); got != want {
			t.Errorf("formatElapsed(%v) = %s, want %s", d, got, want)
		}
	}
}
