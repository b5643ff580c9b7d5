package hive

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/big"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// satisfies reports whether a table partition can have rows that satisfy a constraint.
func (p *partition) satisfies(t *table, constraint []connector.Domain) bool {
	for _, d := range constraint {
		for i, c := range t.partitionColumns {
			if c.Name != d.Column {
				continue
			}
			if v := p.values[i]; v == nil && !d.NullAllowed || v != nil && !allowed(d, v, v) {
				return false
			}
		}
	}
	return true
}

// allowed reports whether a domain may allow a value between low and high. It errs on the side of yes.
func allowed(d connector.Domain, low, high any) bool {
	if d.Values != nil {
		for _, v := range d.Values {
			above, ok1 := compare(v, low)
			below, ok2 := compare(v, high)
			if !ok1 || !ok2 || above >= 0 && below <= 0 {
				return true
			}
		}
		return false
	}
	if d.Low != nil {
		if n, ok := compare(high, d.Low.Value); ok && (n < 0 || n == 0 && !d.Low.Inclusive) {
			return false
		}
	}
	if d.High != nil {
		if n, ok := compare(low, d.High.Value); ok && (n > 0 || n == 0 && !d.High.Inclusive) {
			return false
		}
	}
	return true
}

// compare orders two values of the same type; ok is false when they have none or no order.
func compare(a, b any) (n int, ok bool) {
	switch a := a.(type) {
	case int64:
		b, ok := b.(int64)
		return cmp.Compare(a, b), ok
	case types.DateValue:
		b, ok := b.(types.DateValue)
		return cmp.Compare(a, b), ok
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case float64:
		b, ok := b.(float64)
		return cmp.Compare(a, b), ok && !math.IsNaN(a) && !math.IsNaN(b)
	case float32:
		b, ok := b.(float32)
		return cmp.Compare(a, b), ok && a == a && b == b
	case types.Int128:
		b, ok := b.(types.Int128)
		return a.Cmp(b), ok
	case types.TimestampValue:
		b, ok := b.(types.TimestampValue)
		return cmp.Or(cmp.Compare(a.EpochMicros, b.EpochMicros), cmp.Compare(a.PicosOfMicro, b.PicosOfMicro)), ok
	case bool:
		b, ok := b.(bool)
		return cmp.Compare(truth(a), truth(b)), ok
	}
	return 0, false
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// satisfies reports whether a row group can have rows that satisfy a constraint on the table's columns.
func (g *rowGroup) satisfies(columns []fileColumn, constraint []connector.Domain) bool {
	for _, d := range constraint {
		for _, c := range columns {
			if c.column.Name != d.Column {
				continue
			}
			if !c.mayHave(g, d) {
				return false
			}
		}
	}
	return true
}

// mayHave reports whether a row group can have a value of a domain.
func (c fileColumn) mayHave(g *rowGroup, d connector.Domain) bool {
	if c.field == nil {
		return d.NullAllowed
	}
	if len(c.field.schema) != 1 { // of arrays, maps and rows only parts are known
		return true
	}
	chunk := &g.chunks[c.field.from]
	if d.NullAllowed && chunk.nulls != 0 {
		return true
	}
	if chunk.nulls == g.rows {
		return false
	}
	low, high, ok := c.bounds(chunk)
	return !ok || allowed(d, low, high)
}

// bounds returns the smallest and largest value of a chunk, in the representation of the column's type.
func (c fileColumn) bounds(chunk *chunk) (low, high any, ok bool) {
	if chunk.low == nil || chunk.high == nil || len(c.field.schema) != 1 {
		return nil, nil, false
	}
	e := &c.field.schema[0]
	low, ok1 := statistic(c.column.Type, e, chunk.low)
	high, ok2 := statistic(c.column.Type, e, chunk.high)
	if t, isTime := high.(types.TimestampValue); isTime {
		// Reading may round up to the precision of the column.
		t.EpochMicros += 1000
		high = t
	}
	return low, high, ok1 && ok2
}

// statistic decodes a smallest or largest value; ok is false for combinations of types that are not understood.
func statistic(t types.Type, e *format.SchemaElement, raw []byte) (v any, ok bool) {
	if !e.Type.Valid {
		return nil, false
	}
	n, isInt := integer(e, raw)
	annotation := converted(e)
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
		micros := map[int]int64{3: 1000, 6: 1}[timestampDigits(e)]
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
	if converted(e) != deprecated.Decimal || int(e.Scale.V) != t.S {
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

// timestampDigits returns how many digits of a second's fraction a column of timestamps has; -1 when it is something else.
func timestampDigits(e *format.SchemaElement) int {
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
	switch converted(e) {
	case deprecated.TimestampMillis:
		return 3
	case deprecated.TimestampMicros:
		return 6
	}
	return -1
}
