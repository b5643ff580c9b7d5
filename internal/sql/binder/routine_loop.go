package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// loop is LOOP, WHILE (with a condition before each round) or REPEAT (with one after each).
type loop struct {
	node          ast.Node
	label         *ast.Identifier
	stmts         []ast.ControlStatement
	before, after ast.Expression
}

// A loop is rounds over a row of what it changes, of which those after its end pass the row on. How many rounds there have to
// be is not known: so rounds of rounds of rounds are made, of which the n-th outermost has 2^(n-1) of 2^(n-1) of 2^(n-1). That
// is at most 8 times the rounds that are needed, and the text has the loop's body once.
const (
	loopDoublings = 9 // 19 million rounds
	loopDepth     = 3
)

// loop compiles a loop and what follows.
func (c *routineCompiler) loop(l loop, rest func(values) (plan.Expr, error), sc *blockScope, st values, k continuation) (plan.Expr, error) {
	label := ""
	if l.label != nil {
		if label = lower(l.label); sc.hasLabel(label) {
			return nil, errAt(l.node, trinoerr.AlreadyExists, "Label already declared in this scope: %s", label)
		}
	}
	// A way out beside those of the statements: the end of the loop, after which the rest follows.
	x := exitsOf(l.stmts, &blockScope{parent: sc, label: label}, c.r.returns)
	left := jump{label, false}
	x.addJump(left)
	x.jumps = dropJump(x.jumps, jump{label, true})
	round := func(st values) (plan.Expr, error) {
		return c.round(l, x, left, &blockScope{parent: sc, label: label}, st)
	}
	out, err := c.rounds(x, st, round)
	if err != nil {
		return nil, err
	}
	return c.named(out, "state", func(state plan.Expr) (plan.Expr, error) {
		inner := k
		inner.jump = func(j jump, st values) (plan.Expr, error) {
			if j == left {
				return rest(st)
			}
			return k.jump(j, st)
		}
		// A loop that has no end ends in an error, whose type is that of what follows.
		var result plan.Expr
		next, err := x.resume(state, st, func(values) (plan.Expr, error) { return &plan.Const{}, nil }, inner)
		if err != nil {
			return nil, err
		}
		chosen := next.(*plan.Case) // there is one way out at least
		result = chosen.Whens[0].Result
		chosen.Typ = result.Type()
		chosen.Else = &plan.Call{Name: "$endless", Variant: "$endless(T)", Args: []plan.Expr{&plan.Const{Typ: chosen.Typ}}, Typ: chosen.Typ}
		return chosen, nil
	})
}

func dropJump(jumps []jump, drop jump) []jump {
	var out []jump
	for _, j := range jumps {
		if j != drop {
			out = append(out, j)
		}
	}
	return out
}

// round compiles a single round: a row that says whether to go on (exitEnd).
func (c *routineCompiler) round(l loop, x *exits, left jump, sc *blockScope, st values) (plan.Expr, error) {
	k := x.continuation()
	leave := func(st values) (plan.Expr, error) { return k.jump(left, st) }
	goOn := k.end
	inner := k
	inner.jump = func(j jump, st values) (plan.Expr, error) {
		if left.label != "" && j == (jump{left.label, true}) {
			return goOn(st)
		}
		return k.jump(j, st)
	}
	if l.after != nil {
		inner.end = func(st values) (plan.Expr, error) {
			return c.choose(l.after, "Condition of REPEAT statement", sc, st, leave, goOn)
		}
	}
	run := func(st values) (plan.Expr, error) { return c.run(l.stmts, sc, st, inner) }
	if l.before != nil {
		return c.choose(l.before, "Condition of WHILE statement", sc, st, run, leave)
	}
	return run(st)
}

// choose is a CASE of two.
func (c *routineCompiler) choose(cond ast.Expression, what string, sc *blockScope, st values, then, otherwise func(values) (plan.Expr, error)) (plan.Expr, error) {
	test, err := c.value(cond, boolType, what, sc, st)
	if err != nil {
		return nil, err
	}
	a, err := then(st)
	if err != nil {
		return nil, err
	}
	b, err := otherwise(st)
	if err != nil {
		return nil, err
	}
	return &plan.Case{Whens: []plan.When{{Cond: test, Result: a}}, Else: b, Typ: a.Type()}, nil
}

// rounds repeats a round from values on.
func (c *routineCompiler) rounds(x *exits, st values, round func(values) (plan.Expr, error)) (plan.Expr, error) {
	var times plan.Expr = &plan.Const{Typ: bigint, Value: int64(loopDoublings)}
	var nest func(depth int, from plan.Expr) (plan.Expr, error)
	nest = func(depth int, from plan.Expr) (plan.Expr, error) {
		state, unused, n := c.b.syms.New("state", x.row), c.b.syms.New("unused", x.row), c.b.syms.New("round", bigint)
		count := times
		if depth == 0 {
			times = &plan.Call{Name: "$doubled", Variant: "$doubled(bigint)", Args: []plan.Expr{&plan.Ref{Sym: n}}, Typ: bigint}
		}
		ref := &plan.Ref{Sym: state}
		var next plan.Expr
		var err error
		if depth == loopDepth {
			next, err = round(x.values(ref, st))
		} else {
			next, err = nest(depth+1, ref)
		}
		if err != nil {
			return nil, err
		}
		body := &plan.Case{Whens: []plan.When{{Cond: x.how(ref, exitEnd), Result: next}}, Else: ref, Typ: x.row}
		return &plan.Call{Name: "$rounds", Variant: "$rounds(S, bigint, function(S,S,bigint,S))", Typ: x.row,
			Args: []plan.Expr{from, count, &plan.Lambda{Params: []*plan.Symbol{state, unused, n}, Body: body}}}, nil
	}
	return nest(0, x.state(exitEnd, nil, st))
}
