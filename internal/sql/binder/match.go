package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// match is a bound row pattern recognition, of MATCH_RECOGNIZE or of a window.
type match struct {
	b    *binder
	vars *variables
	// node lacks its source and what it passes.
	node   *plan.MatchRecognize
	window bool
	// measures are expressions over values; those of them that are aggregates are window functions above the node.
	measures []measure
	values   []patternValue
	number   *plan.Symbol
	position *plan.Symbol
	// self is the variable of the row itself.
	self *plan.Symbol

	// Of a window: its text, the columns that say where a match is, and those that say it as ends of a frame.
	spec          *ast.WindowSpecification
	first, length *plan.Symbol
	begin, end    *plan.Symbol
	rewritten     bool // to stand over an aggregation
}

// measure is a bound item of MEASURES.
type measure struct {
	name *ast.Identifier
	expr plan.Expr
	sym  *plan.Symbol // what the expression will be
}

// bindMatch binds the clauses over a relation's columns, of which outer is what lies outside.
func (b *binder) bindMatch(c *patternClauses, fields []*field, outer *scope, window bool) (*match, error) {
	vars, spec, err := analyzePattern(c)
	if err != nil {
		return nil, err
	}
	m := &match{b: b, vars: vars, window: window, node: &plan.MatchRecognize{Spec: spec}}
	sc := &scope{parent: outer, boundary: true}
	source := map[*plan.Symbol]bool{}
	for _, f := range fields {
		g := *f
		g.relation = nil
		sc.fields = append(sc.fields, &g)
		source[f.sym] = true
	}
	if err := m.define(c.defines, sc, source); err != nil {
		return nil, err
	}
	for _, def := range c.measures {
		e, err := m.expr(def.Value, sc, source, &m.values)
		if err != nil {
			return nil, err
		}
		m.measures = append(m.measures, measure{name: def.Name, expr: e, sym: b.syms.New(def.Name.Value, e.Type())})
	}
	return m, nil
}

// expr binds an expression of MEASURES or DEFINE and collects what it reads of the match.
func (m *match) expr(e ast.Expression, sc *scope, source map[*plan.Symbol]bool, values *[]patternValue) (plan.Expr, error) {
	if windows := extractCalls(e).windows; len(windows) > 0 {
		return nil, errAt(windows[0], trinoerr.NestedWindow, "Cannot nest window functions or row pattern measures inside pattern recognition expressions")
	}
	var labels []string
	x := &exprBinder{b: m.b, scope: sc, pattern: &patternScope{vars: m.vars, source: source, window: m.window, values: values, labels: &labels}}
	out, err := x.expr(e)
	if err != nil {
		return nil, err
	}
	return out, m.checkReferences(out, *values)
}

// checkReferences refuses columns of outer queries, and those of the relation inside of subqueries.
func (m *match) checkReferences(e plan.Expr, values []patternValue) error {
	var failed error
	refuse := func(s *plan.Symbol) {
		if at := m.b.outerRefs[s]; failed == nil && at != nil {
			failed = errAt(at, trinoerr.NotSupported, "Reference to column '%s' from outer scope not allowed in this context", referenceText(at))
		}
	}
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if sub := plan.Subplan(e); sub != nil {
			plan.FreeSymbolsOfPlan(sub, refuse)
		}
		if r, ok := e.(*plan.Ref); ok && !slices.ContainsFunc(values, func(v patternValue) bool { return v.sym == r.Sym }) {
			refuse(r.Sym)
		}
		return failed == nil
	})
	return failed
}

func referenceText(e ast.Expression) string {
	if parts, ok := dotted(e); ok {
		return parts[len(parts)-1]
	}
	return exprText(e)
}

// define binds the conditions.
func (m *match) define(defines []*ast.VariableDefinition, sc *scope, source map[*plan.Symbol]bool) error {
	spec := m.node.Spec
	spec.Conditions = make([]*rowpattern.Expr, len(spec.Variables))
	c := &conditions{b: m.b, spec: spec, window: m.window, values: map[*plan.Symbol]patternValue{}, folds: map[*plan.Symbol]int{}}
	for _, d := range defines {
		var values []patternValue
		e, err := m.expr(d.Condition, sc, source, &values)
		if err != nil {
			return err
		}
		if e.Type().Kind != types.Boolean {
			return errAt(d.Condition, trinoerr.TypeMismatch, "Expression defining a label must be boolean (actual type: %s)", e.Type())
		}
		own := m.vars.of[label(d.Name)][0]
		for _, v := range values {
			// The last row of the variable that is being defined is the row in question.
			if n := &v.nav; !n.First && n.Offset == 0 && slices.Contains(n.Vars, own) {
				n.Vars = nil
			}
			c.values[v.sym] = v
		}
		if k, ok := e.(*plan.Const); ok && k.Value == true {
			continue
		}
		out, err := c.expr(e)
		if err != nil {
			return errAt(d.Condition, trinoerr.NotSupported, "Expression is not supported in DEFINE: %s", exprText(d.Condition))
		}
		spec.Conditions[own] = out
	}
	m.node.Inputs = c.inputs
	return nil
}

// output returns the index of a navigation among the spec's outputs.
func (m *match) output(n rowpattern.Navigation) int {
	spec := m.node.Spec
	for i, o := range spec.Outputs {
		if equalNavigations(o, n) {
			return i
		}
	}
	spec.Outputs = append(spec.Outputs, n)
	return len(spec.Outputs) - 1
}

// add adds a column to the node.
func (m *match) add(kind plan.MatchValueKind, t types.Type, hint string) *plan.Symbol {
	s := m.b.syms.New(hint, t)
	m.node.Values = append(m.node.Values, plan.MatchValue{Sym: s, Kind: kind})
	return s
}

// finish gives the node the columns that the measures read, after its source and what it passes are known, and computes
// the measures and the aggregates in them. The result has the node's passed columns and the measures.
func (m *match) finish(source plan.Node, passed []*plan.Symbol) plan.Node {
	spec := m.node.Spec
	m.number = m.add(plan.MatchNumber, bigint, "match_number")
	for _, v := range m.values {
		switch v.kind {
		case columnValue:
			m.node.Values = append(m.node.Values, plan.MatchValue{Sym: v.sym, Kind: plan.MatchedValue, Output: m.output(v.nav),
				Arg: v.arg})
		case classifierValue:
			m.node.Values = append(m.node.Values, plan.MatchValue{Sym: v.sym, Kind: plan.MatchedClassifier, Output: m.output(v.nav)})
		case foldValue:
			spec.Every = true
		}
	}
	if spec.Every {
		m.position = m.add(plan.MatchPosition, bigint, "position")
		m.self = m.b.syms.New("classifier", varcharType)
		m.node.Values = append(m.node.Values, plan.MatchValue{Sym: m.self, Kind: plan.MatchedClassifier,
			Output: m.output(rowpattern.Navigation{Classifier: true})})
	}
	if m.window {
		m.first, m.length = m.add(plan.MatchFirst, bigint, "match_first"), m.add(plan.MatchLength, bigint, "match_length")
	}
	m.node.Source, m.node.Passed = source, passed
	var node plan.Node = m.node
	if spec.Every {
		node = m.folded(node)
	}
	return m.measured(node, passed)
}

// folded computes the aggregates over the rows of each match, and drops the rows that were only there for them.
func (m *match) folded(source plan.Node) plan.Node {
	w := &plan.Window{Source: source, OrderBy: []plan.SortKey{{Expr: &plan.Ref{Sym: m.position}}}}
	w.PartitionBy = append(slices.Clone(m.node.PartitionBy), &plan.Ref{Sym: m.number})
	for _, v := range m.values {
		if v.kind != foldValue {
			continue
		}
		end := plan.FrameBound{Kind: plan.CurrentRow}
		if v.final {
			end.Kind = plan.UnboundedFollowing
		}
		f := plan.WindowFunction{Sym: v.sym, Name: v.fold.Name, Variant: v.fold.Variant, Args: m.numbered(v.fold.Args),
			Filter: m.taken(v.vars), Frame: plan.Frame{Unit: plan.Rows, Start: plan.FrameBound{Kind: plan.UnboundedPreceding}, End: end}}
		if len(f.Args) == 0 {
			countTaken(&f)
		}
		w.Functions = append(w.Functions, f)
	}
	var only *plan.Symbol
	if m.node.Spec.Rows == rowpattern.OneRow {
		only = m.last()
	} else {
		only = m.shown()
	}
	return &plan.Filter{Source: w, Pred: &plan.Ref{Sym: only}}
}

// countTaken makes count(*) FILTER (WHERE c) the count of a value that is NULL where c does not hold: DuckDB computes that for
// frames that grow in linear time.
func countTaken(f *plan.WindowFunction) {
	taken := &plan.Case{Typ: boolType, Whens: []plan.When{{Cond: f.Filter, Result: &plan.Const{Typ: boolType, Value: true}}}}
	r, err := functions.Resolve(f.Name, []types.Type{boolType})
	if err != nil {
		return
	}
	f.Variant, f.Args, f.Filter = r.Variant, []plan.Expr{taken}, nil
}

func (m *match) last() *plan.Symbol  { return m.add(plan.MatchLast, boolType, "match_last") }
func (m *match) shown() *plan.Symbol { return m.add(plan.MatchShown, boolType, "match_shown") }

// taken holds for the rows of some variables, nil for those of all.
func (m *match) taken(vars []int) plan.Expr {
	self := &plan.Ref{Sym: m.self}
	if vars == nil {
		return &plan.Not{Arg: &plan.IsNull{Arg: self}}
	}
	in := &plan.In{Arg: self}
	for _, v := range vars {
		in.List = append(in.List, &plan.Const{Typ: varcharType, Value: m.vars.names[v]})
	}
	return in
}

// numbered puts the match's number in the place of the symbols that stand for it.
func (m *match) numbered(es []plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(es))
	for i, e := range es {
		out[i] = plan.MapExpr(e, func(e plan.Expr) plan.Expr {
			if r, ok := e.(*plan.Ref); ok {
				for _, v := range m.values {
					if v.kind == numberValue && v.sym == r.Sym {
						return &plan.Ref{Sym: m.number}
					}
				}
			}
			return e
		})
	}
	return out
}

// measured computes the measures. Rows in no match have none.
func (m *match) measured(source plan.Node, passed []*plan.Symbol) plan.Node {
	p := &plan.Project{Source: source}
	seen := map[*plan.Symbol]bool{}
	for _, s := range passed {
		if !seen[s] {
			seen[s] = true
			p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
		}
	}
	for _, d := range m.measures {
		e := m.numbered([]plan.Expr{d.expr})[0]
		if m.window || m.node.Spec.Rows == rowpattern.Unmatched {
			e = &plan.Case{Typ: e.Type(), Whens: []plan.When{{Cond: &plan.Not{Arg: &plan.IsNull{Arg: &plan.Ref{Sym: m.number}}}, Result: e}}}
		}
		p.Cols = append(p.Cols, plan.Assignment{Sym: d.sym, Expr: e})
	}
	if m.window {
		p.Cols = append(p.Cols, m.frame()...)
	}
	return p
}
