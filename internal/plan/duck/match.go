package duck

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// matchRecognize finds row patterns. Each partition becomes a list of its rows in order; a native function gets, as texts, what
// the conditions read, and gives lists of row numbers, which are unnested and with which columns are picked from the list of
// rows. So columns may have any type.
func (l *lowerer) matchRecognize(n *plan.MatchRecognize, outer *scope) *block {
	b := l.open(l.node(n.Source, outer), rows)
	b = l.plainFor(b, plan.NodeExprs(n)...)
	m := &matchLowering{lowerer: l, n: n, sc: b.scope()}
	var keys []string
	for _, e := range n.PartitionBy {
		if !l.column(e, m.sc).literal {
			keys = append(keys, l.grouping(e, m.sc))
		}
	}
	if len(keys) > 0 {
		b.groupBy = strings.Join(keys, ", ")
	}
	partitions := b.render(m.collected())
	matched := "SELECT " + m.rows + ", wb_match_recognize(" + text(n.Spec.Encode()) + ", [" + strings.Join(m.columns(), ", ") + "]) AS m\nFROM (" + indent(partitions) + ") AS " + m.from
	unnested := "SELECT " + strings.Join(m.unnested(), ", ") + "\nFROM (" + indent(matched) + ") AS " + m.from
	return l.seal(m.picked(unnested, outer))
}

// matchLowering is the state of lowering one node. The queries that it stacks use the same names: from for the table below,
// rows for the list of a partition's rows.
type matchLowering struct {
	*lowerer
	n  *plan.MatchRecognize
	sc *scope

	from, rows string
}

// collected are the columns of the partitions: the rows, and what inputs are without a row.
func (m *matchLowering) collected() []string {
	m.from = m.alias()
	m.rows = m.from + ".r"
	var fields []string
	key := m.orderKey()
	if key != "" {
		fields = append(fields, "k := "+key)
	}
	for i, in := range m.n.Inputs {
		if in.Args == nil {
			fields = append(fields, m.field("i", i)+" := "+m.matchText(in.Value, m.n.Spec.Columns[i], m.sc))
			continue
		}
		for k, a := range in.Args {
			fields = append(fields, m.field(m.field("i", i)+"_", k)+" := "+m.expr(a, m.sc))
		}
	}
	frame := castTo("NULL", "VARCHAR")
	if e := m.n.FrameEnd; e != nil {
		frame = "coalesce(CAST(" + m.expr(e, m.sc) + " AS VARCHAR), '-1')"
	}
	fields = append(fields, "e := "+frame)
	for i, s := range m.n.Passed {
		c, ok := m.sc.find(s)
		if !ok {
			panic("duck: no column for symbol " + s.Name)
		}
		fields = append(fields, m.field("p", i)+" := "+c.sql)
	}
	for i, v := range m.n.Values {
		if v.Kind == plan.MatchedValue {
			fields = append(fields, m.field("v", i)+" := "+m.expr(v.Arg, m.sc))
		}
	}
	list := "list(struct_pack(" + strings.Join(fields, ", ") + "))"
	if key != "" {
		list = "list_sort(" + list + ")"
	}
	items := []string{list + " AS r"}
	for i, in := range m.n.Inputs {
		if in.NoRow != nil {
			items = append(items, "first("+m.matchText(in.NoRow, m.n.Spec.Columns[i], m.sc)+") AS "+m.field("d", i))
		}
	}
	return items
}

// orderKey is a value that orders the rows of a partition; being the first field of the rows it orders them. Sorting lists of rows
// takes half the time and memory of an ordered aggregation, and rows that are equal in all columns alone are left in doubt.
func (m *matchLowering) orderKey() string {
	var parts []string
	for _, k := range m.n.OrderBy {
		if m.column(k.Expr, m.sc).literal {
			continue
		}
		how := "ASC"
		if k.Desc {
			how = "DESC"
		}
		if k.NullsFirst {
			how += " NULLS FIRST"
		} else {
			how += " NULLS LAST"
		}
		parts = append(parts, m.sortable(k.Expr, m.sc), text(how))
	}
	if parts == nil {
		return ""
	}
	return "create_sort_key(" + strings.Join(parts, ", ") + ")"
}

func (m *matchLowering) field(kind string, i int) string { return kind + strconv.Itoa(i) }

// columns are the columns of a partition as the matcher takes them.
func (m *matchLowering) columns() []string {
	of := func(field string) string { return "list_transform(" + m.rows + ", lambda x: x." + field + ")" }
	var out []string
	for i, in := range m.n.Inputs {
		without := castTo("NULL", "VARCHAR")
		if in.NoRow != nil {
			without = m.from + "." + m.field("d", i)
		}
		list := of(m.field("i", i))
		if in.Args != nil {
			list = m.neighbours(i, in)
		}
		out = append(out, "list_prepend("+without+", "+list+")")
	}
	return append(out, of("e"))
}

// neighbours computes an input from several rows at a time, by their numbers in the list.
func (m *matchLowering) neighbours(i int, in plan.MatchInput) string {
	l := in.Value.(*plan.Lambda)
	sc := &scope{map[*plan.Symbol]col{}, m.sc.outer}
	for k, p := range l.Params {
		at := "i + " + castTo(strconv.Itoa(in.Moves[k]), "BIGINT")
		sc.cols[p] = col{sql: "CASE WHEN " + at + " > 0 THEN " + m.rows + "[" + at + "]." + m.field(m.field("i", i)+"_", k) + " END"}
	}
	return "list_transform(range(1, len(" + m.rows + ") + 1), lambda i: " + m.matchText(l.Body, m.n.Spec.Columns[i], sc) + ")"
}

// matchLists are the lists of the matcher's result, by what they say.
var matchLists = map[plan.MatchValueKind]string{
	plan.MatchNumber: "n", plan.MatchLast: "l", plan.MatchShown: "s", plan.MatchFirst: "f", plan.MatchLength: "c",
}

// unnested are the rows of the matcher's result.
func (m *matchLowering) unnested() []string {
	result := m.from + ".m"
	items := []string{m.rows, "unnest(" + result + ".r) AS a"}
	for i, v := range m.n.Values {
		list := result + "." + matchLists[v.Kind]
		switch v.Kind {
		case plan.MatchedValue, plan.MatchedClassifier:
			list = result + ".o[" + strconv.Itoa(v.Output+1) + "]"
		case plan.MatchPosition:
			list = "range(len(" + result + ".r))"
		}
		items = append(items, "unnest("+list+") AS "+m.field("v", i))
	}
	return items
}

// picked is the block whose columns are those of the node.
func (m *matchLowering) picked(sql string, outer *scope) *block {
	b := &block{from: "(" + indent(sql) + ") AS " + m.from, out: m.n.Outputs(), outer: outer, cols: map[*plan.Symbol]col{}}
	at := func(index, field string) string { return m.rows + "[" + m.from + "." + index + " + 1]." + field }
	for i, s := range m.n.Passed {
		c, _ := m.sc.find(s)
		b.cols[s] = col{sql: at("a", m.field("p", i)), exact: c.exact}
	}
	for i, v := range m.n.Values {
		value := m.field("v", i)
		switch v.Kind {
		case plan.MatchedValue:
			b.cols[v.Sym] = col{sql: at(value, value)}
		case plan.MatchedClassifier:
			var names []string
			for _, name := range m.n.Spec.Variables {
				names = append(names, text(name))
			}
			b.cols[v.Sym] = col{sql: "[" + strings.Join(names, ", ") + "][" + m.from + "." + value + " + 1]", exact: true}
		default:
			b.cols[v.Sym] = col{sql: m.from + "." + value, plain: true, exact: true}
		}
	}
	return b
}

// matchText writes a value as the text that the matcher reads.
func (m *matchLowering) matchText(e plan.Expr, t rowpattern.Type, sc *scope) string {
	sql := m.expr(e, sc)
	switch t.Kind {
	case rowpattern.Text:
		switch e.Type().Kind {
		case types.Varbinary, types.IPAddress:
			return "hex(" + sql + ")"
		}
	case rowpattern.Opaque:
		return "CASE WHEN " + sql + " IS NOT NULL THEN '' END"
	case rowpattern.Moment:
		switch e.Type().Kind {
		case types.Date:
			sql = "(" + sql + " - DATE '1970-01-01')"
		case types.Timestamp:
			sql = "epoch_us(" + sql + ")"
		case types.Time:
			if e.Type().P <= microPrecision {
				sql = "epoch_us(" + sql + ")"
			}
		case types.TimestampTZ:
			sql = "epoch_us(struct_extract(" + sql + ", 't'))"
		}
	case rowpattern.Decimal:
		sql = castTo(sql, physical(e.Type()))
	}
	return castTo(sql, "VARCHAR")
}
