package duck

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// window adds window functions to the columns.
func (l *lowerer) window(n *plan.Window, outer *scope) *block {
	b := l.open(l.node(n.Source, outer), grouped)
	var exprs []plan.Expr
	exprs = append(append(exprs, n.PartitionBy...), keyExprs(n.OrderBy)...)
	distances := false
	for _, f := range n.Functions {
		exprs = append(append(exprs, f.Args...), keyExprs(f.OrderBy)...)
		exprs = append(exprs, f.Filter, f.Frame.Start.Offset, f.Frame.End.Offset)
		distances = distances || f.Frame.Unit == plan.Range && (f.Frame.Start.Offset != nil || f.Frame.End.Offset != nil)
	}
	b = l.plainFor(b, exprs...)
	if distances && l.column(n.OrderBy[0].Expr, b.scope()).literal {
		b = l.seal(b) // a frame of distances needs its key, even one that orders nothing
	}
	sc := b.scope()
	var parts []string
	if len(n.PartitionBy) > 0 {
		var keys []string
		for _, e := range n.PartitionBy {
			keys = append(keys, l.grouping(e, sc))
		}
		parts = append(parts, "PARTITION BY "+strings.Join(keys, ", "))
	}
	if distances {
		parts = append(parts, "ORDER BY "+l.distanceKey(n.OrderBy[0], sc))
	} else if keys := l.sortKeys(n.OrderBy, sc); keys != "" {
		parts = append(parts, "ORDER BY "+keys)
	}
	added := map[*plan.Symbol]col{}
	for _, f := range n.Functions {
		over := append([]string(nil), parts...)
		if frame := l.frame(f.Frame, n.OrderBy, sc); frame != "" {
			over = append(over, frame)
		}
		added[f.Sym] = col{sql: l.call(f.Variant, f.Args, f.Sym.Type, sc, func(name, args string) string {
			return name + "(" + l.callArgs(args, f.Distinct, f.IgnoreNulls, f.OrderBy, sc) + ")" +
				l.filterClause(f.Filter, sc) + " OVER (" + strings.Join(over, " ") + ")"
		})}
	}
	b.cols, b.out, b.phase = merge(b.cols, added), n.Outputs(), windowed
	return b
}

// distanceKey writes the sort key of a RANGE frame with offsets: a value that a distance can be added to.
func (l *lowerer) distanceKey(k plan.SortKey, sc *scope) string {
	sql := l.sortable(k.Expr, sc)
	if isLongTimestamp(k.Expr.Type()) {
		s := l.expr(k.Expr, sc)
		sql = "(CAST(epoch_us(struct_extract(" + s + ", 't')) AS HUGEINT) * 1000000 + struct_extract(" + s + ", 'p'))"
	}
	if k.Desc {
		sql += " DESC"
	}
	if k.NullsFirst {
		return sql + " NULLS FIRST"
	}
	return sql + " NULLS LAST"
}

// isLongTimestamp holds for timestamps that are more than DuckDB's.
func isLongTimestamp(t types.Type) bool {
	return (t.Kind == types.Timestamp || t.Kind == types.TimestampTZ) && t.P > microPrecision
}

func (l *lowerer) frame(f plan.Frame, order []plan.SortKey, sc *scope) string {
	if f.Unit == "" {
		return ""
	}
	return string(f.Unit) + " BETWEEN " + l.bound(f.Start, f.Unit, order, sc) + " AND " + l.bound(f.End, f.Unit, order, sc)
}

// bound writes an end of a frame. Offsets are checked: they must not be negative or NULL.
func (l *lowerer) bound(b plan.FrameBound, unit plan.FrameUnit, order []plan.SortKey, sc *scope) string {
	if b.Offset == nil {
		return string(b.Kind)
	}
	t := b.Offset.Type()
	sql, invalid := l.expr(b.Offset, sc), l.expr(b.Offset, sc)+" < 0"
	if isFloat(t) {
		invalid += " OR isnan(" + sql + ")"
	}
	raise := "wb_raise('INVALID_WINDOW_FRAME', 'Window frame offset value must not be negative or null')"
	value := sql
	switch {
	case unit != plan.Range && t.Kind == types.Decimal:
		value = castTo("least("+sql+", 9223372036854775807)", "BIGINT") // no partition has more rows
	case unit != plan.Range:
		value = castTo(sql, "BIGINT")
	case t.Kind == types.IntervalDayToSecond || t.Kind == types.IntervalYearToMonth:
		value = l.distance(sql, t, order[0].Expr.Type())
	}
	if c, ok := b.Offset.(*plan.Const); !ok || c.Value == nil || !positive(c.Value) {
		value = "CASE WHEN " + sql + " IS NULL OR " + invalid + " THEN " + raise + " ELSE " + value + " END"
	}
	return value + " " + string(b.Kind)
}

// distance writes an interval as what is added to keys of a type.
func (l *lowerer) distance(sql string, t, key types.Type) string {
	switch {
	case key.Kind == t.Kind:
		return sql
	case isLongTimestamp(key) && t.Kind == types.IntervalYearToMonth:
		l.notSupported("A frame of months over %s is not supported", key)
	case isLongTimestamp(key):
		return castTo(sql, "HUGEINT") + " * 1000000000"
	case t.Kind == types.IntervalYearToMonth:
		return "to_months(" + sql + ")"
	}
	return "to_milliseconds(" + sql + ")"
}

// positive holds for constants that are known to be no less than zero.
func positive(v any) bool {
	switch v := v.(type) {
	case int64:
		return v >= 0
	case float64:
		return v >= 0
	case float32:
		return v >= 0
	case types.IntervalDTValue:
		return v >= 0
	case types.IntervalYMValue:
		return v >= 0
	}
	return false
}
