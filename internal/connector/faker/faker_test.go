package faker

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/brianvoe/gofakeit/v7"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func open(t *testing.T, text string) *Connector {
	t.Helper()
	f, err := config.ParseProperties("faker.properties", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(connector.CatalogConfig{Catalog: "faker", File: f})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func col(name, typ string, props map[string]any) connector.Column {
	return connector.Column{Name: name, Type: types.MustParse(typ), Properties: props}
}

func made(t *testing.T, c *Connector, props map[string]any, columns ...connector.Column) connector.Scan {
	t.Helper()
	name := connector.SchemaTable{Schema: "default", Table: "t"}
	if err := c.CreateTable(t.Context(), &connector.Table{Name: name, Columns: columns, Properties: props}); err != nil {
		t.Fatal(err)
	}
	table, err := c.Table(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return connector.Scan{Table: name, Handle: table.Handle, Columns: table.Columns}
}

// read returns a column's values as texts, read so many rows at a time.
func read(t *testing.T, c *Connector, scan connector.Scan, at, batch int) (out []string) {
	t.Helper()
	list, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	splits, err := list.Next(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	src, err := c.Source(t.Context(), scan, splits)
	if err != nil {
		t.Fatal(err)
	}
	for p := range src.Batches.Partitions() {
		r, err := src.Batches.Open(t.Context(), p, []int{at})
		if err != nil {
			t.Fatal(err)
		}
		var b connector.Batch
		for {
			n, err := r.Next(&b, batch)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			for i := range n {
				out = append(out, textOf(&b.Columns[0], scan.Columns[at].Type, i))
			}
		}
	}
	return out
}

func textOf(v *connector.Vector, t types.Type, i int) string {
	switch {
	case v.IsNull(i):
		return "NULL"
	case t.Kind == types.Boolean:
		return fmt.Sprint(v.I8[i] == 1)
	case v.Offsets != nil:
		return string(v.Data[v.Offsets[i]:v.Offsets[i+1]])
	case v.I128 != nil && t.Kind == types.Decimal:
		return types.Text(t, types.Int128{Lo: v.I128[i].Lo, Hi: v.I128[i].Hi})
	case v.I128 != nil:
		return fmt.Sprintf("%016x%016x", uint64(v.I128[i].Hi), v.I128[i].Lo)
	}
	for _, s := range []any{v.I8, v.I16, v.I32, v.I64, v.F32, v.F64} {
		if r := reflect.ValueOf(s); r.Len() > 0 {
			return fmt.Sprint(r.Index(i).Interface())
		}
	}
	return "?"
}

var everyType = []string{"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(5,2)", "decimal(18,0)", "decimal(38,10)", "date",
	"time(0)", "time(6)", "timestamp(0)", "timestamp(3)", "timestamp(6)", "timestamp(3) with time zone", "varchar", "varchar(5)", "char(7)", "varbinary", "uuid"}

// Rows are the same whatever the sizes of batches and the other columns are.
func TestDeterministic(t *testing.T) {
	var columns []connector.Column
	for i, typ := range everyType {
		columns = append(columns, col(fmt.Sprintf("c%d", i), typ, nil))
	}
	a, b := open(t, ""), open(t, "")
	one := made(t, a, nil, columns...)
	slices.Reverse(columns)
	other := made(t, b, nil, columns...)
	for i, typ := range everyType {
		first, second := read(t, a, one, i, 2048), read(t, b, other, len(everyType)-1-i, 7)
		if !slices.Equal(first, second) {
			t.Errorf("%s: rows differ", typ)
		}
		nulls := len(slices.DeleteFunc(first, func(s string) bool { return s != "NULL" }))
		if len(second) != 1000 || nulls < 400 || nulls > 600 {
			t.Errorf("%s: %d rows, %d of them NULL", typ, len(second), nulls)
		}
	}
}

// Many rows are cut into splits, and the hidden column counts them.
func TestSplits(t *testing.T) {
	c := open(t, "faker.default-limit=300000")
	scan := made(t, c, nil, col("a", "bigint", nil))
	got := read(t, c, scan, 1, 2048)
	for i, v := range got {
		if v != fmt.Sprint(i) {
			t.Fatalf("row %d has number %s", i, v)
		}
	}
	if len(got) != 300_000 {
		t.Errorf("%d rows", len(got))
	}
}

func TestColumnProperties(t *testing.T) {
	for _, tt := range []struct {
		typ   string
		props map[string]any
		want  string // of the first rows, or an error
	}{
		{"bigint", map[string]any{"min": "10", "step": "5"}, "10 15 20 25"},
		{"integer", map[string]any{"min": "1", "max": "3", "step": "1"}, "1 2 3 3"},
		{"decimal(5,2)", map[string]any{"min": "1.25", "step": "0.25"}, "125 150 175 200"},
		{"decimal(30,2)", map[string]any{"min": "1.25", "step": "0.25"}, "1.25 1.50 1.75 2.00"},
		{"double", map[string]any{"min": "0.5", "step": "0.5"}, "0.5 1 1.5 2"},
		{"date", map[string]any{"min": "1970-01-02", "step": "12h"}, "1 1 2 2"},
		{"timestamp(3)", map[string]any{"min": "1970-01-01 00:00:00.001", "step": "1ms"}, "1000 2000 3000 4000"},
		{"timestamp(3) with time zone", map[string]any{"min": "1970-01-01 00:00:00.001 UTC", "step": "1ms"}, "1 2 3 4"},
		{"time(6)", map[string]any{"min": "00:00:01", "step": "1us"}, "1000000 1000001 1000002 1000003"},
		{"varchar", map[string]any{"allowed_values": []string{"x"}}, "x x x x"},
		{"uuid", map[string]any{"allowed_values": []string{"00000000-0000-0001-0000-000000000002"}}, strings.TrimSpace(strings.Repeat("00000000000000010000000000000002 ", 4))},
		{"char(3)", map[string]any{"allowed_values": []string{"ab"}}, "ab ab ab ab"},
		{"bigint", map[string]any{"null_probability": 1.0}, "NULL NULL NULL NULL"},
		{"varchar", map[string]any{"generator": "a#{options.option 'b'}c"}, "abc abc abc abc"},
		{"varchar(2)", map[string]any{"generator": "abc"}, "ab ab ab ab"},
		{"bigint", map[string]any{"null_probability": 1.5}, "null_probability value must be between 0 and 1, inclusive"},
		{"bigint", map[string]any{"generator": "a"}, "The `generator` property can only be set for CHAR, VARCHAR or VARBINARY columns"},
		{"varchar", map[string]any{"generator": "#{no.thing}"}, "generator must be a valid Faker expression: there is no generator no.thing"},
		{"varchar", map[string]any{"min": "a"}, "The `min` and `max` properties cannot be set for CHAR, VARCHAR or VARBINARY columns"},
		{"varchar", map[string]any{"step": "1"}, "The `step` property cannot be set for CHAR, VARCHAR or VARBINARY columns"},
		{"tinyint", map[string]any{"max": "1000"}, "The `max` property must be a valid tinyint literal"},
		{"date", map[string]any{"step": "1"}, "The `step` property for a date column must be a valid duration literal"},
		{"bigint", map[string]any{"min": "2", "max": "1"}, "The `min` property must not be greater than the `max` property"},
		{"bigint", map[string]any{"allowed_values": []string{"1", "x"}}, "The `allowed_values` property must only contain valid bigint literals, failed to parse `x`"},
		{"bigint", map[string]any{"allowed_values": []string{"1"}, "min": "1"},
			"The `allowed_values` property cannot be set together with `min`, `max`, and `step` properties"},
		{"json", nil, "Unsupported type json"},
	} {
		t.Run(tt.typ+fmt.Sprint(tt.props), func(t *testing.T) {
			c := open(t, "faker.null-probability=0\nfaker.default-limit=4")
			if _, err := specOf(col("a", tt.typ, tt.props), 0); err != nil {
				if err.Error() != tt.want {
					t.Errorf("got %q, want %q", err, tt.want)
				}
				return
			}
			if got := strings.Join(read(t, c, made(t, c, nil, col("a", tt.typ, tt.props)), 0, 100), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Properties of a column come before the table's, those before the schema's, those before the catalog's.
func TestInheritedProperties(t *testing.T) {
	ctx := t.Context()
	c := open(t, "faker.null-probability=0\nfaker.default-limit=3")
	if err := c.CreateSchema(ctx, "s", map[string]any{"null_probability": 1.0, "default_limit": int64(2)}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		schema string
		props  map[string]any
		column map[string]any
		want   int
		null   bool
	}{
		{"default", nil, nil, 3, false},
		{"s", nil, nil, 2, true},
		{"s", map[string]any{"null_probability": 0.0, "default_limit": int64(7)}, nil, 7, false},
		{"s", nil, map[string]any{"null_probability": 0.0}, 2, false},
	} {
		name := connector.SchemaTable{Schema: tt.schema, Table: "t"}
		if err := c.CreateTable(ctx, &connector.Table{Name: name, Columns: []connector.Column{col("a", "bigint", tt.column)}, Properties: tt.props}); err != nil {
			t.Fatal(err)
		}
		table, _ := c.Table(ctx, name)
		got := read(t, c, connector.Scan{Table: name, Handle: table.Handle, Columns: table.Columns}, 0, 100)
		if len(got) != tt.want || (got[0] == "NULL") != tt.null {
			t.Errorf("%+v: %v", tt, got)
		}
		if err := c.DropTable(ctx, table); err != nil {
			t.Fatal(err)
		}
	}
	for props, want := range map[*map[string]any]*trinoerr.Code{
		{"default_limit": int64(0)}:  trinoerr.InvalidTableProperty,
		{"null_probability": -0.001}: trinoerr.InvalidTableProperty,
	} {
		err := c.CreateTable(ctx, &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: "bad"}, Properties: *props})
		if trinoerr.CodeOf(err) != want {
			t.Errorf("%v: %v", *props, err)
		}
	}
}

// Conditions say what values are wanted, and limits how many rows.
func TestPushdown(t *testing.T) {
	c := open(t, "")
	scan := made(t, c, nil, col("a", "bigint", nil), col("s", "varchar", nil), col("d", "double", nil))
	ref := func(name, typ string) connector.Expression {
		return &connector.Reference{Column: name, Type: types.MustParse(typ)}
	}
	value := func(typ string, v any) connector.Expression {
		return &connector.Constant{Type: types.MustParse(typ), Value: v}
	}
	call := func(f string, args ...connector.Expression) connector.Expression {
		return &connector.Call{Function: f, Type: types.Of(types.Boolean), Args: args}
	}
	got, ok, err := c.PushFilter(t.Context(), scan, []connector.Expression{
		call(connector.OpAnd, call(connector.OpGreater, ref("a", "bigint"), value("bigint", int64(5))), call(connector.OpLessOrEqual, ref("a", "bigint"), value("bigint", int64(7)))),
		call(connector.OpIn, ref("s", "varchar"), value("varchar", "x"), value("varchar", "y")),
		call(connector.OpNot, call(connector.OpIsNull, ref("d", "double"))),
		call(connector.OpLess, ref("d", "double"), value("double", 0.5)),
	})
	if err != nil || !ok || !reflect.DeepEqual(got.Exact, make([]bool, 4)) {
		t.Fatalf("got %+v, %t, %v", got, ok, err)
	}
	limit, ok, err := c.PushLimit(t.Context(), connector.Scan{Handle: got.Handle}, 1500)
	if err != nil || !ok || !limit.Guaranteed {
		t.Fatalf("got %+v, %t, %v", limit, ok, err)
	}
	scan.Handle = limit.Handle
	for at, want := range []string{`^[67]$`, `^[xy]$`, `^(-.*|0|0\.[0-4].*)$`} {
		values := read(t, c, scan, at, 100)
		if len(values) != 1500 {
			t.Errorf("%d rows", len(values))
		}
		for _, v := range values {
			if !regexp.MustCompile(want).MatchString(v) {
				t.Fatalf("%s does not match %s", v, want)
			}
		}
	}
	// What nothing satisfies is left to the engine; so is all that comes behind a limit.
	if _, ok, _ := c.PushFilter(t.Context(), connector.Scan{Handle: got.Handle}, []connector.Expression{
		call(connector.OpEqual, ref("a", "bigint"), value("bigint", int64(8)))}); ok {
		t.Error("took an impossible filter")
	}
	if _, ok, _ := c.PushFilter(t.Context(), scan, []connector.Expression{call(connector.OpIsNull, ref("a", "bigint"))}); ok {
		t.Error("took a filter behind a limit")
	}
	if _, ok, _ := c.PushLimit(t.Context(), scan, 1500); ok {
		t.Error("took the same limit again")
	}
}

func TestExpressions(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                               `^plain$`,
		"#{regexify '(a|b){2,3}'}":            `^[ab]{2,3}$`,
		`#{regexify '\\.\\*\\?\\+'}`:          `^\.\*\?\+$`,
		"#{bothify '????','false'}":           `^[a-z]{4}$`,
		"#{bothify '?#','true'}":              `^[A-Z][0-9]$`,
		"#{numerify '#-##'}":                  `^[0-9]-[0-9]{2}$`,
		"#{letterify '?#'}":                   `^[a-z]#$`,
		"#{Name.first_name} #{Name.lastName}": `^\S+ \S+`,
		"#{number.number_between '1','10'}":   `^[1-9]$`,
		"#{Number.digits '3'}":                `^[0-9]{3}$`,
		"#{options.option 'a','b'}":           `^[ab]$`,
		"#{Internet.emailAddress}":            `@`,
		"#{Address.fullAddress}":              `, `,
		"#{Lorem.word}":                       `^\w+$`,
		`#{options.option 'it\'s'}`:           `^it's$`,
		"#{regexify '[^a]?x+y*.{2}$'}":        `^[^a]?x+y*.{2}$`,
		"":                                    `^$`,
	} {
		e, err := parseExpression(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for i := range uint64(50) {
			pcg := rand.NewPCG(1, i)
			if got := e.evaluate(gofakeit.NewFaker(pcg, false), rand.New(pcg)); !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("%s: %q does not match %s", text, got, want)
			}
		}
	}
	for _, text := range []string{"#{", "#{x", "#{}", "#{Name.first_name 'x'}", "#{regexify}", "#{regexify '('}", "#{regexify 'a}", "#{number.number_between '2','1'}",
		"#{numerify '#','true'}", "#{options.option}", "#{number.digits '999'}", "#{regexify a}"} {
		if _, err := parseExpression(text); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func FuzzExpression(f *testing.F) {
	f.Add("#{regexify '[^a]?x+'} #{bothify '?#'}")
	f.Add(`#{options.option 'it\'s', 'b'}`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseExpression(text)
		if err != nil {
			return
		}
		pcg := rand.NewPCG(1, 2)
		e.evaluate(gofakeit.NewFaker(pcg, false), rand.New(pcg))
	})
}

// Values reach both ends of a range and stay in it.
func TestBetween(t *testing.T) {
	m := &maker{random: rand.New(rand.NewPCG(1, 2))}
	huge := new(big.Int).Lsh(big.NewInt(1), 100)
	for _, r := range [][2]number{{whole(-1), whole(1)}, {whole(5), whole(5)}, {{whole: new(big.Int).Neg(huge)}, {whole: huge}}, ends64(), {{float: -1}, {float: 1}}} {
		seen := map[string]bool{}
		for range 200 {
			n := m.between(r[0], r[1])
			if n.cmp(r[0]) < 0 || n.cmp(r[1]) > 0 {
				t.Fatalf("%v is not between %v and %v", n, r[0], r[1])
			}
			seen[n.String()] = true
		}
		if r[0].whole != nil && r[0].whole.BitLen() < 3 && len(seen) != int(r[1].whole.Int64()-r[0].whole.Int64()+1) {
			t.Errorf("between %v and %v there are only %v", r[0], r[1], seen)
		}
	}
}

func ends64() [2]number {
	low, high := ends(types.Of(types.BigInt))
	return [2]number{low, high}
}

// Every generator gives the same text for the same row, and some text.
func TestWords(t *testing.T) {
	for name, f := range words {
		for i := range uint64(20) {
			a, b := f(gofakeit.NewFaker(rand.NewPCG(3, i), false)), f(gofakeit.NewFaker(rand.NewPCG(3, i), false))
			if a != b || a == "" {
				t.Errorf("%s: %q and %q", name, a, b)
			}
		}
	}
}
