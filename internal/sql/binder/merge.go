package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// mergeCase is a bound WHEN.
type mergeCase struct {
	op connector.Operation
	// when says whether it applies to a row of the join.
	when   plan.Expr
	values []plan.Expr // of the table's columns
}

// merge binds MERGE: a join of the source with the table, of which each row is given the first case that applies to it.
func (b *binder) merge(s *ast.Merge) (Bound, error) {
	c, err := b.changed(s, s.Table, "Merging into views is not supported")
	if err != nil {
		return nil, err
	}
	alias := lowerParts(s.Table)
	if s.Alias != nil {
		alias = []string{lower(s.Alias)}
	}
	if err := b.scanRows(c, alias); err != nil {
		return nil, err
	}
	source, err := b.relation(s.Source, nil)
	if err != nil {
		return nil, err
	}
	x := &exprBinder{b: b, scope: &scope{fields: slices.Concat(c.rel.fields, source.fields)}}
	cond, err := b.mergeCondition(s, x)
	if err != nil {
		return nil, err
	}
	var cases []mergeCase
	inserts, matches := false, false
	for i, mc := range s.Cases {
		bound, err := b.mergeCase(s, c, x, i, mc)
		if err != nil {
			return nil, err
		}
		cases = append(cases, bound)
		if bound.op == connector.InsertRow {
			inserts = true
		} else {
			matches = true
		}
	}
	if c.refused != nil {
		return nil, c.refused
	}
	join := &plan.Join{Type: plan.Inner, Left: source.node, Right: c.rel.node, Filter: cond}
	if inserts {
		join.Type = plan.Left
	}
	return b.mergeCases(c, join, cases, matches)
}

// mergeCondition binds ON.
func (b *binder) mergeCondition(s *ast.Merge, x *exprBinder) (plan.Expr, error) {
	cond, err := x.mergeBoolean(s.Condition, "The MERGE predicate")
	if err != nil {
		return nil, err
	}
	if n, text, ok := b.correlatedIn(s, cond); ok {
		return nil, errAt(n, trinoerr.NotSupported, "Reference to column '%s' from outer scope not allowed in this context", text)
	}
	return cond, nil
}

// mergeBoolean binds a condition of MERGE; what names it in the message.
func (x *exprBinder) mergeBoolean(e ast.Expression, what string) (plan.Expr, error) {
	cond, err := x.scalar(e, "MERGE")
	if err != nil {
		return nil, err
	}
	if !canStore(cond.Type(), boolType) {
		return nil, errAt(e, trinoerr.TypeMismatch, "%s must evaluate to a boolean: actual type %s", what, cond.Type())
	}
	return coerce(cond, boolType), nil
}

// mergeCase binds the i-th WHEN.
func (b *binder) mergeCase(s *ast.Merge, c *changing, x *exprBinder, i int, mc ast.MergeCase) (mergeCase, error) {
	out := mergeCase{when: &plan.Not{Arg: c.absent()}}
	var condition ast.Expression
	var columns []*ast.Identifier
	var exprs []ast.Expression
	switch mc := mc.(type) {
	case *ast.MergeDelete:
		out.op, condition = connector.DeleteRow, mc.Condition
	case *ast.MergeUpdate:
		out.op, condition = connector.UpdateRow, mc.Condition
		for _, a := range mc.Assignments {
			columns, exprs = append(columns, a.Column), append(exprs, a.Value)
		}
	case *ast.MergeInsert:
		out.op, condition, columns, exprs = connector.InsertRow, mc.Condition, mc.Columns, mc.Values
		out.when = c.absent()
	}
	target, err := c.mergeColumns(s, columns, out.op == connector.InsertRow)
	if err != nil {
		return out, err
	}
	if len(target) != len(exprs) {
		return out, errAt(mc, trinoerr.MismatchedColumnAliases, "Number of merge columns (%d) isn't equal to number of expressions (%d)", len(target), len(exprs))
	}
	if condition != nil {
		cond, err := x.mergeBoolean(condition, "WHERE clause predicate")
		if err != nil {
			return out, err
		}
		out.when = plan.And(out.when, cond)
	}
	values := make([]plan.Expr, len(exprs))
	for k, e := range exprs {
		if values[k], err = x.scalar(e, "MERGE"); err != nil {
			return out, err
		}
	}
	if have, want, ok := storable(values, target); !ok {
		return out, errAt(mc, trinoerr.TypeMismatch,
			"MERGE table column types don't match for MERGE case %d, SET expressions: Table: [%s], Expressions: [%s]", i, want, have)
	}
	switch out.op {
	case connector.UpdateRow:
		out.values, err = c.values(mc, target, values)
	case connector.InsertRow:
		out.values, err = c.inserted(mc, target, values)
	}
	return out, err
}

// mergeColumns are the columns that a case names; an INSERT that names none means all.
func (c *changing) mergeColumns(n ast.Node, names []*ast.Identifier, insert bool) ([]connector.Column, error) {
	if insert && len(names) == 0 {
		return c.columns, nil
	}
	var out []connector.Column
	for _, id := range names {
		same := func(col connector.Column) bool { return col.Name == lower(id) }
		i := slices.IndexFunc(c.columns, same)
		if i < 0 {
			return nil, errAt(n, trinoerr.ColumnNotFound, "Merge column name does not exist in target table: %s", lower(id))
		}
		if slices.ContainsFunc(out, same) {
			return nil, errAt(n, trinoerr.DuplicateColumnName, "Merge column name is specified more than once: %s", lower(id))
		}
		out = append(out, c.columns[i])
	}
	return out, nil
}

// absent says that a row of the join has no row of the table.
func (c *changing) absent() plan.Expr {
	if len(c.rowID) == 0 {
		return &plan.Const{Typ: boolType, Value: true} // which is refused in the end
	}
	return &plan.IsNull{Arg: &plan.Ref{Sym: c.rowID[0]}}
}

// inserted are the values of a new row: what is given for some columns, NULL for the others.
func (c *changing) inserted(n ast.Node, target []connector.Column, exprs []plan.Expr) ([]plan.Expr, error) {
	var out []plan.Expr
	for _, col := range c.columns {
		var given plan.Expr = &plan.Const{Typ: col.Type}
		if i := slices.IndexFunc(target, func(t connector.Column) bool { return t.Name == col.Name }); i >= 0 {
			given = exprs[i]
		}
		value, err := assigned(n, col, given)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}

// mergeCases makes the plan: it numbers the rows of the join by their cases, drops those without one, and computes what each
// case gives. Where cases change rows, a row of the table that occurs twice is an error.
func (b *binder) mergeCases(c *changing, join plan.Node, cases []mergeCase, matches bool) (Bound, error) {
	number := &plan.Case{Typ: integer}
	for i, mc := range cases {
		number.Whens = append(number.Whens, plan.When{Cond: mc.when, Result: &plan.Const{Typ: integer, Value: int64(i)}})
	}
	sym := b.syms.New("case_number", integer)
	numbered := &plan.Project{Source: join, Cols: []plan.Assignment{{Sym: sym, Expr: number}}}
	for _, s := range join.Outputs() {
		numbered.Cols = append(numbered.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
	}
	source := &plan.Filter{Source: numbered, Pred: &plan.Not{Arg: &plan.IsNull{Arg: &plan.Ref{Sym: sym}}}}
	is := func(i int) plan.Expr {
		return &plan.Compare{Op: plan.Eq, Left: &plan.Ref{Sym: sym}, Right: &plan.Const{Typ: integer, Value: int64(i)}}
	}
	op := &plan.Case{Typ: opConst(connector.InsertRow).Type()}
	values := make([]plan.Expr, len(c.columns))
	for i, mc := range cases {
		op.Whens = append(op.Whens, plan.When{Cond: is(i), Result: opConst(mc.op)})
	}
	for k, col := range c.columns {
		v := &plan.Case{Typ: col.Type}
		for i, mc := range cases {
			if mc.values != nil {
				v.Whens = append(v.Whens, plan.When{Cond: is(i), Result: mc.values[k]})
			}
		}
		values[k] = v
		if v.Whens == nil {
			values[k] = &plan.Const{Typ: col.Type}
		}
	}
	return b.change(c, source, op, values, matches, "MERGE")
}
