package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// cte is a named query of a WITH.
type cte struct {
	id     int
	name   string
	fields []cteField
	def    plan.Node
	refs   int
}

// cteField is a column of a named query.
type cteField struct {
	name string
	typ  types.Type
}

// cteScope is the chain of named queries that can be referred to, innermost first.
type cteScope struct {
	parent *cteScope
	cte    *cte
}

func (s *cteScope) find(name string) *cte {
	for ; s != nil; s = s.parent {
		if s.cte.name == name {
			return s.cte
		}
	}
	return nil
}

// cteReference binds a table name that means a named query.
func (b *binder) cteReference(t *ast.Table) (*relation, bool, error) {
	c := b.ctes.find(lower(t.Name.Parts[0]))
	if c == nil {
		return nil, false, nil
	}
	c.refs++
	n := &plan.CTERef{ID: c.id, Name: c.name}
	rel := &relation{node: n}
	alias := []string{lower(t.Name.Parts[0])}
	for _, f := range c.fields {
		hint := f.name
		if hint == "" {
			hint = "field"
		}
		sym := b.syms.New(hint, f.typ)
		n.Symbols = append(n.Symbols, sym)
		if c.def != nil { // it is not while the step of a recursion is bound
			if o, ok := b.origins[c.def.Outputs()[len(n.Symbols)-1]]; ok {
				b.origins[sym] = o
			}
		}
		rel.fields = append(rel.fields, &field{relation: alias, name: f.name, sym: sym})
	}
	return rel, true, nil
}

// with binds the named queries of a WITH and the query that uses them. A query that is used once takes the place of its
// reference, others are shared.
func (b *binder) with(q *ast.Query, outer *scope, nested bool) (*relation, error) {
	saved := b.ctes
	defer func() { b.ctes = saved }()
	seen := map[string]bool{}
	var list []*cte
	for _, w := range q.With.Queries {
		name := lower(w.Name)
		if seen[name] {
			return nil, errAt(w, trinoerr.DuplicateNamedQuery, "WITH query name '%s' specified more than once", name)
		}
		seen[name] = true
		c, err := b.namedQuery(q.With, w, outer)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		b.ctes = &cteScope{parent: b.ctes, cte: c}
	}
	rel, err := b.queryWithoutWith(q, outer, nested)
	if err != nil {
		return nil, err
	}
	// The last one first: it may hold the only reference to an earlier one.
	node := rel.node
	for _, l := range slices.Backward(list) {
		node = settle(node, l)
	}
	return &relation{node: node, fields: rel.fields}, nil
}

// settle puts the definition of a named query where it is needed.
func settle(node plan.Node, c *cte) plan.Node {
	switch c.refs {
	case 0:
		return node
	case 1:
		return plan.MapPlan(node, func(n plan.Node) plan.Node {
			if ref, ok := n.(*plan.CTERef); ok && ref.ID == c.id {
				return inlined(c, ref)
			}
			return n
		})
	}
	return &plan.CTE{ID: c.id, Name: c.name, Def: c.def, Body: node}
}

// inlined is the definition under the symbols of its only reference.
func inlined(c *cte, ref *plan.CTERef) plan.Node {
	cols := make([]plan.Assignment, len(ref.Symbols))
	for i, s := range ref.Symbols {
		cols[i] = plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: c.def.Outputs()[i]}}
	}
	return &plan.Project{Source: c.def, Cols: cols}
}

// namedQuery binds a definition.
func (b *binder) namedQuery(with *ast.With, w *ast.WithQuery, outer *scope) (*cte, error) {
	b.nextID++
	c := &cte{id: b.nextID, name: lower(w.Name)}
	if with.Recursive {
		if ok, err := b.recursiveQuery(c, w, outer); ok || err != nil {
			return c, err
		}
	}
	rel, err := b.query(w.Query, outer, true)
	if err != nil {
		return nil, err
	}
	var syms []*plan.Symbol
	c.def, syms = b.aligned(rel)
	if err := c.nameFields(w, rel, syms); err != nil {
		return nil, err
	}
	return c, nil
}

// nameFields gives the columns their names, from the list of aliases if there is one.
func (c *cte) nameFields(w *ast.WithQuery, rel *relation, syms []*plan.Symbol) error {
	visible := rel.visible()
	if w.Columns != nil && len(w.Columns) != len(visible) {
		return errAt(w.Columns[0], trinoerr.MismatchedColumnAliases, "Column alias list has %d entries but relation has %d columns",
			len(w.Columns), len(visible))
	}
	for i, f := range visible {
		name := f.name
		if w.Columns != nil {
			name = w.Columns[i].Value
		}
		c.fields = append(c.fields, cteField{name, syms[i].Type})
	}
	return nil
}
