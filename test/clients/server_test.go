//go:build e2e

package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// install runs the script that fetches the clients, once, and returns the directory they are in.
var install = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	out, err := exec.Command(filepath.Join(root, "test", "install-clients.sh")).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("install-clients.sh: %w\n%s", err, out)
	}
	cache := os.Getenv("WATERBEAR_CACHE")
	if cache == "" {
		cache = filepath.Join(root, ".cache")
	}
	return filepath.Join(cache, "clients"), nil
})

func clientDir(t *testing.T) string {
	t.Helper()
	dir, err := install()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// statements are what the clients execute: real SQL, which any server with the catalogs tpch and memory answers alike.
type statements struct {
	types, prepared, fails, create, drop, pages, hang string
}

func newStatements(t *testing.T) statements {
	table := "memory.default." + strings.ToLower(t.Name()) + strconv.FormatInt(time.Now().UnixNano(), 36)
	return statements{
		types: `SELECT BIGINT '9007199254740993' AS i, CAST('é"x' AS varchar(5)) AS s, CAST(123.4 AS decimal(10, 2)) AS d, ` +
			`DOUBLE '1.5' AS f, true AS b, DATE '2020-02-29' AS dt, TIMESTAMP '2020-01-01 01:02:03.123456' AS ts, ` +
			`TIMESTAMP '2020-01-01 01:02:03.123 UTC' AS tz, ARRAY[1, NULL] AS a, MAP(ARRAY[CAST('k' AS varchar)], ARRAY[1]) AS m, ` +
			`CAST(ROW(1, 'z') AS ROW(x integer, y varchar)) AS r, X'00FF' AS v, NULL AS n`,
		prepared: "SELECT CAST(? AS bigint) AS a, CAST(? AS varchar) AS b",
		fails:    "SELECT foo",
		create:   "CREATE TABLE " + table + " AS SELECT * FROM tpch.tiny.nation WHERE nationkey < 7",
		drop:     "DROP TABLE " + table,
		pages:    "SELECT n FROM UNNEST(sequence(1, 12)) AS t (n)",
		hang:     "SELECT sum(quantity) FROM tpch.sf100.lineitem /* " + table + " */",
	}
}

// environment hands the statements to a program.
func (s statements) environment() []string {
	return append(os.Environ(), "SQL_TYPES="+s.types, "SQL_PREPARED="+s.prepared, "SQL_ERROR="+s.fails, "SQL_CREATE="+s.create,
		"SQL_DROP="+s.drop, "SQL_PAGES="+s.pages, "SQL_HANG="+s.hang)
}

// server returns the URL of the server to test: the running one that WATERBEAR_URL names, or one with canned answers.
func server(t *testing.T) (string, statements) {
	t.Helper()
	sql := newStatements(t)
	if url := os.Getenv("WATERBEAR_URL"); url != "" {
		return strings.TrimSuffix(url, "/"), sql
	}
	d := protocoltest.New(sql.answer)
	h := httptest.NewServer(protocol.New(protocol.Config{Version: "test", Environment: "test"}, d))
	t.Cleanup(h.Close)
	return h.URL, sql
}

// every has a column of each kind of type that clients decode in their own ways.
var every = protocoltest.Rows([]protocol.Column{
	{Name: "i", Type: types.Of(types.BigInt)}, {Name: "s", Type: types.VarcharN(5)}, {Name: "d", Type: types.DecimalOf(10, 2)},
	{Name: "f", Type: types.Of(types.Double)}, {Name: "b", Type: types.Of(types.Boolean)}, {Name: "dt", Type: types.Of(types.Date)},
	{Name: "ts", Type: types.TimestampP(6)}, {Name: "tz", Type: types.TimestampTZP(3)},
	{Name: "a", Type: types.ArrayOf(types.Of(types.Integer))},
	{Name: "m", Type: types.MapOf(types.Of(types.Varchar), types.Of(types.Integer))},
	{Name: "r", Type: types.RowOf(types.Field{Name: "x", Type: types.Of(types.Integer)}, types.Field{Name: "y", Type: types.Of(types.Varchar)})},
	{Name: "v", Type: types.Of(types.Varbinary)}, {Name: "n", Type: types.Of(types.Unknown)},
}, `[9007199254740993,"é\"x","123.40",1.5,true,"2020-02-29","2020-01-01 01:02:03.123456","2020-01-01 01:02:03.123 UTC",`+
	`[1,null],{"k":1},[1,"z"],"AP8=",null]`)

// answer is the canned answer of a statement.
func (s statements) answer(req protocol.SubmitRequest) protocoltest.Answer {
	bigint, varchar := types.Of(types.BigInt), types.Of(types.Varchar)
	switch sql := req.SQL; {
	case sql == s.types:
		return every
	case strings.HasPrefix(sql, "PREPARE"):
		name, text, _ := strings.Cut(strings.TrimPrefix(sql, "PREPARE "), " FROM ")
		return protocoltest.Changed("PREPARE", protocol.SessionChanges{AddedPrepared: map[string]string{name: text}})
	case strings.HasPrefix(sql, "DEALLOCATE"):
		return protocoltest.Changed("DEALLOCATE", protocol.SessionChanges{DeallocatedPrepared: []string{strings.Fields(sql)[2]}})
	case strings.HasPrefix(sql, "DESCRIBE"):
		return protocoltest.Rows([]protocol.Column{{Name: "Position", Type: bigint}, {Name: "Type", Type: varchar}})
	case s.executes(req) && strings.Contains(sql, "42") && strings.Contains(sql, "'it''s'"):
		return protocoltest.Rows([]protocol.Column{{Name: "a", Type: bigint}, {Name: "b", Type: varchar}}, `[42,"it's"]`)
	case sql == s.create:
		n := int64(7)
		return protocoltest.Answer{Pages: []protocol.ResultPage{{
			Columns: []protocol.Column{{Name: "rows", Type: bigint}}, Data: [][]byte{[]byte("[7]")}, UpdateType: "CREATE TABLE",
			UpdateCount: &n, Stats: protocoltest.Finished(7),
		}}}
	case sql == s.drop:
		return protocoltest.Changed("DROP TABLE", protocol.SessionChanges{})
	case strings.HasPrefix(sql, "USE"):
		return protocoltest.Changed("USE", protocol.SessionChanges{SetCatalog: "memory", SetSchema: "default"})
	case sql == s.pages:
		return pages()
	case sql == s.hang:
		return protocoltest.Answer{Pages: []protocol.ResultPage{{
			Columns: []protocol.Column{{Name: "n", Type: bigint}}, Stats: protocoltest.Running(1),
		}}, Hang: true}
	}
	return protocoltest.Failed(trinoerr.At(trinoerr.Position{Line: 1, Column: 8}, trinoerr.ColumnNotFound, "Column 'foo' cannot be resolved"))
}

// executes reports whether a request executes the prepared statement, in one of the ways that clients have.
func (s statements) executes(req protocol.SubmitRequest) bool {
	if strings.HasPrefix(req.SQL, "EXECUTE IMMEDIATE '"+s.prepared+"'") {
		return true
	}
	fields := strings.Fields(req.SQL)
	return len(fields) > 1 && fields[0] == "EXECUTE" && req.Session.Prepared[fields[1]] == s.prepared
}

// pages are the numbers from 1 to 12 on four pages.
func pages() protocoltest.Answer {
	var a protocoltest.Answer
	for i := range 4 {
		a.Pages = append(a.Pages, protocol.ResultPage{
			Columns: []protocol.Column{{Name: "n", Type: types.Of(types.BigInt)}}, Stats: protocoltest.Running(int64(i)),
			Data: [][]byte{fmt.Appendf(nil, "[%d],[%d]", 3*i+1, 3*i+2), fmt.Appendf(nil, "[%d]", 3*i+3)},
		})
	}
	a.Pages[3].Stats = protocoltest.Finished(12)
	return a
}

// wantCancelled waits until the server shows that a query has been cancelled.
func wantCancelled(t *testing.T, url, sql string) {
	t.Helper()
	var last string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for _, q := range queries(t, url) {
			if q.Query != sql {
				continue
			}
			if last = q.State + " " + q.ErrorCode.Name; q.ErrorCode.Name == "USER_CANCELED" {
				return
			}
		}
	}
	t.Errorf("the hanging query was not cancelled at the server: %s", last)
}

type queryInfo struct {
	Query, State string
	ErrorCode    struct{ Name string }
}

func queries(t *testing.T, url string) []queryInfo {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/query", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Trino-User", "x")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var infos []queryInfo
	if err := json.NewDecoder(res.Body).Decode(&infos); err != nil {
		t.Fatal(err)
	}
	return infos
}

// command runs a client and returns what it printed.
func (s statements) command(t *testing.T, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = s.environment()
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

// wantLines compares what a client printed, line by line.
func wantLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(strings.TrimSpace(got), "\n"), strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(g), len(w)) {
		var gl, wl string
		if i < len(g) {
			gl = strings.TrimSpace(g[i])
		}
		if i < len(w) {
			wl = strings.TrimSpace(w[i])
		}
		if gl != wl {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, gl, wl)
		}
	}
}
