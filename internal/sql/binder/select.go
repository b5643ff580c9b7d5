package binder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// output is a column of a SELECT list.
type output struct {
	name string
	expr plan.Expr
	sym  *plan.Symbol
	// ast is the expression as written; nil for a column that came from *, which star describes.
	ast  ast.Expression
	star *field
	// aliased says that the name was given by the statement.
	aliased bool
}

// selection is the state of binding one SELECT.
type selection struct {
	*exprBinder
	q       *ast.QuerySpecification
	source  *relation
	outputs []output
	where   plan.Expr
	having  plan.Expr
	order   []plan.SortKey
	grouped *grouped // nil when there is no aggregation
	limit   rowRange
}

// querySpec binds a SELECT. outer is the scope of the enclosing query; nested says that the order of the rows does not reach
// the client.
func (b *binder) querySpec(q *ast.QuerySpecification, outer *scope, nested bool) (*relation, error) {
	s := &selection{q: q}
	if q.From != nil {
		var err error
		if s.source, err = b.relation(q.From, outer); err != nil {
			return nil, err
		}
	} else {
		s.source = &relation{node: &plan.Values{Rows: [][]plan.Expr{{}}}}
	}
	s.exprBinder = &exprBinder{
		b: b, group: &grouping{}, windows: &windowCalls{query: q},
		scope: &scope{fields: s.source.fields, parent: outer, boundary: true},
	}
	for _, step := range []func() error{
		s.bindWindows, s.bindWhere, s.bindItems, s.bindGroupBy, s.bindHaving, s.bindOrder, s.bindLimit, s.checkDistinct,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if nested && !s.limit.present {
		s.order = nil
	}
	node, err := s.build()
	if err != nil {
		return nil, err
	}
	return &relation{node: node, fields: s.outputFields()}, nil
}

func (s *selection) bindWindows() error { return s.windows.define(s.q.Windows) }

func (s *selection) bindWhere() (err error) {
	if s.q.Where != nil {
		s.where, err = s.condition(s.q.Where, "WHERE clause")
	}
	return err
}

// bindItems binds the SELECT list.
func (s *selection) bindItems() error {
	for _, item := range s.q.Select.Items {
		switch item := item.(type) {
		case *ast.SingleColumn:
			e, err := s.expr(item.Value)
			if err != nil {
				return err
			}
			s.outputs = append(s.outputs, output{name: outputName(item), expr: e, ast: item.Value, aliased: item.Alias != nil})
		case *ast.AllColumns:
			if err := s.allColumns(item); err != nil {
				return err
			}
		}
	}
	for i := range s.outputs {
		o := &s.outputs[i]
		if s.q.Select.Distinct && !o.expr.Type().Comparable() {
			suffix := ""
			if o.ast != nil {
				suffix = ": " + exprText(o.ast)
			}
			return errAt(s.q.Select, trinoerr.TypeMismatch, "DISTINCT can only be applied to comparable types (actual: %s)%s",
				o.expr.Type(), suffix)
		}
	}
	return nil
}

// outputName is the alias, or the last part of a plain or dotted name; "" when the column has none.
func outputName(item *ast.SingleColumn) string {
	if item.Alias != nil {
		return item.Alias.Value
	}
	switch e := item.Value.(type) {
	case *ast.Identifier:
		return e.Value
	case *ast.Dereference:
		if _, ok := dotted(e); ok {
			return e.Field.Value
		}
	}
	return ""
}

// allColumns expands *, t.* and row.*.
func (s *selection) allColumns(item *ast.AllColumns) error {
	fields := s.source.visible()
	if item.Target != nil {
		return s.targetColumns(item, fields)
	}
	if s.q.From == nil {
		return errAt(item, trinoerr.ColumnNotFound, "SELECT * not allowed in queries without FROM clause")
	}
	if len(fields) == 0 {
		return errAt(item, trinoerr.ColumnNotFound, "SELECT * not allowed from relation that has no columns")
	}
	return s.addFields(item, fields, item.Aliases)
}

func (s *selection) addFields(item *ast.AllColumns, fields []*field, aliases []*ast.Identifier) error {
	if aliases != nil && len(aliases) != len(fields) {
		return errAt(aliases[0], trinoerr.MismatchedColumnAliases,
			"Column alias list has %d entries but relation has %d columns", len(aliases), len(fields))
	}
	for i, f := range fields {
		o := output{name: f.name, expr: &plan.Ref{Sym: f.sym}, star: f, aliased: f.aliased}
		if aliases != nil {
			o.name, o.aliased = canonical(aliases[i]), true
		}
		s.outputs = append(s.outputs, o)
	}
	return nil
}

// targetColumns expands t.*, where t is a relation of this query or of an outer one, and e.* for a row e.
func (s *selection) targetColumns(item *ast.AllColumns, _ []*field) error {
	if parts, ok := dotted(item.Target); ok {
		for sc := s.scope; sc != nil; sc = sc.parent {
			var hit []*field
			for _, f := range sc.fields {
				if !f.hidden && f.relation != nil && hasSuffix(f.relation, parts) {
					hit = append(hit, f)
				}
			}
			if hit != nil {
				return s.addFields(item, hit, item.Aliases)
			}
		}
		if _, found, err := s.scope.resolve(item.Target, parts); err == nil && !found && !s.scope.startsWithColumn(parts) {
			return errAt(item, trinoerr.TableNotFound, "Unable to resolve reference %s", strings.Join(parts, "."))
		}
	}
	row, err := s.expr(item.Target)
	if err != nil {
		return err
	}
	if row.Type().Kind != types.Row {
		return errAt(item.Target, trinoerr.TypeMismatch, "expected expression of type Row")
	}
	fields := row.Type().Args
	if item.Aliases != nil && len(item.Aliases) != len(fields) {
		return errAt(item.Aliases[0], trinoerr.MismatchedColumnAliases,
			"Column alias list has %d entries but relation has %d columns", len(item.Aliases), len(fields))
	}
	for i, f := range fields {
		o := output{name: f.Name, expr: &plan.Field{Row: row, Index: i, Typ: f.Type}, ast: item.Target}
		if item.Aliases != nil {
			o.name = canonical(item.Aliases[i])
		}
		s.outputs = append(s.outputs, o)
	}
	return nil
}

func hasSuffix(name, suffix []string) bool {
	if len(suffix) > len(name) {
		return false
	}
	for i, p := range suffix {
		if name[len(name)-len(suffix)+i] != p {
			return false
		}
	}
	return true
}

// isAggregation reports whether the SELECT groups rows.
func (s *selection) isAggregation() bool {
	if s.q.GroupBy != nil || s.q.Having != nil {
		return true
	}
	var es []ast.Expression
	for _, o := range s.outputs {
		if o.ast != nil {
			es = append(es, o.ast)
		}
	}
	if s.q.OrderBy != nil {
		for _, i := range s.q.OrderBy.Items {
			es = append(es, i.Key)
		}
	}
	c := extractCalls(es...)
	return len(c.aggregates)+len(c.groupings) > 0
}

// bindGroupBy binds the GROUP BY clause and puts the SELECT list on top of it.
func (s *selection) bindGroupBy() error {
	if s.isAggregation() {
		s.grouped = &grouped{sel: s, source: map[*plan.Symbol]bool{}}
		for _, sym := range s.source.node.Outputs() {
			s.grouped.source[sym] = true
		}
		s.grouped.by = &groupBy{}
		if s.q.GroupBy != nil {
			var err error
			if s.grouped.by, err = s.groupBy(s.q.GroupBy, s.outputs); err != nil {
				return err
			}
		}
		s.grouped.nameKeys()
	}
	for i := range s.outputs {
		o := &s.outputs[i]
		var err error
		if o.expr, err = s.over(o.expr, o); err != nil {
			return err
		}
		if ref, ok := o.expr.(*plan.Ref); ok && s.owns(ref.Sym) {
			o.sym = ref.Sym
			continue
		}
		hint := o.name
		if hint == "" {
			hint = "expr"
		}
		o.sym = s.b.syms.New(hint, o.expr.Type())
	}
	return nil
}

// owns reports whether a symbol is a column of this SELECT, not one of an outer query.
func (s *selection) owns(sym *plan.Symbol) bool {
	if slices.Contains(s.source.node.Outputs(), sym) || s.grouped != nil && slices.Contains(s.grouped.keys, sym) {
		return true
	}
	return slices.ContainsFunc(s.group.aggs, func(a plan.Aggregation) bool { return a.Sym == sym }) ||
		slices.ContainsFunc(s.group.ops, func(o groupingOp) bool { return o.sym == sym }) ||
		slices.ContainsFunc(s.windows.list, func(w windowCall) bool { return w.fn.Sym == sym })
}

// over rewrites an expression over the source's columns into one over the aggregation's, if there is one.
func (s *selection) over(e plan.Expr, o *output) (plan.Expr, error) {
	if s.grouped == nil {
		return e, nil
	}
	return s.grouped.rewrite(e, o)
}

func (s *selection) bindHaving() error {
	if s.q.Having == nil {
		return nil
	}
	if found := extractCalls(s.q.Having); len(found.windows) > 0 {
		return errAt(found.windows[0], trinoerr.NestedWindow, "HAVING clause cannot contain window functions or row pattern measures")
	}
	e, err := s.clause(s.q.Having, "HAVING clause")
	if err != nil {
		return err
	}
	s.having, err = s.over(e, &output{ast: s.q.Having})
	return err
}

// outputFields are the columns that the SELECT offers.
func (s *selection) outputFields() []*field {
	fields := make([]*field, len(s.outputs))
	for i, o := range s.outputs {
		fields[i] = &field{name: o.name, sym: o.sym, aliased: o.aliased}
	}
	return fields
}

// bindOrder binds ORDER BY: a name is an output's first, and a column of the source otherwise.
func (s *selection) bindOrder() error {
	if s.q.OrderBy == nil {
		return nil
	}
	computed := map[*plan.Symbol]bool{}
	for _, o := range s.outputs {
		computed[o.sym] = true
	}
	for _, sym := range s.source.node.Outputs() {
		delete(computed, sym)
	}
	y := *s.exprBinder
	y.scope = &scope{fields: s.outputFields(), parent: s.scope}
	for _, item := range s.q.OrderBy.Items {
		known, knownWindows := len(s.group.aggs), len(s.windows.list)
		e, err := s.orderKey(&y, item)
		if err != nil {
			return err
		}
		if !e.Type().Orderable() {
			return errAt(s.q, trinoerr.TypeMismatch, "Type %s is not orderable, and therefore cannot be used in ORDER BY: %s",
				e.Type(), exprText(item.Key))
		}
		// What ORDER BY aggregates comes before the outputs are computed.
		for _, a := range s.group.aggs[known:] {
			if readsAny(a.Args, computed) {
				return errAt(s.outputNamed(item.Key), trinoerr.ColumnNotFound, "Invalid reference to output projection attribute from ORDER BY aggregation")
			}
		}
		for i := range s.windows.list[knownWindows:] {
			s.inlineOutputs(&s.windows.list[knownWindows+i], computed)
		}
		s.order = append(s.order, sortKey(item, e))
	}
	return nil
}

// outputNamed returns the place where an expression names an output.
func (s *selection) outputNamed(e ast.Expression) ast.Node {
	var hit ast.Node
	ast.Walk(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Identifier); ok && hit == nil && slices.ContainsFunc(s.outputs, func(o output) bool { return strings.EqualFold(o.name, id.Value) }) {
			hit = id
		}
		return hit == nil
	})
	if hit == nil {
		return e
	}
	return hit
}

func readsAny(es []plan.Expr, syms map[*plan.Symbol]bool) bool {
	hit := false
	for _, e := range es {
		plan.FreeSymbols(e, func(sym *plan.Symbol) { hit = hit || syms[sym] })
	}
	return hit
}

// inlineOutputs replaces output columns in a window call of ORDER BY by what computes them.
func (s *selection) inlineOutputs(c *windowCall, computed map[*plan.Symbol]bool) {
	_ = c.mapExprs(func(e plan.Expr) (plan.Expr, error) { // which never fails
		return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
			if r, ok := e.(*plan.Ref); ok && computed[r.Sym] {
				for _, o := range s.outputs {
					if o.sym == r.Sym {
						return o.expr
					}
				}
			}
			return e
		}), nil
	})
}

// orderKey binds one key of ORDER BY.
func (s *selection) orderKey(x *exprBinder, item *ast.SortItem) (plan.Expr, error) {
	if ordinal, ok := item.Key.(*ast.LongLiteral); ok {
		if ordinal.Value < 1 || ordinal.Value > int64(len(s.outputs)) {
			return nil, errAt(item.Key, trinoerr.InvalidColumnReference, "ORDER BY position %d is not in select list", ordinal.Value)
		}
		return &plan.Ref{Sym: s.outputs[ordinal.Value-1].sym}, nil
	}
	e, err := x.expr(item.Key)
	if err != nil {
		return nil, err
	}
	return s.over(e, &output{ast: item.Key})
}

func sortKey(item *ast.SortItem, e plan.Expr) plan.SortKey {
	return plan.SortKey{Expr: e, Desc: item.Descending, NullsFirst: item.Nulls == ast.NullsFirst}
}

func (s *selection) bindLimit() (err error) {
	s.limit, err = s.b.rowRange(s.q.Offset, s.q.Limit, s.order)
	return err
}

// checkDistinct lets SELECT DISTINCT be ordered only by what it selects.
func (s *selection) checkDistinct() error {
	if !s.q.Select.Distinct {
		return nil
	}
	for i, k := range s.order {
		found := false
		for _, o := range s.outputs {
			if ref, ok := k.Expr.(*plan.Ref); ok && ref.Sym == o.sym {
				found = true
			} else if plan.EqualExpr(k.Expr, o.expr) {
				found = true
				s.order[i].Expr = &plan.Ref{Sym: o.sym}
			}
			if found {
				break
			}
		}
		if !found {
			return errAt(s.q.Select, trinoerr.ExpressionNotInDistinct, "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
	}
	return nil
}

// build makes the plan: source, WHERE, aggregation, HAVING, windows, outputs, DISTINCT, ORDER BY, LIMIT.
func (s *selection) build() (plan.Node, error) {
	node := s.source.node
	if s.where != nil {
		node = &plan.Filter{Source: node, Pred: s.where}
	}
	if s.grouped != nil {
		var err error
		if node, err = s.grouped.build(node); err != nil {
			return nil, err
		}
	}
	if s.having != nil {
		node = &plan.Filter{Source: node, Pred: s.having}
	}
	node = windowNodes(node, s.windows.list)
	var cols []plan.Assignment
	seen := map[*plan.Symbol]bool{}
	for _, o := range s.outputs {
		if !seen[o.sym] {
			seen[o.sym] = true
			cols = append(cols, plan.Assignment{Sym: o.sym, Expr: o.expr})
		}
	}
	outputs := len(cols)
	if s.q.Select.Distinct {
		node = &plan.Distinct{Source: project(node, cols)}
	} else {
		// ORDER BY may read columns that are not selected: carry them along.
		available := map[*plan.Symbol]bool{}
		for _, sym := range node.Outputs() {
			available[sym] = true
		}
		for _, k := range s.order {
			plan.FreeSymbols(k.Expr, func(sym *plan.Symbol) {
				if available[sym] && !seen[sym] {
					seen[sym] = true
					cols = append(cols, plan.Assignment{Sym: sym, Expr: &plan.Ref{Sym: sym}})
				}
			})
		}
		node = project(node, cols)
	}
	node = ordered(node, s.order, s.limit)
	if len(cols) > outputs {
		node = project(node, keep(cols[:outputs]))
	}
	return node, nil
}

// keep passes columns on unchanged.
func keep(cols []plan.Assignment) []plan.Assignment {
	out := make([]plan.Assignment, len(cols))
	for i, c := range cols {
		out[i] = plan.Assignment{Sym: c.Sym, Expr: &plan.Ref{Sym: c.Sym}}
	}
	return out
}

// project computes columns, unless they are just what the source puts out.
func project(source plan.Node, cols []plan.Assignment) plan.Node {
	have := source.Outputs()
	if len(have) == len(cols) {
		same := true
		for i, c := range cols {
			ref, ok := c.Expr.(*plan.Ref)
			same = same && ok && ref.Sym == c.Sym && have[i] == c.Sym
		}
		if same {
			return source
		}
	}
	return &plan.Project{Source: source, Cols: cols}
}

// starText is how a column from * appears in the message that it is not grouped.
func starText(f *field) string {
	if len(f.relation) > 0 {
		return fmt.Sprintf("'%s.%s'", strings.Join(f.relation, "."), f.name)
	}
	return "'" + f.name + "'"
}
