package sqljson

import (
	"fmt"
	"reflect"
	"testing"
)

func shown(v any, err error) string {
	switch {
	case err != nil:
		return "error: " + err.Error()
	case v == nil:
		return "NULL"
	}
	return fmt.Sprint(v)
}

// The answers are Trino's.
func TestValue(t *testing.T) {
	const list = `["a", 1.5, {}, null, 123456789012345678901234567890]`
	for _, c := range []struct {
		path, document, returning string
		onEmpty, onError          Behavior
		want                      string
	}{
		{`lax $[0]`, list, `varchar`, Null, Null, `a`},
		{`lax $[1]`, list, `varchar`, Null, Null, `1.5E0`},
		{`lax $[1]`, list, `bigint`, Null, Null, `2`},
		{`lax $[1]`, list, `decimal(3,2)`, Null, Null, `1.50`},
		{`lax $[0]`, list, `char(3)`, Null, Null, `a  `},
		{`lax $[3]`, list, `varchar`, Error, Error, `NULL`},
		{`lax $[9]`, list, `varchar`, Null, Error, `NULL`},
		{`lax $[9]`, list, `varchar`, Default, Error, `empty`},
		{`lax $[9]`, list, `varchar`, Error, Default, `error: cannot extract SQL scalar from JSON: JSON path found no items`},
		{`strict $[9]`, list, `varchar`, Error, Null, `NULL`},
		{`strict $[9]`, list, `varchar`, Error, Default, `failed`},
		{`strict $[9]`, list, `varchar`, Null, Error, `error: path evaluation failed: structural error: invalid array subscript: [9, 9] for array of size 5`},
		{`lax $[2]`, list, `varchar`, Null, Error, `error: cannot extract SQL scalar from JSON: JSON path found an item that cannot be converted to an SQL value`},
		{`lax $[4]`, list, `varchar`, Null, Error, `error: cannot extract SQL scalar from JSON: JSON path found an item that cannot be converted to an SQL value`},
		{`lax $[*]`, list, `varchar`, Null, Error, `error: cannot extract SQL scalar from JSON: JSON path found multiple items`},
		{`lax $[0]`, list, `bigint`, Null, Error, `error: cannot extract SQL scalar from JSON: Cannot cast value of type varchar to declared return type of function JSON_VALUE: bigint`},
		{`lax $[0]`, `[`, `varchar`, Null, Error, `error: conversion to JSON failed: `},
		{`lax $[0]`, `[`, `varchar`, Default, Null, `NULL`},
	} {
		f, err := PrepareValue(Encode(Value{Invocation{Path: c.path}, c.returning, c.onEmpty, c.onError}))
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(f(c.document, []any{"empty", "failed"})); got != c.want {
			t.Errorf("JSON_VALUE(%s, %s RETURNING %s %s ON EMPTY %s ON ERROR) = %s, want %s", c.document, c.path, c.returning, c.onEmpty, c.onError, got, c.want)
		}
	}
}

func TestExistsAndParameters(t *testing.T) {
	variables := []Variable{{"x", "integer"}, {"j", "json"}}
	for _, c := range []struct {
		path       string
		parameters []any
		onError    Behavior
		want       string
	}{
		{`lax $ ? (@ < $x)`, []any{"2", nil}, Error, `true`},
		{`lax $ ? (@ < $x)`, []any{"1", nil}, Error, `false`},
		{`lax $ ? (@ <> $x)`, []any{nil, nil}, Error, `true`},
		{`lax $j`, []any{"1", nil}, Error, `false`},
		{`lax $j[1]`, []any{"1", "[5, 6]"}, Error, `true`},
		{`lax $j`, []any{"1", "["}, Error, `error: conversion to JSON failed: `},
		{`lax $j`, []any{"1", "["}, Null, `NULL`},
		{`strict $.a`, []any{"1", nil}, True, `true`},
		{`strict $.a`, []any{"1", nil}, False, `false`},
	} {
		f, err := PrepareExists(Encode(Exists{Invocation{Path: c.path, Variables: variables}, c.onError}))
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(f(`1`, c.parameters)); got != c.want {
			t.Errorf("JSON_EXISTS(1, %s) of %v = %s, want %s", c.path, c.parameters, got, c.want)
		}
	}
}

func TestQuery(t *testing.T) {
	const list = `["a", [1], "😀"]`
	date := []Variable{{"d", "date"}}
	for _, c := range []struct {
		path string
		Extraction
		want string
	}{
		{`lax $[0]`, Extraction{}, `"a"`},
		{`lax $[0]`, Extraction{OmitQuotes: true}, `a`},
		{`lax $[1]`, Extraction{OmitQuotes: true}, `[1]`},
		{`lax $[0]`, Extraction{Wrapper: Unconditional}, `["a"]`},
		{`lax $[0]`, Extraction{Wrapper: Conditional}, `["a"]`},
		{`lax $[1]`, Extraction{Wrapper: Conditional}, `[1]`},
		{`lax $[1]`, Extraction{Wrapper: Unconditional}, `[[1]]`},
		{`lax $[0, 1]`, Extraction{Wrapper: Conditional}, `["a",[1]]`},
		{`lax $[2]`, Extraction{}, `"\uD83D\uDE00"`},
		{`lax $[2]`, Extraction{Wide: true}, `"😀"`},
		{`lax $[0, 1]`, Extraction{OnError: Error}, `error: conversion from JSON failed: JSON path found multiple items`},
		{`lax $[5]`, Extraction{OnEmpty: Error}, `error: conversion from JSON failed: JSON path found no items`},
		{`lax $[5]`, Extraction{OnEmpty: EmptyArray}, `[]`},
		{`strict $[5]`, Extraction{OnError: EmptyObject}, `{}`},
		{`lax $d`, Extraction{OnError: Error}, `error: conversion from JSON failed: JSON path returned a scalar SQL value of type date that cannot be represented as JSON`},
	} {
		f, err := PrepareQuery(Encode(Query{Invocation{Path: c.path, Variables: date}, c.Extraction}))
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(f(list, []any{"2020-01-01"})); got != c.want {
			t.Errorf("JSON_QUERY(%s, %s, %+v) = %s, want %s", list, c.path, c.Extraction, got, c.want)
		}
	}
}

func TestConstructors(t *testing.T) {
	object := func(d Object, keys, values []any) string {
		f, err := PrepareObject(Encode(d))
		if err != nil {
			t.Fatal(err)
		}
		return shown(f(keys, values))
	}
	two := Object{Keys: []string{"varchar", "char(3)"}, Types: []string{"integer", "json"}}
	if got, want := object(two, []any{"a", "b  "}, []any{"1", "[ 2]"}), `{"a":1,"b":[2]}`; got != want {
		t.Errorf("JSON_OBJECT = %s, want %s", got, want)
	}
	if got, want := object(two, []any{"a", "a"}, []any{"1", nil}), `error: cannot construct a JSON object with duplicate key`; got != want {
		t.Errorf("JSON_OBJECT = %s, want %s", got, want)
	}
	if got, want := object(two, []any{"a", nil}, []any{"1", nil}), `error: null value passed for JSON object key to JSON_OBJECT function`; got != want {
		t.Errorf("JSON_OBJECT = %s, want %s", got, want)
	}
	two.AbsentOnNull, two.UniqueKeys = true, true
	if got, want := object(two, []any{"a", "a"}, []any{"1", nil}), `{"a":1}`; got != want {
		t.Errorf("JSON_OBJECT = %s, want %s", got, want)
	}
	if got, want := object(two, []any{"a", "a"}, []any{"1", "2"}), `error: duplicate key passed to JSON_OBJECT function`; got != want {
		t.Errorf("JSON_OBJECT = %s, want %s", got, want)
	}
	for _, c := range []struct {
		absent bool
		want   string
	}{{true, `[1.10,"x  ",[2],"2020-01-01"]`}, {false, `[1.10,"x  ",[2],"2020-01-01",null]`}} {
		f, err := PrepareArray(Encode(Array{Types: []string{"decimal(3,2)", "char(3)", "json", "varchar", "varchar"}, AbsentOnNull: c.absent}))
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(f([]any{"1.10", "x", "[ 2 ]", "2020-01-01", nil})); got != c.want {
			t.Errorf("JSON_ARRAY = %s, want %s", got, c.want)
		}
	}
}

// Members come in the order of a Java HashMap, which had to grow here.
func TestObjectOrder(t *testing.T) {
	d, keys, values := Object{}, []any{}, []any{}
	for n, k := range []string{"k1", "k2", "b", "aaa", "zz", "q w", "é", "x1", "x2", "x3", "x4", "x5", "x6", "x7"} {
		d.Keys, d.Types = append(d.Keys, "varchar"), append(d.Types, "integer")
		keys, values = append(keys, k), append(values, fmt.Sprint(n+1))
	}
	f, err := PrepareObject(Encode(d))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"aaa":4,"zz":5,"b":3,"k1":1,"k2":2,"q w":6,"é":7,"x1":8,"x2":9,"x3":10,"x4":11,"x5":12,"x6":13,"x7":14}`
	if got := shown(f(keys, values)); got != want {
		t.Errorf("JSON_OBJECT = %s, want %s", got, want)
	}
}

func TestTable(t *testing.T) {
	value := func(path string) Column {
		return Column{Value: &Value{Invocation: Invocation{Path: path}, Returning: "integer", OnEmpty: Null, OnError: Default}}
	}
	columns := []Column{{Ordinality: true}, value(`lax $.a`), value(`lax $`), value(`lax $ * 10`),
		{Query: &Query{Invocation{Path: `lax $`}, Extraction{OnEmpty: Null, OnError: Null}}}}
	b, c := Plan{Path: `lax $.b[*]`, Columns: []int{2}}, Plan{Path: `lax $.c[*]`, Columns: []int{3, 4}}
	const document = `[{"a": 1, "b": [2, "x"], "c": [3, 4]}, {"a": 5, "b": [6]}]`
	for _, k := range []struct {
		name  string
		plan  Plan
		error bool
		want  []any
	}{
		{"outer union", Plan{Columns: []int{0, 1}, Child: &Plan{Siblings: []Plan{b, c}}}, false, []any{
			`["1","1","2",null,null]`, `["1","1","-1",null,null]`, `["1","1",null,"30","3"]`, `["1","1",null,"40","4"]`, `["2","5","6",null,null]`}},
		{"outer cross", Plan{Columns: []int{0, 1}, Child: &Plan{Siblings: []Plan{b, c}, Cross: true}}, false, []any{
			`["1","1","2","30","3"]`, `["1","1","2","40","4"]`, `["1","1","-1","30","3"]`, `["1","1","-1","40","4"]`, `["2","5",null,null,null]`}},
		{"inner cross", Plan{Columns: []int{0, 1}, Inner: true, Child: &Plan{Siblings: []Plan{c, b}, Cross: true}}, false, []any{
			`["1","1","2","30","3"]`, `["1","1","-1","30","3"]`, `["1","1","2","40","4"]`, `["1","1","-1","40","4"]`}},
		{"nested", Plan{Columns: []int{0}, Child: &Plan{Path: `lax $.b[*]`, Columns: []int{2}, Inner: true, Child: &Plan{Path: `lax $ ? (@ > 5)`, Columns: []int{3}}}}, false, []any{
			`["1",null,null,null,null]`, `["2",null,"6","60",null]`}},
		{"nothing to cross", Plan{Columns: []int{0}, Child: &Plan{Siblings: []Plan{{Path: `lax $.x`}, {Path: `strict $.x`}}, Cross: true}}, true, []any{
			`["1",null,null,null,null]`, `["2",null,null,null,null]`}},
		{"failing path", Plan{Columns: []int{0}, Child: &Plan{Path: `strict $.c`, Columns: []int{4}}}, false, []any{
			`["1",null,null,null,"[3,4]"]`, `["2",null,null,null,null]`}},
	} {
		f, err := PrepareTable(Encode(Table{Invocation: Invocation{Path: `lax $[*]`}, Plan: k.plan, Columns: columns, ErrorOnError: k.error}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := f(document, []any{nil, "-1", nil, "-1", nil, "-1"})
		if err != nil || !reflect.DeepEqual(got, k.want) {
			t.Errorf("%s: %q, %v, want %q", k.name, got, err, k.want)
		}
	}
	plan := Plan{Columns: []int{0}, Child: &Plan{Path: `strict $.c`, Columns: []int{4}}}
	f, err := PrepareTable(Encode(Table{Invocation: Invocation{Path: `lax $[*]`}, Plan: plan, Columns: columns, ErrorOnError: true}))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{document, `[`} {
		if rows, err := f(d, []any{nil, nil, nil, nil, nil, nil}); err == nil {
			t.Errorf("ERROR ON ERROR of %s = %q", d, rows)
		}
	}
}
