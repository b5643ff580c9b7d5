package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// render prints a value in a plain form, through every accessor that a caller has.
func render(c *Column, i int) string {
	if c.IsNull(i) {
		return "NULL"
	}
	switch c.Type.ID {
	case TypeVarchar, TypeBlob:
		return fmt.Sprintf("%q", c.Bytes(i))
	case TypeFloat:
		return fmt.Sprint(Values[float32](c)[i])
	case TypeDouble:
		return fmt.Sprint(Values[float64](c)[i])
	case TypeInterval:
		return fmt.Sprint(Values[Interval](c)[i])
	case TypeEnum:
		return c.Type.Dictionary[c.Integer(i).Lo]
	case TypeList, TypeArray:
		var parts []string
		offset, n := c.List(i)
		for e := offset; e < offset+n; e++ {
			parts = append(parts, render(&c.Children[0], e))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case TypeMap:
		var parts []string
		offset, n := c.List(i)
		for e := offset; e < offset+n; e++ {
			parts = append(parts, render(&c.Children[0], e)+":"+render(&c.Children[1], e))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case TypeStruct:
		var parts []string
		for n := range c.Children {
			parts = append(parts, c.Type.Children[n].Name+"="+render(&c.Children[n], i))
		}
		return "(" + strings.Join(parts, " ") + ")"
	}
	v := c.Integer(i)
	if v.Hi == int64(v.Lo)>>63 {
		return fmt.Sprint(int64(v.Lo))
	}
	return fmt.Sprintf("%d*2^64+%d", v.Hi, v.Lo)
}

func TestTypes(t *testing.T) {
	i := open(t, 0)
	for _, c := range []struct{ sql, typ, want string }{
		{"true", "BOOLEAN", "1"},
		{"(-5)::TINYINT", "TINYINT", "-5"},
		{"(-300)::SMALLINT", "SMALLINT", "-300"},
		{"-70000", "INTEGER", "-70000"},
		{"-5000000000", "BIGINT", "-5000000000"},
		{"200::UTINYINT", "UTINYINT", "200"},
		{"170141183460469231731687303715884105727::HUGEINT", "HUGEINT", "9223372036854775807*2^64+18446744073709551615"},
		{"1.5::FLOAT", "FLOAT", "1.5"},
		{"1.25::DOUBLE", "DOUBLE", "1.25"},
		{"(-1.5)::DECIMAL(4,2)", "DECIMAL(4,2)", "-150"},
		{"(-1.5)::DECIMAL(9,2)", "DECIMAL(9,2)", "-150"},
		{"(-1.5)::DECIMAL(18,2)", "DECIMAL(18,2)", "-150"},
		{"(-1.5)::DECIMAL(38,2)", "DECIMAL(38,2)", "-150"},
		{"'short'", "VARCHAR", `"short"`},
		{"'longer than twelve bytes'", "VARCHAR", `"longer than twelve bytes"`},
		{"'\\x00\\xFF'::BLOB", "BLOB", `"\x00\xff"`},
		{"DATE '1969-12-31'", "DATE", "-1"},
		{"TIME '00:00:01.000002'", "TIME", "1000002"},
		{"TIMESTAMP '1970-01-01 00:00:01'", "TIMESTAMP", "1000000"},
		{"TIMESTAMP_NS '1970-01-01 00:00:01.000000001'", "TIMESTAMP_NS", "1000000001"},
		{"TIMESTAMPTZ '1970-01-01 01:00:00+01'", "TIMESTAMP WITH TIME ZONE", "0"},
		{"INTERVAL '1' MONTH + INTERVAL '2' DAY", "INTERVAL", "{1 2 0}"},
		{"'00000000-0000-0000-0000-000000000007'::UUID", "UUID", "-9223372036854775808*2^64+7"},
		{"'b'::ENUM('a', 'b')", "ENUM", "b"},
		{"NULL", `INTEGER`, "NULL"},
		{"[1, NULL, 3]", "INTEGER[]", "[1 NULL 3]"},
		{"[1, 2]::INTEGER[2]", "INTEGER[2]", "[1 2]"},
		{"[[1], [], NULL, [2, 3]]", "INTEGER[][]", "[[1] [] NULL [2 3]]"},
		{"{'a': 1, 'b': NULL::VARCHAR}", `STRUCT("a" INTEGER, "b" VARCHAR)`, "(a=1 b=NULL)"},
		{"MAP {'x': [1], 'y': NULL}", "MAP(VARCHAR, INTEGER[])", `{"x":[1] "y":NULL}`},
		{"[{'a': 'long enough for the heap', 'm': MAP {1: 2}}]", `STRUCT("a" VARCHAR, "m" MAP(INTEGER, INTEGER))[]`,
			`[(a="long enough for the heap" m={1:2})]`},
		{"row(1, 'x')", `STRUCT("" INTEGER, "" VARCHAR)`, `(=1 ="x")`},
	} {
		rows, err := i.Query(context.Background(), "SELECT "+c.sql+" AS v")
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if f := rows.Fields[0]; f.Name != "v" || f.Type.String() != c.typ {
			t.Errorf("%s: column %s %s, want %s", c.sql, f.Name, f.Type.String(), c.typ)
		}
		chunk, err := rows.Next()
		if err != nil || chunk == nil || chunk.Rows != 1 {
			t.Fatalf("%s: chunk %v, %v", c.sql, chunk, err)
		}
		if got := render(&chunk.Columns[0], 0); got != c.want {
			t.Errorf("%s: got %s, want %s", c.sql, got, c.want)
		}
		if chunk, err := rows.Next(); chunk != nil || err != nil {
			t.Errorf("%s: second chunk %v, %v", c.sql, chunk, err)
		}
		rows.Close()
	}
}

// Nested values that operators produce as slices, dictionaries or constants must come out flat.
func TestNestedShapes(t *testing.T) {
	i := open(t, 0)
	for sql, want := range map[string]string{
		"list_filter([r, r + 1, r + 2], x -> x % 2 = 0)":               "[4]",
		"list_transform([r, r], x -> {'a': 'k', 'b': [x]})":            `[(a="k" b=[3]) (a="k" b=[3])]`,
		"list_slice(['a', 'bb', 'constant longer than inline'], 2, 3)": `["bb" "constant longer than inline"]`,
		"list_reverse([[r], [], NULL])":                                "[NULL [] [3]]",
		"list_sort([{'a': r, 'b': 2}, {'a': 1, 'b': NULL}])":           "[(a=1 b=NULL) (a=3 b=2)]",
		"map_from_entries([{'k': r, 'v': 'x'}])":                       `{3:"x"}`,
		"CASE WHEN r = 3 THEN {'a': [1, 2]} END":                       "(a=[1 2])",
		"list_select([10, 20, 30], [3, 1])":                            "[30 10]",
		"list_zip([1], ['z'])":                                         `[(=1 ="z")]`,
	} {
		got := ""
		err := i.QueryChunks(context.Background(), "SELECT "+sql+" FROM range(5000) t(r) WHERE r % 5000 = 3", func(c *Chunk) error {
			for r := range c.Rows {
				got += render(&c.Columns[0], r)
			}
			return nil
		})
		if err != nil || got != want {
			t.Errorf("%s: got %s, want %s (%v)", sql, got, want, err)
		}
	}
}

func TestManyChunksInOrder(t *testing.T) {
	i := open(t, 0)
	next := int64(0)
	err := i.QueryChunks(context.Background(), "SELECT 999999 - range AS x, 'value ' || x FROM range(1000000) ORDER BY x", func(c *Chunk) error {
		for r, v := range Values[int64](&c.Columns[0]) {
			if v != next || string(c.Columns[1].Bytes(r)) != fmt.Sprint("value ", v) {
				return fmt.Errorf("row %d is %d", next, v)
			}
			next++
		}
		return nil
	})
	if err != nil || next != 1000000 {
		t.Errorf("%d rows, %v", next, err)
	}
}
