package lake

import (
	"encoding/binary"
	"math"
	"math/big"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// statistic decodes a smallest or largest value; ok is false for combinations of types that are not understood.
func statistic(t types.Type, e *format.SchemaElement, raw []byte) (v any, ok bool) {
	if !e.Type.Valid {
		return nil, false
	}
	n, isInt := integer(e, raw)
	annotation := Converted(e)
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		plain := annotation == -1 || annotation >= deprecated.Int8 && annotation <= deprecated.Int64
		return n, isInt && plain
	case types.Date:
		return types.DateValue(n), isInt && annotation == deprecated.Date
	case types.Double:
		if e.Type.V == format.Double && len(raw) == 8 {
			f := math.Float64frombits(binary.LittleEndian.Uint64(raw))
			return f, !math.IsNaN(f)
		}
	case types.Real:
		if e.Type.V == format.Float && len(raw) == 4 {
			f := math.Float32frombits(binary.LittleEndian.Uint32(raw))
			return f, f == f
		}
	case types.Varchar:
		return string(raw), e.Type.V == format.ByteArray && annotation == deprecated.UTF8
	case types.Decimal:
		return decimalStatistic(t, e, raw)
	case types.Timestamp:
		micros := map[int]int64{3: 1000, 6: 1}[TimestampDigits(e)]
		if micros > 0 && isInt && n < math.MaxInt64/1000 && n > math.MinInt64/1000 {
			return types.TimestampValue{EpochMicros: n * micros}, true
		}
	}
	return nil, false
}

func integer(e *format.SchemaElement, raw []byte) (int64, bool) {
	switch {
	case e.Type.V == format.Int32 && len(raw) == 4:
		return int64(int32(binary.LittleEndian.Uint32(raw))), true
	case e.Type.V == format.Int64 && len(raw) == 8:
		return int64(binary.LittleEndian.Uint64(raw)), true
	}
	return 0, false
}

func decimalStatistic(t types.Type, e *format.SchemaElement, raw []byte) (any, bool) {
	if Converted(e) != deprecated.Decimal || int(e.Scale.V) != t.S {
		return nil, false
	}
	if n, ok := integer(e, raw); ok {
		return types.Int128From(n), true
	}
	if e.Type.V != format.FixedLenByteArray || len(raw) == 0 || len(raw) > 16 {
		return nil, false
	}
	b := new(big.Int).SetBytes(raw)
	if raw[0]&0x80 != 0 {
		b.Sub(b, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return types.Int128FromBig(b)
}

// TimestampDigits returns how many digits of a second's fraction a column of timestamps has; -1 when it is something else.
func TimestampDigits(e *format.SchemaElement) int {
	if !e.Type.Valid {
		return -1
	}
	if e.Type.V == format.Int96 {
		return 9
	}
	if ts, ok := e.LogicalType.Value.(*format.TimestampType); ok {
		switch ts.Unit.Value.(type) {
		case *format.MilliSeconds:
			return 3
		case *format.MicroSeconds:
			return 6
		case *format.NanoSeconds:
			return 9
		}
	}
	switch Converted(e) {
	case deprecated.TimestampMillis:
		return 3
	case deprecated.TimestampMicros:
		return 6
	}
	return -1
}
