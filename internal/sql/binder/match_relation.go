package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// rowsPerMatch are the rows of MATCH_RECOGNIZE's result.
var rowsPerMatch = map[ast.RowsPerMatch]rowpattern.Rows{
	"": rowpattern.OneRow, ast.OneRow: rowpattern.OneRow, ast.AllRowsDefault: rowpattern.ShowEmpty,
	ast.AllRowsShowEmpty: rowpattern.ShowEmpty, ast.AllRowsOmitEmpty: rowpattern.OmitEmpty, ast.AllRowsWithUnmatched: rowpattern.Unmatched,
}

// patternRecognition binds relation MATCH_RECOGNIZE (…).
func (b *binder) patternRecognition(r *ast.PatternRecognition, outer *scope) (*relation, error) {
	in, err := b.relation(r.Relation, outer)
	if err != nil {
		return nil, err
	}
	sc := &scope{fields: in.fields, parent: outer, boundary: true}
	partition, err := b.matchKeys(r.PartitionBy, sc, "PARTITION BY", func(k plan.Expr) bool { return k.Type().Comparable() }, "comparable")
	if err != nil {
		return nil, err
	}
	var order []*field
	var keys []plan.SortKey
	if r.OrderBy != nil {
		var es []ast.Expression
		for _, i := range r.OrderBy.Items {
			es = append(es, i.Key)
		}
		order, err = b.matchKeys(es, sc, "ORDER BY", func(k plan.Expr) bool { return k.Type().Orderable() }, "orderable")
		if err != nil {
			return nil, err
		}
		for i, item := range r.OrderBy.Items {
			keys = append(keys, sortKey(item, &plan.Ref{Sym: order[i].sym}))
		}
	}
	if r.Search != "" {
		return nil, errAt(r, trinoerr.NotSupported, "Pattern search modifier: %s is not allowed in MATCH_RECOGNIZE clause", r.Search)
	}
	if excluded, found := firstPattern[*ast.ExcludedPattern](r.Pattern); found && r.RowsPerMatch == ast.AllRowsWithUnmatched {
		return nil, errAt(excluded, trinoerr.InvalidRowPattern,
			"Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS is specified")
	}
	m, err := b.bindMatch(&patternClauses{pattern: r.Pattern, subsets: r.Subsets, defines: r.Defines, measures: r.Measures, skip: r.AfterSkip},
		in.fields, outer, false)
	if err != nil {
		return nil, err
	}
	m.node.Spec.Rows = rowsPerMatch[r.RowsPerMatch]
	m.node.OrderBy = keys
	for _, f := range partition {
		m.node.PartitionBy = append(m.node.PartitionBy, &plan.Ref{Sym: f.sym})
	}
	return m.relation(r, in, partition, order)
}

// matchKeys binds the columns of PARTITION BY or ORDER BY.
func (b *binder) matchKeys(es []ast.Expression, sc *scope, clause string, allowed func(plan.Expr) bool, what string) ([]*field, error) {
	var out []*field
	for _, e := range es {
		parts, ok := dotted(e)
		if !ok {
			return nil, errAt(e, trinoerr.InvalidColumnReference, "Expected column reference. Actual: %s", exprText(e))
		}
		x := &exprBinder{b: b, scope: sc}
		key, err := x.expr(e)
		if err != nil {
			return nil, err
		}
		f, found, err := sc.resolve(e, parts)
		if err != nil {
			return nil, err
		}
		if !found || !slices.Contains(sc.fields, f) {
			return nil, errAt(e, trinoerr.InvalidColumnReference, "Expected column reference. Actual: %s", exprText(e))
		}
		if !allowed(key) {
			return nil, errAt(e, trinoerr.TypeMismatch, "%s is not %s, and therefore cannot be used in %s", key.Type(), what, clause)
		}
		out = append(out, f)
	}
	return out, nil
}

// relation makes the result: the keys of the partition, with all rows the keys of the order, the measures, and with all rows
// the other columns.
func (m *match) relation(r *ast.PatternRecognition, in *relation, partition, order []*field) (*relation, error) {
	first := slices.Clone(partition)
	var rest []*field
	if m.node.Spec.Rows != rowpattern.OneRow {
		first = append(first, order...)
		for _, f := range in.visible() {
			if !slices.Contains(first, f) {
				rest = append(rest, f)
			}
		}
	}
	out := &relation{}
	var passed []*plan.Symbol
	pass := func(fields []*field) {
		for _, f := range fields {
			if !slices.Contains(passed, f.sym) {
				passed = append(passed, f.sym)
			}
			out.fields = append(out.fields, &field{name: f.name, sym: f.sym, aliased: f.aliased})
		}
	}
	pass(first)
	for _, d := range m.measures {
		out.fields = append(out.fields, &field{name: d.name.Value, sym: d.sym, aliased: true})
	}
	pass(rest)
	if len(out.fields) == 0 {
		return nil, errAt(r, trinoerr.TableHasNoColumns, "pattern recognition output table has no columns")
	}
	out.node = m.finish(in.node, passed)
	return out, nil
}
