package types

import (
	"fmt"
	"net/netip"

	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Text returns what a cast to varchar makes of a constant: doubles always with an exponent, dates after 9999 without a
// plus sign. The types that cannot be cast (varbinary, arrays, maps, rows) are shown as map keys are. v must not be
// nil.
func Text(t Type, v any) string {
	switch v := v.(type) {
	case float64:
		return string(wire.TextDoubleCast(nil, v))
	case float32:
		return string(wire.TextRealCast(nil, v))
	case DateValue:
		return string(wire.TextDateCast(nil, int64(v)))
	}
	return string(appendText(nil, t, v))
}

// AppendWire appends a constant in the form of the client protocol's JSON.
func AppendWire(dst []byte, t Type, v any) []byte {
	switch v := v.(type) {
	case nil:
		return wire.AppendNull(dst)
	case bool:
		return wire.AppendBool(dst, v)
	case int64:
		return wire.AppendInt(dst, v)
	case float32:
		return wire.AppendReal(dst, v)
	case float64:
		return wire.AppendDouble(dst, v)
	case string:
		if t.Kind == Char {
			return wire.AppendChar(dst, v, t.P)
		}
		return wire.AppendString(dst, v)
	case []byte:
		return wire.AppendBinary(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendWire(dst, t.elemAt(i), e)
		}
		return append(dst, ']')
	case []MapEntry:
		dst = append(dst, '{')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = wire.AppendString(dst, string(appendText(nil, t.Elem(0), e.Key)))
			dst = append(dst, ':')
			dst = AppendWire(dst, t.Elem(1), e.Value)
		}
		return append(dst, '}')
	}
	dst = append(dst, '"')
	dst = appendText(dst, t, v)
	return append(dst, '"')
}

// elemAt returns the type of the i-th value of an array or a row.
func (t Type) elemAt(i int) Type {
	if t.Kind == Row {
		return t.Args[i].Type
	}
	return t.Args[0].Type
}

// appendText appends a value's text as map keys show it: arrays and rows as [a, b], maps as {k=v}, binary in base64.
func appendText(dst []byte, t Type, v any) []byte {
	switch v := v.(type) {
	case nil:
		return wire.AppendNull(dst)
	case bool:
		return wire.AppendBool(dst, v)
	case int64:
		return wire.AppendInt(dst, v)
	case float32:
		return wire.TextReal(dst, v)
	case float64:
		return wire.TextDouble(dst, v)
	case Int128:
		return wire.TextDecimal(dst, v.Hi, v.Lo, t.S)
	case string:
		if t.Kind == Char {
			v = wire.PadChar(v, t.P)
		}
		return append(dst, v...)
	case []byte:
		quoted := wire.AppendBinary(nil, v)
		return append(dst, quoted[1:len(quoted)-1]...)
	case DateValue:
		return wire.TextDate(dst, int64(v))
	case TimeValue:
		return wire.TextTime(dst, int64(v), t.P)
	case TimeTZValue:
		return wire.TextTimeTZ(dst, v.Picos, v.OffsetMinutes, t.P)
	case TimestampValue:
		return wire.TextTimestamp(dst, v.EpochMicros, v.PicosOfMicro, t.P)
	case TimestampTZValue:
		return wire.TextTimestampTZ(dst, v.EpochMillis, v.PicosOfMilli, v.Zone.OffsetSeconds(v.EpochMillis),
			v.Zone.String(), t.P)
	case IntervalDTValue:
		return wire.TextIntervalDT(dst, int64(v))
	case IntervalYMValue:
		return wire.TextIntervalYM(dst, int64(v))
	case UUIDValue:
		return wire.TextUUID(dst, be64(v[:8]), be64(v[8:]))
	case IPAddressValue:
		return append(dst, v.String()...)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendText(dst, t.elemAt(i), e)
		}
		return append(dst, ']')
	case []MapEntry:
		dst = append(dst, '{')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(appendText(dst, t.Elem(0), e.Key), '=')
			dst = appendText(dst, t.Elem(1), e.Value)
		}
		return append(dst, '}')
	}
	panic(fmt.Sprintf("types: no text for a %T of type %s", v, t))
}

func be64(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// String returns the address; one mapped from IPv4 in dotted form.
func (v IPAddressValue) String() string { return netip.AddrFrom16(v).Unmap().String() }

// String returns the UUID in its usual form.
func (v UUIDValue) String() string { return string(wire.TextUUID(nil, be64(v[:8]), be64(v[8:]))) }

// String returns the date as the protocol shows it.
func (v DateValue) String() string { return string(wire.TextDate(nil, int64(v))) }
