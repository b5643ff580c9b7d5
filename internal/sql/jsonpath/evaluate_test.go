package jsonpath

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func sqlValue(t *testing.T, typ, text string) Value {
	t.Helper()
	st := types.MustParse(typ)
	v, ok := types.Cast(text, types.Of(types.Varchar), st, types.UTC)
	if !ok {
		t.Fatalf("%q is no %s", text, typ)
	}
	return Value{st, v}
}

// show writes a sequence as JSON texts; SQL values that JSON does not have by their types.
func show(items []Item) string {
	var out []string
	for _, i := range items {
		if j, ok := JSON(i); ok {
			out = append(out, Encode(j))
		} else {
			v := i.(Value)
			out = append(out, v.Type.String()+" "+types.Text(v.Type, v.Value))
		}
	}
	return strings.Join(out, " ")
}

// The answers are Trino's.
func TestEvaluate(t *testing.T) {
	variables := map[string]Item{
		"null": Null{}, "empty": nil, "array": Array{Number{types.Of(types.Integer), int64(7)}},
		"date": sqlValue(t, "date", "2020-01-03"), "earlier": sqlValue(t, "date", "2020-01-01"),
		"stamp": sqlValue(t, "timestamp(3)", "2020-01-03 00:00:01.000"), "zoned": sqlValue(t, "timestamp(3) with time zone", "2020-01-03 00:00:00.000 UTC"),
		"tiny": sqlValue(t, "tinyint", "127"), "one": sqlValue(t, "tinyint", "1"), "big": sqlValue(t, "bigint", "5000000000"),
		"char": sqlValue(t, "char(3)", "ab"), "text": sqlValue(t, "varchar(2)", "ab"), "yes": sqlValue(t, "boolean", "true"), "no": sqlValue(t, "boolean", "false"),
		"real": sqlValue(t, "real", "1.1"), "double": sqlValue(t, "double", "NaN"), "cents": sqlValue(t, "decimal(3,2)", "1.00"),
		"mills": sqlValue(t, "decimal(4,3)", "3.000"), "max": sqlValue(t, "decimal(38,0)", strings.Repeat("9", 38)),
		"early": sqlValue(t, "time(0) with time zone", "10:00:00+02:00"), "late": sqlValue(t, "time(0) with time zone", "09:00:00+00:00"),
	}
	const mixed = `[1.7, null, "a", true, {}, [1, 2]]`
	for _, c := range []struct{ path, document, want string }{
		{`lax $`, `{"b" : 1, "a" : [1, 2], "b" : 7}`, `{"b":7,"a":[1,2]}`},
		{`lax $`, `[1.10, 1e2, 1E-7, -0, -0.0, 1e400, 123456789012345678901234567890]`, `[1.1,100.0,1.0E-7,0,-0.0,"Infinity",123456789012345678901234567890]`},
		{`lax $.a`, `[{"a": 1}, [{"a": 2}]]`, `1`},
		{`lax $[*].a`, `[{"a": 1}, [{"a": 2}]]`, `1 2`},
		{`strict $.a`, `[{"a": 1}]`, `error: invalid item type. Expected: OBJECT, actual: ARRAY`},
		{`strict $.b`, `{"a": 1}`, `error: structural error: missing member 'b' in JSON object`},
		{`lax $.b`, `{"a": 1}`, ``},
		{`strict $.*`, `{"a": {"b": 1}, "c": [3]}`, `{"b":1} [3]`},
		{`lax $..b`, `{"a": {"b": 1}, "c": [{"b": {"b": 2}}, 3]}`, `1 {"b":2} 2`},
		{`lax $."a""b" . c`, `{"a\"b": {"c": 4}}`, `4`},
		{`lax $.size`, `{"size": 4}`, `4`},
		{`lax $[-1, 1 to 2, 3 to 7, 2 to 1]`, `[0, 1, 2, 3]`, `1 2 3`},
		{`lax $[last]`, `[0, 1, 2, 3]`, `3`},
		{`lax $[last - 0.4]`, `1`, `1`},
		{`lax $[$[0]]`, `[1.9, 5]`, `5`},
		{`lax $[0.5]`, `[1.9, 5]`, `5`},
		{`strict $[1 to 0]`, `[0, 1]`, `error: structural error: invalid array subscript: [1, 0] for array of size 2`},
		{`strict $[0]`, `[]`, `error: structural error: invalid array subscript for empty array`},
		{`strict $[0]`, `{}`, `error: invalid item type. Expected: ARRAY, actual: OBJECT`},
		{`lax $["x"]`, `[0]`, `error: invalid item type. Expected: NUMBER, actual: varchar(1)`},
		{`lax $[$[*]]`, `[0, 1]`, `error: array subscript 'from' value must be singleton numeric`},
		{`lax $[0 to $[*]]`, `[0, 1]`, `error: array subscript 'to' value must be singleton numeric`},
		{`lax $[1e40]`, `[0]`, `error: `},
		{`lax $[$[0]]`, `[123456789012345678901234567890]`, `error: cannot convert value 123456789012345678901234567890 to long`},
		{`lax last`, `1`, `error: accessing the last array index with no enclosing array`},
		{`lax @`, `1`, `error: accessing current filter item with no enclosing filter`},
		{`lax $null`, `1`, `null`},
		{`lax $empty`, `1`, ``},
		{`lax $array[0] + 1`, `1`, `8`},

		{`lax 2 * 3 + 4 * 5 - 1`, `1`, `25`},
		{`lax -$ * 2`, `1`, `-2`},
		{`lax - - 1`, `1`, `1`},
		{`lax -$`, `[1, 2.5]`, `-1 -2.5`},
		{`lax 1 / 3`, `1`, `0`},
		{`lax 1.0 / 3`, `1`, `0.3`},
		{`lax 1e0 / 4`, `1`, `0.25`},
		{`lax 5 % 3.5`, `1`, `1.5`},
		{`lax 1.50 * 2.25`, `1`, `3.3750`},
		{`lax $cents / $mills`, `1`, `0.333`},
		{`lax 0.0000001 * 1`, `1`, `1E-7`},
		{`lax 2147483647 + 1`, `1`, `error: `},
		{`lax 2147483648 + 1`, `1`, `2147483649`},
		{`lax $tiny + $one`, `1`, `error: `},
		{`lax $tiny + $`, `1`, `128`},
		{`lax $big * $big`, `1`, `error: `},
		{`lax $max + 1`, `1`, `error: `},
		{`lax $real + 1`, `1`, `2.1`},
		{`lax 1 / 0`, `1`, `error: `},
		{`lax 1e0 / 0`, `1`, `"Infinity"`},
		{`lax 1 + $`, `"a"`, `error: invalid item type. Expected: NUMBER, actual: STRING`},
		{`lax $ + 1`, `[1, 2]`, `error: arithmetic binary expression requires singleton operands`},
		{`lax $yes + 1`, `1`, `error: invalid operand types to ADD operator (boolean, integer)`},
		{`lax $date - $earlier`, `1`, `interval day to second 2 00:00:00.000`},
		{`lax $date + 1`, `1`, `error: invalid operand types to ADD operator (date, integer)`},

		{`lax $.abs()`, `[-1.5, 2]`, `1.5 2`},
		{`lax $.ceiling()`, `[1.7, -1.7, 3]`, `2.0 -1.0 3`},
		{`lax $.floor()`, `[1.7, -1.7, 3]`, `1.0 -2.0 3`},
		{`lax (1.75).ceiling()`, `1`, `2`},
		{`lax (-1.75).ceiling()`, `1`, `-1`},
		{`lax (-1.75).floor()`, `1`, `-2`},
		{`lax $.abs()`, `[[-1]]`, `error: invalid item type. Expected: NUMBER, actual: ARRAY`},
		{`lax $yes.abs()`, `1`, `error: invalid item type. Expected: NUMBER, actual: boolean`},
		{`lax $.double()`, `["1.5e2", 2]`, `150.0 2.0`},
		{`lax $.double()`, `"x"`, `error: `},
		{`lax $.double()`, `true`, `error: invalid item type. Expected: NUMBER or TEXT, actual: BOOLEAN`},
		{`lax $[*].type()`, mixed, `"number" "null" "string" "boolean" "object" "array"`},
		{`lax $zoned.type()`, `1`, `"timestamp with time zone"`},
		{`lax $[*].size()`, mixed, `1 1 1 1 1 2`},
		{`strict $.size()`, `1`, `error: invalid item type. Expected: ARRAY, actual: NUMBER`},
		{`lax $.keyvalue()`, `[{"a": 1}, {"b": [2]}]`, `{"name":"a","value":1,"id":0} {"name":"b","value":[2],"id":1}`},
		{`lax $.keyvalue()`, `[1]`, `error: invalid item type. Expected: OBJECT, actual: NUMBER`},

		{`lax $[*] ? (@ > 1)`, `[1, 2, 3, "a", null]`, `2 3`},
		{`lax $[*] ? (@ <> 1)`, `[1, 2, null]`, `2 null`},
		{`lax $[*] ? (@ == null)`, `[1, null, []]`, `null`},
		{`lax $[*] ? ((@ == "x") is unknown)`, `[1, 2, null]`, `1 2`},
		{`lax $[*] ? (@ starts with "a")`, `["abc", "bcd", 5]`, `"abc"`},
		{`lax $[*] ? (!(@ starts with "a"))`, `["abc", "bcd", 5]`, `"bcd"`},
		{`lax $[*] ? (exists(@ ? (@ == 5)) || @ == "abc")`, `["abc", "bcd", 5]`, `"abc" 5`},
		{`lax $ ? ((@) == 1)`, `1`, `1`},
		{`lax $ ? ((@ == 1) && @ > 0 || @ < 0)`, `1`, `1`},
		{`lax $ ? (!(@ == 1) && @ > 0 || !exists(@))`, `1`, ``},
		{`strict $ ? (@[*] > 0)`, `[1, "x"]`, ``},
		{`lax $ ? (@[*] > 0)`, `[1, "x"]`, `1`},
		{`lax $ ? (@ == $char)`, `["ab", "ab "]`, `"ab" "ab "`},
		{`lax $ ? (@ starts with $char)`, `["ab", "ab c"]`, `"ab c"`},
		{`lax $ ? ($date < $stamp)`, `1`, `1`},
		{`lax $ ? ($zoned < $stamp)`, `1`, `1`},
		{`lax $ ? ($early < $late)`, `1`, `1`},
		{`lax $ ? ($no < $yes)`, `1`, `1`},
		{`lax $ ? ($double == $double)`, `1`, ``},
		{`lax $ ? ($double <> $double)`, `1`, `1`},
		{`lax $ ? (@ == 1.0)`, `[1, 1e0]`, `1 1.0`},
		{`lax $ ? (@ > 3)`, `[5, 123456789012345678901234567890]`, `5`},
	} {
		t.Run(c.path, func(t *testing.T) {
			p, err := Parse(c.path)
			if err != nil {
				t.Fatal(err)
			}
			context, err := Decode(c.document)
			if err != nil {
				t.Fatal(err)
			}
			items, err := p.Evaluate(&Env{Context: context, Variables: variables, Zone: types.UTC})
			got := show(items)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != c.want {
				t.Errorf("%s of %s = %s, want %s", c.path, c.document, got, c.want)
			}
		})
	}
}
