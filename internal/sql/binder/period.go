package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// versionOf finds a table as it was at FOR VERSION|TIMESTAMP AS OF.
func (b *binder) versionOf(p *ast.QueryPeriod, md connector.Metadata, name objectName) (*connector.Table, error) {
	v, err := b.period(p)
	if err != nil {
		return nil, err
	}
	c, ok := md.(connector.Versions)
	if !ok || name.Schema == informationSchema {
		return nil, cannot("versioned tables")
	}
	return c.TableVersion(b.ctx, name.SchemaTable, v)
}

// period evaluates FOR VERSION|TIMESTAMP AS OF.
func (b *binder) period(p *ast.QueryPeriod) (connector.Version, error) {
	v := connector.Version{Timestamp: p.Type == ast.ForTimestamp}
	if containsQuery(p.End) {
		return v, errAt(p.End, trinoerr.ExpressionNotConstant, "Constant expression cannot contain a subquery")
	}
	x := &exprBinder{b: b, scope: &scope{}}
	end, err := x.expr(p.End)
	if err != nil {
		return v, err
	}
	v.Type = end.Type()
	null := errAt(p, trinoerr.InvalidArguments, "Pointer value cannot be NULL")
	if v.Type.Kind == types.Unknown {
		return v, null
	}
	switch v.Type.Kind {
	case types.Timestamp, types.TimestampTZ, types.Date:
	default:
		if v.Timestamp {
			return v, errAt(p, trinoerr.TypeMismatch,
				"Type %s invalid. Temporal pointers must be of type Timestamp, Timestamp with Time Zone, or Date.", end.Type())
		}
	}
	c, ok := b.foldMoment(end)
	switch {
	case !ok:
		return v, errAt(p.End, trinoerr.NotSupported, "Pointer values can be literals, casts of them, and sums of moments and intervals: %s", exprText(p.End))
	case c.Value == nil:
		return v, null
	}
	v.Value = c.Value
	if !v.Timestamp {
		return v, nil
	}
	instant, ok := types.Cast(c.Value, c.Typ, types.TimestampTZP(3), b.zone())
	if at, is := instant.(types.TimestampTZValue); ok && is && at.EpochMillis > b.env.Session.Now.UnixMilli() {
		text, _ := types.Cast(c.Value, c.Typ, varcharType, types.UTC)
		return v, errAt(p, trinoerr.InvalidArguments, "Pointer value '%v' is not in the past", text)
	}
	return v, nil
}

// zone is the session's time zone.
func (b *binder) zone() types.Zone {
	if z := b.env.Session.TimeZone; z != "" {
		return types.Zone(z)
	}
	return types.UTC
}

func containsQuery(e ast.Expression) bool {
	found := false
	ast.Walk(e, func(n ast.Node) bool {
		_, is := n.(*ast.Query)
		found = found || is
		return !found
	})
	return found
}

// foldMoment evaluates what fold does, casts that depend on the session's time zone, and dates and times of day with an interval added or
// subtracted.
func (b *binder) foldMoment(e plan.Expr) (*plan.Const, bool) {
	switch e := e.(type) {
	case *plan.Cast:
		c, ok := b.foldMoment(e.Arg)
		if !ok {
			return nil, false
		}
		v, ok := types.Cast(c.Value, c.Typ, e.Typ, b.zone())
		return &plan.Const{Typ: e.Typ, Value: v}, ok
	case *plan.Call:
		if e.Name != "$add" && e.Name != "$subtract" || len(e.Args) != 2 || e.Typ.Integral() {
			return fold(e)
		}
		left, lok := b.foldMoment(e.Args[0])
		right, rok := b.foldMoment(e.Args[1])
		if !lok || !rok {
			return nil, false
		}
		if _, first := left.Value.(types.IntervalDTValue); first {
			left, right = right, left
		} else if _, first := left.Value.(types.IntervalYMValue); first {
			left, right = right, left
		}
		sign := int64(1)
		if e.Name == "$subtract" {
			sign = -1
		}
		v, ok := types.AddInterval(left.Value, right.Value, sign)
		return &plan.Const{Typ: e.Typ, Value: v}, ok
	}
	return fold(e)
}
