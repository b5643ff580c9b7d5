package bigquery

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

const microsOfDay = 24 * 60 * 60 * 1_000_000

// The moments that BigQuery has: the years 1 to 9999, as microseconds since 1970.
var (
	firstMicro = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	endMicro   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

func inYears(micros int64) bool { return micros >= firstMicro && micros < endMicro }

// appendRow appends a row of a batch as a line of JSON, as load jobs take it.
func appendRow(dst []byte, names []string, columns []types.Type, b *connector.Batch, row int) (_ []byte, err error) {
	dst = append(dst, '{')
	for i := range columns {
		if b.Columns[i].IsNull(row) {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(types.AppendJSONString(dst, names[i]), ':')
		if dst, err = appendValue(dst, columns[i], &b.Columns[i], row); err != nil {
			return nil, err
		}
	}
	return append(dst, '}', '\n'), nil
}

// appendValue appends a value of a vector.
func appendValue(dst []byte, t types.Type, v *connector.Vector, i int) (_ []byte, err error) {
	if v.IsNull(i) {
		return append(dst, "null"...), nil
	}
	quoted := func(text []byte) []byte { return append(append(append(dst, '"'), text...), '"') }
	switch t.Kind {
	case types.Boolean:
		return strconv.AppendBool(dst, v.I8[i] != 0), nil
	case types.TinyInt:
		return strconv.AppendInt(dst, int64(v.I8[i]), 10), nil
	case types.SmallInt:
		return strconv.AppendInt(dst, int64(v.I16[i]), 10), nil
	case types.Integer:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10), nil
	case types.BigInt:
		return quoted(strconv.AppendInt(nil, v.I64[i], 10)), nil // which numbers of JSON might lose digits of
	case types.Double:
		switch f := v.F64[i]; {
		case math.IsNaN(f):
			return quoted([]byte("NaN")), nil
		case math.IsInf(f, 1):
			return quoted([]byte("Infinity")), nil
		case math.IsInf(f, -1):
			return quoted([]byte("-Infinity")), nil
		default:
			return strconv.AppendFloat(dst, f, 'g', -1, 64), nil
		}
	case types.Decimal:
		n := types.Int128{}
		if t.P > 18 {
			n = types.Int128{Lo: v.I128[i].Lo, Hi: v.I128[i].Hi}
		} else {
			n = types.Int128From(v.I64[i])
		}
		return quoted([]byte(types.Text(t, n))), nil
	case types.Date:
		micros := int64(v.I32[i]) * microsOfDay
		return quoted(time.UnixMicro(micros).UTC().AppendFormat(nil, time.DateOnly)), checkYears(t, micros)
	case types.Time:
		return quoted(time.UnixMicro(v.I64[i]).UTC().AppendFormat(nil, "15:04:05.000000")), nil
	case types.Timestamp:
		return quoted(appendDateTime(nil, v.I64[i])), checkYears(t, v.I64[i])
	case types.TimestampTZ:
		micros := v.I64[i]
		if t.P <= 3 {
			micros *= 1000
		}
		return quoted(append(appendDateTime(nil, micros), " UTC"...)), checkYears(t, micros)
	case types.Varchar:
		return types.AppendJSONString(dst, string(v.Data[v.Offsets[i]:v.Offsets[i+1]])), nil
	case types.Varbinary:
		return quoted(base64.StdEncoding.AppendEncode(nil, v.Data[v.Offsets[i]:v.Offsets[i+1]])), nil
	case types.JSON:
		return append(dst, v.Data[v.Offsets[i]:v.Offsets[i+1]]...), nil
	case types.Array:
		dst = append(dst, '[')
		for k := v.Offsets[i]; k < v.Offsets[i+1]; k++ {
			if v.Items.IsNull(int(k)) {
				return nil, trinoerr.New(trinoerr.NotSupported, "BigQuery has no arrays with NULLs among their elements")
			}
			if k > v.Offsets[i] {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, t.Elem(0), v.Items, int(k)); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case types.Row:
		dst = append(dst, '{')
		for k, f := range t.Args {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = append(types.AppendJSONString(dst, f.Name), ':')
			part := &v.Fields[k]
			if part.IsNull(i) && f.Type.Kind == types.Array {
				dst = append(dst, "[]"...) // arrays are never NULL
				continue
			}
			if dst, err = appendValue(dst, f.Type, part, i); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	}
	return nil, unsupported(t)
}

func appendDateTime(dst []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(dst, "2006-01-02 15:04:05.000000")
}

func checkYears(t types.Type, micros int64) error {
	if !inYears(micros) {
		return trinoerr.New(trinoerr.NumericValueOutOfRange, "A value of type %s is outside of the years 1 to 9999, which are all that BigQuery has", t)
	}
	return nil
}
