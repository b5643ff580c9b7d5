package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// generated is a source whose row r of n has the values that its column functions give; rows are dealt to partitions
// in equal runs.
type generated struct {
	partitions, rows int
	columns          []func(v *connector.Vector, first, n int)
	err              error // given by the last partition after its rows
	panics           bool

	open atomic.Int64 // readers that are not closed
	mu   sync.Mutex
	seen [][]int // projections that were asked for
}

func (g *generated) Partitions() int { return g.partitions }

func (g *generated) Open(_ context.Context, p int, projection []int) (connector.BatchReader, error) {
	g.open.Add(1)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen = append(g.seen, projection)
	return &generatedReader{g: g, projection: projection, next: g.rows * p / g.partitions, end: g.rows * (p + 1) / g.partitions,
		last: p == g.partitions-1}, nil
}

type generatedReader struct {
	g          *generated
	projection []int
	next, end  int
	last       bool
}

func (r *generatedReader) Next(b *connector.Batch, max int) (int, error) {
	n := min(max, r.end-r.next)
	if n == 0 && r.last && r.g.panics {
		panic("source is broken")
	}
	if n == 0 && r.last {
		return 0, r.g.err
	}
	if b.Columns == nil {
		b.Columns = make([]connector.Vector, len(r.projection))
	}
	for k, c := range r.projection {
		b.Columns[k].Reset()
		r.g.columns[c](&b.Columns[k], r.next, n)
	}
	b.Rows = n
	r.next += n
	return n, nil
}

func (r *generatedReader) Close() error {
	r.g.open.Add(-1)
	return nil
}

func bigints(v *connector.Vector, first, n int) {
	for i := range n {
		v.I64 = append(v.I64, int64(first+i))
	}
}

// strings12 alternates lengths around the limit for inline strings.
func strings12(v *connector.Vector, first, n int) {
	for i := range n {
		v.AppendBytes(stringOf(first + i))
	}
	if n == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
}

func stringOf(r int) []byte { return []byte(strings.Repeat("é", r%9) + fmt.Sprint(r)) }

// arrays gives row r the numbers below r modulo 4, and NULL instead of none.
func arrays(v *connector.Vector, first, n int) {
	v.Items, v.Offsets = new(connector.Vector), append(v.Offsets, 0)
	for i := range n {
		length := (first + i) % 4
		bigints(v.Items, 0, length)
		v.Offsets = append(v.Offsets, v.Offsets[i]+uint32(length))
		if length == 0 {
			v.SetNull(i, n)
		}
	}
}

func everyThirdNull(v *connector.Vector, first, n int) {
	bigints(v, first, n)
	for i := range n {
		if (first+i)%3 == 0 {
			v.SetNull(i, n)
		}
	}
}

func TestBindBatches(t *testing.T) {
	i := open(t, 0)
	ctx := context.Background()
	g := &generated{partitions: 7, rows: 100003, columns: []func(*connector.Vector, int, int){bigints, strings12, everyThirdNull, arrays}}
	columns := []connector.Column{
		{Name: "a", Type: types.Of(types.BigInt)},
		{Name: "S s", Type: types.Of(types.Varchar)},
		{Name: "n", Type: types.Of(types.BigInt)},
		{Name: "l", Type: types.ArrayOf(types.Of(types.BigInt))},
	}
	if err := i.BindBatches(ctx, "in0", Table{Columns: columns, Source: g, Rows: int64(g.rows)}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sql, want string
		asked     []int
	}{
		{"SELECT count(*)::VARCHAR FROM in0", "100003\n", nil},
		{"SELECT sum(a)::VARCHAR, count(DISTINCT a)::VARCHAR FROM in0", "5000250003|100003\n", []int{0}},
		{`SELECT bool_and("S s" = repeat('é', (a % 9)::INT) || a)::VARCHAR FROM in0`, "true\n", []int{0, 1}},
		{"SELECT count(n)::VARCHAR, sum(n)::VARCHAR FROM in0", "66668|3333466668\n", []int{2}},
		{`SELECT max("S s") FROM in0 WHERE n IS NULL`, "éééééé99996\n", []int{1, 2}},
		{"SELECT sum(len(l))::VARCHAR, sum(list_sum(l))::VARCHAR, count(l)::VARCHAR FROM in0", "150003|100001|75002\n", []int{3}},
		{"SELECT bool_and(CASE WHEN a % 4 = 0 THEN l IS NULL ELSE l = range(a % 4) END)::VARCHAR FROM in0", "true\n", []int{0, 3}},
		{"SELECT count(*)::VARCHAR FROM in0 x JOIN in0 y ON x.a = y.a + 1", "100002\n", []int{0}},
	} {
		g.seen = nil
		if got := text(t, i, c.sql); got != c.want {
			t.Errorf("%s: got %q, want %q", c.sql, got, c.want)
		}
		for _, p := range g.seen {
			slices.Sort(p)
			if !slices.Equal(p, c.asked) {
				t.Errorf("%s: asked for columns %v, want %v", c.sql, p, c.asked)
			}
		}
		if n := g.open.Load(); n != 0 {
			t.Errorf("%s: %d readers left open", c.sql, n)
		}
	}
	// A LIMIT ends the scan early and still closes what is open.
	text(t, i, "SELECT a::VARCHAR FROM in0 LIMIT 1")
	if n := g.open.Load(); n != 0 {
		t.Errorf("limit: %d readers left open", n)
	}
	if err := i.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if err := i.Exec(ctx, "SELECT * FROM in0"); err == nil {
		t.Error("still bound after Reset")
	}
	objects.Range(func(k, v any) bool { t.Errorf("object %d is left: %T", k, v); return true })
}

func TestBatchTypes(t *testing.T) {
	i := open(t, 0)
	for _, c := range []struct {
		typ  types.Type
		v    connector.Vector
		duck string
		want string
	}{
		{types.Of(types.Boolean), connector.Vector{I8: []int8{1}}, "BOOLEAN", "true"},
		{types.Of(types.TinyInt), connector.Vector{I8: []int8{-3}}, "TINYINT", "-3"},
		{types.Of(types.SmallInt), connector.Vector{I16: []int16{-300}}, "SMALLINT", "-300"},
		{types.Of(types.Integer), connector.Vector{I32: []int32{-70000}}, "INTEGER", "-70000"},
		{types.Of(types.Real), connector.Vector{F32: []float32{1.5}}, "FLOAT", "1.5"},
		{types.Of(types.Double), connector.Vector{F64: []float64{-0.25}}, "DOUBLE", "-0.25"},
		{types.DecimalOf(4, 2), connector.Vector{I64: []int64{-150}}, "DECIMAL(4,2)", "-1.50"},
		{types.DecimalOf(9, 2), connector.Vector{I64: []int64{-150}}, "DECIMAL(9,2)", "-1.50"},
		{types.DecimalOf(18, 2), connector.Vector{I64: []int64{-150}}, "DECIMAL(18,2)", "-1.50"},
		{types.DecimalOf(38, 2), connector.Vector{I128: []Int128{{Lo: ^uint64(149), Hi: -1}}}, "DECIMAL(38,2)", "-1.50"},
		{types.Of(types.Date), connector.Vector{I32: []int32{-1}}, "DATE", "1969-12-31"},
		{types.TimeP(6), connector.Vector{I64: []int64{1000001}}, "TIME", "00:00:01.000001"},
		{types.TimestampP(3), connector.Vector{I64: []int64{-1000}}, "TIMESTAMP", "1969-12-31 23:59:59.999"},
		{types.TimestampTZP(3), connector.Vector{I64: []int64{7}}, "BIGINT", "7"},
		{types.Of(types.UUID), connector.Vector{I128: []Int128{{Lo: 7, Hi: 0x123}}}, "UUID", "00000000-0000-0123-0000-000000000007"},
		{types.CharN(3), connector.Vector{Offsets: []uint32{2, 5}, Data: []byte("??abc")}, "VARCHAR", "abc"},
		{types.Of(types.Varbinary), connector.Vector{Offsets: []uint32{0, 2}, Data: []byte{0, 255}}, "BLOB", `\x00\xFF`},
		{types.Of(types.JSON), connector.Vector{Offsets: []uint32{0, 0}}, "VARCHAR", ""},
		{types.ArrayOf(types.Of(types.Varchar)), connector.Vector{Offsets: []uint32{0, 3},
			Items: &connector.Vector{Offsets: []uint32{0, 1, 1, 21}, Data: []byte("aa string of one line"), Valid: []uint64{0b101}}},
			"VARCHAR[]", "[a, NULL, a string of one line]"},
		{types.ArrayOf(types.Of(types.Integer)), connector.Vector{Offsets: []uint32{0, 0}}, "INTEGER[]", "[]"},
		{types.ArrayOf(types.ArrayOf(types.Of(types.Integer))), connector.Vector{Offsets: []uint32{0, 3},
			Items: &connector.Vector{Offsets: []uint32{0, 2, 2, 3}, Items: &connector.Vector{I32: []int32{1, 2, 3}}, Valid: []uint64{0b101}}},
			"INTEGER[][]", "[[1, 2], NULL, [3]]"},
		{types.MapOf(types.Of(types.Varchar), types.Of(types.BigInt)), connector.Vector{Offsets: []uint32{0, 2}, Fields: []connector.Vector{
			{Offsets: []uint32{0, 1, 3}, Data: []byte("akk")}, {I64: []int64{7, 0}, Valid: []uint64{1}}}},
			"MAP(VARCHAR, BIGINT)", "{a=7, kk=NULL}"},
	} {
		if got := BatchColumnType(c.typ); got != c.duck {
			t.Errorf("%s is %s, want %s", c.typ, got, c.duck)
		}
		g := &generated{partitions: 1, rows: 1, columns: []func(*connector.Vector, int, int){func(v *connector.Vector, _, n int) { *v = c.v }}}
		table := Table{Columns: []connector.Column{{Name: "x", Type: c.typ}}, Source: g}
		if err := i.BindBatches(context.Background(), "t", table); err != nil {
			t.Fatal(err)
		}
		if got := text(t, i, "SELECT x::VARCHAR, typeof(x) FROM t"); got != c.want+"|"+c.duck+"\n" {
			t.Errorf("%s: got %q, want %q", c.typ, got, c.want)
		}
		if err := i.Reset(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	err := i.BindBatches(context.Background(), "t", Table{Columns: []connector.Column{{Name: "x", Type: types.TimestampP(9)}}})
	if err == nil || err.Error() != "Unsupported column type: timestamp(9)" {
		t.Errorf("got %v", err)
	}
}

// A source that gives up because the context ended is not at fault.
func TestCancelledSource(t *testing.T) {
	i := open(t, 0)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(context.Background())
	g := &generated{partitions: 1, rows: 100, err: context.Canceled, columns: []func(*connector.Vector, int, int){
		func(v *connector.Vector, first, n int) { cancel(why); bigints(v, first, n) }}}
	column := []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}}
	if err := i.BindBatches(ctx, "t", Table{Columns: column, Source: g}); err != nil {
		t.Fatal(err)
	}
	if err := i.Exec(ctx, "SELECT sum(a) FROM t"); err != why {
		t.Errorf("got %v", err)
	}
}

func TestSourceFails(t *testing.T) {
	i := open(t, 0)
	broken := errors.New("connection reset by peer")
	column := []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}}
	sources := map[string]*generated{
		"error": {partitions: 2, rows: 10000, columns: []func(*connector.Vector, int, int){bigints}, err: broken},
		"panic": {partitions: 2, rows: 10000, columns: []func(*connector.Vector, int, int){bigints}, panics: true},
		"short": {partitions: 1, rows: 10, columns: []func(*connector.Vector, int, int){func(v *connector.Vector, _, n int) { v.I64 = nil }}},
	}
	for name, g := range sources {
		if err := i.BindBatches(context.Background(), name, Table{Columns: column, Source: g}); err != nil {
			t.Fatal(err)
		}
		err := i.Exec(context.Background(), "SELECT sum(a) FROM "+name)
		if err == nil || name == "error" && err != broken {
			t.Errorf("%s: got %v", name, err)
		}
		if n := g.open.Load(); n != 0 {
			t.Errorf("%s: %d readers left open", name, n)
		}
		if err := i.Exec(context.Background(), "SELECT 1"); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}
