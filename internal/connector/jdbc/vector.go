package jdbc

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Reset empties a vector for values of a type.
func Reset(v *connector.Vector, t types.Type) {
	v.Reset()
	switch t.Kind {
	case types.Varchar, types.Char, types.Varbinary, types.JSON:
		v.Offsets = append(v.Offsets, 0)
	case types.Array:
		v.Offsets = append(v.Offsets, 0)
		if v.Items == nil {
			v.Items = new(connector.Vector)
		}
		Reset(v.Items, t.Elem(0))
	case types.Map:
		v.Offsets = append(v.Offsets, 0)
		if v.Fields == nil {
			v.Fields = make([]connector.Vector, 2)
		}
		Reset(&v.Fields[0], t.Elem(0))
		Reset(&v.Fields[1], t.Elem(1))
	}
}

// appender appends a driver's value, which is not nil.
type appender func(v *connector.Vector, value any) error

// appenders returns what appends values to a column of a type.
func appenders(t types.Type) (appender, bool) {
	switch t.Kind {
	case types.Boolean:
		return func(v *connector.Vector, value any) error {
			n, err := integer(value, t, 0, 1)
			v.I8 = append(v.I8, int8(n))
			return err
		}, true
	case types.TinyInt:
		return func(v *connector.Vector, value any) error {
			n, err := integer(value, t, math.MinInt8, math.MaxInt8)
			v.I8 = append(v.I8, int8(n))
			return err
		}, true
	case types.SmallInt:
		return func(v *connector.Vector, value any) error {
			n, err := integer(value, t, math.MinInt16, math.MaxInt16)
			v.I16 = append(v.I16, int16(n))
			return err
		}, true
	case types.Integer:
		return func(v *connector.Vector, value any) error {
			n, err := integer(value, t, math.MinInt32, math.MaxInt32)
			v.I32 = append(v.I32, int32(n))
			return err
		}, true
	case types.BigInt:
		return func(v *connector.Vector, value any) error {
			n, err := integer(value, t, math.MinInt64, math.MaxInt64)
			v.I64 = append(v.I64, n)
			return err
		}, true
	case types.Real:
		return func(v *connector.Vector, value any) error {
			f, err := float(value, t, 32)
			v.F32 = append(v.F32, float32(f))
			return err
		}, true
	case types.Double:
		return func(v *connector.Vector, value any) error {
			f, err := float(value, t, 64)
			v.F64 = append(v.F64, f)
			return err
		}, true
	case types.Decimal:
		return func(v *connector.Vector, value any) error { return decimal(v, t, value) }, true
	case types.Date:
		return func(v *connector.Vector, value any) error {
			us, err := micros(value, t)
			v.I32 = append(v.I32, int32(types.FloorDiv(us, microsOfDay)))
			return err
		}, true
	case types.Time:
		return func(v *connector.Vector, value any) error {
			us, err := clock(value, t)
			v.I64 = append(v.I64, us)
			return err
		}, t.P <= 6
	case types.Timestamp, types.TimestampTZ:
		return func(v *connector.Vector, value any) error {
			us, err := micros(value, t)
			if t.Kind == types.TimestampTZ && t.P <= 3 {
				us = types.FloorDiv(us, 1000)
			}
			v.I64 = append(v.I64, us)
			return err
		}, t.P <= 6
	case types.Varchar, types.Varbinary:
		return func(v *connector.Vector, value any) error { return text(v, value, t) }, true
	case types.Char:
		return func(v *connector.Vector, value any) error {
			switch b := value.(type) {
			case []byte:
				value = trimBytes(b)
			case string:
				value = strings.TrimRight(b, " ")
			}
			return text(v, value, t)
		}, true
	case types.JSON:
		return func(v *connector.Vector, value any) error {
			s, ok := textOf(value)
			if !ok {
				return mismatch(value, t)
			}
			canonical, err := types.CanonicalJSON(s)
			v.AppendBytes([]byte(canonical))
			return err
		}, true
	case types.UUID:
		return func(v *connector.Vector, value any) error {
			u, err := uuid(value, t)
			v.I128 = append(v.I128, u)
			return err
		}, true
	}
	return nil, false
}

func mismatch(value any, t types.Type) error {
	return trinoerr.New(trinoerr.JdbcError, "the driver gave a value of type %T for a column of type %s", value, t)
}

func outOfRange(value any, t types.Type) error {
	return trinoerr.New(trinoerr.NumericValueOutOfRange, "Out of range for %s: %v", t, value)
}

func integer(value any, t types.Type, low, high int64) (n int64, err error) {
	switch x := value.(type) {
	case int64:
		n = x
	case bool:
		if x {
			n = 1
		}
	case uint64:
		if x > math.MaxInt64 {
			return 0, outOfRange(x, t)
		}
		n = int64(x)
	case float64:
		if n = int64(x); float64(n) != x {
			return 0, outOfRange(x, t)
		}
	case int8:
		n = int64(x)
	case int16:
		n = int64(x)
	case int32:
		n = int64(x)
	case uint8:
		n = int64(x)
	case uint16:
		n = int64(x)
	case uint32:
		n = int64(x)
	default:
		s, ok := textOf(value)
		if !ok {
			return 0, mismatch(value, t)
		}
		if n, err = strconv.ParseInt(s, 10, 64); err != nil {
			return 0, outOfRange(s, t)
		}
	}
	if n < low || n > high {
		return 0, outOfRange(n, t)
	}
	return n, nil
}

func float(value any, t types.Type, bits int) (float64, error) {
	switch x := value.(type) {
	case float64:
		return x, nil
	case float32:
		return float64(x), nil
	case int64:
		return float64(x), nil
	}
	s, ok := textOf(value)
	if !ok {
		return 0, mismatch(value, t)
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil {
		return 0, outOfRange(s, t)
	}
	return f, nil
}

func text(v *connector.Vector, value any, t types.Type) error {
	switch x := value.(type) {
	case []byte:
		v.AppendBytes(x)
		return nil
	case string:
		v.Data = append(v.Data, x...)
		v.Offsets = append(v.Offsets, uint32(len(v.Data)))
		return nil
	case int64, uint64, float64, float32, bool:
		v.AppendBytes(fmt.Append(nil, x))
		return nil
	}
	return mismatch(value, t)
}

func textOf(value any) (string, bool) {
	switch x := value.(type) {
	case []byte:
		return string(x), true
	case string:
		return x, true
	}
	return "", false
}

func trimBytes(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// uuid is a UUID of 16 bytes or as text.
func uuid(value any, t types.Type) (connector.Int128, error) {
	var u types.UUIDValue
	if b, ok := value.([]byte); ok && len(b) == len(u) {
		copy(u[:], b)
	} else if b, ok := value.([16]byte); ok {
		u = b
	} else {
		s, ok := textOf(value)
		if !ok {
			return connector.Int128{}, mismatch(value, t)
		}
		var err error
		if u, err = types.ParseUUID(s); err != nil {
			return connector.Int128{}, err
		}
	}
	return UUID(u[:]), nil
}

// UUID is a UUID's bytes as a vector has them.
func UUID(b []byte) connector.Int128 {
	var hi, lo uint64
	for i := range 8 {
		hi, lo = hi<<8|uint64(b[i]), lo<<8|uint64(b[8+i])
	}
	return connector.Int128{Hi: int64(hi), Lo: lo}
}

// ValueAt is a value of a vector, which is not NULL, in its Go representation.
func ValueAt(v *connector.Vector, t types.Type, i int) (any, bool) {
	switch t.Kind {
	case types.Boolean:
		return v.I8[i] != 0, true
	case types.TinyInt:
		return int64(v.I8[i]), true
	case types.SmallInt:
		return int64(v.I16[i]), true
	case types.Integer:
		return int64(v.I32[i]), true
	case types.BigInt:
		return v.I64[i], true
	case types.Real:
		return v.F32[i], true
	case types.Double:
		return v.F64[i], true
	case types.Decimal:
		if t.P > 18 {
			return types.Int128{Lo: v.I128[i].Lo, Hi: v.I128[i].Hi}, true
		}
		return types.Int128From(v.I64[i]), true
	case types.Date:
		return types.DateValue(v.I32[i]), true
	case types.Time:
		return types.TimeValue(v.I64[i] * 1_000_000), true
	case types.Timestamp:
		return types.TimestampValue{EpochMicros: v.I64[i]}, true
	case types.TimestampTZ:
		us := v.I64[i]
		if t.P <= 3 {
			us *= 1000
		}
		millis := types.FloorDiv(us, 1000)
		return types.TimestampTZValue{EpochMillis: millis, PicosOfMilli: int32(us-millis*1000) * 1_000_000, Zone: "UTC"}, true
	case types.Varchar, types.Char, types.JSON:
		return string(v.Data[v.Offsets[i]:v.Offsets[i+1]]), true
	case types.Varbinary:
		return v.Data[v.Offsets[i]:v.Offsets[i+1]], true
	case types.UUID:
		var u types.UUIDValue
		for n := range 8 {
			u[n], u[8+n] = byte(uint64(v.I128[i].Hi)>>(56-8*n)), byte(v.I128[i].Lo>>(56-8*n))
		}
		return u, true
	}
	return nil, false
}
