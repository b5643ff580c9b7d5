package plan

import "github.com/waterbear-sql/waterbear/internal/types"

var boolean = types.Of(types.Boolean)

// The types of the expressions.

func (e *Ref) Type() types.Type            { return e.Sym.Type }
func (e *Const) Type() types.Type          { return e.Typ }
func (e *Call) Type() types.Type           { return e.Typ }
func (e *Cast) Type() types.Type           { return e.Typ }
func (e *Compare) Type() types.Type        { return boolean }
func (e *Logical) Type() types.Type        { return boolean }
func (e *Not) Type() types.Type            { return boolean }
func (e *IsNull) Type() types.Type         { return boolean }
func (e *Between) Type() types.Type        { return boolean }
func (e *In) Type() types.Type             { return boolean }
func (e *Like) Type() types.Type           { return boolean }
func (e *Case) Type() types.Type           { return e.Typ }
func (e *Coalesce) Type() types.Type       { return e.Typ }
func (e *NullIf) Type() types.Type         { return e.First.Type() }
func (e *Try) Type() types.Type            { return e.Arg.Type() }
func (e *MakeRow) Type() types.Type        { return e.Typ }
func (e *MakeArray) Type() types.Type      { return e.Typ }
func (e *Field) Type() types.Type          { return e.Typ }
func (e *ScalarSubquery) Type() types.Type { return e.Plan.Outputs()[0].Type }
func (e *Exists) Type() types.Type         { return boolean }
func (e *InSubquery) Type() types.Type     { return boolean }
func (e *Quantified) Type() types.Type     { return boolean }

// Type of a lambda is a function type.
func (e *Lambda) Type() types.Type {
	params := make([]types.Type, len(e.Params))
	for i, p := range e.Params {
		params[i] = p.Type
	}
	return types.FunctionOf(e.Body.Type(), params...)
}

// The operands of the expressions.

func (e *Ref) Children() []Expr     { return nil }
func (e *Const) Children() []Expr   { return nil }
func (e *Call) Children() []Expr    { return e.Args }
func (e *Cast) Children() []Expr    { return []Expr{e.Arg} }
func (e *Compare) Children() []Expr { return []Expr{e.Left, e.Right} }
func (e *Logical) Children() []Expr { return e.Terms }
func (e *Not) Children() []Expr     { return []Expr{e.Arg} }
func (e *IsNull) Children() []Expr  { return []Expr{e.Arg} }
func (e *Between) Children() []Expr { return []Expr{e.Arg, e.Low, e.High} }
func (e *In) Children() []Expr      { return append([]Expr{e.Arg}, e.List...) }
func (e *Like) Children() []Expr {
	if e.Escape == nil {
		return []Expr{e.Arg, e.Pattern}
	}
	return []Expr{e.Arg, e.Pattern, e.Escape}
}
func (e *Case) Children() []Expr {
	var c []Expr
	for _, w := range e.Whens {
		c = append(c, w.Cond, w.Result)
	}
	if e.Else != nil {
		c = append(c, e.Else)
	}
	return c
}
func (e *Coalesce) Children() []Expr       { return e.Args }
func (e *NullIf) Children() []Expr         { return []Expr{e.First, e.Second} }
func (e *Try) Children() []Expr            { return []Expr{e.Arg} }
func (e *MakeRow) Children() []Expr        { return e.Fields }
func (e *MakeArray) Children() []Expr      { return e.Elems }
func (e *Field) Children() []Expr          { return []Expr{e.Row} }
func (e *Lambda) Children() []Expr         { return []Expr{e.Body} }
func (e *ScalarSubquery) Children() []Expr { return nil }
func (e *Exists) Children() []Expr         { return nil }
func (e *InSubquery) Children() []Expr     { return []Expr{e.Arg} }
func (e *Quantified) Children() []Expr     { return []Expr{e.Arg} }

// Copies with other operands.

func (e *Ref) WithChildren([]Expr) Expr   { return e }
func (e *Const) WithChildren([]Expr) Expr { return e }
func (e *Call) WithChildren(c []Expr) Expr {
	return &Call{Name: e.Name, Variant: e.Variant, Args: c, Typ: e.Typ}
}
func (e *Cast) WithChildren(c []Expr) Expr {
	return &Cast{Arg: c[0], Typ: e.Typ, Try: e.Try, Implicit: e.Implicit}
}
func (e *Compare) WithChildren(c []Expr) Expr { return &Compare{Op: e.Op, Left: c[0], Right: c[1]} }
func (e *Logical) WithChildren(c []Expr) Expr { return &Logical{Or: e.Or, Terms: c} }
func (e *Not) WithChildren(c []Expr) Expr     { return &Not{Arg: c[0]} }
func (e *IsNull) WithChildren(c []Expr) Expr  { return &IsNull{Arg: c[0]} }
func (e *Between) WithChildren(c []Expr) Expr { return &Between{Arg: c[0], Low: c[1], High: c[2]} }
func (e *In) WithChildren(c []Expr) Expr      { return &In{Arg: c[0], List: c[1:]} }
func (e *Like) WithChildren(c []Expr) Expr {
	n := &Like{Arg: c[0], Pattern: c[1]}
	if len(c) > 2 {
		n.Escape = c[2]
	}
	return n
}
func (e *Case) WithChildren(c []Expr) Expr {
	n := &Case{Typ: e.Typ}
	for i := range e.Whens {
		n.Whens = append(n.Whens, When{Cond: c[2*i], Result: c[2*i+1]})
	}
	if e.Else != nil {
		n.Else = c[len(c)-1]
	}
	return n
}
func (e *Coalesce) WithChildren(c []Expr) Expr     { return &Coalesce{Args: c, Typ: e.Typ} }
func (e *NullIf) WithChildren(c []Expr) Expr       { return &NullIf{First: c[0], Second: c[1]} }
func (e *Try) WithChildren(c []Expr) Expr          { return &Try{Arg: c[0]} }
func (e *MakeRow) WithChildren(c []Expr) Expr      { return &MakeRow{Fields: c, Typ: e.Typ} }
func (e *MakeArray) WithChildren(c []Expr) Expr    { return &MakeArray{Elems: c, Typ: e.Typ} }
func (e *Field) WithChildren(c []Expr) Expr        { return &Field{Row: c[0], Index: e.Index, Typ: e.Typ} }
func (e *Lambda) WithChildren(c []Expr) Expr       { return &Lambda{Params: e.Params, Body: c[0]} }
func (e *ScalarSubquery) WithChildren([]Expr) Expr { return e }
func (e *Exists) WithChildren([]Expr) Expr         { return e }
func (e *InSubquery) WithChildren(c []Expr) Expr   { return &InSubquery{Arg: c[0], Plan: e.Plan} }
func (e *Quantified) WithChildren(c []Expr) Expr {
	return &Quantified{Arg: c[0], Op: e.Op, All: e.All, Plan: e.Plan}
}

// Subplan returns the plan nested in a subquery expression, nil for other expressions.
func Subplan(e Expr) Node {
	switch e := e.(type) {
	case *ScalarSubquery:
		return e.Plan
	case *Exists:
		return e.Plan
	case *InSubquery:
		return e.Plan
	case *Quantified:
		return e.Plan
	}
	return nil
}

// WithSubplan returns a copy of a subquery expression over another plan.
func WithSubplan(e Expr, n Node) Expr {
	switch e := e.(type) {
	case *ScalarSubquery:
		return &ScalarSubquery{Plan: n}
	case *Exists:
		return &Exists{Plan: n}
	case *InSubquery:
		return &InSubquery{Arg: e.Arg, Plan: n}
	case *Quantified:
		return &Quantified{Arg: e.Arg, Op: e.Op, All: e.All, Plan: n}
	}
	return e
}

// MapExpr rebuilds an expression bottom-up: f is applied to every node after its operands. Nested plans are left
// to f.
func MapExpr(e Expr, f func(Expr) Expr) Expr {
	c := e.Children()
	if len(c) > 0 {
		changed := false
		n := make([]Expr, len(c))
		for i, x := range c {
			n[i] = MapExpr(x, f)
			changed = changed || n[i] != x
		}
		if changed {
			e = e.WithChildren(n)
		}
	}
	return f(e)
}

// WalkExpr visits an expression top-down as long as f returns true. Nested plans are not entered.
func WalkExpr(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, c := range e.Children() {
		WalkExpr(c, f)
	}
}

// And joins conditions; none gives TRUE.
func And(terms ...Expr) Expr {
	var flat []Expr
	for _, t := range terms {
		flat = append(flat, Conjuncts(t)...)
	}
	switch len(flat) {
	case 0:
		return True()
	case 1:
		return flat[0]
	}
	return &Logical{Terms: flat}
}

// True is the constant TRUE.
func True() Expr { return &Const{Typ: boolean, Value: true} }

// Conjuncts splits a condition at its ANDs; TRUE has none.
func Conjuncts(e Expr) []Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *Logical:
		if !e.Or {
			var out []Expr
			for _, t := range e.Terms {
				out = append(out, Conjuncts(t)...)
			}
			return out
		}
	case *Const:
		if e.Value == true {
			return nil
		}
	}
	return []Expr{e}
}
