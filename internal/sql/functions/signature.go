package functions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// signature is a Function's declaration, parsed.
type signature struct {
	args    []pattern
	returns pattern
	vars    []typeVar
}

// typeVar is a type variable with its constraints.
type typeVar struct {
	name                  string
	comparable, orderable bool
}

// pattern is a type in which variables may stand. Exactly one of these holds: variable is set; kind has numeric
// parameters in nums; kind is composite with args; concrete is set.
type pattern struct {
	variable string
	concrete *types.Type
	kind     types.Kind
	nums     []num
	args     []pattern
	names    []string // of row fields
}

// num is a numeric parameter: a variable or a number.
type num struct {
	name  string
	value int
}

// parse reads the declaration of f; a mistake in a table is a bug and panics.
func (f *Function) parse() {
	open := strings.IndexByte(f.Signature, '(')
	f.Name = f.Signature[:open]
	var s signature
	for _, v := range types.SplitList(f.Vars) {
		name, constraint, _ := strings.Cut(v, ":")
		s.vars = append(s.vars, typeVar{name, constraint == "comparable", constraint == "orderable"})
	}
	for _, a := range types.SplitList(f.Signature[open+1 : len(f.Signature)-1]) {
		s.args = append(s.args, parsePattern(a, s.vars))
	}
	if f.Result == nil {
		s.returns = parsePattern(f.Returns, s.vars)
	}
	f.parsed = s
}

// parametric names the kinds whose parameters may be variables.
var parametric = map[string]types.Kind{
	"decimal": types.Decimal, "varchar": types.Varchar, "char": types.Char, "time": types.Time,
	"time with time zone": types.TimeTZ, "timestamp": types.Timestamp, "timestamp with time zone": types.TimestampTZ,
	"array": types.Array, "map": types.Map, "row": types.Row, "function": types.Function, "qdigest": types.QDigest,
}

func parsePattern(text string, vars []typeVar) pattern {
	if slices.ContainsFunc(vars, func(v typeVar) bool { return v.name == text }) {
		return pattern{variable: text}
	}
	if text == "unknown" {
		return pattern{concrete: &types.Type{}}
	}
	base, rest, ok := strings.Cut(text, "(")
	if !ok {
		t, err := types.Parse(text)
		if err != nil {
			panic(fmt.Sprintf("functions: %q: %v", text, err))
		}
		return pattern{concrete: &t}
	}
	end := strings.LastIndexByte(rest, ')')
	kind, ok := parametric[base+rest[end+1:]]
	if !ok {
		panic(fmt.Sprintf("functions: %q is no type", text))
	}
	p := pattern{kind: kind}
	for _, a := range types.SplitList(rest[:end]) {
		switch kind {
		case types.Array, types.Map, types.Function, types.QDigest:
			p.args = append(p.args, parsePattern(a, vars))
		case types.Row:
			name, typ, named := strings.Cut(a, " ")
			if !named {
				name, typ = "", a
			}
			p.names = append(p.names, name)
			p.args = append(p.args, parsePattern(typ, vars))
		default:
			if n, err := strconv.Atoi(a); err == nil {
				p.nums = append(p.nums, num{value: n})
			} else {
				p.nums = append(p.nums, num{name: a})
			}
		}
	}
	return p
}

// display is how an overload is listed in "Expected: …".
func (f *Function) display() string {
	if f.Vars == "" {
		return f.Signature
	}
	return f.Signature + " " + f.Vars
}
