package binder

import (
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// defaultRecursionDepth is Trino's default of max_recursion_depth.
const defaultRecursionDepth = 10

// recursiveQuery binds a definition that refers to itself; ok is false for one that does not.
//
// Such a definition is base UNION [ALL] step. The step's rows become the types of the base's.
func (b *binder) recursiveQuery(c *cte, w *ast.WithQuery, outer *scope) (ok bool, err error) {
	if !refersTo(w.Query, c.name) {
		return false, nil
	}
	if w.Query.With != nil {
		return false, errAt(w.Query.With, trinoerr.NestedRecursive, "nested recursive WITH query")
	}
	union, isUnion := w.Query.Body.(*ast.SetOperation)
	if !isUnion || union.Op != ast.Union {
		return false, errAt(w, trinoerr.InvalidRecursiveReference, "recursive reference outside of UNION")
	}
	if union.Distinct {
		return false, errAt(w, trinoerr.NotSupported, "UNION DISTINCT is not supported in a recursive query")
	}
	if w.Query.OrderBy != nil || w.Query.Offset != nil || w.Query.Limit != nil {
		return false, errAt(w.Query, trinoerr.InvalidRecursiveReference, "ORDER BY, OFFSET and LIMIT are not allowed in a recursive query")
	}
	if refersTo(union.Left, c.name) {
		return false, errAt(union.Left, trinoerr.InvalidRecursiveReference, "WITH table name is referenced in the base relation of recursion")
	}
	if w.Columns == nil {
		return false, errAt(w, trinoerr.MissingColumnAliases, "missing column aliases in recursive WITH query")
	}
	base, err := b.body(union.Left, outer, true)
	if err != nil {
		return false, err
	}
	baseNode, syms := b.aligned(base)
	if err := c.nameFields(w, base, syms); err != nil {
		return false, err
	}
	step, err := b.recursiveStep(c, union.Right, outer)
	if err != nil {
		return false, err
	}
	fields := step.visible()
	if len(fields) != len(syms) {
		return false, errAt(w, trinoerr.TypeMismatch, "base and step relations of recursion have different number of fields: %d, %d",
			len(syms), len(fields))
	}
	rec := &plan.RecursiveCTE{ID: c.id, Name: c.name, Base: baseNode, MaxDepth: b.recursionDepth()}
	want := make([]types.Type, len(syms))
	for i, s := range syms {
		if want[i] = s.Type; !types.CanCoerce(fields[i].sym.Type, want[i]) {
			return false, errAt(union.Right, trinoerr.TypeMismatch,
				"recursion step relation output type (%s) is not coercible to recursion base relation output type (%s) at column %d",
				fields[i].sym.Type, want[i], i+1)
		}
		rec.Symbols = append(rec.Symbols, b.syms.New(c.fields[i].name, s.Type))
	}
	rec.Step = b.coerced(step, want)
	c.def = rec
	return true, nil
}

// recursiveStep binds the step, in which the name means the rows of the round before.
func (b *binder) recursiveStep(c *cte, step ast.QueryBody, outer *scope) (*relation, error) {
	saved := b.ctes
	defer func() { b.ctes, c.refs = saved, 0 }()
	b.ctes = &cteScope{parent: b.ctes, cte: c}
	rel, err := b.body(step, outer, true)
	if err != nil {
		return nil, err
	}
	if c.refs > 1 {
		return nil, errAt(step, trinoerr.InvalidRecursiveReference, "multiple recursive references in the step relation of recursion")
	}
	return rel, nil
}

// refersTo reports whether a tree names a table by a single part. Queries whose WITH gives the name another meaning do not.
func refersTo(n ast.Node, name string) bool {
	found := false
	ast.Walk(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Table:
			found = found || len(n.Name.Parts) == 1 && lower(n.Name.Parts[0]) == name
		case *ast.Query:
			if n.With == nil {
				break
			}
			for _, w := range n.With.Queries {
				found = found || refersTo(w.Query, name)
				if lower(w.Name) == name {
					return false
				}
			}
		}
		return !found
	})
	return found
}

func (b *binder) recursionDepth() int {
	if n, err := strconv.Atoi(b.env.Session.Properties["max_recursion_depth"]); err == nil && n > 0 {
		return n
	}
	return defaultRecursionDepth
}
