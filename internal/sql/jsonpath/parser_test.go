package jsonpath

import (
	"errors"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// The messages are Trino's; places are lines from 1 and columns from 0.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{`certainly not`, `line 1:0: mismatched input 'certainly' expecting {'lax', 'strict'}`},
		{`LAX $`, `line 1:0: mismatched input 'LAX' expecting {'lax', 'strict'}`},
		{`lax`, `line 1:3: mismatched input '<EOF>' expecting ` + operands},
		{`lax ~`, `line 1:4: mismatched input '~' expecting ` + operands},
		{`lax "abc`, `line 1:4: mismatched input '"' expecting ` + operands},
		{"lax\n  1 +", `line 2:5: mismatched input '<EOF>' expecting ` + operands},
		{`lax $.`, `line 1:6: no viable alternative at input '.'`},
		{`lax $..*`, `line 1:7: no viable alternative at input '..*'`},
		{`lax $.é`, `line 1:6: no viable alternative at input '.é'`},
		{`lax $[`, `line 1:6: no viable alternative at input '['`},
		{`lax $[]`, `line 1:6: no viable alternative at input '[]'`},
		{`lax $ $`, `line 1:6: extraneous input '$' expecting <EOF>`},
		{`lax $.1a`, `line 1:5: mismatched input '.1' expecting {<EOF>, ` + continuations},
		{`lax $.foo()`, `line 1:9: mismatched input '(' expecting {<EOF>, ` + continuations},
		{`lax $.size(1)`, `line 1:11: extraneous input '1' expecting ')'`},
		{`lax $ ? (@ == 1`, `line 1:15: missing ')' at '<EOF>'`},
		{`lax $ ? (1)`, `line 1:10: no viable alternative at input '1)'`},
		{`lax $ ? (@ = 1)`, `line 1:11: no viable alternative at input '@ ='`},
		{`lax $ ? (!@ == 1)`, `line 1:10: mismatched input '@' expecting {'(', 'exists'}`},
		{`lax $ ? (@ starts with $.a)`, `line 1:23: mismatched input '$' expecting {STRING, NAMED_VARIABLE}`},
		{`lax $ ? (exists(@) 1)`, `line 1:19: extraneous input '1' expecting ')'`},
		{`lax $ ? ((@ == 1) 1)`, `line 1:18: extraneous input '1' expecting ')'`},
		{`lax $[1 to 2 3]`, `line 1:13: extraneous input '3' expecting {',', ']'}`},
		{`lax (1 2)`, `line 1:7: extraneous input '2' expecting ')'`},
		{`lax $ ? @ == 1`, `line 1:8: missing '(' at '@'`},
		{`lax $ ? ()`, `line 1:9: mismatched input ')' expecting ` + conditions},
		{`lax exists($)`, `line 1:4: extraneous input 'exists' expecting ` + operands},
		{`lax 9223372036854775808`, `line 1:1: Invalid numeric literal: 9223372036854775808`},
		{`lax 1.` + strings.Repeat("0", 40), `'1.` + strings.Repeat("0", 40) + `' is not a valid DECIMAL literal`},
		{`lax ` + strings.Repeat("(", maxDepth), `line 1:504: JSON path is nested too deeply`},
	} {
		_, err := Parse(c.path)
		if err == nil || err.Error() != c.want {
			t.Errorf("Parse(%.40q) = %v, want %s", c.path, err, c.want)
		}
	}
}

// Parentheses that could begin a predicate are looked at once each.
func TestParseNestedParentheses(t *testing.T) {
	n := maxDepth / 3
	if _, err := Parse(`lax $ ? (` + strings.Repeat("(", n) + `@` + strings.Repeat(")", n) + ` == 1)`); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	resolve := func(name string, args []types.Type) (types.Type, error) {
		if !args[0].Numeric() {
			return types.Type{}, errors.New("no " + name)
		}
		return args[len(args)-1], nil
	}
	for _, c := range []struct{ path, want string }{
		{`lax $.a + 1`, ``},
		{`lax 1 + 1.5`, `decimal(2,1)`},
		{`lax $.a.size()`, `integer`},
		{`lax $.a.type()`, `varchar(27)`},
		{`lax $.double() ? (@ > $a)`, `double`},
		{`lax (-1).abs()`, `integer`},
		{`lax $b`, `error: no value passed for parameter b`},
		{`lax $A`, `error: no value passed for parameter A. Try quoting "A" in the PASSING clause to match case`},
		{`lax $ ? (@ == 1 && exists($.x[0 to $b]))`, `error: no value passed for parameter b`},
		{`lax $ ? (@ starts with $b)`, `error: no value passed for parameter b`},
		{`lax "a" + 1`, `error: invalid operand types (varchar(1) and integer) in JSON path arithmetic binary expression: no $add`},
		{`lax -"a"`, `error: invalid operand type (varchar(1)) in JSON path arithmetic unary expression: no $negate`},
		{`lax +"a"`, `error: Invalid operand type (varchar(1)) in JSON path arithmetic unary expression`},
		{`lax "a".abs()`, `error: cannot perform JSON path abs() method with varchar(1) argument: no abs`},
		{`lax true.double()`, `error: cannot perform JSON path double() method with boolean argument`},
		{`lax $.datetime()`, `unsupported: datetime method in JSON path is not yet supported`},
		{`lax $ ? (@ like_regex "a.*" flag "i")`, `unsupported: like_regex predicate in JSON path is not yet supported`},
	} {
		p, err := Parse(c.path)
		if err != nil {
			t.Fatal(err)
		}
		typ, known, err := (&Checker{Parameters: []string{"a"}, Resolve: resolve}).Check(p)
		got := ""
		switch {
		case errors.Is(err, ErrUnsupported):
			got = "unsupported: " + err.Error()
		case err != nil:
			got = "error: " + err.Error()
		case known:
			got = typ.String()
		}
		if got != c.want {
			t.Errorf("Check(%s) = %s, want %s", c.path, got, c.want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{` [ ] `, `[]`},
		{`{}`, `{}`},
		{`[1] rest`, `[1]`},
		{`1 2`, `1`},
		{``, `null`},
		{" \n", `null`},
		{`"\u00e9\u0001\n\/\ud83d\ude00\ud800"`, `"é\u0001\n/\uD83D\uDE00` + "\uFFFD" + `"`},
		{`[0.5, -1, 1E+2, true, false, null]`, `[0.5,-1,100.0,true,false,null]`},
		{strings.Repeat("[", maxJSONDepth) + strings.Repeat("]", maxJSONDepth), strings.Repeat("[", maxJSONDepth) + strings.Repeat("]", maxJSONDepth)},
	} {
		item, err := Decode(c.text)
		if err != nil || Encode(item) != c.want {
			t.Errorf("Decode(%.40q) = %v, %v, want %.40s", c.text, item, err, c.want)
		}
	}
	for _, text := range []string{`[`, `[1,]`, `{"a":1,}`, `{a:1}`, `{"a"}`, `01`, `1x`, `1.`, `.5`, `+1`, `1e`, `NaN`, `truee`, `'a'`, `"a`, `"\x"`, `"\u12"`, "\"\n\"", `-`,
		strings.Repeat("[", maxJSONDepth+2)} {
		if item, err := Decode(text); err == nil {
			t.Errorf("Decode(%.40q) = %v, want an error", text, item)
		}
	}
	item, err := Decode(`"\ud83d\ude00"`)
	if got := EncodeWide(item); err != nil || got != `"😀"` {
		t.Errorf("EncodeWide = %s, %v", got, err)
	}
}

// Objects with many members find them by an index.
func TestObject(t *testing.T) {
	o := &Object{}
	keys := strings.Split("abcdefghijklmnop", "")
	for n, k := range append(keys, keys...) {
		o.Set(k, n)
	}
	if len(o.Keys) != len(keys) {
		t.Fatalf("%d keys, want %d", len(o.Keys), len(keys))
	}
	for n, k := range keys {
		if v, ok := o.Get(k); !ok || v != n+len(keys) {
			t.Errorf("Get(%s) = %v, %v", k, v, ok)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add(`lax $.a[*] ? (@.b > $x && exists(@..c) || !(@ starts with "q")).type()`, `{"a":[{"b":1},2]}`)
	f.Add(`strict -$[0 to last, 1.5] * 2 % 1e3 / $x`, `[1,2.5,"x"]`)
	f.Add(`lax $.keyvalue().value.double() ? ((@ == null) is unknown)`, `{"a":"1"}`)
	f.Add(`lax ((1)) ? (((@)) == ((1)))`, `"é\ud83d"`)
	f.Fuzz(func(t *testing.T, path, document string) {
		p, err := Parse(path)
		item, bad := Decode(document)
		if bad == nil {
			text := Encode(item)
			again, err := Decode(text)
			if err != nil || Encode(again) != text {
				t.Errorf("%q does not decode to itself: %v", text, err)
			}
		}
		if err != nil || bad != nil {
			return
		}
		one := Value{types.Of(types.Integer), int64(1)}
		items, err := p.Evaluate(&Env{Context: item, Variables: map[string]Item{"x": one}, Zone: types.UTC})
		if err == nil {
			show(items)
		}
	})
}
