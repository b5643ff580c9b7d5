package binder

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// microPrecision is the precision up to which times and timestamps are numbers of microseconds.
const microPrecision = 6

// matcherType is the matcher's type of values of a SQL type.
func matcherType(t types.Type) rowpattern.Type {
	switch t.Kind {
	case types.Boolean:
		return rowpattern.Type{Kind: rowpattern.Bool}
	case types.TinyInt:
		return rowpattern.Type{Kind: rowpattern.Int, P: 8}
	case types.SmallInt:
		return rowpattern.Type{Kind: rowpattern.Int, P: 16}
	case types.Integer:
		return rowpattern.Type{Kind: rowpattern.Int, P: 32}
	case types.BigInt:
		return rowpattern.Type{Kind: rowpattern.Int, P: 64}
	case types.Double:
		return rowpattern.Type{Kind: rowpattern.Double}
	case types.Real:
		return rowpattern.Type{Kind: rowpattern.Real}
	case types.Decimal:
		return rowpattern.Type{Kind: rowpattern.Decimal, P: t.P, S: t.S}
	case types.Varchar:
		if t.P == types.UnboundedLength {
			return rowpattern.Type{Kind: rowpattern.Text}
		}
		return rowpattern.Type{Kind: rowpattern.Text, P: t.P}
	case types.Char, types.Varbinary, types.UUID, types.IPAddress, types.Unknown:
		return rowpattern.Type{Kind: rowpattern.Text}
	case types.Date, types.IntervalDayToSecond, types.IntervalYearToMonth:
		return rowpattern.Type{Kind: rowpattern.Moment}
	case types.Time:
		return rowpattern.Type{Kind: rowpattern.Moment}
	case types.Timestamp, types.TimestampTZ:
		if t.P <= microPrecision {
			return rowpattern.Type{Kind: rowpattern.Moment}
		}
	case types.Array:
		e := matcherType(t.Elem(0))
		return rowpattern.Type{Kind: rowpattern.Array, Elem: &e}
	case types.Map:
		k, e := matcherType(t.Elem(0)), matcherType(t.Elem(1))
		return rowpattern.Type{Kind: rowpattern.Map, Key: &k, Elem: &e}
	}
	return rowpattern.Type{Kind: rowpattern.Opaque}
}

// columnType is matcherType for columns: of nested values the matcher knows only whether they are NULL.
func columnType(t types.Type) rowpattern.Type {
	m := matcherType(t)
	if m.Kind == rowpattern.Array || m.Kind == rowpattern.Map {
		return rowpattern.Type{Kind: rowpattern.Opaque}
	}
	return m
}

// oddText holds for types that the matcher keeps as texts although their functions are not those of texts.
func oddText(t types.Type) bool {
	return t.Kind != types.Varchar && matcherType(t).Kind == rowpattern.Text
}

// constant translates a literal.
func (c *conditions) constant(e *plan.Const) (*rowpattern.Expr, error) {
	t := matcherType(e.Typ)
	out := &rowpattern.Expr{Op: "const", Type: t}
	if e.Value == nil {
		return out, nil
	}
	var s string
	switch v := e.Value.(type) {
	case bool:
		s = strconv.FormatBool(v)
	case int64:
		s = strconv.FormatInt(v, 10)
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		s = strconv.FormatFloat(float64(v), 'g', -1, 64)
	case types.Int128:
		s = types.Text(e.Typ, v)
	case string:
		if s = v; e.Typ.Kind == types.Char {
			s = strings.TrimRight(v, " ")
		}
	case []byte:
		s = rowpattern.Bytes(v)
	case types.UUIDValue:
		s = v.String()
	case types.IPAddressValue:
		s = rowpattern.Bytes(v[:])
	case types.DateValue:
		s = strconv.FormatInt(int64(v), 10)
	case types.IntervalDTValue:
		s = strconv.FormatInt(int64(v), 10)
	case types.IntervalYMValue:
		s = strconv.FormatInt(int64(v), 10)
	case types.TimeValue:
		picos := int64(v)
		if e.Typ.P <= microPrecision {
			picos /= 1_000_000
		}
		s = strconv.FormatInt(picos, 10)
	case types.TimestampValue:
		s = strconv.FormatInt(v.EpochMicros, 10)
	case types.TimestampTZValue:
		s = strconv.FormatInt(v.EpochMillis*1000+int64(v.PicosOfMilli)/1_000_000, 10)
	default:
		return nil, errCondition{e}
	}
	if t.Kind == rowpattern.Opaque || t.Kind == rowpattern.Array || t.Kind == rowpattern.Map {
		return nil, errCondition{e}
	}
	out.Text = &s
	return out, nil
}
