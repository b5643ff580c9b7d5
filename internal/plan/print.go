package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// PrintOptions say what a printed plan shows besides nodes and expressions.
type PrintOptions struct {
	// Layout adds a line with the names and types of each node's output columns.
	Layout bool
	// Details, when not nil, returns further lines for a node, such as estimates or measurements.
	Details func(Node) []string
}

// Print returns a plan as a tree of lines, as EXPLAIN shows it: per node its name and attributes, then lines for what
// it computes, then its sources. Plans nested in expressions are numbered and printed below the node that uses them.
func Print(n Node, opt PrintOptions) string {
	p := &printer{opt: opt}
	p.node(n, "", "", "")
	return p.b.String()
}

// printer walks a plan and numbers subqueries in the order in which it meets them.
type printer struct {
	opt  PrintOptions
	b    strings.Builder
	subs int
}

// node prints n: its head behind the prefix first, everything below behind rest. label says which source it is.
func (p *printer) node(n Node, first, rest, label string) {
	e := &exprPrinter{next: &p.subs}
	head, lines := describe(n, e)
	if p.opt.Layout {
		lines = append([]string{"Layout: " + layout(n.Outputs())}, lines...)
	}
	if p.opt.Details != nil {
		lines = append(lines, p.opt.Details(n)...)
	}
	p.b.WriteString(first + label + head + "\n")
	type child struct {
		n     Node
		label string
	}
	var children []child
	for i, s := range n.Sources() {
		children = append(children, child{s, sourceLabel(n, i)})
	}
	for _, s := range e.subs {
		children = append(children, child{s.plan, "subquery " + strconv.Itoa(s.id) + ": "})
	}
	bar := "    "
	if len(children) > 0 {
		bar = "│   "
	}
	for _, l := range lines {
		p.b.WriteString(rest + bar + l + "\n")
	}
	for i, c := range children {
		if i < len(children)-1 {
			p.node(c.n, rest+"├─ ", rest+"│  ", c.label)
		} else {
			p.node(c.n, rest+"└─ ", rest+"   ", c.label)
		}
	}
}

// sourceLabel names a source where its position alone would leave a reader wondering.
func sourceLabel(n Node, i int) string {
	switch n.(type) {
	case *CTE:
		return [...]string{"definition: ", "body: "}[i]
	case *RecursiveCTE:
		return [...]string{"base: ", "step: "}[i]
	}
	return ""
}

// layout prints columns with types.
func layout(syms []*Symbol) string {
	parts := make([]string, len(syms))
	for i, s := range syms {
		parts[i] = s.Name + ":" + s.Type.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// describe returns the head line of a node and the lines below it.
func describe(n Node, e *exprPrinter) (head string, lines []string) {
	a := attributes{}
	switch n := n.(type) {
	case *Scan:
		a.add("table", n.Catalog+":"+n.Table.Table.String())
		a.addIf(n.Table.Limit > 0, "limit", strconv.FormatInt(n.Table.Limit, 10))
		a.addIf(len(n.Table.Constraint) > 0, "constraint", strings.Join(constrained(n), ", "))
		if n.Ranges != nil {
			a.add("ranges", fmt.Sprintf("%d of %s", n.Ranges.Count(), n.Ranges.Column))
		}
		for _, p := range n.Pushed {
			lines = append(lines, "pushed "+p)
		}
		for i, s := range n.Symbols {
			lines = append(lines, s.Name+" := "+n.Table.Columns[i].Name+":"+n.Table.Columns[i].Type.String())
		}
		return "TableScan" + a.String(), lines
	case *Values:
		for _, r := range n.Rows {
			lines = append(lines, "("+e.list(r)+")")
		}
		return "Values[" + names(n.Symbols) + "]", lines
	case *Filter:
		a.add("filterPredicate", e.text(n.Pred))
		return "Filter" + a.String(), nil
	case *Project:
		for _, c := range n.Cols {
			if r, ok := c.Expr.(*Ref); ok && r.Sym == c.Sym {
				continue
			}
			lines = append(lines, c.Sym.Name+" := "+e.text(c.Expr))
		}
		return "Project[" + names(n.Outputs()) + "]", lines
	case *Aggregate:
		return describeAggregate(n, e)
	case *Distinct:
		return "Distinct[]", nil
	case *Window:
		return describeWindow(n, e)
	case *MatchRecognize:
		return describeMatch(n, e)
	case *Join:
		return describeJoin(n, e)
	case *LateralJoin:
		a.add("type", string(n.Type))
		a.addIf(n.Filter != nil, "filter", e.optional(n.Filter))
		return "LateralJoin" + a.String(), nil
	case *SetOp:
		a.add("columns", names(n.Symbols))
		name := strings.ToUpper(string(n.Kind)[:1]) + strings.ToLower(string(n.Kind)[1:])
		if n.All {
			name += "All"
		}
		return name + a.String(), nil
	case *Sort:
		a.add("orderBy", "["+e.keys(n.Keys)+"]")
		return "Sort" + a.String(), nil
	case *TopN:
		a.add("count", strconv.FormatInt(n.Count, 10))
		a.add("orderBy", "["+e.keys(n.Keys)+"]")
		return "TopN" + partial(n.Partial) + a.String(), nil
	case *Limit:
		a.addIf(n.Count >= 0, "count", strconv.FormatInt(n.Count, 10))
		a.addIf(n.Offset > 0, "offset", strconv.FormatInt(n.Offset, 10))
		a.addIf(n.WithTies != nil, "withTies", "["+e.keys(n.WithTies)+"]")
		return "Limit" + partial(n.Partial) + a.String(), nil
	case *Unnest:
		for _, c := range n.Cols {
			lines = append(lines, names(c.Symbols)+" := "+e.text(c.Expr))
		}
		a.addIf(n.Ordinality != nil, "ordinality", optionalName(n.Ordinality))
		a.addIf(n.Outer, "outer", "true")
		return "Unnest" + a.String(), lines
	case *Sample:
		method := "BERNOULLI"
		if n.System {
			method = "SYSTEM"
		}
		a.add("type", method)
		a.add("percent", e.text(n.Percent))
		return "Sample" + a.String(), nil
	case *SingleRow:
		return "EnforceSingleRow[]", nil
	case *RowNumber:
		return "AssignUniqueId[" + n.Sym.Name + "]", nil
	case *CTE:
		return fmt.Sprintf("CTE[%s#%d]", n.Name, n.ID), nil
	case *CTERef:
		return fmt.Sprintf("CTEScan[%s#%d, columns = %s]", n.Name, n.ID, names(n.Symbols)), nil
	case *RecursiveCTE:
		a.add("columns", names(n.Symbols))
		a.addIf(n.MaxDepth > 0, "maxDepth", strconv.Itoa(n.MaxDepth))
		return fmt.Sprintf("RecursiveCTE[%s#%d, %s]", n.Name, n.ID, strings.TrimSuffix(a.String()[1:], "]")), nil
	case *Write:
		return describeWrite(n)
	case *Output:
		return describeOutput(n)
	case *Exchange:
		a.add("type", string(n.Kind))
		a.addIf(len(n.Keys) > 0, "keys", "["+e.list(n.Keys)+"]")
		a.addIf(n.Ranges, "ranges", "true")
		return "Exchange" + a.String(), nil
	case *RemoteSource:
		a.add("stage", strconv.Itoa(n.Stage))
		a.add("type", string(n.Kind))
		a.addIf(len(n.OrderBy) > 0, "orderBy", "["+e.keys(n.OrderBy)+"]")
		a.addIf(n.Ranges, "ranges", "true")
		return "RemoteSource" + a.String(), nil
	}
	return fmt.Sprintf("%T", n), nil
}

func describeAggregate(n *Aggregate, e *exprPrinter) (string, []string) {
	a := attributes{}
	switch n.Step {
	case Partial:
		a.add("type", "PARTIAL")
	case Final:
		a.add("type", "FINAL")
	}
	a.addIf(len(n.Keys) > 0, "keys", "["+names(n.Keys)+"]")
	if n.Sets != nil {
		sets := make([]string, len(n.Sets))
		for i, set := range n.Sets {
			var keys []string
			for _, k := range set {
				keys = append(keys, n.Keys[k].Name)
			}
			sets[i] = "(" + strings.Join(keys, ", ") + ")"
		}
		a.add("groupingSets", "["+strings.Join(sets, ", ")+"]")
	}
	a.addIf(n.GroupID != nil, "groupId", optionalName(n.GroupID))
	var lines []string
	for _, g := range n.Aggs {
		lines = append(lines, g.Sym.Name+" := "+e.aggregate(g.Name, g.Args, g.Distinct, g.OrderBy, g.Filter))
	}
	return "Aggregate" + a.String(), lines
}

func describeWindow(n *Window, e *exprPrinter) (string, []string) {
	a := attributes{}
	a.addIf(len(n.PartitionBy) > 0, "partitionBy", "["+e.list(n.PartitionBy)+"]")
	a.addIf(len(n.OrderBy) > 0, "orderBy", "["+e.keys(n.OrderBy)+"]")
	var lines []string
	for _, w := range n.Functions {
		l := w.Sym.Name + " := " + e.aggregate(w.Name, w.Args, w.Distinct, w.OrderBy, w.Filter)
		if w.IgnoreNulls {
			l += " IGNORE NULLS"
		}
		if w.Frame.Unit != "" {
			l += fmt.Sprintf(" %s BETWEEN %s AND %s", w.Frame.Unit, e.bound(w.Frame.Start), e.bound(w.Frame.End))
		}
		lines = append(lines, l)
	}
	return "Window" + a.String(), lines
}

func describeJoin(n *Join, e *exprPrinter) (string, []string) {
	a := attributes{}
	equi := make([]string, len(n.Equi))
	for i, q := range n.Equi {
		equi[i] = "(" + e.text(q.Left) + " = " + e.text(q.Right) + ")"
	}
	a.addIf(len(equi) > 0, "criteria", strings.Join(equi, " AND "))
	a.addIf(n.Filter != nil, "filter", e.optional(n.Filter))
	a.addIf(n.Distribution != Undecided, "distribution", string(n.Distribution))
	a.addIf(n.MarkSym != nil, "mark", optionalName(n.MarkSym))
	a.addIf(n.NullAware, "nullAware", "true")
	name := strings.ToUpper(string(n.Type)[:1]) + strings.ToLower(string(n.Type)[1:]) + "Join"
	return name + a.String(), nil
}

func describeWrite(n *Write) (string, []string) {
	a := attributes{}
	a.add("table", n.Target.Catalog+":"+n.Target.Table.Name.String())
	a.addIf(n.Target.Create, "create", "true")
	a.addIf(n.Target.Procedure != "", "procedure", n.Target.Procedure)
	name := "TableWriter"
	var lines []string
	if c := n.Change; c != nil {
		name = "MergeWriter"
		lines = append(lines, "operation := "+c.Operation.Name, "row id := "+names(c.RowID))
		a.addIf(n.Target.Unique, "unique", "true")
	}
	if n.Target.Analysis != nil {
		return "StatisticsWriter" + a.String(), nil
	}
	for i, s := range n.Columns {
		lines = append(lines, n.Target.Table.Columns[i].Name+" := "+s.Name)
	}
	return name + a.String(), lines
}

func describeOutput(n *Output) (string, []string) {
	var lines []string
	for i, s := range n.Symbols {
		if n.Names[i] != s.Name {
			lines = append(lines, n.Names[i]+" := "+s.Name)
		}
	}
	return "Output[columnNames = [" + strings.Join(n.Names, ", ") + "]]", lines
}

func partial(is bool) string {
	if is {
		return "Partial"
	}
	return ""
}

func optionalName(s *Symbol) string {
	if s == nil {
		return ""
	}
	return s.Name
}

func names(syms []*Symbol) string {
	parts := make([]string, len(syms))
	for i, s := range syms {
		parts[i] = s.Name
	}
	return strings.Join(parts, ", ")
}

// attributes are the "name = value" parts in a node's brackets.
type attributes []string

func (a *attributes) add(name, value string) { *a = append(*a, name+" = "+value) }
func (a *attributes) addIf(is bool, name, value string) {
	if is {
		a.add(name, value)
	}
}
func (a attributes) String() string { return "[" + strings.Join(a, ", ") + "]" }

// constrained lists the columns of which a scan is told what values are wanted.
func constrained(n *Scan) []string {
	var out []string
	for _, d := range n.Table.Constraint {
		if !slices.Contains(out, d.Column) {
			out = append(out, d.Column)
		}
	}
	return out
}
