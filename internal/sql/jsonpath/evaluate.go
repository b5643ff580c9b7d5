package jsonpath

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Error is why a path could not be evaluated. Its message is Trino's; it is empty where Trino gives none.
type Error struct{ Msg string }

func (e *Error) Error() string { return e.Msg }

func fail(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// errSilent is a failure of SQL arithmetic or of a cast, about which Trino says nothing more.
var errSilent error = &Error{}

func wrongType(expected string, actual Item) error {
	return fail("invalid item type. Expected: %s, actual: %s", expected, kindName(actual))
}

// Env is what a path is evaluated with.
type Env struct {
	// Context is the JSON document, the meaning of $.
	Context Item
	// Variables are the named parameters; a nil item is an empty sequence.
	Variables map[string]Item
	// Zone is the session's time zone, in which local times are compared with instants.
	Zone types.Zone
}

// Evaluate returns the sequence of items that the path finds. The error is an *Error.
func (p *Path) Evaluate(env *Env) ([]Item, error) {
	return (&evaluation{lax: p.Lax, env: env}).eval(p.Root, scope{last: -1})
}

// evaluation is one run of a path.
type evaluation struct {
	lax     bool
	env     *Env
	objects int // how many objects keyvalue has numbered
}

// scope is what last and @ mean.
type scope struct {
	last    int // -1 outside of subscripts
	current Item
}

func (v *evaluation) eval(e Expr, sc scope) ([]Item, error) {
	switch e := e.(type) {
	case *Literal:
		return []Item{e.Value}, nil
	case *NullLiteral:
		return []Item{Null{}}, nil
	case *Context:
		return []Item{v.env.Context}, nil
	case *Variable:
		if i := v.env.Variables[e.Name]; i != nil {
			return []Item{i}, nil
		}
		return nil, nil
	case *Last:
		if sc.last < 0 {
			return nil, fail("accessing the last array index with no enclosing array")
		}
		return []Item{Value{types.Of(types.Integer), int64(sc.last)}}, nil
	case *Current:
		if sc.current == nil {
			return nil, fail("accessing current filter item with no enclosing filter")
		}
		return []Item{sc.current}, nil
	case *Binary:
		return v.binary(e, sc)
	case *Sign:
		return v.each(e.Base, sc, true, e.apply)
	case *Member:
		return v.members(e, sc)
	case *Descendants:
		base, err := v.eval(e.Base, sc)
		var out []Item
		for _, i := range base {
			out = descend(i, e.Key, out)
		}
		return out, err
	case *Elements:
		return v.elements(e, sc)
	case *Filter:
		return v.filter(e, sc)
	case *Method:
		return v.method(e, sc)
	}
	return nil, fail("unknown path expression %T", e)
}

// unwrapped evaluates an operand; in lax mode arrays stand for their elements.
func (v *evaluation) unwrapped(e Expr, sc scope) ([]Item, error) {
	items, err := v.eval(e, sc)
	if err == nil && v.lax {
		items = unwrap(items)
	}
	return items, err
}

func unwrap(items []Item) []Item {
	for n, i := range items {
		if _, ok := i.(Array); !ok {
			continue
		}
		out := append([]Item(nil), items[:n]...)
		for _, i := range items[n:] {
			if a, ok := i.(Array); ok {
				out = append(out, a...)
			} else {
				out = append(out, i)
			}
		}
		return out
	}
	return items
}

// each applies a function to every item of an operand.
func (v *evaluation) each(base Expr, sc scope, unwrapping bool, apply func(Item) (Item, error)) ([]Item, error) {
	get := v.eval
	if unwrapping {
		get = v.unwrapped
	}
	items, err := get(base, sc)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(items))
	for n, i := range items {
		if out[n], err = apply(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (v *evaluation) members(e *Member, sc scope) ([]Item, error) {
	items, err := v.unwrapped(e.Base, sc)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, i := range items {
		o, ok := i.(*Object)
		switch {
		case !ok && v.lax:
		case !ok:
			return nil, wrongType("OBJECT", i)
		case e.Any:
			out = append(out, o.Values...)
		default:
			value, ok := o.Get(e.Key)
			if ok {
				out = append(out, value)
			} else if !v.lax {
				return nil, fail("structural error: missing member '%s' in JSON object", e.Key)
			}
		}
	}
	return out, nil
}

// descend adds the members of a name that are anywhere within an item, outer ones first.
func descend(i Item, key string, out []Item) []Item {
	switch i := i.(type) {
	case *Object:
		if value, ok := i.Get(key); ok {
			out = append(out, value)
		}
		for _, value := range i.Values {
			out = descend(value, key, out)
		}
	case Array:
		for _, e := range i {
			out = descend(e, key, out)
		}
	}
	return out
}

func (v *evaluation) filter(e *Filter, sc scope) ([]Item, error) {
	items, err := v.unwrapped(e.Base, sc)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, i := range items {
		if v.test(e.Condition, scope{sc.last, i}) == yes {
			out = append(out, i)
		}
	}
	return out, nil
}
