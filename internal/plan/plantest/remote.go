package plantest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Remote is a catalog whose connector takes every offer that it can say in SQL. The handle of a scan is the query that gives its rows, for
// whatever database has the tables. What it can say is what that database, DuckDB in tests, computes exactly as Trino does.
type Remote struct {
	connector.Metadata
	// From is what the tables are called in queries; nil: as in the catalog.
	From func(connector.SchemaTable) string
	// Moody, when not nil, makes the connector decline some offers and take others in part, as the hash of their words and this says.
	Moody *uint32
	// KeepJoins makes it decline joins.
	KeepJoins bool
}

// remoteHandle is what a scan of a Remote reads.
type remoteHandle struct{ SQL string }

// Query is what a scan reads, its constraint applied.
func (r *Remote) Query(s connector.Scan) string {
	columns := "1 AS none"
	if len(s.Columns) > 0 {
		var names []string
		for _, c := range s.Columns {
			names = append(names, name(c.Name))
		}
		columns = strings.Join(names, ", ")
	}
	sql := "SELECT " + columns + " FROM " + r.relation(s) + " AS r"
	var terms []string
	for _, d := range s.Constraint {
		i := slices.IndexFunc(s.Columns, func(c connector.Column) bool { return c.Name == d.Column })
		if i < 0 {
			continue
		}
		if e := d.Condition(s.Columns[i].Type); e != nil {
			if text, ok := expression("r", e); ok {
				terms = append(terms, text)
			}
		}
	}
	if terms != nil {
		sql += " WHERE " + strings.Join(terms, " AND ")
	}
	if s.Limit > 0 {
		sql += " LIMIT " + strconv.FormatInt(s.Limit, 10)
	}
	return sql
}

// relation is what a handle stands for, as an item of FROM.
func (r *Remote) relation(s connector.Scan) string {
	if s.Handle != nil {
		var h remoteHandle
		if err := json.Unmarshal(s.Handle, &h); err != nil {
			panic(err)
		}
		return "(" + h.SQL + ")"
	}
	if r.From != nil {
		return r.From(s.Table)
	}
	return s.Table.String()
}

func (r *Remote) handle(sql string) json.RawMessage {
	raw, err := json.Marshal(remoteHandle{sql})
	if err != nil {
		panic(err)
	}
	return raw
}

// moody is whether the connector feels like it: of so many times once it does not.
func (r *Remote) moody(words string, times uint32) bool {
	if r.Moody == nil {
		return false
	}
	h := fnv.New32a()
	fmt.Fprintf(h, "%d %s", *r.Moody, words)
	return h.Sum32()%times == 0
}

// PushFilter implements connector.FilterPushdown.
func (r *Remote) PushFilter(_ context.Context, scan connector.Scan, conjuncts []connector.Expression) (connector.PushedFilter, bool, error) {
	out := connector.PushedFilter{Exact: make([]bool, len(conjuncts))}
	var terms []string
	for i, e := range conjuncts {
		text, ok := expression("r", e)
		if !ok || r.moody(text, 5) {
			continue
		}
		terms = append(terms, text)
		out.Exact[i] = !r.moody("exactly "+text, 4)
	}
	if terms == nil {
		return out, false, nil
	}
	out.Handle = r.handle("SELECT * FROM " + r.relation(scan) + " AS r WHERE " + strings.Join(terms, " AND "))
	return out, true, nil
}

// PushLimit implements connector.LimitPushdown.
func (r *Remote) PushLimit(_ context.Context, scan connector.Scan, count int64) (connector.PushedLimit, bool, error) {
	sql := "SELECT * FROM " + r.relation(scan) + " AS r LIMIT " + strconv.FormatInt(count, 10)
	return connector.PushedLimit{Handle: r.handle(sql), Guaranteed: !r.moody("guaranteed "+sql, 2)}, !r.moody(sql, 4), nil
}

// PushTopN implements connector.TopNPushdown.
func (r *Remote) PushTopN(_ context.Context, scan connector.Scan, count int64, order []connector.SortItem) (json.RawMessage, bool, error) {
	sql := "SELECT * FROM " + r.relation(scan) + " AS r ORDER BY " + ordering(order) + " LIMIT " + strconv.FormatInt(count, 10)
	return r.handle(sql), !r.moody(sql, 4), nil
}

func ordering(order []connector.SortItem) string {
	var keys []string
	for _, o := range order {
		key := "r." + name(o.Column)
		if o.Descending {
			key += " DESC"
		}
		if o.NullsFirst {
			keys = append(keys, key+" NULLS FIRST")
		} else {
			keys = append(keys, key+" NULLS LAST")
		}
	}
	return strings.Join(keys, ", ")
}

// PushAggregation implements connector.AggregationPushdown.
func (r *Remote) PushAggregation(_ context.Context, scan connector.Scan, a connector.Aggregation) (connector.PushedRelation, bool, error) {
	var out connector.PushedRelation
	var keys, items []string
	for _, k := range a.GroupBy {
		keys = append(keys, "r."+name(k.Column))
		items = append(items, "r."+name(k.Column))
		out.Columns = append(out.Columns, connector.Column{Name: k.Column, Type: k.Type})
	}
	for _, x := range a.Aggregates {
		text, ok := aggregate(x)
		if !ok {
			return out, false, nil
		}
		c := connector.Column{Name: unused(out.Columns, x.Function), Type: x.Type}
		items, out.Columns = append(items, text+" AS "+name(c.Name)), append(out.Columns, c)
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM " + r.relation(scan) + " AS r"
	if keys != nil {
		sql += " GROUP BY " + strings.Join(keys, ", ")
	}
	out.Handle = r.handle(sql)
	return out, !r.moody(sql, 4), nil
}

// unused is a name that no column has.
func unused(columns []connector.Column, name string) string {
	for i := 0; ; i++ {
		candidate := name + "_" + strconv.Itoa(i)
		if !slices.ContainsFunc(columns, func(c connector.Column) bool { return c.Name == candidate }) {
			return candidate
		}
	}
}

// aggregate says an aggregate in SQL, if it has the same value there.
func aggregate(a connector.Aggregate) (string, bool) {
	if len(a.OrderBy) > 0 || len(a.Args) > 1 {
		return "", false
	}
	arg := "*"
	if len(a.Args) == 1 {
		text, ok := expression("r", a.Args[0])
		if !ok {
			return "", false
		}
		arg = text
		if a.Distinct {
			arg = "DISTINCT " + text
		}
	}
	text := a.Function + "(" + arg + ")"
	switch a.Function {
	case "count", "min", "max":
	case "sum":
		if k := a.Type.Kind; k != types.BigInt && k != types.Decimal {
			return "", false // the order in which doubles are added matters
		}
	default:
		return "", false
	}
	if a.Filter != nil {
		filter, ok := expression("r", a.Filter)
		if !ok {
			return "", false
		}
		text += " FILTER (WHERE " + filter + ")"
	}
	if a.Function == "sum" && a.Type.Kind == types.BigInt {
		text = "CAST(" + text + " AS BIGINT)"
	}
	return text, true
}

// PushJoin implements connector.JoinPushdown.
func (r *Remote) PushJoin(_ context.Context, j connector.JoinOffer) (connector.PushedRelation, bool, error) {
	var out connector.PushedRelation
	var items, on []string
	add := func(alias string, columns []connector.Column) {
		for _, c := range columns {
			as := c
			as.Name = unused(out.Columns, c.Name)
			items, out.Columns = append(items, alias+"."+name(c.Name)+" AS "+name(as.Name)), append(out.Columns, as)
		}
	}
	add("l", j.Left.Columns)
	add("r", j.Right.Columns)
	equal := false
	for _, c := range j.Conditions {
		left, lok := expression("l", c.Left)
		right, rok := expression("r", c.Right)
		op, ok := operators[c.Operator]
		if !lok || !rok || !ok {
			return out, false, nil
		}
		equal = equal || c.Operator == connector.OpEqual
		on = append(on, left+op+right)
	}
	if items == nil {
		items = []string{"1 AS none"}
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM " + r.relation(j.Left) + " AS l " + string(j.Kind) + " JOIN " + r.relation(j.Right) + " AS r ON " + strings.Join(on, " AND ")
	out.Handle = r.handle(sql)
	return out, equal && !r.KeepJoins && !r.moody(sql, 4), nil
}

func name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// operators stand between their arguments.
var operators = map[string]string{connector.OpEqual: " = ", connector.OpNotEqual: " <> ", connector.OpLess: " < ", connector.OpLessOrEqual: " <= ",
	connector.OpGreater: " > ", connector.OpGreaterOrEqual: " >= ", connector.OpIdentical: " IS NOT DISTINCT FROM ", connector.OpAnd: " AND ", connector.OpOr: " OR "}

// arithmetic is what is done to bigint alone.
var arithmetic = map[string]string{connector.OpAdd: " + ", connector.OpSubtract: " - ", connector.OpMultiply: " * "}

// expression says an expression over columns of an alias in SQL, if it has the same value there.
func expression(alias string, e connector.Expression) (string, bool) {
	switch e := e.(type) {
	case *connector.Reference:
		return alias + "." + name(e.Column), true
	case *connector.Constant:
		return constant(e)
	case *connector.Call:
		var args []string
		for _, a := range e.Args {
			text, ok := expression(alias, a)
			if !ok {
				return "", false
			}
			args = append(args, text)
		}
		return call(e, args)
	}
	return "", false
}

func call(e *connector.Call, args []string) (string, bool) {
	if op, ok := operators[e.Function]; ok {
		return "(" + strings.Join(args, op) + ")", true
	}
	if op, ok := arithmetic[e.Function]; ok && e.Type.Kind == types.BigInt {
		return "(" + strings.Join(args, op) + ")", true
	}
	switch e.Function {
	case connector.OpNot:
		return "(NOT " + args[0] + ")", true
	case connector.OpIsNull:
		return "(" + args[0] + " IS NULL)", true
	case connector.OpIn:
		return "(" + args[0] + " IN (" + strings.Join(args[1:], ", ") + "))", true
	case connector.OpCoalesce:
		return "coalesce(" + strings.Join(args, ", ") + ")", true
	case connector.OpNullIf:
		return "nullif(" + strings.Join(args, ", ") + ")", true
	case connector.OpCase:
		text := "(CASE"
		for i := 0; i+1 < len(args); i += 2 {
			text += " WHEN " + args[i] + " THEN " + args[i+1]
		}
		return text + " ELSE " + args[len(args)-1] + " END)", true
	}
	return "", false
}

func constant(c *connector.Constant) (string, bool) {
	switch c.Type.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Decimal, types.Varchar:
		if c.Value == nil {
			return "NULL", true
		}
		return c.String(), true
	}
	return "", false
}
