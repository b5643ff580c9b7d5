package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// changing is the table of a DELETE, UPDATE or MERGE.
type changing struct {
	TableRef
	md connector.Metadata
	// columns are those that the table's rows consist of.
	columns []connector.Column
	// rowID are the columns of a row's id. They are in the plan of the scan, but no name means them. There are none when the
	// rows cannot be changed, for the reason refused.
	rowID   []*plan.Symbol
	refused error
	rel     *relation
}

// changed finds the table of a statement that changes rows; view is the message for a view.
func (b *binder) changed(n ast.Node, q *ast.QualifiedName, view string) (*changing, error) {
	if err := b.notView(n, q, view); err != nil {
		return nil, err
	}
	t, md, _, err := b.target(n, q, false)
	if err != nil {
		return nil, err
	}
	c := &changing{TableRef: t, md: md}
	for _, col := range t.Table.Columns {
		if !col.Hidden {
			c.columns = append(c.columns, col)
		}
	}
	return c, nil
}

// scanRows reads the rows to be changed, with their ids. A connector that cannot change them but can delete by metadata refuses
// when everything else is known to be right, others at once.
func (b *binder) scanRows(c *changing, alias []string) error {
	var ids []connector.Column
	c.refused = cannot("modifying table rows")
	if r, ok := c.md.(connector.RowIdentifier); ok {
		ids, c.refused = r.RowID(b.ctx, c.Table)
	}
	if _, ok := c.md.(connector.Deleter); !ok && c.refused != nil {
		return c.refused
	}
	c.rel = b.scan(objectName{c.Catalog, c.Table.Name}, c.Table, alias)
	scan := c.rel.node.(*plan.Scan)
	scan.Table.Columns = slices.Concat(scan.Table.Columns, ids)
	for _, id := range ids {
		c.rowID = append(c.rowID, b.syms.New(id.Name, id.Type))
	}
	scan.Symbols = append(scan.Symbols, c.rowID...)
	return nil
}

// change makes the plan of a change: rows, with an operation and the values of the table's columns.
func (b *binder) change(c *changing, source plan.Node, op plan.Expr, values []plan.Expr, unique bool, update string) (Bound, error) {
	if c.refused != nil {
		return nil, c.refused
	}
	p := &plan.Project{Source: source}
	target := plan.WriteTarget{Catalog: c.Catalog, Table: c.Table, Unique: unique}
	w := &plan.Write{Source: p, Change: &plan.RowChange{Operation: b.syms.New("operation", types.Of(types.TinyInt))},
		Rows: b.syms.New("rows", bigint)}
	p.Cols = append(p.Cols, plan.Assignment{Sym: w.Change.Operation, Expr: op})
	for _, id := range c.rowID {
		target.RowID = append(target.RowID, connector.Column{Name: id.Name, Type: id.Type})
		sym := b.syms.New(id.Name, id.Type)
		p.Cols = append(p.Cols, plan.Assignment{Sym: sym, Expr: &plan.Ref{Sym: id}})
		w.Change.RowID = append(w.Change.RowID, sym)
	}
	for i, col := range c.columns {
		sym := b.syms.New(col.Name, col.Type)
		p.Cols = append(p.Cols, plan.Assignment{Sym: sym, Expr: values[i]})
		w.Columns = append(w.Columns, sym)
	}
	w.Target = target
	out := &plan.Output{Source: w, Names: []string{"rows"}, Symbols: []*plan.Symbol{w.Rows}}
	if err := b.fillInformationSchema(out); err != nil {
		return nil, err
	}
	kept := out.Source.(*plan.Write).Target // filling makes a copy of the plan
	return &Query{Plan: out, Update: update, Write: &kept}, nil
}

func opConst(op connector.Operation) plan.Expr {
	return &plan.Const{Typ: types.Of(types.TinyInt), Value: int64(op)}
}

// deleteFrom binds DELETE: by metadata, where the connector can, else row by row.
func (b *binder) deleteFrom(s *ast.Delete) (Bound, error) {
	c, err := b.changed(s, s.Table, "Deleting from views is not supported")
	if err != nil {
		return nil, err
	}
	source, err := b.rowsWhere(c, s.Table, s.Where)
	if err != nil {
		return nil, err
	}
	if d, ok := c.md.(connector.Deleter); ok {
		constraint, exact := exactConstraint(source, c.rel.fields)
		can := false
		if exact {
			if can, err = d.CanDelete(b.ctx, c.Table, constraint); err != nil {
				return nil, err
			}
		}
		if can {
			return &DeleteAll{TableRef: c.TableRef, Constraint: constraint}, nil
		}
	}
	values := make([]plan.Expr, len(c.columns))
	for i, col := range c.columns {
		values[i] = &plan.Const{Typ: col.Type}
	}
	return b.change(c, source, opConst(connector.DeleteRow), values, false, "DELETE")
}

// update binds UPDATE.
func (b *binder) update(s *ast.Update) (Bound, error) {
	c, err := b.changed(s, s.Table, "Updating views is not supported")
	if err != nil {
		return nil, err
	}
	given := map[string]*ast.Assignment{}
	for _, a := range s.Assignments {
		name := lower(a.Column)
		if !slices.ContainsFunc(c.columns, func(col connector.Column) bool { return col.Name == name }) {
			return nil, errAt(a.Column, trinoerr.ColumnNotFound, "The UPDATE SET target column %s doesn't exist", name)
		}
	}
	for _, a := range s.Assignments {
		name := lower(a.Column)
		if given[name] != nil {
			return nil, errAt(a.Column, trinoerr.DuplicateColumnName, "The UPDATE SET target column %s is specified more than once", name)
		}
		given[name] = a
	}
	source, err := b.rowsWhere(c, s.Table, s.Where)
	if err != nil {
		return nil, err
	}
	x := &exprBinder{b: b, scope: &scope{fields: c.rel.fields}}
	var target []connector.Column
	var exprs []plan.Expr
	for _, a := range s.Assignments {
		e, err := x.scalar(a.Value, "UPDATE SET")
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(c.columns, func(col connector.Column) bool { return col.Name == lower(a.Column) })
		target, exprs = append(target, c.columns[i]), append(exprs, e)
	}
	if have, want, ok := storable(exprs, target); !ok {
		return nil, errAt(s, trinoerr.TypeMismatch, "UPDATE table column types don't match SET expressions: Table: [%s], Expressions: [%s]", want, have)
	}
	values, err := c.values(s, target, exprs)
	if err != nil {
		return nil, err
	}
	return b.change(c, source, opConst(connector.UpdateRow), values, false, "UPDATE")
}

// rowsWhere reads the rows of a table that satisfy a condition, all of them when there is none.
func (b *binder) rowsWhere(c *changing, q *ast.QualifiedName, where ast.Expression) (plan.Node, error) {
	if err := b.scanRows(c, lowerParts(q)); err != nil {
		return nil, err
	}
	if where == nil {
		return c.rel.node, nil
	}
	x := &exprBinder{b: b, scope: &scope{fields: c.rel.fields}}
	cond, err := x.condition(where, "WHERE clause")
	if err != nil {
		return nil, err
	}
	return &plan.Filter{Source: c.rel.node, Pred: cond}, nil
}

// values are those of the table's columns after a change: what is given for some of them, and what they were before.
func (c *changing) values(n ast.Node, target []connector.Column, exprs []plan.Expr) ([]plan.Expr, error) {
	var out []plan.Expr
	for _, col := range c.columns {
		i := slices.IndexFunc(target, func(t connector.Column) bool { return t.Name == col.Name })
		if i < 0 {
			f := slices.IndexFunc(c.rel.fields, func(f *field) bool { return f.name == col.Name })
			out = append(out, &plan.Ref{Sym: c.rel.fields[f].sym})
			continue
		}
		value, err := assigned(n, col, exprs[i])
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}
