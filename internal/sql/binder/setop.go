package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// setOperation binds UNION, INTERSECT and EXCEPT: columns meet by position in their common type and are named by
// the first input.
func (b *binder) setOperation(op *ast.SetOperation, outer *scope) (*relation, error) {
	if op.Corresponding != nil {
		return nil, unsupported(op.Corresponding, string(op.Op)+" with CORRESPONDING")
	}
	left, err := b.body(op.Left, outer, true)
	if err != nil {
		return nil, err
	}
	right, err := b.body(op.Right, outer, true)
	if err != nil {
		return nil, err
	}
	l, r := left.visible(), right.visible()
	if len(l) != len(r) {
		return nil, errAt(op, trinoerr.TypeMismatch, "%s query has different number of fields: %d, %d", op.Op, len(l), len(r))
	}
	out := &plan.SetOp{Kind: plan.SetOpKind(op.Op), All: !op.Distinct}
	common := make([]types.Type, len(l))
	rel := &relation{node: out}
	for i := range l {
		t, ok := types.CommonSuperType(l[i].sym.Type, r[i].sym.Type)
		if !ok {
			return nil, errAt(op, trinoerr.TypeMismatch, "column %d in %s query has incompatible types: %s, %s",
				i+1, op.Op, l[i].sym.Type, r[i].sym.Type)
		}
		if !t.Comparable() && (op.Distinct || op.Op != ast.Union) {
			return nil, errAt(op, trinoerr.TypeMismatch, "Type %s is not comparable and therefore cannot be used in %s%s",
				t, op.Op, map[bool]string{true: "", false: " ALL"}[op.Distinct])
		}
		common[i] = t
		sym := b.syms.New(l[i].sym.Name, t)
		out.Symbols = append(out.Symbols, sym)
		rel.fields = append(rel.fields, &field{name: l[i].name, sym: sym})
	}
	out.Inputs = []plan.Node{b.coerced(left, common), b.coerced(right, common)}
	return rel, nil
}

// coerced returns a plan that puts out the visible fields, in order, as the given types.
func (b *binder) coerced(r *relation, ts []types.Type) plan.Node {
	node, syms := b.aligned(r)
	cols := make([]plan.Assignment, len(syms))
	for i, s := range syms {
		cols[i] = plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}}
		if !s.Type.Equal(ts[i]) {
			cols[i] = plan.Assignment{Sym: b.syms.New(s.Name, ts[i]), Expr: coerce(&plan.Ref{Sym: s}, ts[i])}
		}
	}
	return project(node, cols)
}
