package binder

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// period checks FOR VERSION|TIMESTAMP AS OF of a table. No connector has versions.
func (b *binder) period(p *ast.QueryPeriod) error {
	x := &exprBinder{b: b, scope: &scope{}}
	end, err := x.expr(p.End)
	if err != nil {
		return err
	}
	if end.Type().Kind == types.Unknown {
		return errAt(p, trinoerr.InvalidArguments, "Pointer value cannot be NULL")
	}
	if p.Type == ast.ForVersion {
		return nil
	}
	switch end.Type().Kind {
	case types.Timestamp, types.TimestampTZ, types.Date:
	default:
		return errAt(p, trinoerr.TypeMismatch,
			"Type %s invalid. Temporal pointers must be of type Timestamp, Timestamp with Time Zone, or Date.", end.Type())
	}
	c, ok := fold(end)
	if !ok {
		return nil
	}
	instant, ok := types.Cast(c.Value, c.Typ, types.TimestampTZP(3), types.Zone(b.env.Session.TimeZone))
	if at, is := instant.(types.TimestampTZValue); ok && is && at.EpochMillis > b.env.Session.Now.UnixMilli() {
		text, _ := types.Cast(c.Value, c.Typ, varcharType, types.UTC)
		return errAt(p, trinoerr.InvalidArguments, "Pointer value '%v' is not in the past", text)
	}
	return nil
}
