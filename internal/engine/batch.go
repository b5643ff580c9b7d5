package engine

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// FillBatch copies a chunk into a record batch. Nil types, and those of kind Unknown, are not known.
func FillBatch(b *connector.Batch, chunk *Chunk, columns []types.Type) error {
	b.Rows = chunk.Rows
	if b.Columns == nil {
		b.Columns = make([]connector.Vector, len(chunk.Columns))
	}
	for i := range b.Columns {
		var t *types.Type
		if columns != nil && columns[i].Kind != types.Unknown {
			t = &columns[i]
		}
		b.Columns[i].Reset()
		if err := appendVector(&b.Columns[i], &chunk.Columns[i], t, 0, chunk.Rows); err != nil {
			return err
		}
	}
	return nil
}

// appendVector appends the values from to end of a column, whose type is nil when it is not known. Timestamps with time zone come as
// the milliseconds of their instant, those of more digits as its microseconds; types that do not occur in record batches are an error.
func appendVector(v *connector.Vector, c *Column, t *types.Type, from, end int) error {
	switch c.Type.ID {
	case TypeBoolean, TypeTinyInt:
		appendFixed(v, &v.I8, c, from, end)
	case TypeSmallInt:
		appendFixed(v, &v.I16, c, from, end)
	case TypeInteger, TypeDate:
		appendFixed(v, &v.I32, c, from, end)
	case TypeBigInt, TypeTime, TypeTimestamp:
		appendFixed(v, &v.I64, c, from, end)
	case TypeFloat:
		appendFixed(v, &v.F32, c, from, end)
	case TypeDouble:
		appendFixed(v, &v.F64, c, from, end)
	case TypeDecimal:
		appendDecimals(v, c, from, end)
	case TypeUUID:
		before := len(v.I128)
		appendFixed(v, &v.I128, c, from, end)
		for i := range v.I128[before:] {
			v.I128[before+i].Hi ^= -1 << 63
		}
	case TypeVarchar, TypeBlob:
		appendTexts(v, c, from, end)
	case TypeList, TypeMap:
		return appendLists(v, c, t, from, end)
	case TypeStruct:
		if t == nil || t.Kind == types.TimestampTZ {
			return appendInstants(v, c, t, from, end)
		}
		return appendRows(v, c, t, from, end)
	default:
		return notInBatches(c)
	}
	return nil
}

// appendNulls marks the NULLs of a range of a column, whose first value is number at in the vector.
func appendNulls(v *connector.Vector, c *Column, at, from, end int) {
	if c.Valid == nil {
		return
	}
	for i := from; i < end; i++ {
		if c.IsNull(i) {
			v.SetNull(at+i-from, at+end-from)
		}
	}
}

func appendFixed[T Fixed](v *connector.Vector, to *[]T, c *Column, from, end int) {
	appendNulls(v, c, len(*to), from, end)
	if end > from {
		*to = append(*to, Values[T](c)[from:end]...)
	}
}

func appendDecimals(v *connector.Vector, c *Column, from, end int) {
	wide := c.Type.Width > 18
	appendNulls(v, c, max(len(v.I64), len(v.I128)), from, end)
	for i := from; i < end; i++ {
		if n := c.Integer(i); wide {
			v.I128 = append(v.I128, n)
		} else {
			v.I64 = append(v.I64, int64(n.Lo))
		}
	}
}

func appendTexts(v *connector.Vector, c *Column, from, end int) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	appendNulls(v, c, len(v.Offsets)-1, from, end)
	for i := from; i < end; i++ {
		if c.IsNull(i) {
			v.AppendBytes(nil)
		} else {
			v.AppendBytes(c.Bytes(i))
		}
	}
}

// appendLists copies arrays and maps, value by value, because their items need not lie in order.
func appendLists(v *connector.Vector, c *Column, t *types.Type, from, end int) error {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	var parts []*connector.Vector
	if c.Type.ID == TypeList {
		if v.Items == nil {
			v.Items = new(connector.Vector)
		}
		parts = []*connector.Vector{v.Items}
	} else {
		if v.Fields == nil {
			v.Fields = make([]connector.Vector, 2)
		}
		parts = []*connector.Vector{&v.Fields[0], &v.Fields[1]}
	}
	appendNulls(v, c, len(v.Offsets)-1, from, end)
	for i := from; i < end; i++ {
		offset, length := 0, 0
		if !c.IsNull(i) {
			offset, length = c.List(i)
		}
		for n, part := range parts {
			if err := appendVector(part, &c.Children[n], partType(t, n), offset, offset+length); err != nil {
				return err
			}
		}
		v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+uint32(length))
	}
	return nil
}

// partType is a parameter of a type.
func partType(t *types.Type, n int) *types.Type {
	if t == nil || n >= len(t.Args) {
		return nil
	}
	return &t.Args[n].Type
}

func appendRows(v *connector.Vector, c *Column, t *types.Type, from, end int) error {
	if len(c.Children) != len(t.Args) || t.Kind != types.Row {
		return notInBatches(c)
	}
	if v.Fields == nil {
		v.Fields = make([]connector.Vector, len(c.Children))
	}
	appendNulls(v, c, v.Fields[0].Len(t.Elem(0)), from, end)
	for n := range c.Children {
		if err := appendVector(&v.Fields[n], &c.Children[n], partType(t, n), from, end); err != nil {
			return err
		}
	}
	return nil
}

// appendInstants copies timestamps with time zone.
func appendInstants(v *connector.Vector, c *Column, t *types.Type, from, end int) error {
	if len(c.Children) != 2 || c.Children[0].Type.ID != TypeTimestamp {
		return notInBatches(c)
	}
	appendNulls(v, c, len(v.I64), from, end)
	for _, us := range Values[int64](&c.Children[0])[from:end] {
		if t == nil || t.P <= 3 {
			us /= 1000
		}
		v.I64 = append(v.I64, us)
	}
	return nil
}

func notInBatches(c *Column) error {
	return trinoerr.New(trinoerr.NotSupported, "Rows with columns of type %s cannot be written here", c.Type)
}
