package slot

import (
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// render appends the value of one row of a column, not NULL, in the client protocol's JSON form.
type render func(dst []byte, c *engine.Column, row int) []byte

// renderRow appends a row as a JSON array.
func renderRow(dst []byte, chunk *engine.Chunk, row int, renders []render) []byte {
	dst = append(dst, '[')
	for i, r := range renders {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = renderValue(dst, &chunk.Columns[i], row, r)
	}
	return append(dst, ']')
}

func renderValue(dst []byte, c *engine.Column, row int, r render) []byte {
	if c.IsNull(row) {
		return wire.AppendNull(dst)
	}
	return r(dst, c, row)
}

// renderOf composes the rendering of a type over the DuckDB type that holds it, see duck.Physical.
func renderOf(t types.Type) render {
	switch t.Kind {
	case types.Boolean:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendBool(dst, engine.Values[bool](c)[row])
		}
	case types.TinyInt:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendInt(dst, int64(engine.Values[int8](c)[row]))
		}
	case types.SmallInt:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendInt(dst, int64(engine.Values[int16](c)[row]))
		}
	case types.Integer:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendInt(dst, int64(engine.Values[int32](c)[row]))
		}
	case types.BigInt:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendInt(dst, engine.Values[int64](c)[row])
		}
	case types.Real:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendReal(dst, engine.Values[float32](c)[row])
		}
	case types.Double:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendDouble(dst, engine.Values[float64](c)[row])
		}
	case types.Decimal:
		return func(dst []byte, c *engine.Column, row int) []byte {
			v := c.Integer(row)
			return wire.AppendDecimal(dst, v.Hi, v.Lo, t.S)
		}
	case types.Char:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendChar(dst, string(c.Bytes(row)), t.P)
		}
	case types.Date:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendDate(dst, int64(engine.Values[int32](c)[row]))
		}
	case types.IntervalDayToSecond:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendIntervalDT(dst, engine.Values[int64](c)[row])
		}
	case types.IntervalYearToMonth:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendIntervalYM(dst, int64(engine.Values[int32](c)[row]))
		}
	case types.UUID:
		return func(dst []byte, c *engine.Column, row int) []byte {
			v := engine.Values[engine.Int128](c)[row]
			return wire.AppendUUID(dst, uint64(v.Hi)^1<<63, v.Lo)
		}
	case types.Time:
		return renderTime(t.P)
	case types.TimeTZ:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendTimeTZ(dst, engine.Values[int64](&c.Children[0])[row], int(engine.Values[int32](&c.Children[1])[row]), t.P)
		}
	case types.Timestamp:
		return renderTimestamp(t.P)
	case types.TimestampTZ:
		return renderTimestampTZ(t.P)
	case types.Array:
		return renderArray(renderOf(t.Elem(0)))
	case types.Map:
		return renderMap(renderOf(t.Elem(0)), renderOf(t.Elem(1)))
	case types.Row:
		return renderFields(t)
	case types.IPAddress:
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendString(dst, types.IPAddressValue(c.Bytes(row)).String())
		}
	case types.Varbinary, types.HyperLogLog, types.P4HyperLogLog, types.QDigest, types.TDigest, types.SetDigest:
		return func(dst []byte, c *engine.Column, row int) []byte { return wire.AppendBinary(dst, c.Bytes(row)) }
	case types.Unknown:
		return func(dst []byte, _ *engine.Column, _ int) []byte { return wire.AppendNull(dst) }
	}
	// varchar, json and what is shown as text.
	return func(dst []byte, c *engine.Column, row int) []byte {
		return wire.AppendString(dst, string(c.Bytes(row)))
	}
}

const picosPerMicro = 1_000_000

func renderTime(p int) render {
	return func(dst []byte, c *engine.Column, row int) []byte {
		v := engine.Values[int64](c)[row]
		if p <= 6 {
			v *= picosPerMicro
		}
		return wire.AppendTime(dst, v, p)
	}
}

func renderTimestamp(p int) render {
	if p <= 6 {
		return func(dst []byte, c *engine.Column, row int) []byte {
			return wire.AppendTimestamp(dst, engine.Values[int64](c)[row], p)
		}
	}
	return func(dst []byte, c *engine.Column, row int) []byte {
		return wire.AppendTimestampPicos(dst, engine.Values[int64](&c.Children[0])[row], engine.Values[int32](&c.Children[1])[row], p)
	}
}

// renderTimestampTZ renders a struct of an instant and the name of a zone.
func renderTimestampTZ(p int) render {
	return func(dst []byte, c *engine.Column, row int) []byte {
		zoneColumn := &c.Children[len(c.Children)-1]
		raw := engine.Values[int64](&c.Children[0])[row]
		millis := floorDiv(raw, 1000)
		picos := int32(raw-millis*1000) * picosPerMicro // of the millisecond
		if p > 6 {
			picos += engine.Values[int32](&c.Children[1])[row]
		}
		zone := types.Zone(zoneColumn.Bytes(row))
		return wire.AppendTimestampTZ(dst, millis, picos, zone.OffsetSeconds(millis), string(zone), p)
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func renderArray(elem render) render {
	return func(dst []byte, c *engine.Column, row int) []byte {
		offset, n := c.List(row)
		dst = append(dst, '[')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = renderValue(dst, &c.Children[0], offset+i, elem)
		}
		return append(dst, ']')
	}
}

// renderMap renders an object; its keys are the texts of the map's.
func renderMap(key, value render) render {
	var buf []byte
	return func(dst []byte, c *engine.Column, row int) []byte {
		offset, n := c.List(row)
		dst = append(dst, '{')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			buf = renderValue(buf[:0], &c.Children[0], offset+i, key)
			if buf[0] == '"' {
				dst = append(dst, buf...)
			} else {
				dst = wire.AppendString(dst, string(buf))
			}
			dst = append(dst, ':')
			dst = renderValue(dst, &c.Children[1], offset+i, value)
		}
		return append(dst, '}')
	}
}

func renderFields(t types.Type) render {
	fields := make([]render, len(t.Args))
	for i, f := range t.Args {
		fields[i] = renderOf(f.Type)
	}
	return func(dst []byte, c *engine.Column, row int) []byte {
		dst = append(dst, '[')
		for i, r := range fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = renderValue(dst, &c.Children[i], row, r)
		}
		return append(dst, ']')
	}
}

// renders compiles the renderings of a result's columns.
func renders(columns []types.Type) []render {
	out := make([]render, len(columns))
	for i, t := range columns {
		out[i] = renderOf(t)
	}
	return out
}
