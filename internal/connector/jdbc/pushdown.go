package jdbc

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// PushFilter takes the conjuncts that the database evaluates as Trino does.
func (c *Connector) PushFilter(ctx context.Context, scan connector.Scan, conjuncts []connector.Expression) (connector.PushedFilter, bool, error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return connector.PushedFilter{}, false, err
	}
	s := c.SettingsFor(ctx)
	if r.cut() {
		r = c.wrapped(r)
	} else {
		r = r.copied()
	}
	out := connector.PushedFilter{Exact: make([]bool, len(conjuncts))}
	taken := false
	for i, e := range conjuncts {
		if sql, ok := c.renderer(r, &s).condition(e); ok {
			r.Where = append(r.Where, sql)
			out.Exact[i], taken = true, true
		} else if sql, ok := c.renderer(r, &s).prefilter(e); ok {
			r.Where = append(r.Where, sql)
			taken = true
		}
	}
	if !taken {
		return out, false, nil
	}
	out.Handle, err = r.handle()
	return out, err == nil, err
}

// PushLimit takes a limit: it holds for all rows when they are read as one split, which a limit makes them.
func (c *Connector) PushLimit(_ context.Context, scan connector.Scan, count int64) (connector.PushedLimit, bool, error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return connector.PushedLimit{}, false, err
	}
	if _, ok := c.statement(Limited, "", ""); !ok || count <= 0 || r.Limit > 0 && r.Limit <= count {
		return connector.PushedLimit{}, false, nil
	}
	r.Limit = count
	raw, err := r.handle()
	return connector.PushedLimit{Handle: raw, Guaranteed: true}, err == nil, err
}

// PushTopN takes the first rows of an ordering.
func (c *Connector) PushTopN(ctx context.Context, scan connector.Scan, count int64, order []connector.SortItem) (json.RawMessage, bool, error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return nil, false, err
	}
	s := c.SettingsFor(ctx)
	o, ok := c.dialect.(Orderer)
	if !ok || !s.TopNPushdown || count <= 0 {
		return nil, false, nil
	}
	if r.cut() {
		r = c.wrapped(r)
	}
	r.OrderBy = nil
	for _, item := range order {
		col := r.find(item.Column)
		if col == nil || col.sorted() == "" {
			return nil, false, nil
		}
		r.OrderBy = append(r.OrderBy, o.OrderBy(col.sorted(), item.Descending, item.NullsFirst))
	}
	r.Limit = count
	raw, err := r.handle()
	return raw, err == nil, err
}

// Orderer is a dialect in which rows can be ordered with NULLs first or last, as Trino is told.
type Orderer interface {
	// OrderBy is a key of an ordering.
	OrderBy(sql string, descending, nullsFirst bool) string
}

// PushAggregation takes groups by columns whose equality is Trino's, and the aggregates that the dialect has.
func (c *Connector) PushAggregation(ctx context.Context, scan connector.Scan, a connector.Aggregation) (out connector.PushedRelation, ok bool, err error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return out, false, err
	}
	s := c.SettingsFor(ctx)
	if !s.AggregatePushdown {
		return out, false, nil
	}
	if r.cut() {
		r = c.wrapped(r)
	}
	used := map[string]bool{}
	grouped := &relation{}
	var list, keys []string
	add := func(name, sql string, t types.Type, compare Comparison, sort string) {
		name = unique(used, name)
		quoted := c.dialect.Quote(name)
		list = append(list, sql+" AS "+quoted)
		grouped.Columns = append(grouped.Columns, column{Name: name, Type: t, Ref: quoted, Compare: compare, Sort: sort})
		out.Columns = append(out.Columns, connector.Column{Name: name, Type: t})
	}
	for _, k := range a.GroupBy {
		col := r.find(k.Column)
		if col == nil || col.Compare < Equality || col.Value != "" || k.Type.Kind == types.Real || k.Type.Kind == types.Double {
			return out, false, nil
		}
		keys = append(keys, col.Ref)
		sort := col.Sort
		if sort != "" {
			sort = strings.ReplaceAll(sort, col.Ref, c.dialect.Quote(k.Column))
		}
		add(k.Column, col.Ref, k.Type, col.Compare, sort)
	}
	for i := range a.Aggregates {
		sql, ok := c.aggregate(r, &s, &a.Aggregates[i])
		if !ok {
			return out, false, nil
		}
		compare := NotCompared
		if isNumber(a.Aggregates[i].Type) {
			compare = Order
		}
		add(fmt.Sprintf("_pfgnrtd_%d", i), sql, a.Aggregates[i].Type, compare, "")
	}
	if len(list) == 0 {
		return out, false, nil
	}
	text := c.query(r, list)
	switch {
	case len(keys) > 0:
		text += " GROUP BY " + strings.Join(keys, ", ")
	case len(a.Aggregates) == 0:
		return out, false, nil
	}
	grouped.From = "(" + text + ") " + alias
	out.Handle, err = grouped.handle()
	return out, err == nil, err
}

// unique returns a name that is not used yet.
func unique(used map[string]bool, name string) string {
	out := name
	for i := 0; used[out]; i++ {
		out = fmt.Sprintf("%s_%d", name, i)
	}
	used[out] = true
	return out
}

// Counter is a dialect whose function that counts to a bigint is not count.
type Counter interface{ CountFunction() string }

func (c *Connector) counter() string {
	if d, ok := c.dialect.(Counter); ok {
		return d.CountFunction()
	}
	return "count"
}

// aggregate renders an aggregate function: count by itself, the others as the dialect has them.
func (c *Connector) aggregate(r *relation, s *Settings, a *connector.Aggregate) (string, bool) {
	if a.Filter != nil || len(a.OrderBy) > 0 {
		return "", false
	}
	if a.Function == "count" && len(a.Args) == 0 {
		return c.counter() + "(*)", true
	}
	renderer := c.renderer(r, s)
	var args []string
	for _, e := range a.Args {
		t, ok := renderer.term(e)
		if !ok || t.constant {
			return "", false
		}
		sql := t.sql
		switch kind := e.ResultType().Kind; {
		case a.Function == "count" && !a.Distinct:
		case a.Function == "min" || a.Function == "max":
			if t.ordered != "" {
				sql = t.ordered
			} else if t.compare < Order {
				return "", false
			}
			if kind == types.Real || kind == types.Double || kind == types.Char {
				return "", false
			}
		case a.Distinct && (t.compare < Equality || kind == types.Real || kind == types.Double):
			return "", false
		}
		args = append(args, sql)
	}
	if a.Distinct {
		if len(args) != 1 {
			return "", false
		}
		args[0] = distinctly + args[0]
	}
	if a.Function == "count" {
		return c.counter() + "(" + args[0] + ")", len(args) == 1
	}
	f, ok := c.dialect.(Functions)
	if !ok {
		return "", false
	}
	return f.Aggregate(a, args)
}

// PushJoin takes joins whose conditions the database evaluates as Trino does, those that the strategy chooses.
func (c *Connector) PushJoin(ctx context.Context, join connector.JoinOffer) (out connector.PushedRelation, ok bool, err error) {
	s := c.SettingsFor(ctx)
	if !s.JoinPushdown || join.Kind == connector.FullJoin && !c.fullJoins() || !s.choosesJoin(&join) {
		return out, false, nil
	}
	var sides [2]*relation
	for i, scan := range []connector.Scan{join.Left, join.Right} {
		r, err := readRelation(scan.Handle)
		if err != nil {
			return out, false, err
		}
		sides[i] = c.wrapped(r)
	}
	left, right := sides[0], sides[1]
	qualify(left, "l")
	qualify(right, "r")
	var on []string
	for _, cond := range join.Conditions {
		sql, ok := c.joinCondition(&s, left, right, cond)
		if !ok || join.Kind == connector.FullJoin && cond.Operator != connector.OpEqual { // which some databases cannot do
			return out, false, nil
		}
		on = append(on, sql)
	}
	used := map[string]bool{}
	joined := &relation{}
	var list []string
	for i, scan := range []connector.Scan{join.Left, join.Right} {
		for _, sc := range scan.Columns {
			col := *sides[i].find(sc.Name)
			name := unique(used, sc.Name)
			quoted := c.dialect.Quote(name)
			list = append(list, col.Ref+" AS "+quoted)
			col.renamed(quoted)
			col.Name = name
			joined.Columns = append(joined.Columns, col)
			out.Columns = append(out.Columns, connector.Column{Name: name, Type: sc.Type})
		}
	}
	if len(list) == 0 {
		list = []string{"1 AS " + c.dialect.Quote("x")}
	}
	joined.From = "(SELECT " + strings.Join(list, ", ") + " FROM " + sideOf(left, "l") + " " + string(join.Kind) + " JOIN " + sideOf(right, "r") +
		" ON " + strings.Join(on, " AND ") + ") " + alias
	out.Handle, err = joined.handle()
	return out, err == nil, err
}

// choosesJoin says whether the strategy wants a join: the automatic one where it is known that not much more comes out than goes in.
func (s *Settings) choosesJoin(j *connector.JoinOffer) bool {
	if s.JoinStrategy == EagerJoins {
		return true
	}
	if j.LeftSize.Bytes < 0 || j.RightSize.Bytes < 0 || j.JoinSize.Bytes < 0 {
		return false
	}
	if most := float64(s.JoinTableSize); most > 0 && (j.LeftSize.Bytes > most || j.RightSize.Bytes > most) {
		return false
	}
	return j.JoinSize.Bytes < s.JoinRatio*(j.LeftSize.Bytes+j.RightSize.Bytes)
}

// fullJoins says whether the database has full joins.
func (c *Connector) fullJoins() bool {
	_, lacks := c.dialect.(NoFullJoin)
	return !lacks
}

// NoFullJoin is a dialect without FULL JOIN.
type NoFullJoin interface{ NoFullJoin() }

// sideOf is a subquery as one side of a join.
func sideOf(r *relation, name string) string { return strings.TrimSuffix(r.From, alias) + name }

// qualify has the columns of a subquery named with its own name.
func qualify(r *relation, name string) {
	for i := range r.Columns {
		col := &r.Columns[i]
		sort := col.Sort
		before := col.Ref
		col.Ref = name + "." + col.Ref
		if sort != "" {
			col.Sort = strings.ReplaceAll(sort, before, col.Ref)
		}
	}
}

// joinCondition renders a comparison of values of the two sides.
func (c *Connector) joinCondition(s *Settings, left, right *relation, cond connector.JoinCondition) (string, bool) {
	op, ok := operators[cond.Operator]
	if !ok {
		return "", false
	}
	x, okX := c.renderer(left, s).term(cond.Left)
	y, okY := c.renderer(right, s).term(cond.Right)
	kind := cond.Left.ResultType().Kind
	if !okX || !okY || x.compare < op.compare || y.compare < op.compare || kind == types.Real || kind == types.Double {
		return "", false
	}
	return "(" + x.sql + op.sql + y.sql + ")", true
}
