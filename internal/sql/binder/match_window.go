package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// windowMatch returns the row pattern recognition of a window's frame, which all uses of the window share.
func (x *exprBinder) windowMatch(spec *ast.WindowSpecification, c *windowCall) error {
	f := spec.Frame
	if f == nil || f.Pattern == nil {
		return nil
	}
	for _, m := range *x.windowMatches {
		if m.spec == spec {
			c.match = m
			return nil
		}
	}
	switch {
	case len(f.Defines) == 0:
		return errAt(f, trinoerr.MissingVariableDefinitions, "Pattern recognition requires DEFINE clause")
	case f.Type != ast.FrameRows:
		return errAt(f, trinoerr.InvalidWindowFrame, "Pattern recognition requires ROWS frame type")
	case f.Start.Kind != ast.CurrentRow || f.End == nil:
		return errAt(f, trinoerr.InvalidWindowFrame, "Pattern recognition requires frame specified as BETWEEN CURRENT ROW AND ...")
	}
	if anchor, found := firstPattern[*ast.PatternAnchor](f.Pattern); found {
		return errAt(anchor, trinoerr.InvalidRowPattern, "Anchor pattern syntax is not allowed in window")
	}
	m, err := x.b.bindMatch(&patternClauses{pattern: f.Pattern, subsets: f.Subsets, defines: f.Defines, measures: f.Measures, skip: f.AfterSkip},
		x.scope.fields, x.scope.parent, true)
	if err != nil {
		return err
	}
	m.spec = spec
	m.node.Spec.Rows, m.node.Spec.Window, m.node.Spec.Seek = rowpattern.OneRow, true, f.Search == ast.SearchSeek
	m.node.PartitionBy, m.node.OrderBy = c.partitionBy, c.orderBy
	switch {
	case f.End.Kind == ast.CurrentRow:
		m.node.FrameEnd = &plan.Const{Typ: bigint, Value: int64(0)}
	case f.End.Value != nil:
		m.node.FrameEnd = c.fn.Frame.End.Offset
	}
	m.begin, m.end = x.b.syms.New("frame_begin", bigint), x.b.syms.New("frame_end", bigint)
	*x.windowMatches = append(*x.windowMatches, m)
	c.match = m
	return nil
}

// noPattern refuses the clauses of row pattern recognition in a frame without a pattern.
func noPattern(f *ast.WindowFrame) error {
	switch {
	case f.Pattern != nil:
		return nil
	case len(f.Measures) > 0:
		return errAt(f, trinoerr.MissingRowPattern, "Row pattern measures require PATTERN clause")
	case f.AfterSkip != nil:
		return errAt(f.AfterSkip, trinoerr.MissingRowPattern, "AFTER MATCH SKIP clause requires PATTERN clause")
	case f.Search != "":
		return errAt(f, trinoerr.MissingRowPattern, "%s modifier requires PATTERN clause", f.Search)
	case len(f.Subsets) > 0:
		return errAt(f.Subsets[0], trinoerr.MissingRowPattern, "Union variable definitions require PATTERN clause")
	case len(f.Defines) > 0:
		return errAt(f.Defines[0], trinoerr.MissingRowPattern, "Primary pattern variable definitions require PATTERN clause")
	}
	return nil
}

// frame computes, of a window, the ends of the frame that the match is: how many rows behind the current one it begins and
// ends. Without rows the frame ends before it begins.
func (m *match) frame() []plan.Assignment {
	zero, one := &plan.Const{Typ: bigint, Value: int64(0)}, &plan.Const{Typ: bigint, Value: int64(1)}
	first, length := &plan.Ref{Sym: m.first}, &plan.Ref{Sym: m.length}
	empty := &plan.Compare{Op: plan.Eq, Left: length, Right: zero}
	unless := func(when plan.Expr, e plan.Expr) plan.Expr {
		return &plan.Case{Typ: bigint, Whens: []plan.When{{Cond: empty, Result: when}}, Else: e}
	}
	return []plan.Assignment{
		{Sym: m.begin, Expr: unless(one, first)},
		{Sym: m.end, Expr: unless(zero, bigintCall("$subtract", bigintCall("$add", first, length), one))},
	}
}

func bigintCall(name string, args ...plan.Expr) plan.Expr {
	r, err := functions.Resolve(name, []types.Type{bigint, bigint})
	if err != nil {
		panic(err) // integers can be added
	}
	return applied(r, args)
}

// windowMeasure binds measure OVER window.
func (x *exprBinder) windowMeasure(e *ast.WindowMeasure) (plan.Expr, error) {
	if x.windows == nil {
		if x.inWindow {
			return nil, errAt(e, trinoerr.NestedWindow, "Cannot nest window functions or row pattern measures inside window function arguments")
		}
		return nil, errAt(e, trinoerr.ExpressionNotScalar,
			"Aggregations, window functions or grouping operations are not allowed here: [%s]", exprText(e))
	}
	spec, err := x.windows.resolve(e.Window)
	if err != nil {
		return nil, err
	}
	found := 0
	if spec.Frame != nil {
		for _, d := range spec.Frame.Measures {
			if label(d.Name) == label(e.Name) {
				found++
			}
		}
	}
	switch {
	case found == 0:
		return nil, errAt(e, trinoerr.InvalidWindowMeasure, "Measure %s is not defined in the corresponding window", e.Name.Value)
	case found > 1:
		return nil, errAt(e, trinoerr.AmbiguousName, "Measure %s is defined more than once", e.Name.Value)
	}
	y := *x
	y.windows, y.inWindow = nil, true
	y.windowMatches = &x.windows.matches
	var c windowCall
	if err := y.windowKeys(&c, spec); err != nil {
		return nil, err
	}
	for _, d := range c.match.measures {
		if label(d.name) == label(e.Name) {
			c.fn.Sym = d.sym
		}
	}
	known := func(o windowCall) bool { return o.match == c.match && o.fn.Name == "" && o.fn.Sym == c.fn.Sym }
	for _, o := range x.windows.list {
		if known(o) {
			return &plan.Ref{Sym: c.fn.Sym}, nil
		}
	}
	x.windows.list = append(x.windows.list, c)
	return &plan.Ref{Sym: c.fn.Sym}, nil
}

// rewrite puts what an aggregation gives in the place of the columns below it.
func (m *match) rewrite(f func(plan.Expr) plan.Expr) {
	m.rewritten = true
	m.node = plan.MapNodeExprs(m.node, f).(*plan.MatchRecognize)
	for i := range m.values {
		if v := &m.values[i]; v.kind == columnValue {
			v.arg = f(v.arg)
		}
	}
}

// matchNodes puts the row pattern recognitions of windows on top of a plan.
func matchNodes(source plan.Node, list []windowCall) plan.Node {
	done := map[*match]bool{}
	for _, c := range list {
		if c.match != nil && !done[c.match] {
			done[c.match] = true
			source = c.match.finish(source, source.Outputs())
		}
	}
	return source
}
