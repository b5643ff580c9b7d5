package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// arm is a condition with its statements. An operand, when not nil, is compared with the condition's value.
type arm struct {
	cond    ast.Expression
	what    string
	operand plan.Expr
	stmts   []ast.ControlStatement
}

// caseStatement compiles CASE. A CASE that no arm of which fits, and that has no ELSE, does nothing.
func (c *routineCompiler) caseStatement(s *ast.CaseStatement, rest []ast.ControlStatement, sc *blockScope, st values, k continuation) (plan.Expr, error) {
	arms := make([]arm, len(s.Whens))
	for i, w := range s.Whens {
		arms[i] = arm{cond: w.Condition, what: "Condition of WHEN clause", stmts: w.Statements}
	}
	if s.Operand == nil {
		return c.branch(arms, s.Else, rest, sc, st, k)
	}
	operand, err := c.expr(s.Operand, sc, st)
	if err != nil {
		return nil, err
	}
	return c.named(operand, "operand", func(operand plan.Expr) (plan.Expr, error) {
		for i := range arms {
			arms[i].operand = operand
		}
		return c.branch(arms, s.Else, rest, sc, st, k)
	})
}

// condition binds the condition of an arm.
func (c *routineCompiler) condition(a arm, sc *blockScope, st values) (plan.Expr, error) {
	if a.operand == nil {
		return c.value(a.cond, boolType, a.what, sc, st)
	}
	value, err := c.expr(a.cond, sc, st)
	if err != nil {
		return nil, err
	}
	t := a.operand.Type()
	if !types.CanCoerce(value.Type(), t) {
		return nil, errAt(a.cond, trinoerr.TypeMismatch, "WHEN clause value must evaluate to CASE value type %s (actual: %s)", t, value.Type())
	}
	return &plan.Compare{Op: plan.Eq, Left: a.operand, Right: coerce(value, t)}, nil
}

// branch compiles arms of which the first that fits is taken, and the statements after them.
//
// When control gets from at most one of them to what follows, that follows there. Otherwise the arms give a row of what they
// change, and what follows is there once.
func (c *routineCompiler) branch(arms []arm, deflt *ast.ElseClause, rest []ast.ControlStatement, sc *blockScope, st values, k continuation) (plan.Expr, error) {
	var otherwise []ast.ControlStatement
	if deflt != nil {
		otherwise = deflt.Statements
	}
	var all []ast.ControlStatement
	ends := 0
	if canEnd(otherwise) {
		ends++
	}
	for _, a := range arms {
		all = append(all, a.stmts...)
		if canEnd(a.stmts) {
			ends++
		}
	}
	all = append(all, otherwise...)
	follow := func(st values) (plan.Expr, error) { return c.run(rest, sc, st, k) }
	if ends <= 1 {
		inner := k
		inner.end = follow
		if ends == 0 {
			if err := c.analyzeOnly(follow, st); err != nil {
				return nil, err
			}
		}
		return c.chosen(arms, otherwise, sc, st, inner)
	}
	x := exitsOf(all, sc, c.r.returns)
	joined, err := c.chosen(arms, otherwise, sc, st, x.continuation())
	if err != nil {
		return nil, err
	}
	return c.named(joined, "state", func(state plan.Expr) (plan.Expr, error) { return x.resume(state, st, follow, k) })
}

// chosen is a CASE of arms, each followed by a continuation.
func (c *routineCompiler) chosen(arms []arm, otherwise []ast.ControlStatement, sc *blockScope, st values, k continuation) (plan.Expr, error) {
	out := &plan.Case{}
	for _, a := range arms {
		cond, err := c.condition(a, sc, st)
		if err != nil {
			return nil, err
		}
		result, err := c.run(a.stmts, &blockScope{parent: sc}, st, k)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, plan.When{Cond: cond, Result: result})
	}
	var err error
	if out.Else, err = c.run(otherwise, &blockScope{parent: sc}, st, k); err != nil {
		return nil, err
	}
	out.Typ = out.Else.Type()
	return out, nil
}

// canEnd reports whether control may get to the end of statements.
func canEnd(stmts []ast.ControlStatement) bool {
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.Return, *ast.Leave, *ast.Iterate:
			return false
		case *ast.Compound:
			if !canEnd(s.Statements) {
				return false
			}
		case *ast.IfStatement:
			ends := s.Else == nil || canEnd(s.Else.Statements) || canEnd(s.Statements)
			for _, e := range s.ElseIfs {
				ends = ends || canEnd(e.Statements)
			}
			if !ends {
				return false
			}
		case *ast.CaseStatement:
			ends := s.Else == nil || canEnd(s.Else.Statements)
			for _, w := range s.Whens {
				ends = ends || canEnd(w.Statements)
			}
			if !ends {
				return false
			}
		}
	}
	return true
}
