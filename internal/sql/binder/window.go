package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// windowCalls collects the window function calls of a SELECT and knows its WINDOW clause.
type windowCalls struct {
	query *ast.QuerySpecification // the SELECT; nil outside of one
	named map[string]*ast.WindowSpecification
	list  []windowCall
	// matches are the row patterns of the windows that have been used.
	matches []*match
}

// windowCall is one call with its partitioning and ordering.
type windowCall struct {
	fn          plan.WindowFunction
	partitionBy []plan.Expr
	orderBy     []plan.SortKey
	// match is the row pattern of the window, nil without one. A call without a function stands for a measure.
	match *match
}

// define takes in a WINDOW clause.
func (w *windowCalls) define(defs []*ast.WindowDefinition) error {
	w.named = map[string]*ast.WindowSpecification{}
	for _, d := range defs {
		name := strings.ToLower(d.Name.Value)
		if w.named[name] != nil {
			return errAt(d, trinoerr.DuplicateWindowName, "WINDOW name '%s' specified more than once", d.Name.Value)
		}
		spec, err := w.refine(d.Window)
		if err != nil {
			return err
		}
		w.named[name] = spec
	}
	return nil
}

// resolve returns what an OVER clause means, with the window that it refers to merged in.
func (w *windowCalls) resolve(over ast.Window) (*ast.WindowSpecification, error) {
	switch over := over.(type) {
	case *ast.WindowReference:
		spec := w.named[lower(over.Name)]
		if spec == nil {
			return nil, errAt(over.Name, trinoerr.InvalidWindowReference, "Cannot resolve WINDOW name %s", over.Name.Value)
		}
		return spec, nil
	case *ast.WindowSpecification:
		return w.refine(over)
	}
	return nil, unsupported(over, "Window")
}

// refine merges a window with the existing one that it names.
func (w *windowCalls) refine(spec *ast.WindowSpecification) (*ast.WindowSpecification, error) {
	if spec.Existing == nil {
		return spec, nil
	}
	base := w.named[lower(spec.Existing)]
	if base == nil {
		return nil, errAt(spec.Existing, trinoerr.InvalidWindowReference, "Cannot resolve WINDOW name %s", spec.Existing.Value)
	}
	switch {
	case len(spec.PartitionBy) > 0:
		return nil, errAt(spec.PartitionBy[0], trinoerr.InvalidPartitionBy,
			"WINDOW specification with named WINDOW reference cannot specify PARTITION BY")
	case spec.OrderBy != nil && base.OrderBy != nil:
		return nil, errAt(spec.OrderBy, trinoerr.InvalidOrderBy,
			"Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY")
	case base.Frame != nil:
		return nil, errAt(spec.Existing, trinoerr.InvalidWindowReference, "Cannot reference named WINDOW containing frame specification")
	}
	merged := *spec
	merged.Existing, merged.PartitionBy = nil, base.PartitionBy
	if merged.OrderBy == nil {
		merged.OrderBy = base.OrderBy
	}
	return &merged, nil
}

// windowCall binds name(…) OVER (…).
func (x *exprBinder) windowCall(e *ast.FunctionCall, name string) (plan.Expr, error) {
	isAggregate, isWindow := functions.IsAggregate(name), functions.IsWindow(name)
	switch {
	case x.windows == nil:
		if x.inWindow {
			return nil, errAt(e, trinoerr.NestedWindow,
				"Cannot nest window functions or row pattern measures inside window function arguments")
		}
		return nil, errAt(e, trinoerr.ExpressionNotScalar,
			"Aggregations, window functions or grouping operations are not allowed here: [%s]", exprText(e))
	case len(functions.Named(name)) == 0:
		return nil, errAt(e, trinoerr.FunctionNotFound, "Function '%s' not registered", name)
	case !isAggregate && !isWindow:
		if q := x.windows.query; e.OrderBy != nil && q != nil && q.GroupBy != nil {
			// A query that groups has its calls checked as aggregates first.
			return nil, errAt(e, trinoerr.FunctionNotAggregate, "ORDER BY is only valid for aggregation functions")
		}
		n := ast.Node(e)
		if x.windows.query != nil {
			n = x.windows.query
		}
		return nil, errAt(n, trinoerr.FunctionNotWindow, "Not a window function: %s", name)
	}
	spec, err := x.windows.resolve(e.Window)
	if err != nil {
		return nil, err
	}
	y := *x
	y.windows, y.inWindow, y.windowMatches = nil, true, &x.windows.matches
	call, err := y.windowParts(e, name, spec, isWindow)
	if err != nil {
		return nil, err
	}
	for _, c := range x.windows.list {
		if equalWindowCalls(c, call) {
			return &plan.Ref{Sym: c.fn.Sym}, nil
		}
	}
	call.fn.Sym = x.b.syms.New(call.fn.Name, call.fn.Sym.Type)
	x.windows.list = append(x.windows.list, call)
	return &plan.Ref{Sym: call.fn.Sym}, nil
}

// windowKeys binds the parts of a window: its partitioning, its order and its frame.
func (x *exprBinder) windowKeys(c *windowCall, spec *ast.WindowSpecification) (err error) {
	for _, p := range spec.PartitionBy {
		k, err := x.expr(p)
		if err != nil {
			return err
		}
		if !k.Type().Comparable() {
			return errAt(p, trinoerr.TypeMismatch, "%s is not comparable, and therefore cannot be used in window function PARTITION BY", k.Type())
		}
		c.partitionBy = append(c.partitionBy, k)
	}
	if spec.OrderBy != nil {
		for _, item := range spec.OrderBy.Items {
			k, err := x.expr(item.Key)
			if err != nil {
				return err
			}
			if !k.Type().Orderable() {
				return errAt(item, trinoerr.TypeMismatch, "%s is not orderable, and therefore cannot be used in window function ORDER BY", k.Type())
			}
			c.orderBy = append(c.orderBy, sortKey(item, k))
		}
	}
	if c.fn.Frame, err = x.frame(spec, c.orderBy); err != nil {
		return err
	}
	return x.windowMatch(spec, c)
}

// windowParts binds the parts of a window function call. Its Sym only carries the result's type.
func (x *exprBinder) windowParts(e *ast.FunctionCall, name string, spec *ast.WindowSpecification, proper bool) (windowCall, error) {
	var c windowCall
	err := x.windowKeys(&c, spec)
	if err != nil {
		return c, err
	}
	if proper {
		switch {
		case e.Distinct:
			return c, errAt(e, trinoerr.NotSupported, "DISTINCT in window function parameters not yet supported: %s", exprText(e))
		case needsOrder[name] && len(c.orderBy) == 0:
			return c, errAt(e.Window, trinoerr.MissingOrderBy, "%s function requires an ORDER BY window clause", e.Name.Suffix())
		case needsOrder[name] && spec.Frame != nil:
			return c, errAt(spec.Frame, trinoerr.InvalidWindowFrame, "Cannot specify window frame for %s function", e.Name.Suffix())
		}
	} else if e.NullTreatment != "" {
		return c, errAt(e, trinoerr.NullTreatmentNotAllowed, "Cannot specify null treatment clause for %s function", name)
	}
	c.fn.Distinct = e.Distinct
	r, args, err := x.resolve(e, name, e.Arguments)
	if err != nil {
		return c, err
	}
	if e.OrderBy != nil && proper {
		return c, errAt(e, trinoerr.NotSupported, "Window function with ORDER BY is not supported")
	}
	if c.fn.OrderBy, err = x.callOrder(e.OrderBy); err != nil {
		return c, err
	}
	if e.Filter != nil {
		if proper {
			return c, errAt(e, trinoerr.FunctionNotAggregate, "Filter is only valid for aggregation functions")
		}
		if c.fn.Filter, err = x.boolean(e.Filter, "Filter expression"); err != nil {
			return c, err
		}
	}
	c.fn.Sym = &plan.Symbol{Type: r.Result}
	c.fn.Name, c.fn.Variant, c.fn.Args = r.Function.Name, r.Variant, coerceAll(args, r.Args)
	c.fn.IgnoreNulls = e.NullTreatment == ast.IgnoreNulls
	if m := c.match; m != nil {
		c.fn.Frame = plan.Frame{Unit: plan.Rows, Start: plan.FrameBound{Kind: plan.Following, Offset: &plan.Ref{Sym: m.begin}},
			End: plan.FrameBound{Kind: plan.Following, Offset: &plan.Ref{Sym: m.end}}}
	}
	return c, nil
}

// needsOrder are the functions that make no sense without an order.
var needsOrder = map[string]bool{"lag": true, "lead": true}

func equalWindowCalls(a, b windowCall) bool {
	return a.fn.Variant == b.fn.Variant && a.fn.Distinct == b.fn.Distinct && slices.EqualFunc(a.fn.OrderBy, b.fn.OrderBy, equalKeys) && a.fn.IgnoreNulls == b.fn.IgnoreNulls && a.fn.Sym.Type.Equal(b.fn.Sym.Type) &&
		slices.EqualFunc(a.fn.Args, b.fn.Args, plan.EqualExpr) && plan.EqualExpr(a.fn.Filter, b.fn.Filter) &&
		equalFrames(a.fn.Frame, b.fn.Frame) && sameWindow(a, b)
}

func equalFrames(a, b plan.Frame) bool {
	return a.Unit == b.Unit && a.Start.Kind == b.Start.Kind && a.End.Kind == b.End.Kind &&
		plan.EqualExpr(a.Start.Offset, b.Start.Offset) && plan.EqualExpr(a.End.Offset, b.End.Offset)
}

// sameWindow reports whether two calls can share a Window node.
func sameWindow(a, b windowCall) bool {
	return slices.EqualFunc(a.partitionBy, b.partitionBy, plan.EqualExpr) && slices.EqualFunc(a.orderBy, b.orderBy, equalKeys)
}

// boundOrder ranks the ends of frames; a frame must not end before it starts.
var boundOrder = map[ast.FrameBoundKind]int{
	ast.UnboundedPreceding: 0, ast.Preceding: 1, ast.CurrentRow: 2, ast.Following: 3, ast.UnboundedFollowing: 4,
}

// frame binds a window's frame.
func (x *exprBinder) frame(spec *ast.WindowSpecification, order []plan.SortKey) (plan.Frame, error) {
	f := spec.Frame
	if f == nil {
		return plan.Frame{}, nil
	}
	if err := noPattern(f); err != nil {
		return plan.Frame{}, err
	}
	end := f.End
	if end == nil {
		end = &ast.FrameBound{Location: f.Location, Kind: ast.CurrentRow}
	}
	bad := func(format string, args ...any) (plan.Frame, error) {
		return plan.Frame{}, errAt(f, trinoerr.InvalidWindowFrame, format, args...)
	}
	switch {
	case f.Start.Kind == ast.UnboundedFollowing:
		return bad("Window frame start cannot be UNBOUNDED FOLLOWING")
	case end.Kind == ast.UnboundedPreceding:
		return bad("Window frame end cannot be UNBOUNDED PRECEDING")
	case boundOrder[f.Start.Kind] > boundOrder[end.Kind]:
		return bad("Window frame starting from %s cannot end with %s", f.Start.Kind, end.Kind)
	}
	out := plan.Frame{Unit: plan.FrameUnit(f.Type)}
	var err error
	if out.Start, err = x.bound(f, f.Start, spec, order, "start"); err != nil {
		return out, err
	}
	if out.End, err = x.bound(f, end, spec, order, "end"); err != nil {
		return out, err
	}
	if out.Unit == plan.Range && out.Start.Offset != nil && order[0].Expr.Type().Numeric() {
		// The end may have widened the key after the start was bound.
		out.Start.Offset = coerce(out.Start.Offset, order[0].Expr.Type())
	}
	return out, nil
}

// bound binds an end of a frame.
func (x *exprBinder) bound(f *ast.WindowFrame, b *ast.FrameBound, spec *ast.WindowSpecification, order []plan.SortKey, which string) (plan.FrameBound, error) {
	out := plan.FrameBound{Kind: plan.BoundKind(b.Kind)}
	if f.Type == ast.FrameGroups && len(order) == 0 {
		return out, errAt(f, trinoerr.MissingOrderBy, "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY")
	}
	if b.Value == nil {
		return out, nil
	}
	value, err := x.expr(b.Value)
	if err != nil {
		return out, err
	}
	t := value.Type()
	switch f.Type {
	case ast.FrameRows, ast.FrameGroups:
		if !(t.Integral() || t.Kind == types.Decimal && t.S == 0) {
			return out, errAt(b.Value, trinoerr.TypeMismatch, "Window frame %s %s value type must be exact numeric type with scale 0 (actual %s)", f.Type, which, t)
		}
		out.Offset = value
		return out, nil
	}
	switch {
	case len(order) == 0:
		return out, errAt(f, trinoerr.MissingOrderBy, "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY")
	case len(order) > 1:
		return out, errAt(spec.OrderBy, trinoerr.InvalidOrderBy, "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)", len(order))
	}
	key := order[0].Expr.Type()
	switch {
	case !rangeKey(key):
		return out, errAt(spec.OrderBy.Items[0].Key, trinoerr.TypeMismatch,
			"Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: %s)", key)
	case key.Numeric():
		// Key and offset meet in their common type; the order of the rows stays the same.
		common, ok := types.CommonSuperType(t, key)
		if !ok || !common.Numeric() {
			return out, errAt(b.Value, trinoerr.TypeMismatch,
				"Window frame range value type (%s) not coercible to sort item type (%s)", t, key)
		}
		order[0].Expr = coerce(order[0].Expr, common)
		out.Offset = coerce(value, common)
		return out, nil
	}
	op := "$add"
	if b.Kind == ast.Preceding {
		op = "$subtract"
	}
	if _, err := functions.Resolve(op, []types.Type{key, t}); err != nil {
		return out, errAt(b.Value, trinoerr.TypeMismatch,
			"Window frame of type RANGE %s: frame %s value type (%s) cannot be applied to sort item type (%s)", b.Kind, which, t, key)
	}
	out.Offset = value
	return out, nil
}

// rangeKey reports whether an offset can be added to values of the type.
func rangeKey(t types.Type) bool {
	switch t.Kind {
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.IntervalDayToSecond,
		types.IntervalYearToMonth:
		return true
	}
	return t.Numeric()
}

// windowNodes puts the collected calls on top of a plan, those with equal windows into one node.
func windowNodes(source plan.Node, list []windowCall) plan.Node {
	source = matchNodes(source, list)
	list = slices.DeleteFunc(slices.Clone(list), func(c windowCall) bool { return c.fn.Name == "" })
	for len(list) > 0 {
		w := &plan.Window{Source: source, PartitionBy: list[0].partitionBy, OrderBy: list[0].orderBy}
		var rest []windowCall
		for _, c := range list {
			if sameWindow(list[0], c) {
				w.Functions = append(w.Functions, c.fn)
			} else {
				rest = append(rest, c)
			}
		}
		source, list = w, rest
	}
	return source
}
