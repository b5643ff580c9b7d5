package jdbc_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mariadb"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mysql"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/postgresql"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/redshift"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// database is a dialect under test, with its table of all sorts of columns.
type database struct {
	factory connector.Factory
	url     string
	columns []jdbc.NativeColumn
}

func native(name, base, declared string, numbers ...int) jdbc.NativeColumn {
	c := jdbc.NativeColumn{Name: name, Base: base, Type: declared, Length: -1, Precision: -1, Scale: -1}
	for i, n := range numbers {
		*[]*int{&c.Length, &c.Precision, &c.Scale}[i] = n
	}
	return c
}

var databases = map[string]database{
	"postgresql": {postgresql.Factory, "jdbc:postgresql://db:5432/x", []jdbc.NativeColumn{
		native("id", "int8", "bigint"), native("small", "int2", "smallint"), native("Name", "varchar", "character varying(20)", 20), native("code", "bpchar", "character(3)", 3),
		native("price", "numeric", "numeric(12,2)", -1, 12, 2), native("ratio", "float8", "double precision"), native("day", "date", "date"),
		native("at", "timestamp", "timestamp(3)", -1, 3), native("zoned", "timestamptz", "timestamptz"), native("data", "jsonb", "jsonb"), native("raw", "bytea", "bytea"),
		native("key", "uuid", "uuid"), native("flag", "bool", "boolean"), native("cash", "money", "money")}},
	"mysql": {mysql.Factory, "jdbc:mysql://db:3306", []jdbc.NativeColumn{
		native("id", "bigint", "bigint"), native("small", "smallint", "smallint"), native("Name", "varchar", "varchar(20)", 20), native("code", "char", "char(3)", 3),
		native("price", "decimal", "decimal(12,2)", -1, 12, 2), native("ratio", "double", "double"), native("day", "date", "date"),
		native("at", "datetime", "datetime(3)", -1, 3), native("zoned", "timestamp", "timestamp(6)", -1, 6), native("data", "json", "json"),
		native("raw", "varbinary", "varbinary(9)", 9)}},
	"redshift": {redshift.Factory, "jdbc:redshift://db:5439/x", []jdbc.NativeColumn{
		native("id", "bigint", "bigint"), native("small", "smallint", "smallint"), native("Name", "character varying", "varchar(20)", 20),
		native("code", "character", "character(3)", 3), native("price", "numeric", "numeric(12,2)", -1, 12, 2), native("ratio", "double precision", "double precision"),
		native("day", "date", "date"), native("at", "timestamp without time zone", "timestamp"), native("zoned", "timestamp with time zone", "timestamptz"),
		native("flag", "boolean", "boolean")}},
}

func init() {
	m := databases["mysql"]
	databases["mariadb"] = database{mariadb.Factory, "jdbc:mariadb://db:3306", m.columns}
}

// Shorthands of expressions.

func call(function string, t types.Type, args ...connector.Expression) connector.Expression {
	return &connector.Call{Function: function, Type: t, Args: args}
}

func condition(function string, args ...connector.Expression) connector.Expression {
	return call(function, types.Of(types.Boolean), args...)
}

// pushed is a scan into which offers go.
type pushed struct {
	c    *jdbc.Connector
	scan connector.Scan
	said strings.Builder
}

func (p *pushed) col(name string) *connector.Reference {
	for _, c := range p.scan.Columns {
		if c.Name == name {
			return &connector.Reference{Column: name, Type: c.Type}
		}
	}
	return &connector.Reference{Column: name, Type: types.Of(types.BigInt)}
}

// is compares a column with a constant.
func (p *pushed) is(op, name string, v any) connector.Expression {
	ref := p.col(name)
	return condition(op, ref, &connector.Constant{Type: ref.Type, Value: v})
}

func (p *pushed) filter(conjuncts ...connector.Expression) {
	out, ok, err := p.c.PushFilter(context.Background(), p.scan, conjuncts)
	if ok {
		p.scan.Handle = out.Handle
	}
	fmt.Fprintf(&p.said, "filter: taken %v, exact %v, error %v\n", ok, out.Exact, err)
}

func (p *pushed) limit(n int64) {
	out, ok, err := p.c.PushLimit(context.Background(), p.scan, n)
	if ok {
		p.scan.Handle = out.Handle
	}
	fmt.Fprintf(&p.said, "limit: taken %v, error %v\n", ok, err)
}

func (p *pushed) top(n int64, order ...connector.SortItem) {
	handle, ok, err := p.c.PushTopN(context.Background(), p.scan, n, order)
	if ok {
		p.scan.Handle = handle
	}
	fmt.Fprintf(&p.said, "top: taken %v, error %v\n", ok, err)
}

func (p *pushed) aggregate(a connector.Aggregation) {
	out, ok, err := p.c.PushAggregation(context.Background(), p.scan, a)
	if ok {
		p.scan.Handle, p.scan.Columns = out.Handle, out.Columns
	}
	fmt.Fprintf(&p.said, "aggregation: taken %v, error %v\n", ok, err)
}

func (p *pushed) join(kind connector.JoinKind, other connector.Scan, conditions ...connector.JoinCondition) {
	unknown := connector.RelationSize{Rows: -1, Bytes: -1}
	out, ok, err := p.c.PushJoin(context.Background(), connector.JoinOffer{Kind: kind, Left: p.scan, Right: other, Conditions: conditions,
		LeftSize: unknown, RightSize: unknown, JoinSize: unknown})
	if ok {
		p.scan.Handle, p.scan.Columns = out.Handle, out.Columns
	}
	fmt.Fprintf(&p.said, "join: taken %v, error %v\n", ok, err)
}

// only keeps some columns of the scan.
func (p *pushed) only(names ...string) {
	p.scan.Columns = slices.DeleteFunc(slices.Clone(p.scan.Columns), func(c connector.Column) bool { return !slices.Contains(names, c.Name) })
}

var (
	double  = types.Of(types.Double)
	bigint  = types.Of(types.BigInt)
	pattern = &connector.Constant{Type: types.Of(types.Varchar), Value: "a\\b%'_"}
)

// offers are what is offered, by name.
var offers = map[string]func(p *pushed){
	"nothing": func(p *pushed) {},
	"numbers": func(p *pushed) {
		p.filter(p.is(connector.OpEqual, "id", int64(5)), p.is(connector.OpGreater, "price", types.Int128From(12345)), p.is(connector.OpNotEqual, "small", int64(-1)))
		p.only("id")
	},
	"floats": func(p *pushed) {
		p.filter(p.is(connector.OpEqual, "ratio", 1.5), p.is(connector.OpLess, "ratio", 2.5), condition(connector.OpEqual, p.col("ratio"), p.col("ratio")))
		p.only("id")
	},
	"texts": func(p *pushed) {
		p.filter(p.is(connector.OpEqual, "name", `O'Hara \`), p.is(connector.OpLess, "name", "x"),
			condition(connector.OpIn, p.col("name"), &connector.Constant{Type: types.VarcharN(20), Value: "a"}, &connector.Constant{Type: types.VarcharN(20), Value: "b"}),
			p.is(connector.OpEqual, "code", "ab"), condition(connector.OpLike, p.col("name"), pattern))
		p.only("name")
	},
	"negated texts": func(p *pushed) {
		p.filter(p.is(connector.OpNotEqual, "name", "x"), condition(connector.OpNot, p.is(connector.OpEqual, "name", "x")),
			condition(connector.OpOr, p.is(connector.OpEqual, "name", "x"), p.is(connector.OpEqual, "id", int64(1))))
		p.only("name")
	},
	"times": func(p *pushed) {
		p.filter(p.is(connector.OpGreaterOrEqual, "day", types.DateValue(10957)), p.is(connector.OpLess, "at", types.TimestampValue{EpochMicros: 1_500_000}),
			p.is(connector.OpEqual, "zoned", types.TimestampTZValue{EpochMillis: 1500, PicosOfMilli: 7_000_000, Zone: "Europe/Berlin"}))
		p.only("day")
	},
	"nulls": func(p *pushed) {
		p.filter(condition(connector.OpIsNull, p.col("name")), condition(connector.OpNot, condition(connector.OpIsNull, p.col("id"))), condition(connector.OpIsNull, p.col("data")))
		p.only("id")
	},
	"arithmetic": func(p *pushed) {
		sum := call(connector.OpAdd, bigint, p.col("id"), &connector.Constant{Type: bigint, Value: int64(1)})
		p.filter(condition(connector.OpEqual, call(connector.OpModulus, bigint, sum, &connector.Constant{Type: bigint, Value: int64(7)}), p.col("id")))
		p.only("id")
	},
	"limit": func(p *pushed) {
		p.filter(p.is(connector.OpEqual, "id", int64(5)))
		p.limit(10)
		p.filter(p.is(connector.OpEqual, "small", int64(6)))
		p.only("id")
	},
	"top": func(p *pushed) {
		p.top(3, connector.SortItem{Column: "day", Type: types.Of(types.Date), Descending: true, NullsFirst: true}, connector.SortItem{Column: "id", Type: bigint})
		p.only("id")
	},
	"top by text": func(p *pushed) {
		p.top(3, connector.SortItem{Column: "name", Type: types.VarcharN(20)})
		p.only("name")
	},
	"groups": func(p *pushed) {
		p.filter(p.is(connector.OpGreater, "id", int64(0)))
		p.aggregate(connector.Aggregation{GroupBy: []connector.Reference{*p.col("small"), *p.col("day")}, Aggregates: []connector.Aggregate{
			{Function: "count", Type: bigint}, {Function: "count", Type: bigint, Args: []connector.Expression{p.col("name")}},
			{Function: "sum", Type: bigint, Args: []connector.Expression{p.col("id")}}, {Function: "sum", Type: types.DecimalOf(38, 2), Args: []connector.Expression{p.col("price")}},
			{Function: "min", Type: types.Of(types.Date), Args: []connector.Expression{p.col("day")}}, {Function: "count", Type: bigint, Args: []connector.Expression{p.col("id")}, Distinct: true},
			{Function: "stddev", Type: double, Args: []connector.Expression{p.col("ratio")}}}})
		p.filter(p.is(connector.OpGreater, "_pfgnrtd_2", int64(9)))
	},
	"groups by text": func(p *pushed) {
		p.aggregate(connector.Aggregation{GroupBy: []connector.Reference{*p.col("name")}})
	},
	"average of decimals": func(p *pushed) {
		p.aggregate(connector.Aggregation{Aggregates: []connector.Aggregate{{Function: "avg", Type: types.DecimalOf(12, 2), Args: []connector.Expression{p.col("price")}}}})
	},
	"largest text": func(p *pushed) {
		p.aggregate(connector.Aggregation{Aggregates: []connector.Aggregate{{Function: "max", Type: types.VarcharN(20), Args: []connector.Expression{p.col("name")}}}})
	},
	"join": func(p *pushed) {
		p.filter(p.is(connector.OpGreater, "id", int64(0)))
		p.only("id", "name")
		other := p.scan
		p.join(connector.LeftJoin, other, connector.JoinCondition{Operator: connector.OpEqual, Left: p.col("id"), Right: p.col("id")})
		p.limit(5)
	},
	"join by text": func(p *pushed) {
		p.only("name")
		p.join(connector.InnerJoin, p.scan, connector.JoinCondition{Operator: connector.OpEqual, Left: p.col("name"), Right: p.col("name")})
	},
	"full join": func(p *pushed) {
		p.only("id")
		p.join(connector.FullJoin, p.scan, connector.JoinCondition{Operator: connector.OpEqual, Left: p.col("id"), Right: p.col("id")})
	},
	"domains": func(p *pushed) {
		p.scan.Constraint = []connector.Domain{{Column: "id", Values: []any{int64(1), int64(2)}}, {Column: "name", Values: []any{"a"}},
			{Column: "day", Low: &connector.Bound{Value: types.DateValue(0), Inclusive: true}, NullAllowed: true}}
		p.only("id")
	},
	"long domain": func(p *pushed) {
		var values []any
		for i := range 300 {
			values = append(values, int64(i*7))
		}
		p.scan.Constraint = []connector.Domain{{Column: "id", Values: values}}
		p.only("id")
	},
	"no columns": func(p *pushed) { p.only() },
}

// TestPushdown compares the SQL that databases are asked for, with what they take.
func TestPushdown(t *testing.T) {
	datadriven.RunTest(t, "testdata/pushdown.txt", func(t *testing.T, d *datadriven.TestData) string {
		db, ok := databases[d.Cmd]
		if !ok {
			d.Fatalf(t, "no database %s", d.Cmd)
		}
		c := jdbctest.Open(t, db.factory, map[string]string{"connection-url": db.url, "connection-user": "u", "join-pushdown.strategy": "EAGER"}).(*jdbc.Connector)
		names := strings.Split(d.Input, "\n")
		if d.Input == "all" {
			names = slices.Sorted(maps.Keys(offers))
		}
		var out strings.Builder
		for _, name := range names {
			table, err := c.TableOf(t.Context(), jdbc.Name{Schema: "s", Table: "t"}, &jdbc.Description{Columns: db.columns})
			if err != nil {
				t.Fatal(err)
			}
			p := &pushed{c: c, scan: connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}}
			if offers[name] == nil {
				d.Fatalf(t, "nothing of the name %q is offered", name)
			}
			offers[name](p)
			sql, err := c.SQL(t.Context(), p.scan)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "-- %s\n%s%s\n", name, p.said.String(), sql)
		}
		return out.String()
	})
}

// TestJoinStrategy says which joins are taken, of what sizes.
func TestJoinStrategy(t *testing.T) {
	db := databases["postgresql"]
	for _, tt := range []struct {
		properties        map[string]string
		left, right, join float64 // bytes
		want              bool
	}{
		{nil, 100, 100, 200, true},
		{nil, 100, 100, 249, true},
		{nil, 100, 100, 250, false},
		{nil, -1, 100, 1, false},
		{nil, 100, -1, 1, false},
		{nil, 100, 100, -1, false},
		{map[string]string{"join-pushdown.strategy": "EAGER"}, -1, -1, -1, true},
		{map[string]string{"join-pushdown.strategy": "EAGER"}, 1, 1, 1000, true},
		{map[string]string{"join-pushdown.strategy": "EAGER", "join-pushdown.enabled": "false"}, 1, 1, 1, false},
		{map[string]string{"experimental.join-pushdown.automatic.max-table-size": "100B"}, 100, 100, 10, true},
		{map[string]string{"experimental.join-pushdown.automatic.max-table-size": "100B"}, 100, 101, 10, false},
		{map[string]string{"experimental.join-pushdown.automatic.max-table-size": "100B"}, 101, 100, 10, false},
		{map[string]string{"experimental.join-pushdown.automatic.max-join-to-tables-ratio": "0.5"}, 100, 100, 99, true},
		{map[string]string{"experimental.join-pushdown.automatic.max-join-to-tables-ratio": "0.5"}, 100, 100, 100, false},
	} {
		properties := map[string]string{"connection-url": db.url}
		maps.Copy(properties, tt.properties)
		c := jdbctest.Open(t, db.factory, properties).(*jdbc.Connector)
		table, err := c.TableOf(t.Context(), jdbc.Name{Schema: "s", Table: "t"}, &jdbc.Description{Columns: db.columns})
		if err != nil {
			t.Fatal(err)
		}
		p := &pushed{c: c, scan: connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}}
		_, got, err := c.PushJoin(t.Context(), connector.JoinOffer{Kind: connector.InnerJoin, Left: p.scan, Right: p.scan,
			Conditions: []connector.JoinCondition{{Operator: connector.OpEqual, Left: p.col("id"), Right: p.col("id")}},
			LeftSize:   connector.RelationSize{Bytes: tt.left}, RightSize: connector.RelationSize{Bytes: tt.right}, JoinSize: connector.RelationSize{Bytes: tt.join}})
		if err != nil || got != tt.want {
			t.Errorf("%v of %v and %v bytes to %v: %v, %v", tt.properties, tt.left, tt.right, tt.join, got, err)
		}
	}
}
