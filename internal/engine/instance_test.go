package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns an instance of 2 threads; memory 0 means plenty.
func open(t testing.TB, memory int64) *Instance {
	t.Helper()
	if memory == 0 {
		memory = 1 << 30
	}
	i, err := Open(context.Background(), Config{MemoryLimit: memory, Threads: 2, ScratchDir: t.TempDir(), MaxTempBytes: 8 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

// text returns the result of a query whose columns are VARCHAR: rows by lines, columns by bars.
func text(t testing.TB, i *Instance, sql string) string {
	t.Helper()
	var b strings.Builder
	err := i.QueryChunks(context.Background(), sql, func(c *Chunk) error {
		for r := range c.Rows {
			for n := range c.Columns {
				if n > 0 {
					b.WriteByte('|')
				}
				if c.Columns[n].IsNull(r) {
					b.WriteString("NULL")
					continue
				}
				b.Write(c.Columns[n].Bytes(r))
			}
			b.WriteByte('\n')
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return b.String()
}

func TestSettings(t *testing.T) {
	i := open(t, 0)
	for sql, want := range map[string]string{
		"SELECT x::VARCHAR FROM (VALUES (2), (NULL), (1)) t(x) ORDER BY x":          "1\n2\nNULL\n",
		"SELECT x::VARCHAR FROM (VALUES (2), (NULL), (1)) t(x) ORDER BY x DESC":     "2\n1\nNULL\n",
		"SELECT current_setting('TimeZone')":                                        "UTC\n",
		"SELECT (-7 // 2)::VARCHAR, (-7 % 2)::VARCHAR, (7 // 0)::VARCHAR":           "-3|-1|NULL\n",
		"SELECT (1e0 / 0)::VARCHAR":                                                 "inf\n",
		"SELECT (TIMESTAMPTZ '2020-01-01 00:00:00 Europe/Berlin')::VARCHAR":         "2019-12-31 23:00:00+00\n",
		"SELECT json_extract_string('{\"a\": 1}', '$.a'), upper('é'), md5('')[1:4]": "1|É|d41d\n",
	} {
		if got := text(t, i, sql); got != want {
			t.Errorf("%s: got %q, want %q", sql, got, want)
		}
	}
}

func TestConfinement(t *testing.T) {
	i := open(t, 0)
	outside := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT * FROM read_csv(" + QuoteText(outside) + ")",
		"SELECT * FROM read_text('/proc/self/environ')",
		"SELECT * FROM read_text('/proc/self/fd/../environ')",
		"SELECT * FROM glob('/etc/*')",
		"COPY (SELECT 1) TO " + QuoteText(outside),
		"COPY (SELECT 1) TO " + QuoteText(i.cfg.ScratchDir+"/../x.csv"),
		"ATTACH " + QuoteText(outside) + " AS x",
		"INSTALL httpfs",
		"LOAD '/tmp/x.duckdb_extension'",
		"SET memory_limit='100GB'",
		"SET GLOBAL enable_external_access=true",
		"RESET allowed_directories",
		"SET threads=64",
		"SELECT getenv('HOME')",
	} {
		if err := i.Exec(context.Background(), sql); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
}

func TestBind(t *testing.T) {
	i := open(t, 0)
	name := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(name, []byte("a\n1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := i.BindFile(name)
	if err != nil {
		t.Fatal(err)
	}
	q, err := i.BindBytes([]byte("a\n3\n"))
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(name)
	sql := fmt.Sprintf("SELECT sum(a)::VARCHAR FROM read_csv([%s, %s], all_varchar=false)", QuoteText(p), QuoteText(q))
	if got := text(t, i, sql); got != "6\n" {
		t.Errorf("got %q", got)
	}
	if err := i.Exec(context.Background(), "CREATE TABLE keep AS SELECT 1 x; CREATE TEMP VIEW v AS SELECT * FROM keep"); err != nil {
		t.Fatal(err)
	}
	if err := i.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{sql, "SELECT * FROM keep", "SELECT * FROM v"} {
		if err := i.Exec(context.Background(), gone); err == nil {
			t.Errorf("%s: still there after Reset", gone)
		}
	}
	// A descriptor number that comes back must show the new content.
	r, err := i.BindBytes([]byte("a\n50\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, i, "SELECT a FROM read_csv("+QuoteText(r)+", all_varchar=true)"); got != "50\n" {
		t.Errorf("got %q from %s", got, r)
	}
}

func TestReusable(t *testing.T) {
	i := open(t, 0)
	if !i.Reusable(i.cfg) {
		t.Error("not reusable with its own configuration")
	}
	other := i.cfg
	other.MemoryLimit++
	if i.Reusable(other) {
		t.Error("reusable with another memory limit")
	}
	i.Close()
	if i.Reusable(i.cfg) {
		t.Error("reusable after Close")
	}
	if err := i.Exec(context.Background(), "SELECT 1"); err == nil {
		t.Error("runs after Close")
	}
}

const endless = "SELECT count(*) FROM range(10000000000) a WHERE hash(a.range) = 1"

func TestCancel(t *testing.T) {
	i := open(t, 0)
	why := errors.New("client went away")
	for _, run := range map[string]func(ctx context.Context) error{
		"exec":  func(ctx context.Context) error { return i.Exec(ctx, endless) },
		"query": func(ctx context.Context) error { return i.QueryChunks(ctx, endless, func(*Chunk) error { return nil }) },
		"stream": func(ctx context.Context) error {
			return i.QueryChunks(ctx, "SELECT range FROM range(10000000000)", func(*Chunk) error { return nil })
		},
		"parquet": func(ctx context.Context) error {
			_, err := i.WriteParquet(ctx, endless, filepath.Join(i.cfg.ScratchDir, "out"), ParquetOptions{})
			return err
		},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		timer := time.AfterFunc(30*time.Millisecond, func() { cancel(why) })
		if err := run(ctx); !errors.Is(err, why) {
			t.Errorf("got %v, want the cause", err)
		}
		timer.Stop()
		cancel(nil)
		if got := text(t, i, "SELECT 'fine'"); got != "fine\n" {
			t.Errorf("after cancelling: %q", got)
		}
	}
}

func TestCallbackErrorEndsQuery(t *testing.T) {
	i := open(t, 0)
	stop := errors.New("stop")
	if err := i.QueryChunks(context.Background(), "SELECT range FROM range(1000000000)", func(*Chunk) error { return stop }); err != stop {
		t.Errorf("got %v", err)
	}
	if got := text(t, i, "SELECT 'fine'"); got != "fine\n" {
		t.Errorf("got %q", got)
	}
}

func TestMemoryLimit(t *testing.T) {
	i := open(t, 64<<20)
	err := i.Exec(context.Background(), "SELECT list(range) FROM range(100000000)")
	if !trinoerr.OutOfMemory(err) {
		t.Errorf("got %v", err)
	}
	// A sort of 96 MB spills and stays within the limit.
	n := 0
	err = i.QueryChunks(context.Background(), "SELECT hash(range) h, range FROM range(6000000) ORDER BY h", func(c *Chunk) error {
		n += c.Rows
		return nil
	})
	if err != nil || n != 6000000 {
		t.Fatalf("%d rows, %v", n, err)
	}
	s := i.Stats()
	if s.PeakMemory <= 0 || s.PeakMemory > 70<<20 || s.PeakScratch == 0 {
		t.Errorf("stats %+v", s)
	}
	if err := i.Exec(context.Background(), "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func TestSpillLimit(t *testing.T) {
	i, err := Open(context.Background(), Config{MemoryLimit: 64 << 20, Threads: 2, ScratchDir: t.TempDir(), MaxTempBytes: 32 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	err = i.Exec(context.Background(), "SELECT count(*) FROM (SELECT hash(range) h, range FROM range(20000000) ORDER BY h LIMIT 19000000)")
	if trinoerr.CodeOf(err) != trinoerr.ExceededSpillLimit {
		t.Errorf("got %v (%v)", err, trinoerr.CodeOf(err).Name)
	}
}
