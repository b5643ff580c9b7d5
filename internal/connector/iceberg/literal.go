package iceberg

import (
	"math/big"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/iceberg-go"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Picoseconds of the units that Iceberg counts in, and microseconds of Trino's.
const (
	picosPerMicro  = 1_000_000
	microsPerMilli = 1_000
)

// literal is a value of a column as iceberg-go has it; false when there is none that equals it.
func literal(t iceberg.Type, v any) (iceberg.Literal, bool) {
	switch v := v.(type) {
	case bool:
		return iceberg.NewLiteral(v), true
	case int64:
		if t.Equals(iceberg.PrimitiveTypes.Int32) {
			return iceberg.NewLiteral(int32(v)), int64(int32(v)) == v
		}
		return iceberg.NewLiteral(v), t.Equals(iceberg.PrimitiveTypes.Int64)
	case float32:
		return iceberg.NewLiteral(v), v == v
	case float64:
		return iceberg.NewLiteral(v), v == v
	case string:
		return iceberg.NewLiteral(v), t.Equals(iceberg.PrimitiveTypes.String)
	case []byte:
		return iceberg.NewLiteral(v), t.Equals(iceberg.PrimitiveTypes.Binary)
	case types.DateValue:
		return iceberg.NewLiteral(iceberg.Date(v)), int64(int32(v)) == int64(v)
	case types.TimeValue:
		return iceberg.NewLiteral(iceberg.Time(v / picosPerMicro)), v%picosPerMicro == 0
	case types.TimestampValue:
		return iceberg.NewLiteral(iceberg.Timestamp(v.EpochMicros)), v.PicosOfMicro == 0 && t.Equals(iceberg.PrimitiveTypes.Timestamp)
	case types.TimestampTZValue:
		return iceberg.NewLiteral(iceberg.Timestamp(v.EpochMillis*microsPerMilli + int64(v.PicosOfMilli/picosPerMicro))), v.PicosOfMilli%picosPerMicro == 0
	case types.UUIDValue:
		return iceberg.NewLiteral(uuid.UUID(v)), true
	case types.Int128:
		if d, ok := t.(iceberg.DecimalType); ok {
			return iceberg.NewLiteral(iceberg.Decimal{Val: decimal128.New(v.Hi, v.Lo), Scale: d.Scale()}), true
		}
	}
	return nil, false
}

// sqlValue is the value that iceberg-go has as a literal's Any, a partition's value or a default, in the Go representation of package types;
// false when it is of no type that can be had.
func sqlValue(t types.Type, v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case bool:
		return v, t.Kind == types.Boolean
	case int32:
		return whole(t, int64(v))
	case int64:
		return whole(t, v)
	case int:
		return whole(t, int64(v))
	case float32:
		if t.Kind == types.Double {
			return float64(v), true
		}
		return v, t.Kind == types.Real
	case float64:
		if t.Kind == types.Real {
			return float32(v), true
		}
		return v, t.Kind == types.Double
	case string:
		return v, t.Kind == types.Varchar
	case []byte:
		return v, t.Kind == types.Varbinary
	case iceberg.Date:
		return whole(t, int64(v))
	case iceberg.Time:
		return whole(t, int64(v))
	case iceberg.Timestamp:
		return whole(t, int64(v))
	case iceberg.TimestampNano:
		micros := types.FloorDiv(int64(v), 1000)
		return types.TimestampValue{EpochMicros: micros, PicosOfMicro: int32(int64(v)-micros*1000) * 1000}, t.Kind == types.Timestamp
	case uuid.UUID:
		return types.UUIDValue(v), t.Kind == types.UUID
	case iceberg.Decimal:
		return decimal(t, v)
	case iceberg.DecimalLiteral:
		return decimal(t, iceberg.Decimal(v))
	}
	return nil, false
}

func decimal(t types.Type, d iceberg.Decimal) (any, bool) {
	n := types.Int128{Hi: d.Val.HighBits(), Lo: d.Val.LowBits()}
	if d.Scale < t.S {
		b := n.Big()
		b.Mul(b, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.S-d.Scale)), nil))
		return types.Int128FromBig(b)
	}
	return n, t.Kind == types.Decimal && d.Scale == t.S
}

// whole is a whole number in the unit of a type.
func whole(t types.Type, n int64) (any, bool) {
	switch t.Kind {
	case types.Integer, types.BigInt:
		return n, true
	case types.Date:
		return types.DateValue(n), true
	case types.Time:
		return types.TimeValue(n * picosPerMicro), true
	case types.Timestamp:
		return types.TimestampValue{EpochMicros: n}, true
	case types.TimestampTZ:
		millis := types.FloorDiv(n, microsPerMilli)
		return types.TimestampTZValue{EpochMillis: millis, PicosOfMilli: int32(n-millis*microsPerMilli) * picosPerMicro, Zone: "UTC"}, true
	case types.Decimal:
		return types.Int128From(n), true
	}
	return nil, false
}

// maxFilterValues is how many values of a domain become a filter of files; more become the range that they are in.
const maxFilterValues = 200

// filter is a constraint on the columns of one schema as a filter of files over another of the same table, in which columns may have other
// names: what cannot be said is left out, which is always right for pruning. exact says that nothing was.
func filter(read, plan *iceberg.Schema, constraint []connector.Domain) (out iceberg.BooleanExpression, exact bool) {
	out, exact = iceberg.AlwaysTrue{}, true
	for _, d := range constraint {
		field, found := read.FindFieldByNameCaseInsensitive(d.Column)
		if found {
			field, found = plan.FindFieldByID(field.ID)
		}
		if !found {
			exact = false
			continue
		}
		e, whole := domainFilter(field, d)
		out, exact = iceberg.NewAnd(out, e), exact && whole
	}
	return out, exact
}

func domainFilter(field iceberg.NestedField, d connector.Domain) (out iceberg.BooleanExpression, exact bool) {
	ref := iceberg.Reference(field.Name)
	switch field.Type.(type) {
	case *iceberg.ListType, *iceberg.MapType, *iceberg.StructType:
		return iceberg.AlwaysTrue{}, false
	}
	out, exact = iceberg.AlwaysFalse{}, true
	switch {
	case d.Values != nil:
		lits := make([]iceberg.Literal, 0, len(d.Values))
		for _, v := range d.Values {
			l, ok := literal(field.Type, v)
			if !ok {
				return iceberg.AlwaysTrue{}, false
			}
			lits = append(lits, l)
		}
		if len(lits) > maxFilterValues {
			return iceberg.AlwaysTrue{}, false
		}
		if len(lits) > 0 {
			out = iceberg.SetPredicate(iceberg.OpIn, ref, lits)
		}
	case d.Low != nil || d.High != nil:
		out = iceberg.AlwaysTrue{}
		for _, b := range []struct {
			bound      *connector.Bound
			open, with iceberg.Operation
		}{{d.Low, iceberg.OpGT, iceberg.OpGTEQ}, {d.High, iceberg.OpLT, iceberg.OpLTEQ}} {
			if b.bound == nil {
				continue
			}
			l, ok := literal(field.Type, b.bound.Value)
			if !ok {
				exact = false
				continue
			}
			op := b.open
			if b.bound.Inclusive {
				op = b.with
			}
			out = iceberg.NewAnd(out, iceberg.LiteralPredicate(op, ref, l))
		}
	case !d.NullAllowed:
		return iceberg.UnaryPredicate(iceberg.OpNotNull, ref), true
	default:
		return iceberg.AlwaysTrue{}, true
	}
	if d.NullAllowed && exact {
		out = iceberg.NewOr(out, iceberg.UnaryPredicate(iceberg.OpIsNull, ref))
	} else if d.NullAllowed {
		return iceberg.AlwaysTrue{}, false
	}
	return out, exact
}
