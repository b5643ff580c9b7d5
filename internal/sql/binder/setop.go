package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// setOperation binds UNION, INTERSECT and EXCEPT: columns meet by position in their common type and are named by
// the first input.
func (b *binder) setOperation(op *ast.SetOperation, outer *scope) (*relation, error) {
	left, err := b.body(op.Left, outer, true)
	if err != nil {
		return nil, err
	}
	right, err := b.body(op.Right, outer, true)
	if err != nil {
		return nil, err
	}
	if op.Corresponding != nil {
		if left, right, err = corresponding(op, left, right); err != nil {
			return nil, err
		}
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
		if o, ok := b.origins[l[i].sym]; ok {
			b.origins[sym] = o
		}
		out.Symbols = append(out.Symbols, sym)
		rel.fields = append(rel.fields, &field{name: l[i].name, sym: sym})
	}
	out.Inputs = append(operands(out, b.coerced(left, common)), b.coerced(right, common))
	return rel, nil
}

// operands are the inputs of a chain of unions that left is the beginning of: a long one is then no deep plan.
func operands(op *plan.SetOp, left plan.Node) []plan.Node {
	if u, ok := left.(*plan.SetOp); ok && op.Kind == plan.Union && u.Kind == plan.Union && u.All == op.All {
		return slices.Clone(u.Inputs)
	}
	return []plan.Node{left}
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

// corresponding narrows both sides of a set operation to the columns that they have in common by name.
func corresponding(op *ast.SetOperation, left, right *relation) (l, r *relation, err error) {
	if op.Corresponding.Columns != nil {
		return nil, nil, errAt(op, trinoerr.NotSupported, "CORRESPONDING with columns is unsupported")
	}
	byName := func(rel *relation) (map[string]*field, error) {
		m := map[string]*field{}
		for _, f := range rel.visible() {
			name := strings.ToLower(f.name)
			if name == "" {
				return nil, errAt(op, trinoerr.MissingColumnName, "Anonymous columns are not allowed in set operations with CORRESPONDING")
			}
			if m[name] != nil {
				return nil, errAt(op, trinoerr.AmbiguousName, "Duplicate columns found when using CORRESPONDING in set operations: %s", name)
			}
			m[name] = f
		}
		return m, nil
	}
	ln, err := byName(left)
	if err != nil {
		return nil, nil, err
	}
	rn, err := byName(right)
	if err != nil {
		return nil, nil, err
	}
	l, r = &relation{node: left.node}, &relation{node: right.node}
	for _, f := range left.visible() {
		if name := strings.ToLower(f.name); rn[name] != nil {
			l.fields, r.fields = append(l.fields, ln[name]), append(r.fields, rn[name])
		}
	}
	if len(l.fields) == 0 {
		return nil, nil, errAt(op, trinoerr.MismatchedColumnAliases, "No corresponding columns")
	}
	return l, r, nil
}
