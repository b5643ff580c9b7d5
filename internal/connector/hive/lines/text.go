package lines

import (
	"bytes"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// textReader divides lines at separators, as Hive's LazySimpleSerDe does.
type textReader struct {
	o      Options
	fields [][]byte
	have   int
}

// split divides a line into at most len(fields) values.
func (r *textReader) split(line []byte) {
	r.have = 0
	begin := 0
	for i := 0; i < len(line) && r.have < len(r.fields); i++ {
		switch c := line[i]; {
		case c == r.o.Separators[0]:
			r.fields[r.have] = line[begin:i]
			r.have++
			begin = i + 1
			if r.o.TakeRest && r.have == len(r.fields)-1 {
				i = len(line)
			}
		case c == r.o.Escape && c != 0:
			i++
		}
	}
	if r.have < len(r.fields) {
		r.fields[r.have] = line[begin:]
		r.have++
	}
}

// appendField appends the value of a column of a line.
func (r *textReader) appendField(v *connector.Vector, t types.Type, ordinal int) {
	if ordinal >= r.have {
		v.AppendNull(t)
		return
	}
	r.value(v, t, r.fields[ordinal], 1)
}

// value appends a value whose parts are divided by the separator of a level.
func (r *textReader) value(v *connector.Vector, t types.Type, cell []byte, level int) {
	if string(cell) == r.o.Null {
		v.AppendNull(t)
		return
	}
	switch t.Kind {
	case types.Array:
		r.array(v, t, cell, level)
	case types.Map:
		r.mapping(v, t, cell, level)
	case types.Row:
		r.row(v, t, cell, level)
	case types.Varchar, types.Char:
		appendScalar(v, t, r.unescape(cell))
	case types.Varbinary:
		v.AppendBytes(binary(string(cell)))
	default:
		if !appendScalar(v, t, string(cell)) {
			v.AppendNull(t)
		}
	}
}

func (r *textReader) unescape(cell []byte) string {
	if r.o.Escape == 0 || bytes.IndexByte(cell, r.o.Escape) < 0 {
		return string(cell)
	}
	out := make([]byte, 0, len(cell))
	for i := 0; i < len(cell); i++ {
		if cell[i] == r.o.Escape && i+1 < len(cell) {
			i++
		}
		out = append(out, cell[i])
	}
	return string(out)
}

// parts calls f for the parts of a value, until it wants no more.
func (r *textReader) parts(cell []byte, level int, f func(part []byte) bool) {
	begin := 0
	for i := 0; i < len(cell); i++ {
		switch c := cell[i]; {
		case c == r.o.Separators[level]:
			if !f(cell[begin:i]) {
				return
			}
			begin = i + 1
		case c == r.o.Escape && c != 0 && i+1 < len(cell):
			i++
		}
	}
	f(cell[begin:])
}

func (r *textReader) array(v *connector.Vector, t types.Type, cell []byte, level int) {
	n := 0
	if v.Items == nil {
		v.Items = new(connector.Vector)
	}
	if len(cell) > 0 {
		r.parts(cell, level, func(part []byte) bool {
			r.value(v.Items, t.Elem(0), part, level+1)
			n++
			return true
		})
	}
	closeList(v, t, n)
}

// mapping reads a map. Of equal keys the first one counts, and none is NULL.
func (r *textReader) mapping(v *connector.Vector, t types.Type, cell []byte, level int) {
	n := 0
	v.MakeParts(t)
	if len(cell) > 0 {
		keys := distinct{v: &v.Fields[0], t: t.Elem(0)}
		r.parts(cell, level, func(part []byte) bool {
			key, value, found := r.entry(part, level+1)
			if keys.add(func() { r.value(&v.Fields[0], t.Elem(0), key, level+2) }) {
				if found {
					r.value(&v.Fields[1], t.Elem(1), value, level+2)
				} else {
					v.Fields[1].AppendNull(t.Elem(1))
				}
				n++
			}
			return true
		})
	}
	closeList(v, t, n)
}

// entry divides an entry of a map into key and value.
func (r *textReader) entry(part []byte, level int) (key, value []byte, found bool) {
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case c == r.o.Separators[level]:
			return part[:i], part[i+1:], true
		case c == r.o.Escape && c != 0 && i+1 < len(part):
			i++
		}
	}
	return part, nil, false
}

func (r *textReader) row(v *connector.Vector, t types.Type, cell []byte, level int) {
	v.MakeParts(t)
	field := 0
	begin := 0
	r.parts(cell, level, func(part []byte) bool {
		if r.o.TakeRest && field == len(t.Args)-1 {
			part = cell[begin:]
		}
		r.value(&v.Fields[field], t.Elem(field), part, level+1)
		begin += len(part) + 1
		field++
		return field < len(t.Args)
	})
	for ; field < len(t.Args); field++ {
		v.Fields[field].AppendNull(t.Elem(field))
	}
}

// depth is how many separators a type needs.
func depth(t types.Type) int {
	deepest := 0
	for i := range t.Args {
		deepest = max(deepest, depth(t.Elem(i)))
	}
	switch t.Kind {
	case types.Array, types.Row:
		return deepest + 1
	case types.Map:
		return deepest + 2
	}
	return 0
}
