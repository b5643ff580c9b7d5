package native

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// The answers are Trino's.
func TestScalarFromJSON(t *testing.T) {
	for _, c := range []struct{ typ, text, want string }{
		{"boolean", `true`, `true`}, {"boolean", `-0.5`, `true`}, {"boolean", `"t"`, `true`}, {"boolean", `0`, `false`},
		{"boolean", `"12"`, `Cannot cast '12' to BOOLEAN`}, {"boolean", `12345678901234567890`, `Cannot cast '12345678901234567890' to boolean`},
		{"boolean", `[]`, `Cannot cast '[]' to boolean`},
		{"tinyint", `true`, `1`}, {"tinyint", `-0.5`, `-1`}, {"tinyint", `" 12 "`, `12`}, {"tinyint", `128`, `Cannot cast '128' to tinyint`},
		{"tinyint", `128.9`, `Cannot cast '128.9' to integer`}, {"tinyint", `"12.9"`, `Cannot cast '12.9' to TINYINT`},
		{"integer", `"abc"`, `Cannot cast 'abc' to INT`}, {"integer", `2147483648`, `Cannot cast '2147483648' to integer`},
		{"bigint", `1234567890123456768.0`, `1234567890123456768`}, {"bigint", `1.0E20`, `Unable to cast 1.0E20 to bigint`},
		{"bigint", `9223372036854775808`, `Cannot cast '9223372036854775808' to bigint`}, {"bigint", `{}`, `Cannot cast '{}' to bigint`},
		{"real", `2147483648`, `2.1474836E9`}, {"real", `"0x1p3"`, `8.0`}, {"real", `"x"`, `Cannot cast 'x' to REAL`},
		{"double", `12345678901234567890`, `1.2345678901234567E19`}, {"double", `"NaN"`, `NaN`}, {"double", `null`, `NULL`},
		{"decimal(4,1)", `99.95`, `100.0`}, {"decimal(4,1)", `"1.23456"`, `1.2`}, {"decimal(4,1)", `123456`, `Cannot cast input json to DECIMAL(4,1)`},
		{"decimal(4,1)", `" 12 "`, `Cannot cast '" 12 "' to DECIMAL(4,1)`}, {"decimal(4,1)", `[1]`, `Cannot cast '[1]' to DECIMAL(4,1)`},
		{"varchar", `128.9`, `1.289E2`}, {"varchar", `12345678901234567890`, `12345678901234567890`}, {"varchar", `"a\u00e9"`, `aé`}, {"varchar", `false`, `false`},
		{"varchar", `{}`, `Cannot cast '{}' to varchar`},
	} {
		got, err := scalarFromJSON(c.text, types.MustParse(c.typ))
		switch {
		case err != nil:
			got = err.Error()
		case got == nil:
			got = "NULL"
		}
		if got != c.want {
			t.Errorf("CAST(JSON '%s' AS %s) = %v, want %s", c.text, c.typ, got, c.want)
		}
	}
}

// The answers are Trino's, but for the notation of values.
func TestNestedFromJSON(t *testing.T) {
	for _, c := range []struct{ typ, text, want string }{
		{"array(integer)", `null`, `NULL`},
		{"array(integer)", `[ 1, "2", 2.5, null, true]`, `["1","2","3",null,"1"]`},
		{"array(json)", `[{"b":1, "a":2}, 1.50, null, "x"]`, `["{\"b\":1,\"a\":2}","1.5","null","\"x\""]`},
		{"array(array(varchar))", `[[1.50], null, []]`, `[["1.5E0"],null,[]]`},
		{"map(bigint,integer)", `{"2": 1, "01": null}`, `[["2","1"],["1",null]]`},
		{"map(double,integer)", `{"1.5": 1, "NaN": 2}`, `[["1.5","1"],["NaN","2"]]`},
		{"row(x integer, y varchar)", `{"Y": "b", "z": 1, "X": 3}`, `["3","b"]`},
		{"row(x integer, y varchar)", `[1, null]`, `["1",null]`},
		{`row("A" integer)`, `{"A": 1}`, `[null]`},
		{"row(x integer, x varchar)", `{"x": 1}`, `[null,"1"]`},

		{"array(integer)", `1`, "Cannot cast to array(integer). Expected a json array, but got 1\n1"},
		{"array(integer)", `{"a":1}`, "Cannot cast to array(integer). Expected a json array, but got {\n{\"a\":1}"},
		{"array(integer)", `[1,]`, "Cannot cast to array(integer).\n[1,]"},
		{"array(integer)", `[1] x`, "Cannot cast to array(integer).\n[1] x"},
		{"array(integer)", ``, "Cannot cast to array(integer). Expected a json array, but got null\n"},
		{"array(integer)", `["x"]`, "Cannot cast to array(integer). Cannot cast 'x' to INT\n[\"x\"]"},
		{"array(integer)", `[2147483648]`, "Cannot cast to array(integer).\n[2147483648]"},
		{"array(tinyint)", `[128.9]`, "Cannot cast to array(tinyint). Out of range for tinyint: 128.9\n[128.9]"},
		{"array(smallint)", `[40000]`, "Cannot cast to array(smallint). Value 40000 exceeds MAX_SHORT for type smallint\n[40000]"},
		{"array(smallint)", `["x"]`, "Cannot cast to array(smallint). Cannot cast 'x' to INT\n[\"x\"]"},
		{"array(decimal(4,1))", `["x"]`, "Cannot cast to array(decimal(4,1)).\n[\"x\"]"},
		{"array(decimal(4,1))", `[{}]`, "Cannot cast to array(decimal(4,1)). Unexpected token when cast to DECIMAL(4,1): {\n[{}]"},
		{"array(varchar)", `[[]]`, "Cannot cast to array(varchar). Unexpected token when cast to varchar: [\n[[]]"},
		{"array(row(x integer))", `["q"]`, "Cannot cast to array(row(x integer)). Expected a json array or object, but got q\n[\"q\"]"},
		{"map(varchar,integer)", `[]`, "Cannot cast to map(varchar, integer). Expected a json object, but got [\n[]"},
		{"map(bigint,integer)", `{"1":1,"01":2}`, "Cannot cast to map(bigint, integer). Duplicate map keys are not allowed\n{\"1\":1,\"01\":2}"},
		{"row(x integer, y varchar)", `[1]`, "Cannot cast to row(x integer, y varchar). Unexpected token when cast to varchar: ]\n[1]"},
		{"row(x integer, y json)", `[1]`, "Cannot cast to row(x integer, y json). Expected json array ending, but got null\n[1]"},
		{"row(x integer)", `[1,2]`, "Cannot cast to row(x integer). Expected json array ending, but got 2\n[1,2]"},
		{"row(x integer)", `{"x":1,"X":2}`, "Cannot cast to row(x integer). Duplicate field: x\n{\"x\":1,\"X\":2}"},
		{"row(integer)", `{}`, "Cannot cast to row(integer). Cannot cast a JSON object to anonymous row type. Input must be a JSON array.\n{}"},
	} {
		got, err := nestedFromJSON(c.text, types.MustParse(c.typ))
		switch {
		case err != nil:
			got = err.Error()
		case got == nil:
			got = "NULL"
		}
		if got != c.want {
			t.Errorf("CAST(JSON '%s' AS %s) = %v, want %s", c.text, c.typ, got, c.want)
		}
	}
}

// json_extract and its like read no more than they need. The answers are Trino's.
func TestExtract(t *testing.T) {
	call := func(name string, args ...any) any {
		for _, f := range pathFunctions {
			if f.Name == name {
				v, err := f.Call(args)
				if err != nil {
					return err.Error()
				}
				return v
			}
		}
		t.Fatalf("no function %s", name)
		return nil
	}
	const document = `{"a":{"b":[1,2.50,{"c":"xé"},null]},"a b":1,"0":"zero","q\"r":6,"arr":[[1],[2]],"n":null,"":7,"big":1e400,"a":1}`
	for _, c := range []struct {
		path string
		want any
	}{
		{`$.a.b`, `[1,2.5,{"c":"xé"},null]`}, {`$.a.b[1]`, `2.5`}, {`$["a b"]`, `1`}, {`$[0]`, `"zero"`}, {`$["q\"r"]`, `6`}, {`$[""]`, `7`},
		{`$.n`, `null`}, {`$.n.x`, nil}, {`$.big`, `"Infinity"`}, {`$.arr["1"].0`, `2`}, {`$.arr[9]`, nil}, {`$.arr[99999999999]`, nil},
		{`a`, `Invalid JSON path: 'a'`}, {`$.`, `Invalid JSON path: '$.'`}, {`$.a b`, `Invalid JSON path: '$.a b'`}, {`$[]`, `Invalid JSON path: '$[]'`},
		{`$..a`, `Invalid JSON path: '$..a'`}, {`$.*`, `Invalid JSON path: '$.*'`}, {`$[a:b]`, `Invalid JSON path: '$[a:b]'`}, {``, `Invalid JSON path: ''`},
		{`$["a\b"]`, `Invalid JSON path: '$["a\b"]'`}, {`$["a`, `Invalid JSON path: '$["a'`},
	} {
		if got := call("wb_json_extract", document, c.path); got != c.want {
			t.Errorf("json_extract(…, %s) = %v, want %v", c.path, got, c.want)
		}
	}
	for _, c := range []struct {
		function string
		args     []any
		want     any
	}{
		{"wb_json_extract", []any{`{"a":1`, `$.a`}, `1`}, {"wb_json_extract", []any{`{"a":1`, `$`}, nil}, {"wb_json_extract", []any{`01`, `$`}, nil},
		{"wb_json_extract_scalar", []any{`[1.50, -0`, `$[1]`}, `-0`}, {"wb_json_extract_scalar", []any{`[1.50]`, `$[0]`}, `1.50`},
		{"wb_json_extract_scalar", []any{`[[], null]`, `$[0]`}, nil}, {"wb_json_extract_scalar", []any{`[[], null]`, `$[1]`}, nil},
		{"wb_json_size", []any{`{"a":[1,{}]}`, `$.a`}, int64(2)}, {"wb_json_size", []any{`"abc"`, `$`}, int64(0)}, {"wb_json_size", []any{`[1`, `$`}, nil},
		{"wb_json_array_length", []any{`[1, [2]] x`}, int64(2)}, {"wb_json_array_length", []any{`[1`}, nil}, {"wb_json_array_length", []any{`{}`}, nil},
		{"wb_json_array_get", []any{`[1, "a", {"b": 1}]`, int64(-1)}, `{"b":1}`}, {"wb_json_array_get", []any{`["a"`, int64(0)}, `a`},
		{"wb_json_array_get", []any{`[null]`, int64(0)}, nil}, {"wb_json_array_get", []any{`[1]`, int64(-2)}, nil}, {"wb_json_array_get", []any{`[1]`, int64(-1 << 63)}, nil},
		{"wb_json_array_contains", []any{`[1`, "i", "1"}, true}, {"wb_json_array_contains", []any{`[2`, "i", "1"}, nil}, {"wb_json_array_contains", []any{`[2.0]`, "i", "2"}, false},
		{"wb_json_array_contains", []any{`[2.0]`, "d", "2.0"}, true}, {"wb_json_array_contains", []any{`["true"]`, "b", "true"}, false}, {"wb_json_array_contains", []any{`[[], "a"]`, "s", "a"}, true},
		{"wb_is_json_scalar", []any{` 1 `}, true}, {"wb_is_json_scalar", []any{`{}`}, false}, {"wb_is_json_scalar", []any{`1 2`}, `Invalid JSON value: 1 2`},
	} {
		if got := call(c.function, c.args...); got != c.want {
			t.Errorf("%s(%v) = %v, want %v", c.function, c.args, got, c.want)
		}
	}
}

// Objects made of maps have their keys in Java's order, by UTF-16 units.
func TestJSONMembers(t *testing.T) {
	got := jsonMembers([]any{"b", "a b", "a", "\uFFFD", "😀"}, []any{"1", nil, "[2]", "3", "4"})
	if want := `{"a":[2],"a b":null,"b":1,"\uD83D\uDE00":4,"` + "\uFFFD" + `":3}`; got != want {
		t.Errorf("jsonMembers = %s, want %s", got, want)
	}
}

func FuzzJSONCursor(f *testing.F) {
	f.Add(`{"a":[1,-2.5e3,"x\u00e9",null,true,{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseJSON(text)
		if !ok {
			return
		}
		again := string(n.append(nil))
		m, ok := parseJSON(again)
		if !ok || string(m.append(nil)) != again {
			t.Errorf("%q does not read as itself", again)
		}
	})
}
