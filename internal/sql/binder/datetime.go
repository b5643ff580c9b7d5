package binder

import (
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// defaultPrecision is that of current_timestamp and its like without a precision; types.MaxDateTimePrecision bounds it.
const (
	defaultPrecision = 3
	maxPrecision     = 12
)

const (
	millisPerDay   = 24 * 60 * 60 * 1000
	picosPerMilli  = 1_000_000_000
	picosPerMicro  = 1_000_000
	millisPerMin   = 60 * 1000
	picosPerSecond = 1_000_000_000_000
)

// dateTimeFunction binds current_date and its like: constants of the statement.
func (b *binder) dateTimeFunction(e *ast.DateTimeFunction) (plan.Expr, error) {
	p := defaultPrecision
	if e.Precision != nil {
		if p = *e.Precision; p > maxPrecision {
			return nil, errAt(e, trinoerr.NotSupported, "Precision must be in range [0, %d]: %d", maxPrecision, p)
		}
	}
	return b.now(e, e.Function, p)
}

// now returns the start of the statement as the function gives it.
func (b *binder) now(n ast.Node, f ast.DateTimeFunctionName, p int) (plan.Expr, error) {
	zone := types.UTC
	if name := b.env.Session.TimeZone; name != "" {
		var err error
		if zone, err = types.ParseZone(name); err != nil {
			return nil, located(n, err)
		}
	}
	at := b.env.Session.Now
	millis := at.UnixMilli()
	offset := zone.OffsetSeconds(millis)
	localMillis := millis + int64(offset)*1000
	picosOfMilli := int64(at.Nanosecond()%int(time.Millisecond)) * 1000
	// Fractions of a second beyond the precision are rounded half up.
	localMillis, picosOfMilli = roundInstant(localMillis, picosOfMilli, p)
	days := types.FloorDiv(localMillis, millisPerDay)
	ofDay := (localMillis-days*millisPerDay)*picosPerMilli + picosOfMilli
	switch f {
	case ast.CurrentDate:
		return &plan.Const{Typ: types.Of(types.Date), Value: types.DateValue(types.FloorDiv(millis+int64(offset)*1000, millisPerDay))}, nil
	case ast.CurrentTime:
		return &plan.Const{Typ: types.TimeTZP(p), Value: types.TimeTZValue{Picos: ofDay, OffsetMinutes: offset / 60}}, nil
	case ast.LocalTime:
		return &plan.Const{Typ: types.TimeP(p), Value: types.TimeValue(ofDay)}, nil
	case ast.LocalTimestamp:
		return &plan.Const{Typ: types.TimestampP(p), Value: types.TimestampValue{
			EpochMicros:  localMillis*1000 + picosOfMilli/picosPerMicro,
			PicosOfMicro: int32(picosOfMilli % picosPerMicro),
		}}, nil
	}
	return &plan.Const{Typ: types.TimestampTZP(p), Value: types.TimestampTZValue{
		EpochMillis: localMillis - int64(offset)*1000, PicosOfMilli: int32(picosOfMilli), Zone: zone,
	}}, nil
}

// roundInstant rounds an instant to p fractional digits of a second.
func roundInstant(millis, picos int64, p int) (int64, int64) {
	unit := int64(1)
	for range maxPrecision - p {
		unit *= 10
	}
	second := types.FloorDiv(millis, 1000)
	fraction := (millis-second*1000)*picosPerMilli + picos
	fraction = (fraction + unit/2) / unit * unit
	second += fraction / picosPerSecond
	fraction %= picosPerSecond
	return second*1000 + fraction/picosPerMilli, fraction % picosPerMilli
}

// sessionFunction binds current_user and its like.
func (b *binder) sessionFunction(e *ast.SessionFunction) (plan.Expr, error) {
	s := b.env.Session
	value := map[ast.SessionFunctionName]string{
		ast.CurrentUser: s.User, ast.CurrentCatalog: s.Catalog, ast.CurrentSchema: s.Schema, ast.CurrentPath: s.Path,
	}[e.Function]
	if value == "" && (e.Function == ast.CurrentCatalog || e.Function == ast.CurrentSchema) {
		return &plan.Const{Typ: varcharType}, nil
	}
	return varcharConst(value), nil
}

// atTimeZone binds value AT TIME ZONE zone.
func (x *exprBinder) atTimeZone(e *ast.AtTimeZone) (plan.Expr, error) {
	value, err := x.expr(e.Value)
	if err != nil {
		return nil, err
	}
	zone, err := x.expr(e.Zone)
	if err != nil {
		return nil, err
	}
	switch zone.Type().Kind {
	case types.Varchar, types.IntervalDayToSecond:
	default:
		return nil, errAt(e, trinoerr.TypeMismatch, "Type of value must be a time or timestamp with or without time zone (actual %s)", zone.Type())
	}
	switch value.Type().Kind {
	case types.Time:
		value = coerce(value, types.TimeTZP(value.Type().P))
	case types.Timestamp:
		value = coerce(value, types.TimestampTZP(value.Type().P))
	case types.TimeTZ, types.TimestampTZ:
	default:
		return nil, errAt(e.Value, trinoerr.TypeMismatch,
			"Type of value must be a time or timestamp with or without time zone (actual %s)", value.Type())
	}
	return call(e, "at_timezone", value, zone)
}

// extractFunctions are the functions behind EXTRACT.
var extractFunctions = map[ast.ExtractField]string{
	"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "WEEK": "week", "DAY": "day", "DAY_OF_MONTH": "day",
	"DAY_OF_WEEK": "day_of_week", "DOW": "day_of_week", "DAY_OF_YEAR": "day_of_year", "DOY": "day_of_year",
	"YEAR_OF_WEEK": "year_of_week", "YOW": "year_of_week", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
	"TIMEZONE_MINUTE": "timezone_minute", "TIMEZONE_HOUR": "timezone_hour",
}

// extract binds EXTRACT(field FROM source).
func (x *exprBinder) extract(e *ast.Extract) (plan.Expr, error) {
	source, err := x.expr(e.Source)
	if err != nil {
		return nil, err
	}
	kind := source.Type().Kind
	zoned := kind == types.TimeTZ || kind == types.TimestampTZ || kind == types.Unknown
	out, err := call(e, extractFunctions[e.Field], source)
	clock := e.Field == "HOUR" || e.Field == "MINUTE" || e.Field == "SECOND"
	if err == nil && (!zoned && strings.HasPrefix(string(e.Field), "TIMEZONE") || clock && kind == types.Date) {
		// A time without a zone would be given one, and a date a time.
		err = trinoerr.New(trinoerr.TypeMismatch, "no such field")
	}
	if err != nil {
		if len(functions.Named(extractFunctions[e.Field])) == 0 {
			return nil, err
		}
		return nil, errAt(e.Source, trinoerr.TypeMismatch, "Cannot extract %s from %s", e.Field, source.Type())
	}
	return out, nil
}

// trimFunctions are the functions behind TRIM.
var trimFunctions = map[ast.TrimSpec]string{
	ast.TrimBoth: "trim", ast.TrimLeading: "ltrim", ast.TrimTrailing: "rtrim",
}

// trim binds TRIM(spec characters FROM source).
func (x *exprBinder) trim(e *ast.Trim) (plan.Expr, error) {
	operands := []ast.Expression{e.Source}
	if e.Characters != nil {
		operands = append(operands, e.Characters)
	}
	return x.operator(e, trimFunctions[e.Spec], operands...)
}
