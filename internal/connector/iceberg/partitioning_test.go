package iceberg

import (
	"slices"
	"testing"

	"github.com/apache/iceberg-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func partitionSchema(t testing.TB) *iceberg.Schema {
	s, err := newSchema([]connector.Column{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "region", Type: types.Of(types.Varchar)},
		{Name: "at", Type: types.TimestampTZP(6)}, {Name: "odd name", Type: types.Of(types.Date)}, {Name: "list", Type: types.ArrayOf(types.Of(types.BigInt))}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPartitioning(t *testing.T) {
	schema := partitionSchema(t)
	items := []string{"region", "year(at)", "bucket(id, 16)", "truncate(region, 2)", `month("odd name")`, "void(id)"}
	spec, err := parsePartitioning(items, schema)
	if err != nil {
		t.Fatal(err)
	}
	if got := partitioning(*spec, schema); !slices.Equal(got, items) {
		t.Errorf("%q, want %q", got, items)
	}
	for _, bad := range []string{"", "nothing", "year(", "year(at", "at)", "bucket(id)", "bucket(id, 0)", "bucket(id, -1)", "year(id)", "list", "bucket(list, 2)", "day(at, 3)", "sum(id)"} {
		if _, err := parsePartitioning([]string{bad}, schema); trinoerr.CodeOf(err) != trinoerr.InvalidTableProperty {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

func FuzzPartitioning(f *testing.F) {
	for _, s := range []string{"region", "year(at)", `bucket("odd name", 3)`, "truncate(region, 2)", `"a""b"`} {
		f.Add(s)
	}
	schema := partitionSchema(f)
	f.Fuzz(func(t *testing.T, item string) {
		spec, err := parsePartitioning([]string{item}, schema)
		if err != nil {
			return
		}
		again, err := parsePartitioning(partitioning(*spec, schema), schema)
		if err != nil || !again.Equals(*spec) {
			t.Errorf("%q is printed as %q", item, partitioning(*spec, schema))
		}
	})
}

// The values of partitions survive the way through a fragment.
func TestPartitionValues(t *testing.T) {
	schema := partitionSchema(t)
	spec, err := parsePartitioning([]string{"region", "year(at)", "bucket(id, 16)", `"odd name"`, "at"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPartitioner(spec, schema)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *string { return &s }
	for _, texts := range [][]*string{{text("é/="), text("54"), text("3"), text("19000"), text("-1")}, {text(""), text("-1"), text("0"), text("-1"), text("0")}, {nil, nil, nil, nil, nil}} {
		values, err := p.parse(texts)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := p.encode(values)
		if err != nil {
			t.Fatal(err)
		}
		back, err := p.decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		for id, v := range values {
			if back[id] != v {
				t.Errorf("field %d: %v (%T), want %v (%T)", id, back[id], back[id], v, v)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	schema := partitionSchema(t)
	for want, d := range map[string]connector.Domain{
		"GreaterThanEqual(term=Reference(name='id'), literal=5)": {Column: "id", Low: &connector.Bound{Value: int64(5), Inclusive: true}},
		"IsNull(term=Reference(name='region'))":                  {Column: "region", Values: []any{}, NullAllowed: true},
		"NotNull(term=Reference(name='region'))":                 {Column: "region"},
		"AlwaysTrue()":                                           {Column: "region", NullAllowed: true},
		"AlwaysFalse()":                                          {Column: "id", Values: []any{}},
		"Equal(term=Reference(name='region'), literal=a)":        {Column: "region", Values: []any{"a"}},
		"Or(left=Equal(term=Reference(name='id'), literal=1), right=IsNull(term=Reference(name='id')))": {Column: "id", Values: []any{int64(1)}, NullAllowed: true},
	} {
		if got, exact := filter(schema, schema, []connector.Domain{d}); got.String() != want || !exact {
			t.Errorf("%+v is %s, want %s", d, got, want)
		}
	}
	if got, exact := filter(schema, schema, []connector.Domain{{Column: "list", Values: []any{[]any{}}}}); exact {
		t.Errorf("a list is filtered by %s", got)
	}
}
