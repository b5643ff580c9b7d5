package functions

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Binding gives the values of a signature's variables.
type Binding struct {
	Types map[string]types.Type
	Nums  map[string]int
	// Args are the bound argument types.
	Args []types.Type
}

// binder unifies a signature with argument types, as Trino's SignatureBinder does.
type binder struct {
	Binding
	coerce bool
	vars   []typeVar
}

// bind returns the bound argument and result types, or false when the arguments do not fit. An error is one that a
// lambda's analysis gave, or that the result type's computation gave.
func (f *Function) bind(args []Arg, coerce bool) (Resolved, bool, error) {
	formals, ok := f.expand(len(args))
	if !ok {
		return Resolved{}, false, nil
	}
	b := &binder{coerce: coerce, vars: f.parsed.vars}
	b.Types, b.Nums = map[string]types.Type{}, map[string]int{}
	// Later arguments may widen the variables of earlier ones, so go round until nothing changes.
	for range len(args) + 2 {
		before := b.size()
		for i, p := range formals {
			if args[i].Lambda != nil {
				if p.kind != types.Function {
					return Resolved{}, false, nil
				}
			} else if !b.unify(p, args[i].Type, coerce) {
				return Resolved{}, false, nil
			}
		}
		if b.size() == before {
			break
		}
	}
	// What a lambda returns may widen the parameters of the next one, and its own.
	for range len(args) + 2 {
		before := b.size()
		for i, p := range formals {
			if args[i].Lambda == nil {
				continue
			}
			if ok, err := b.unifyLambda(p, args[i]); !ok || err != nil {
				return Resolved{}, false, err
			}
		}
		if b.size() == before {
			break
		}
	}
	return f.finish(b, formals, args)
}

// size is a number that grows whenever a binding changes.
func (b *binder) size() int {
	n := 0
	for _, t := range b.Types {
		n += 1 + weight(t)
	}
	for _, v := range b.Nums {
		n += 1 + v
	}
	return n
}

func weight(t types.Type) int {
	n := int(t.Kind)*1000 + t.P + t.S
	for _, a := range t.Args {
		n += weight(a.Type)
	}
	return n
}

// expand repeats the last argument of a variadic function.
func (f *Function) expand(n int) ([]pattern, bool) {
	formals := f.parsed.args
	if !f.Variadic {
		return formals, len(formals) == n
	}
	if n < len(formals)-1 {
		return nil, false
	}
	out := append([]pattern(nil), formals[:len(formals)-1]...)
	for len(out) < n {
		out = append(out, formals[len(formals)-1])
	}
	return out, true
}

// finish substitutes the variables and checks that every argument fits what it is to become.
func (f *Function) finish(b *binder, formals []pattern, args []Arg) (Resolved, bool, error) {
	for _, v := range b.vars {
		t, ok := b.Types[v.name]
		if !ok || v.comparable && !t.Comparable() || v.orderable && !t.Orderable() {
			return Resolved{}, false, nil
		}
	}
	r := Resolved{Function: f, Variant: f.Signature}
	for i, p := range formals {
		t, ok := b.substitute(p)
		if !ok {
			return Resolved{}, false, nil
		}
		if args[i].Lambda == nil && !fits(args[i].Type, t, b.coerce) {
			return Resolved{}, false, nil
		}
		r.Args = append(r.Args, t)
	}
	b.Args = r.Args
	if f.Result != nil {
		t, err := f.Result(b.Binding)
		r.Result = t
		return r, err == nil, err
	}
	t, ok := b.substitute(f.parsed.returns)
	r.Result = t
	return r, ok, nil
}

func fits(from, to types.Type, coerce bool) bool {
	return from.Equal(to) || coerce && types.CanCoerce(from, to) || sameIgnoringNames(from, to)
}

// sameIgnoringNames holds for row types that differ in field names only.
func sameIgnoringNames(a, b types.Type) bool {
	if a.Kind != b.Kind || a.P != b.P || a.S != b.S || len(a.Args) != len(b.Args) || len(a.Args) == 0 {
		return false
	}
	for i := range a.Args {
		x, y := a.Args[i].Type, b.Args[i].Type
		if !x.Equal(y) && !sameIgnoringNames(x, y) {
			return false
		}
	}
	return true
}

// unify makes a pattern and an argument's type agree by binding variables.
func (b *binder) unify(p pattern, t types.Type, coerce bool) bool {
	switch {
	case p.variable != "":
		return b.bindType(p.variable, t, coerce)
	case p.concrete != nil:
		return fits(t, *p.concrete, coerce)
	case len(p.nums) > 0:
		return b.unifyNums(p, t, coerce)
	}
	if t.Kind == types.Unknown {
		return coerce && b.unifyUnknown(p, t)
	}
	if t.Kind != p.kind || len(t.Args) != len(p.args) {
		return false
	}
	for i, a := range p.args {
		if !b.unify(a, t.Args[i].Type, coerce) {
			return false
		}
	}
	return true
}

// unifyUnknown lets a NULL stand for a type: what nothing else says about its parts is unknown, too.
func (b *binder) unifyUnknown(p pattern, t types.Type) bool {
	for _, a := range p.args {
		switch {
		case a.variable != "":
			if !b.bindType(a.variable, t, true) {
				return false
			}
		case !b.unifyUnknown(a, t):
			return false
		}
	}
	return true
}

func (b *binder) bindType(name string, t types.Type, coerce bool) bool {
	old, ok := b.Types[name]
	if !ok {
		b.Types[name] = t
		return true
	}
	if old.Equal(t) {
		return true
	}
	if !coerce {
		return false
	}
	t, ok = types.CommonSuperType(old, t)
	b.Types[name] = t
	return ok
}

// unifyNums binds the numeric parameters of decimal(p,s), varchar(x) and their like.
func (b *binder) unifyNums(p pattern, t types.Type, coerce bool) bool {
	if t.Kind != p.kind {
		if !coerce {
			return false
		}
		var ok bool
		if t, ok = coerceKind(t, p.kind); !ok {
			return false
		}
	}
	if old, ok := b.substitute(p); ok && !old.Equal(t) {
		if !coerce {
			return false
		}
		if t, ok = types.CommonSuperType(old, t); !ok || t.Kind != p.kind {
			return false
		}
	}
	for i, n := range p.nums {
		v := t.P
		if i == 1 {
			v = t.S
		}
		switch {
		case n.name == "":
			// A fixed parameter: finish checks whether the argument coerces to it.
		default:
			b.Nums[n.name] = v
		}
	}
	return true
}

// coerceKind returns the type of another kind that a type becomes implicitly, as Trino's coerceTypeBase.
func coerceKind(t types.Type, kind types.Kind) (types.Type, bool) {
	if t.Kind == types.Unknown {
		switch kind {
		case types.Decimal:
			return types.DecimalOf(1, 0), true
		case types.Char:
			return types.CharN(0), true
		}
		return types.Type{Kind: kind}, true
	}
	low := types.Type{Kind: kind}
	switch kind {
	case types.Decimal:
		low.P = 1
	case types.Char:
		low.P = 1
	}
	common, ok := types.CommonSuperType(t, low)
	return common, ok && common.Kind == kind && types.CanCoerce(t, common)
}

// unifyLambda analyses a lambda with the parameter types found so far and binds its result.
func (b *binder) unifyLambda(p pattern, arg Arg) (bool, error) {
	params := make([]types.Type, len(p.args)-1)
	for i := range params {
		t, ok := b.substitute(p.args[i])
		if !ok {
			return false, nil
		}
		params[i] = t
	}
	if arg.LambdaArity != len(params) {
		return false, nil
	}
	result, err := arg.Lambda(params)
	if err != nil {
		return false, err
	}
	to := p.args[len(params)]
	if to.variable == "" || !b.coerce {
		return b.unify(to, result, false), nil
	}
	// A result may widen the variable's type but is not converted itself.
	return b.bindType(to.variable, result, true) && b.Types[to.variable].Equal(result), nil
}

// substitute replaces variables by what they are bound to; false when one is not.
func (b *binder) substitute(p pattern) (types.Type, bool) { return b.Binding.substitute(p) }

func (b Binding) substitute(p pattern) (types.Type, bool) {
	switch {
	case p.variable != "":
		t, ok := b.Types[p.variable]
		return t, ok
	case p.concrete != nil:
		return *p.concrete, true
	}
	t := types.Type{Kind: p.kind}
	for i, n := range p.nums {
		v := n.value
		if n.name != "" {
			var ok bool
			if v, ok = b.Nums[n.name]; !ok {
				return t, false
			}
		}
		if i == 0 {
			t.P = v
		} else {
			t.S = v
		}
	}
	for i, a := range p.args {
		e, ok := b.substitute(a)
		if !ok {
			return t, false
		}
		f := types.Field{Type: e}
		if p.names != nil {
			f.Name = p.names[i]
		}
		t.Args = append(t.Args, f)
	}
	return t, true
}
