package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// unnestOf returns the UNNEST that a relation is, and the alias around it, if any.
func unnestOf(r ast.Relation) (*ast.Unnest, *ast.AliasedRelation) {
	switch r := r.(type) {
	case *ast.Unnest:
		return r, nil
	case *ast.AliasedRelation:
		if u, ok := r.Relation.(*ast.Unnest); ok {
			return u, r
		}
	}
	return nil, nil
}

// onTrueOnly takes the type of a join and what it is with.
const onTrueOnly = "%s JOIN involving %s is only supported with condition ON TRUE"

// joinUnnest binds left JOIN UNNEST(…), whose arguments see the columns of left.
func (b *binder) joinUnnest(j *ast.Join, left *relation, u *ast.Unnest, alias *ast.AliasedRelation, outer *scope) (*relation, error) {
	if using, ok := j.Criteria.(*ast.JoinUsing); ok {
		return nil, errAt(using, trinoerr.NotSupported, onTrueOnly, j.Type, "UNNEST")
	}
	return b.joinExpanded(j, left, u, "UNNEST", alias, outer, func(keepEmpty bool) (*relation, error) {
		return b.unnest(u, left, outer, keepEmpty)
	})
}

// joinExpanded binds left JOIN x, where x makes rows out of each row of left. expand binds x next to the columns of left, and
// keeps rows of left that it makes none of if it is told to.
func (b *binder) joinExpanded(j *ast.Join, left *relation, x ast.Node, what string, alias *ast.AliasedRelation, outer *scope,
	expand func(keepEmpty bool) (*relation, error)) (*relation, error) {
	if on, ok := j.Criteria.(*ast.JoinOn); ok {
		if t, ok := on.Condition.(*ast.BooleanLiteral); !ok || !t.Value {
			return nil, errAt(on.Condition, trinoerr.NotSupported, onTrueOnly, j.Type, what)
		}
	}
	if j.Type == ast.RightJoin || j.Type == ast.FullJoin {
		// Without a reference to the left side this is an ordinary join.
		right, err := b.relation(j.Right, &scope{fields: left.fields, parent: outer, boundary: true})
		if err != nil {
			return nil, err
		}
		if sym := correlation(left.node, right.node); sym != nil {
			n := x
			if ref := b.outerRefs[sym]; ref != nil {
				n = ref
			}
			return nil, errAt(n, trinoerr.InvalidColumnReference, "LATERAL reference not allowed in %s JOIN", j.Type)
		}
		return &relation{
			node:   &plan.Join{Type: joinTypes[j.Type], Left: left.node, Right: right.node, Filter: plan.True()},
			fields: append(append([]*field(nil), left.fields...), right.fields...),
		}, nil
	}
	rel, err := expand(j.Type == ast.LeftJoin)
	if err != nil {
		return nil, err
	}
	right := &relation{node: rel.node, fields: rel.fields[len(left.fields):]}
	if alias != nil {
		if right, err = rename(alias, right); err != nil {
			return nil, err
		}
	}
	return &relation{node: rel.node, fields: append(append([]*field(nil), left.fields...), right.fields...)}, nil
}

// unnest binds UNNEST next to the columns of left, which may be nil.
func (b *binder) unnest(u *ast.Unnest, left *relation, outer *scope, keepEmpty bool) (*relation, error) {
	n := &plan.Unnest{Outer: keepEmpty}
	rel := &relation{node: n}
	sc := &scope{parent: outer, boundary: true}
	if left != nil {
		n.Source = left.node
		rel.fields = append(rel.fields, left.fields...)
		sc.fields = left.fields
	}
	x := &exprBinder{b: b, scope: sc}
	for _, a := range u.Expressions {
		e, err := x.scalar(a, "UNNEST")
		if err != nil {
			return nil, err
		}
		col := plan.UnnestColumn{Expr: e}
		add := func(name, hint string, t types.Type) {
			sym := b.syms.New(hint, t)
			col.Symbols = append(col.Symbols, sym)
			rel.fields = append(rel.fields, &field{name: name, sym: sym})
		}
		switch t := e.Type(); {
		case t.Kind == types.Array && t.Elem(0).Kind == types.Row:
			for _, f := range t.Elem(0).Args {
				hint := f.Name
				if hint == "" {
					hint = "field"
				}
				add(f.Name, hint, f.Type)
			}
		case t.Kind == types.Array:
			add("", "field", t.Elem(0))
		case t.Kind == types.Map:
			add("", "key", t.Elem(0))
			add("", "value", t.Elem(1))
		default:
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Cannot unnest type: %s", t)
		}
		n.Cols = append(n.Cols, col)
	}
	if u.WithOrdinality {
		n.Ordinality = b.syms.New("ordinality", bigint)
		rel.fields = append(rel.fields, &field{sym: n.Ordinality})
	}
	return rel, nil
}
