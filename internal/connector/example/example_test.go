package example

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scan describes a data set and makes a scan of all its columns.
func scan(t *testing.T, c *Connector, name string) connector.Scan {
	t.Helper()
	table, err := c.Table(t.Context(), connector.SchemaTable{Schema: schema, Table: name})
	if err != nil || table == nil {
		t.Fatal(table, err)
	}
	return connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
}

// splits enumerates the splits of a scan.
func splits(t *testing.T, c *Connector, s connector.Scan) (out []connector.Split) {
	t.Helper()
	source, err := c.Splits(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for {
		next, err := source.Next(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(next) == 0 {
			return out
		}
		out = append(out, next...)
	}
}

// count reads all splits of a scan and counts their rows.
func count(ctx context.Context, c *Connector, s connector.Scan, list []connector.Split) (rows int, err error) {
	source, err := c.Source(ctx, s, list)
	if err != nil {
		return 0, err
	}
	for p := range source.Batches.Partitions() {
		r, err := source.Batches.Open(ctx, p, []int{0})
		if err != nil {
			return rows, err
		}
		b := &connector.Batch{}
		for {
			n, err := r.Next(b, 100)
			if err != nil {
				return rows, err
			}
			if n == 0 {
				break
			}
			rows += n
		}
	}
	return rows, nil
}

func TestCatalogFile(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "required property 'example.url' is not set",
		"example.url=ftp://x":                 "neither http:// nor https://",
		"example.url=http://x\nexample.usr=y": "unknown property 'example.usr'",
		"example.url=http://x\nexample.page-size=0": "example.page-size",
		"example.url=http://x":                      "",
	} {
		f, err := config.ParseProperties("example.properties", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(connector.CatalogConfig{Catalog: "example", File: f})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestMetadata(t *testing.T) {
	c := open(t, serve(t))
	tables, err := c.Tables(t.Context(), schema)
	if err != nil || fmt.Sprint(tables) != "[default.cities default.nothing default.t]" {
		t.Error(tables, err)
	}
	table, err := c.Table(t.Context(), connector.SchemaTable{Schema: schema, Table: "cities"})
	if err != nil || *table.Comment != "Where people live" || len(table.Columns) != 3 || table.Columns[2].Type.Kind != types.Date {
		t.Errorf("%+v, %v", table, err) // the column with a geometry has no mapping
	}
	if none, err := c.Table(t.Context(), connector.SchemaTable{Schema: schema, Table: "none"}); none != nil || err != nil {
		t.Error(none, err)
	}
}

// The page size is the session's; it reaches tasks in the handle. Splits are groups of pages, and cover all records once.
func TestSplits(t *testing.T) {
	s := serve(t)
	c := open(t, s)
	ctx := connector.WithSession(t.Context(), func() *connector.Session {
		return &connector.Session{Properties: map[string]string{"example.page_size": "300", "other.page_size": "7"}}
	})
	table, err := c.Table(ctx, connector.SchemaTable{Schema: schema, Table: "cities"})
	if err != nil {
		t.Fatal(err)
	}
	sc := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
	list := splits(t, c, sc)
	var rows []int64
	for _, sp := range list {
		rows = append(rows, sp.Rows)
	}
	if fmt.Sprint(rows) != "[1200 1200 100]" {
		t.Errorf("splits of %v rows", rows)
	}
	if again := splits(t, c, sc); !reflect.DeepEqual(list, again) {
		t.Errorf("%v, then %v", list, again)
	}
	s.asked()
	n, err := count(t.Context(), c, sc, list)
	if asked := s.asked(); err != nil || n != 2500 || len(asked) != 9 || !strings.Contains(asked[0], "fields=id&page=1&page_size=300&revision=r1") {
		t.Errorf("%d rows, %v, by %v", n, err, asked)
	}
	if got := splits(t, c, scan(t, c, "nothing")); len(got) != 0 {
		t.Errorf("splits of nothing: %v", got)
	}
}

func TestPushdown(t *testing.T) {
	s := serve(t)
	c := open(t, s)
	sc := scan(t, c, "cities")
	id := &connector.Reference{Column: "id", Type: types.Of(types.BigInt)}
	name := &connector.Reference{Column: "name", Type: types.VarcharN(types.UnboundedLength)}
	compare := func(op string, a, b connector.Expression) connector.Expression {
		return &connector.Call{Function: op, Type: types.Of(types.Boolean), Args: []connector.Expression{a, b}}
	}
	number := func(n int64) connector.Expression { return &connector.Constant{Type: id.Type, Value: n} }
	filter, ok, err := c.PushFilter(t.Context(), sc, []connector.Expression{
		compare(connector.OpGreater, number(1200), id), // 1200 > id
		compare(connector.OpEqual, name, &connector.Constant{Type: name.Type, Value: "city 7"}),
		compare(connector.OpNotEqual, id, number(7)),
		compare(connector.OpEqual, id, &connector.Constant{Type: id.Type}),
	})
	if err != nil || !ok || fmt.Sprint(filter.Exact) != "[true true false false]" {
		t.Fatalf("%+v, %v, %v", filter, ok, err)
	}
	sc.Handle = filter.Handle
	var h handle
	if err := json.Unmarshal(sc.Handle, &h); err != nil || fmt.Sprint(h.Where) != "[{id lt 1200} {name eq city 7}]" {
		t.Error(h.Where, err)
	}
	if n, err := count(t.Context(), c, sc, splits(t, c, sc)); n != 12 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	limit, ok, err := c.PushLimit(t.Context(), sc, 5)
	if err != nil || !ok || !limit.Guaranteed {
		t.Fatal(limit, ok, err)
	}
	sc.Handle = limit.Handle
	if n, err := count(t.Context(), c, sc, splits(t, c, sc)); n != 5 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, ok, _ := c.PushFilter(t.Context(), sc, []connector.Expression{compare(connector.OpEqual, id, number(1))}); ok {
		t.Error("a condition was put before the limit that it comes after")
	}
	if _, ok, _ := c.PushLimit(t.Context(), sc, 6); ok {
		t.Error("a limit that does nothing was taken")
	}
	if st, err := c.Statistics(t.Context(), sc); st.Rows != -1 || err != nil {
		t.Error(st, err)
	}
}

// Failures that may pass are sat out. The others, and those that do not pass, have an identity.
func TestFailures(t *testing.T) {
	s := serve(t)
	c := open(t, s, "example.max-retries=2", "example.request-timeout=10s", "example.token=secret")
	sc := scan(t, c, "cities")
	list := splits(t, c, sc)[:1]
	for _, tt := range []struct {
		name     string
		status   int
		times    int // that it happens
		code     *trinoerr.Code
		requests int
	}{
		{"overloaded", http.StatusServiceUnavailable, 2, nil, 5},
		{"too many requests", http.StatusTooManyRequests, 1, nil, 4},
		{"down", http.StatusInternalServerError, 100, trinoerr.ExampleRequestFailed, 3},
		{"another revision", http.StatusGone, 100, trinoerr.ExampleRequestFailed, 1},
		{"dropped", http.StatusNotFound, 100, trinoerr.ExampleRequestFailed, 1},
		{"token withdrawn", http.StatusForbidden, 100, trinoerr.PermissionDenied, 1},
	} {
		left := tt.times
		s.mu.Lock()
		s.fault = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Authorization") != "Bearer secret" {
				t.Error("a request without the token")
			}
			if left--; left < 0 {
				return false
			}
			http.Error(w, "no", tt.status)
			return true
		}
		s.requests = nil
		s.mu.Unlock()
		n, err := count(t.Context(), c, sc, list)
		if asked := len(s.asked()); asked != tt.requests {
			t.Errorf("%s: %d requests, want %d", tt.name, asked, tt.requests)
		}
		switch {
		case tt.code == nil && (err != nil || n != 2500):
			t.Errorf("%s: %d rows, %v", tt.name, n, err)
		case tt.code != nil && (err == nil || trinoerr.CodeOf(err) != tt.code):
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code.Name)
		case tt.code != nil && trinoerr.Retryable(err) != (tt.code.Type == trinoerr.External):
			t.Errorf("%s: %v can be retried: %v", tt.name, err, trinoerr.Retryable(err))
		}
	}
	s.mu.Lock()
	s.fault = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "{"); return true }
	s.mu.Unlock()
	if _, err := count(t.Context(), c, sc, list); err == nil || trinoerr.CodeOf(err) != trinoerr.ExampleRequestFailed {
		t.Errorf("an answer that is cut off: %v", err)
	}
}

// A request ends with its task.
func TestCancel(t *testing.T) {
	s := serve(t)
	c := open(t, s)
	sc := scan(t, c, "cities")
	list := splits(t, c, sc)
	ctx, cancel := context.WithCancelCause(t.Context())
	s.mu.Lock()
	s.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		cancel(errors.New("enough"))
		<-r.Context().Done()
		return true
	}
	s.mu.Unlock()
	ended := make(chan error, 1)
	go func() { _, err := count(ctx, c, sc, list); ended <- err }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a cancelled reader has come to the end")
		}
	case <-time.After(time.Minute):
		t.Fatal("a cancelled reader goes on")
	}
}

// A value that does not fit its type is an error that names the field.
func TestBadValues(t *testing.T) {
	s := serve(t)
	c := open(t, s)
	for typ, value := range map[string]any{"int32": 1 << 40, "int64": "x", "date": "yesterday", "boolean": 7, "decimal(3,1)": "1234.5", "double": true, "text": 5} {
		s.put(dataset{Name: "bad", Revision: "r", Fields: []field{{"f", typ}}}, []map[string]any{{"f": value}})
		sc := scan(t, c, "bad")
		if _, err := count(t.Context(), c, sc, splits(t, c, sc)); err == nil || !strings.Contains(err.Error(), "field f of bad") {
			t.Errorf("%s %v: %v", typ, value, err)
		}
	}
}
