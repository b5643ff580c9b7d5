package postgresql

import (
	"encoding/binary"
	"math"
	"math/big"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// decoder appends a value in binary format, which is not NULL, to a vector.
type decoder func(v *connector.Vector, raw []byte) error

// The distance of PostgreSQL's epoch, 2000-01-01, from 1970-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 24 * 60 * 60 * 1_000_000
	microsOfDay = 24 * 60 * 60 * 1_000_000
)

// widths are those of values of fixed width, by the number of their type.
var widths = map[uint32]int{
	pgtype.BoolOID: 1, pgtype.Int2OID: 2, pgtype.Int4OID: 4, pgtype.Int8OID: 8, pgtype.Float4OID: 4, pgtype.Float8OID: 8,
	pgtype.DateOID: 4, pgtype.TimeOID: 8, pgtype.TimestampOID: 8, pgtype.TimestamptzOID: 8, pgtype.UUIDOID: 16,
}

// decoderFor returns the decoder of a type of the server for a SQL type; nil when the one is not read as the other.
func decoderFor(t types.Type, oid uint32) decoder {
	d := undecorated(t, oid)
	if width := widths[oid]; d != nil && width > 0 {
		return func(v *connector.Vector, raw []byte) error {
			if len(raw) != width {
				return malformed(t)
			}
			return d(v, raw)
		}
	}
	return d
}

func malformed(t types.Type) error {
	return trinoerr.New(trinoerr.JdbcError, "the server sent a malformed value of type %s", t)
}

func undecorated(t types.Type, oid uint32) decoder {
	switch {
	case t.Kind == types.Boolean && oid == pgtype.BoolOID:
		return func(v *connector.Vector, raw []byte) error { v.I8 = append(v.I8, int8(raw[0])); return nil }
	case t.Kind == types.SmallInt && oid == pgtype.Int2OID:
		return func(v *connector.Vector, raw []byte) error {
			v.I16 = append(v.I16, int16(binary.BigEndian.Uint16(raw)))
			return nil
		}
	case t.Kind == types.Integer && oid == pgtype.Int4OID:
		return func(v *connector.Vector, raw []byte) error {
			v.I32 = append(v.I32, int32(binary.BigEndian.Uint32(raw)))
			return nil
		}
	case t.Kind == types.BigInt && oid == pgtype.Int8OID:
		return func(v *connector.Vector, raw []byte) error {
			v.I64 = append(v.I64, int64(binary.BigEndian.Uint64(raw)))
			return nil
		}
	case t.Kind == types.Real && oid == pgtype.Float4OID:
		return func(v *connector.Vector, raw []byte) error {
			v.F32 = append(v.F32, math.Float32frombits(binary.BigEndian.Uint32(raw)))
			return nil
		}
	case t.Kind == types.Double && oid == pgtype.Float8OID:
		return func(v *connector.Vector, raw []byte) error {
			v.F64 = append(v.F64, math.Float64frombits(binary.BigEndian.Uint64(raw)))
			return nil
		}
	case t.Kind == types.Decimal && oid == pgtype.NumericOID:
		return func(v *connector.Vector, raw []byte) error { return numeric(v, t, raw) }
	case t.Kind == types.Date && oid == pgtype.DateOID:
		return date
	case t.Kind == types.Time && oid == pgtype.TimeOID:
		return func(v *connector.Vector, raw []byte) error {
			v.I64 = append(v.I64, int64(binary.BigEndian.Uint64(raw))%microsOfDay) // there is 24:00
			return nil
		}
	case t.Kind == types.Timestamp && oid == pgtype.TimestampOID, t.Kind == types.TimestampTZ && oid == pgtype.TimestamptzOID:
		return func(v *connector.Vector, raw []byte) error { return timestamp(v, t, raw) }
	case t.Kind == types.UUID && oid == pgtype.UUIDOID:
		return func(v *connector.Vector, raw []byte) error { v.I128 = append(v.I128, jdbc.UUID(raw)); return nil }
	case t.Kind == types.JSON:
		return func(v *connector.Vector, raw []byte) error { return json(v, oid, raw) }
	case t.Kind == types.Char:
		return func(v *connector.Vector, raw []byte) error {
			for len(raw) > 0 && raw[len(raw)-1] == ' ' {
				raw = raw[:len(raw)-1]
			}
			v.AppendBytes(raw)
			return nil
		}
	case t.Kind == types.Varchar, t.Kind == types.Varbinary && oid == pgtype.ByteaOID: // enums are texts of types of their own
		return func(v *connector.Vector, raw []byte) error { v.AppendBytes(raw); return nil }
	case t.Kind == types.Map:
		return hstore
	case t.Kind == types.Array:
		return func(v *connector.Vector, raw []byte) error { return array(v, t, raw) }
	}
	return nil
}

func date(v *connector.Vector, raw []byte) error {
	days := int32(binary.BigEndian.Uint32(raw))
	if days == math.MaxInt32 || days == math.MinInt32 {
		return infinite("date")
	}
	v.I32 = append(v.I32, days+epochDays)
	return nil
}

func infinite(what string) error {
	return trinoerr.New(trinoerr.JdbcNonTransientError, "an infinite %s cannot be read", what)
}

func timestamp(v *connector.Vector, t types.Type, raw []byte) error {
	us := int64(binary.BigEndian.Uint64(raw))
	if us == math.MaxInt64 || us == math.MinInt64 {
		return infinite("timestamp")
	}
	us += epochMicros
	if t.Kind == types.TimestampTZ && t.P <= 3 {
		us = (us - (us%1000+1000)%1000) / 1000
	}
	v.I64 = append(v.I64, us)
	return nil
}

func json(v *connector.Vector, oid uint32, raw []byte) error {
	if oid == pgtype.JSONBOID && len(raw) > 0 {
		raw = raw[1:] // the format's version
	}
	text, err := types.CanonicalJSON(string(raw))
	v.AppendBytes([]byte(text))
	return err
}

// numeric appends a number that is sent as digits to the base of 10000.
func numeric(v *connector.Vector, t types.Type, raw []byte) error {
	if len(raw) < 8 {
		return malformed(t)
	}
	count, weight, sign := int(binary.BigEndian.Uint16(raw)), int(int16(binary.BigEndian.Uint16(raw[2:]))), binary.BigEndian.Uint16(raw[4:])
	digits := raw[8:]
	if len(digits) != 2*count {
		return malformed(t)
	}
	if sign != 0 && sign != 0x4000 {
		return trinoerr.New(trinoerr.JdbcNonTransientError, "a number that is infinite or NaN cannot be read as %s", t)
	}
	if t.P <= 18 && 4*(weight+1)+t.S <= 18 {
		if n, ok := small(digits, weight, t.S); ok && n < tens[t.P] {
			if sign != 0 {
				n = -n
			}
			v.I64 = append(v.I64, n)
			return nil
		}
	}
	n, ok := large(digits, weight, t.S)
	if sign != 0 {
		n = n.Neg()
	}
	if !ok || !jdbc.AppendDecimal(v, t, n) {
		return trinoerr.New(trinoerr.JdbcNonTransientError, "Rounding necessary: a number has more digits than %s", t)
	}
	return nil
}

// tens are powers of ten.
var tens = [...]int64{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// small is a number of units in the last of scale digits, when all of it fits into 64 bits; false when digits would be lost.
func small(digits []byte, weight, scale int) (n int64, ok bool) {
	for i := 0; i < len(digits); i += 2 {
		d := int64(binary.BigEndian.Uint16(digits[i:]))
		switch shift := 4*(weight-i/2) + scale; {
		case shift >= 0:
			n += d * tens[shift]
		case shift <= -4:
			if d != 0 {
				return 0, false
			}
		default:
			if d%tens[-shift] != 0 {
				return 0, false
			}
			n += d / tens[-shift]
		}
	}
	return n, true
}

// large is such a number of any size.
func large(digits []byte, weight, scale int) (types.Int128, bool) {
	n, base := new(big.Int), big.NewInt(10000)
	for i := 0; i < len(digits); i += 2 {
		n.Mul(n, base).Add(n, big.NewInt(int64(binary.BigEndian.Uint16(digits[i:]))))
	}
	shift := 4*(weight-len(digits)/2+1) + scale
	if shift > 4*types.MaxDecimalPrecision {
		return types.Int128{}, n.Sign() == 0
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		return types.Int128FromBig(n.Mul(n, power))
	}
	_, rest := n.QuoRem(n, power, new(big.Int))
	if rest.Sign() != 0 {
		return types.Int128{}, false
	}
	return types.Int128FromBig(n)
}

// hstore appends a map: its size, then for each entry the lengths and bytes of key and value.
func hstore(v *connector.Vector, raw []byte) error {
	kind := types.MapOf(types.Of(types.Varchar), types.Of(types.Varchar))
	if len(raw) < 4 {
		return malformed(kind)
	}
	count := int(binary.BigEndian.Uint32(raw))
	r := &lengths{rest: raw[4:]}
	for range count {
		for i := range v.Fields {
			part := &v.Fields[i]
			item, null := r.next()
			if null {
				part.SetNull(len(part.Offsets)-1, len(part.Offsets))
			}
			part.AppendBytes(item)
		}
	}
	if r.bad {
		return malformed(kind)
	}
	v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+uint32(count))
	return nil
}

// lengths reads values that have their lengths in front of them.
type lengths struct {
	rest []byte
	bad  bool
}

func (l *lengths) next() (item []byte, null bool) {
	if len(l.rest) < 4 {
		l.bad = true
		return nil, true
	}
	n := int(int32(binary.BigEndian.Uint32(l.rest)))
	l.rest = l.rest[4:]
	switch {
	case n == -1:
		return nil, true
	case n < 0 || n > len(l.rest):
		l.bad = true
		return nil, true
	}
	item, l.rest = l.rest[:n:n], l.rest[n:]
	return item, false
}

// array appends an array of one dimension: dimensions, flags, the items' type, size, lower bound, items.
func array(v *connector.Vector, t types.Type, raw []byte) error {
	if len(raw) < 12 {
		return malformed(t)
	}
	dimensions := binary.BigEndian.Uint32(raw)
	count := 0
	if dimensions > 1 {
		return trinoerr.New(trinoerr.JdbcNonTransientError, "an array of %d dimensions cannot be read as %s", dimensions, t)
	}
	if dimensions == 1 {
		if len(raw) < 20 {
			return malformed(t)
		}
		count = int(binary.BigEndian.Uint32(raw[12:]))
		r := &lengths{rest: raw[20:]}
		if count > len(r.rest)/4 {
			return malformed(t)
		}
		decode := decoderFor(t.Elem(0), binary.BigEndian.Uint32(raw[8:]))
		if decode == nil {
			return trinoerr.New(trinoerr.JdbcNonTransientError, "an array cannot be read as %s", strings.ToLower(t.String()))
		}
		at := int(v.Offsets[len(v.Offsets)-1])
		for i := range count {
			item, null := r.next()
			if null {
				v.Items.SetNull(at+i, at+count)
				v.Items.AppendZero(t.Elem(0))
			} else if err := decode(v.Items, item); err != nil {
				return err
			}
		}
		if r.bad {
			return malformed(t)
		}
	}
	v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+uint32(count))
	return nil
}
