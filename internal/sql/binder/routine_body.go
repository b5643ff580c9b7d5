package binder

import (
	"maps"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// routineCompiler turns the body of a routine into an expression.
//
// It goes through the statements with the values that variables have at that point, as expressions, and with a continuation
// that says what comes of the end of the statements, of a RETURN and of a jump. Each gives an expression of one and the same
// type: at the outermost the function's result, inside a loop or a branch a row of what the statements change (see exits). A
// value that is used more than once gets a name by $let.
type routineCompiler struct {
	b *binder
	r *routine
}

// variable is a parameter or variable of a routine. Its symbol stands for it while an expression is bound.
type variable struct {
	name string
	sym  *plan.Symbol
}

// blockScope are the variables and labels that statements see.
type blockScope struct {
	parent *blockScope
	vars   []*variable
	label  string // of the loop whose body this is; empty when it has none
}

// values are what variables are worth at a point of a routine.
type values map[*variable]plan.Expr

func (v values) with(x *variable, e plan.Expr) values {
	out := maps.Clone(v)
	out[x] = e
	return out
}

// jump is LEAVE or ITERATE of a label.
type jump struct {
	label   string
	iterate bool
}

// continuation is what follows statements.
type continuation struct {
	end  func(values) (plan.Expr, error)
	ret  func(plan.Expr, values) (plan.Expr, error)
	jump func(jump, values) (plan.Expr, error)
}

// find looks a variable up.
func (s *blockScope) find(name string) *variable {
	for ; s != nil; s = s.parent {
		for _, v := range s.vars {
			if v.name == name {
				return v
			}
		}
	}
	return nil
}

func (s *blockScope) hasLabel(label string) bool {
	for ; s != nil; s = s.parent {
		if s.label == label {
			return true
		}
	}
	return false
}

// body compiles the routine's body for values of its parameters.
func (c *routineCompiler) body(args []plan.Expr) (plan.Expr, error) {
	sc, st := &blockScope{}, values{}
	for i, p := range c.r.params {
		v := &variable{p.name, c.b.syms.New(p.name, p.typ)}
		sc.vars = append(sc.vars, v)
		st[v] = args[i]
	}
	out, err := c.run([]ast.ControlStatement{c.r.spec.Body}, sc, st, continuation{
		end:  func(values) (plan.Expr, error) { return &plan.Const{Typ: c.r.returns}, nil }, // never reached: bodies end in RETURN
		ret:  func(value plan.Expr, _ values) (plan.Expr, error) { return value, nil },
		jump: func(jump, values) (plan.Expr, error) { return &plan.Const{Typ: c.r.returns}, nil }, // jumps have their loops
	})
	if err != nil || !c.r.nullOnNull || len(args) == 0 {
		return out, err
	}
	nulls := make([]plan.Expr, len(args))
	for i, a := range args {
		nulls[i] = &plan.IsNull{Arg: a}
	}
	any := nulls[0]
	if len(nulls) > 1 {
		any = &plan.Logical{Or: true, Terms: nulls}
	}
	return &plan.Case{Whens: []plan.When{{Cond: any, Result: &plan.Const{Typ: c.r.returns}}}, Else: out, Typ: c.r.returns}, nil
}

// run compiles statements.
func (c *routineCompiler) run(stmts []ast.ControlStatement, sc *blockScope, st values, k continuation) (plan.Expr, error) {
	if len(stmts) == 0 {
		return k.end(st)
	}
	rest := func(st values) (plan.Expr, error) { return c.run(stmts[1:], sc, st, k) }
	switch s := stmts[0].(type) {
	case *ast.Return:
		value, err := c.value(s.Value, c.r.returns, "Value of RETURN", sc, st)
		if err != nil {
			return nil, err
		}
		if err := c.analyzeOnly(rest, st); err != nil {
			return nil, err
		}
		return k.ret(value, st)
	case *ast.SetVariable:
		v := sc.find(lower(s.Target))
		if v == nil {
			return nil, errAt(s.Target, trinoerr.NotFound, "Variable cannot be resolved: %s", lower(s.Target))
		}
		value, err := c.value(s.Value, v.sym.Type, "Value of SET '"+v.name+"'", sc, st)
		if err != nil {
			return nil, err
		}
		return c.named(value, v.name, func(e plan.Expr) (plan.Expr, error) { return rest(st.with(v, e)) })
	case *ast.Compound:
		inner := k
		inner.end = rest
		return c.declare(s, s.Variables, 0, &blockScope{parent: sc}, st, inner)
	case *ast.IfStatement:
		arms := []arm{{cond: s.Condition, what: "Condition of IF statement", stmts: s.Statements}}
		for _, e := range s.ElseIfs {
			arms = append(arms, arm{cond: e.Condition, what: "Condition of ELSEIF clause", stmts: e.Statements})
		}
		return c.branch(arms, s.Else, stmts[1:], sc, st, k)
	case *ast.CaseStatement:
		return c.caseStatement(s, stmts[1:], sc, st, k)
	case *ast.Loop:
		return c.loop(loop{node: s, label: s.Label, stmts: s.Statements}, rest, sc, st, k)
	case *ast.While:
		return c.loop(loop{node: s, label: s.Label, stmts: s.Statements, before: s.Condition}, rest, sc, st, k)
	case *ast.Repeat:
		return c.loop(loop{node: s, label: s.Label, stmts: s.Statements, after: s.Condition}, rest, sc, st, k)
	case *ast.Leave:
		return c.jumpTo(s.Label, false, rest, sc, st, k)
	case *ast.Iterate:
		return c.jumpTo(s.Label, true, rest, sc, st, k)
	}
	return nil, unsupported(stmts[0], "Statement of a function")
}

func (c *routineCompiler) jumpTo(label *ast.Identifier, iterate bool, rest func(values) (plan.Expr, error), sc *blockScope, st values,
	k continuation) (plan.Expr, error) {
	if !sc.hasLabel(lower(label)) {
		return nil, errAt(label, trinoerr.NotFound, "Label not defined: %s", lower(label))
	}
	if err := c.analyzeOnly(rest, st); err != nil {
		return nil, err
	}
	return k.jump(jump{lower(label), iterate}, st)
}

// analyzeOnly finds the errors of statements that are never reached.
func (c *routineCompiler) analyzeOnly(rest func(values) (plan.Expr, error), st values) error {
	_, err := rest(st)
	return err
}

// declare makes the variables of a block, from the i-th declaration on, and runs its statements.
func (c *routineCompiler) declare(s *ast.Compound, ds []*ast.VariableDeclaration, name int, sc *blockScope, st values, k continuation) (plan.Expr, error) {
	if len(ds) == 0 {
		return c.run(s.Statements, sc, st, k)
	}
	d := ds[0]
	if name == len(d.Names) {
		return c.declare(s, ds[1:], 0, sc, st, k)
	}
	id := d.Names[name]
	if sc.find(lower(id)) != nil {
		return nil, errAt(id, trinoerr.AlreadyExists, "Variable already declared in this scope: %s", lower(id))
	}
	t, err := routineType(d.Type)
	if err != nil {
		return nil, errAt(d, trinoerr.TypeMismatch, "Unknown type: %s", typeText(d.Type))
	}
	var value plan.Expr = &plan.Const{Typ: t}
	if d.Default != nil {
		before := *sc // the names of one declaration do not see each other
		before.vars = sc.vars[:len(sc.vars)-name]
		if value, err = c.value(d.Default, t, "Value of DEFAULT", &before, st); err != nil {
			return nil, err
		}
	}
	return c.named(value, lower(id), func(e plan.Expr) (plan.Expr, error) {
		v := &variable{lower(id), c.b.syms.New(id.Value, t)}
		inner := *sc
		inner.vars = append(append([]*variable(nil), sc.vars...), v)
		return c.declare(s, ds, name+1, &inner, st.with(v, e), k)
	})
}

// named gives a value a name unless it is simple, for the expression that f makes with it.
func (c *routineCompiler) named(value plan.Expr, hint string, f func(plan.Expr) (plan.Expr, error)) (plan.Expr, error) {
	if simple(value) {
		return f(value)
	}
	sym := c.b.syms.New(hint, value.Type())
	in, err := f(&plan.Ref{Sym: sym})
	if err != nil {
		return nil, err
	}
	if usedOnce(in, sym) {
		return replaceRefs(in, map[*plan.Symbol]plan.Expr{sym: value}), nil
	}
	return let(value, sym, in), nil
}

// expr binds an expression over the variables and gives these their values.
func (c *routineCompiler) expr(e ast.Expression, sc *blockScope, st values) (plan.Expr, error) {
	visible := &scope{}
	with := map[*plan.Symbol]plan.Expr{}
	for s := sc; s != nil; s = s.parent {
		for _, v := range s.vars {
			visible.fields = append(visible.fields, &field{name: v.name, sym: v.sym})
			with[v.sym] = st[v]
		}
	}
	x := &exprBinder{b: c.b, scope: visible}
	out, err := x.scalar(e, "function")
	if err != nil {
		return nil, err
	}
	return replaceRefs(out, with), nil
}

// value binds an expression for a place of a type; what names it in the message.
func (c *routineCompiler) value(e ast.Expression, t types.Type, what string, sc *blockScope, st values) (plan.Expr, error) {
	out, err := c.expr(e, sc, st)
	if err != nil {
		return nil, err
	}
	if !types.CanCoerce(out.Type(), t) {
		return nil, errAt(e, trinoerr.TypeMismatch, "%s must evaluate to %s (actual: %s)", what, t, out.Type())
	}
	return coerce(out, t), nil
}
