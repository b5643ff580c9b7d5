package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// exits are the ways out of statements, as a row: how they were left, the function's result if they return, and the variables
// that they change.
type exits struct {
	returns bool
	result  types.Type
	jumps   []jump
	changed []*variable
	row     types.Type
}

// How statements were left; jumps follow, in their order.
const (
	exitEnd = iota
	exitReturn
	exitJump
)

// exitsOf looks for the ways out of statements. What they declare themselves, and labels of loops within, stay inside.
func exitsOf(stmts []ast.ControlStatement, sc *blockScope, result types.Type) *exits {
	x := &exits{result: result}
	within := map[string]bool{}
	for _, s := range stmts {
		ast.Walk(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Return:
				x.returns = true
			case *ast.Leave:
				x.addJump(jump{lower(n.Label), false})
			case *ast.Iterate:
				x.addJump(jump{lower(n.Label), true})
			case *ast.SetVariable:
				if v := sc.find(lower(n.Target)); v != nil && !slices.Contains(x.changed, v) {
					x.changed = append(x.changed, v)
				}
			case *ast.Loop:
				addLabel(within, n.Label)
			case *ast.While:
				addLabel(within, n.Label)
			case *ast.Repeat:
				addLabel(within, n.Label)
			}
			return true
		})
	}
	x.jumps = slices.DeleteFunc(x.jumps, func(j jump) bool { return within[j.label] && !sc.hasLabel(j.label) })
	x.row = types.RowOf(types.Field{Type: integer})
	if x.returns {
		x.row.Args = append(x.row.Args, types.Field{Type: result})
	}
	for _, v := range x.changed {
		x.row.Args = append(x.row.Args, types.Field{Type: v.sym.Type})
	}
	return x
}

func addLabel(labels map[string]bool, id *ast.Identifier) {
	if id != nil {
		labels[lower(id)] = true
	}
}

func (x *exits) addJump(j jump) {
	if !slices.Contains(x.jumps, j) {
		x.jumps = append(x.jumps, j)
	}
}

// state makes the row; result may be nil.
func (x *exits) state(how int, result plan.Expr, st values) plan.Expr {
	row := &plan.MakeRow{Typ: x.row, Fields: []plan.Expr{&plan.Const{Typ: integer, Value: int64(how)}}}
	if x.returns {
		if result == nil {
			result = &plan.Const{Typ: x.result}
		}
		row.Fields = append(row.Fields, result)
	}
	for _, v := range x.changed {
		row.Fields = append(row.Fields, st[v])
	}
	return row
}

// continuation makes the row at each way out.
func (x *exits) continuation() continuation {
	return continuation{
		end: func(st values) (plan.Expr, error) { return x.state(exitEnd, nil, st), nil },
		ret: func(result plan.Expr, st values) (plan.Expr, error) { return x.state(exitReturn, result, st), nil },
		jump: func(j jump, st values) (plan.Expr, error) {
			return x.state(exitJump+slices.Index(x.jumps, j), nil, st), nil
		},
	}
}

// values takes the variables that may have changed from a row.
func (x *exits) values(state plan.Expr, st values) values {
	first := len(x.row.Args) - len(x.changed)
	for i, v := range x.changed {
		st = st.with(v, &plan.Field{Row: state, Index: first + i, Typ: v.sym.Type})
	}
	return st
}

// how tests how the statements were left.
func (x *exits) how(state plan.Expr, how int) plan.Expr {
	return &plan.Compare{Op: plan.Eq, Left: &plan.Field{Row: state, Typ: integer}, Right: &plan.Const{Typ: integer, Value: int64(how)}}
}

// resume goes on after statements that gave a row: with follow after their end, else with the continuation around them.
func (x *exits) resume(state plan.Expr, before values, follow func(values) (plan.Expr, error), k continuation) (plan.Expr, error) {
	st := x.values(state, before)
	next, err := follow(st)
	if err != nil || !x.returns && len(x.jumps) == 0 {
		return next, err
	}
	out := &plan.Case{Typ: next.Type(), Else: next}
	add := func(how int, result plan.Expr, err error) error {
		out.Whens = append(out.Whens, plan.When{Cond: x.how(state, how), Result: result})
		return err
	}
	if x.returns {
		result, err := k.ret(&plan.Field{Row: state, Index: 1, Typ: x.result}, st)
		if err := add(exitReturn, result, err); err != nil {
			return nil, err
		}
	}
	for i, j := range x.jumps {
		result, err := k.jump(j, st)
		if err := add(exitJump+i, result, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}
