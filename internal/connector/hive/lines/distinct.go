package lines

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// distinct keeps the keys of one map apart while they are appended to a column.
type distinct struct {
	v    *connector.Vector
	t    types.Type
	seen map[string]int
}

// add appends a key, and takes it back when it is NULL or there is one like it: then false.
func (d *distinct) add(appendKey func()) bool {
	before := d.v.Len(d.t)
	appendKey()
	key, null := keyText(d.v, d.t, before)
	if _, twice := d.seen[key]; null || twice {
		truncate(d.v, d.t, before)
		return false
	}
	if d.seen == nil {
		d.seen = map[string]int{}
	}
	d.seen[key] = before
	return true
}

// keyText is a text by which values of a column can be told apart.
func keyText(v *connector.Vector, t types.Type, i int) (key string, null bool) {
	if v.IsNull(i) {
		return "", true
	}
	switch t.Kind {
	case types.Array, types.Map, types.Row:
		var b strings.Builder
		parts := v.Fields
		from, end := i, i+1
		if t.Kind != types.Row {
			from, end = int(v.Offsets[i]), int(v.Offsets[i+1])
		}
		if t.Kind == types.Array {
			parts = []connector.Vector{*v.Items}
		}
		for n := range parts {
			for j := from; j < end; j++ {
				text, null := keyText(&parts[n], t.Elem(n), j)
				fmt.Fprintf(&b, "%t%q", null, text)
			}
		}
		return b.String(), false
	case types.Varchar, types.Char, types.Varbinary:
		return string(v.Data[v.Offsets[i]:v.Offsets[i+1]]), false
	}
	return string(appendScalarText(nil, v, t, i)), false
}

// truncate takes the values of a column from number n on back.
func truncate(v *connector.Vector, t types.Type, n int) {
	for i := n; i < v.Len(t); i++ {
		if i/64 < len(v.Valid) {
			v.Valid[i/64] |= 1 << (i % 64)
		}
	}
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		v.I8 = v.I8[:n]
	case types.SmallInt:
		v.I16 = v.I16[:n]
	case types.Integer, types.Date:
		v.I32 = v.I32[:n]
	case types.BigInt, types.Timestamp, types.TimestampTZ:
		v.I64 = v.I64[:n]
	case types.Real:
		v.F32 = v.F32[:n]
	case types.Double:
		v.F64 = v.F64[:n]
	case types.Decimal:
		if t.P <= 18 {
			v.I64 = v.I64[:n]
		} else {
			v.I128 = v.I128[:n]
		}
	case types.Row:
		for i := range v.Fields {
			truncate(&v.Fields[i], t.Elem(i), n)
		}
	case types.Array, types.Map:
		if len(v.Offsets) <= n+1 {
			return
		}
		items := int(v.Offsets[n])
		v.Offsets = v.Offsets[:n+1]
		if t.Kind == types.Array {
			truncate(v.Items, t.Elem(0), items)
			return
		}
		for i := range v.Fields {
			truncate(&v.Fields[i], t.Elem(i), items)
		}
	default:
		if len(v.Offsets) > n+1 {
			v.Data, v.Offsets = v.Data[:v.Offsets[n]], v.Offsets[:n+1]
		}
	}
}
