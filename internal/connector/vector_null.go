package connector

import "github.com/waterbear-sql/waterbear/internal/types"

// AppendNull appends a NULL to a column of a type.
func (v *Vector) AppendNull(t types.Type) {
	i := v.Len(t)
	v.AppendZero(t)
	v.SetNull(i, i+1)
}

// AppendZero appends what stands in the place of a NULL, without marking it as one.
func (v *Vector) AppendZero(t types.Type) {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		v.I8 = append(v.I8, 0)
	case types.SmallInt:
		v.I16 = append(v.I16, 0)
	case types.Integer, types.Date:
		v.I32 = append(v.I32, 0)
	case types.BigInt, types.Time, types.Timestamp, types.TimestampTZ:
		v.I64 = append(v.I64, 0)
	case types.Real:
		v.F32 = append(v.F32, 0)
	case types.Double:
		v.F64 = append(v.F64, 0)
	case types.Decimal:
		if t.P > 18 {
			v.I128 = append(v.I128, Int128{})
		} else {
			v.I64 = append(v.I64, 0)
		}
	case types.UUID:
		v.I128 = append(v.I128, Int128{})
	case types.Row:
		v.MakeParts(t)
		for i := range v.Fields {
			v.Fields[i].AppendNull(t.Elem(i))
		}
	case types.Array, types.Map:
		v.MakeParts(t)
		if len(v.Offsets) == 0 {
			v.Offsets = append(v.Offsets, 0)
		}
		v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1])
	default:
		v.AppendBytes(nil)
	}
}

// MakeParts makes the vectors within a column of arrays, maps or rows, unless they are there.
func (v *Vector) MakeParts(t types.Type) {
	switch {
	case t.Kind == types.Array && v.Items == nil:
		v.Items = &Vector{}
	case t.Kind != types.Array && v.Fields == nil:
		v.Fields = make([]Vector, len(t.Args))
	}
}
