package faker

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/brianvoe/gofakeit/v7"
	"github.com/cespare/xxhash/v2"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// maker makes the values of a column. It has one source of random numbers, which each value seeds anew with the number of its row.
type maker struct {
	column column
	seed   uint64
	pcg    *rand.PCG
	random *rand.Rand
	// value makes one; nil is NULL. Integers of all kinds are numbers.
	value func(row int64) any
}

func newMaker(table connector.SchemaTable, col column) (*maker, error) {
	m := &maker{column: col, seed: xxhash.Sum64String(table.String() + "\x00" + col.Name), pcg: rand.NewPCG(0, 0)}
	m.random = rand.New(m.pcg)
	return m, m.choose()
}

// choose finds out how values are made.
func (m *maker) choose() error {
	s, t := &m.column.spec, m.column.Type
	low, high := s.bounds(t)
	switch {
	case len(s.Values) > 0:
		values := make([]any, len(s.Values))
		for i, text := range s.Values {
			v, ok := types.Cast(text, varchar, t, types.UTC)
			if n, ranged := numberOf(v, t); ok && ranged {
				v = n
			}
			values[i] = v
		}
		m.value = func(int64) any { return values[m.random.IntN(len(values))] }
	case s.Step != "":
		step, err := stepOf(s.Step, t)
		if err != nil {
			return err
		}
		m.value = func(row int64) any { return step.at(low, high, row) }
	case hasRange(t):
		m.value = func(int64) any { return m.between(low, high) }
	case t.Kind == types.Boolean:
		m.value = func(int64) any { return m.random.Uint64()&1 == 1 }
	case t.Kind == types.UUID:
		m.value = func(int64) any {
			return connector.Int128{Lo: m.random.Uint64()&^(3<<62) | 1<<63, Hi: int64(m.random.Uint64()&^0xF000 | 0x4000)} // version 4
		}
	default:
		words := gofakeit.NewFaker(m.pcg, false)
		text := func() string { return words.LoremIpsumSentence(3 + m.random.IntN(38)) }
		if s.Generator != "" {
			e, err := parseExpression(s.Generator)
			if err != nil {
				return err
			}
			text = func() string { return e.evaluate(words, m.random) }
		}
		m.value = func(int64) any { return fitting(text(), t) }
	}
	return nil
}

// fitting cuts a text to the length of its type.
func fitting(text string, t types.Type) string {
	if t.Kind != types.Varbinary && utf8.RuneCountInString(text) > t.P {
		text = string([]rune(text)[:t.P])
	}
	if t.Kind == types.Char {
		text = strings.TrimRight(text, " ")
	}
	return text
}

// between is a number between two, both included.
func (m *maker) between(low, high number) number {
	if low.whole == nil {
		f := m.random.Float64()
		return number{float: min(max(low.float*(1-f)+high.float*f, low.float), high.float)}
	}
	span := new(big.Int).Sub(high.whole, low.whole)
	span.Add(span, big.NewInt(1))
	var offset *big.Int
	switch {
	case span.IsInt64():
		offset = big.NewInt(m.random.Int64N(span.Int64()))
	default:
		// Of 256 random bits the remainder is as even as can be told.
		offset = new(big.Int)
		for range 4 {
			offset.Lsh(offset, 64)
			offset.Or(offset, new(big.Int).SetUint64(m.random.Uint64()))
		}
		offset.Mod(offset, span)
	}
	return number{whole: offset.Add(offset, low.whole)}
}

// fill appends the values of rows.
func (m *maker) fill(v *connector.Vector, first int64, n int) {
	for i := range n {
		row := first + int64(i)
		m.pcg.Seed(m.seed, mix(uint64(row)))
		null := m.column.spec.Nulls > 0 && m.random.Float64() < m.column.spec.Nulls
		if null {
			v.SetNull(i, n)
			m.append(v, nil)
			continue
		}
		m.append(v, m.value(row))
	}
}

// mix spreads the bits of a number (the finalizer of SplitMix64), so that neighbours have nothing in common.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// append appends a value; of NULL, anything.
func (m *maker) append(v *connector.Vector, value any) {
	t := m.column.Type
	n, _ := value.(number)
	integer := int64(0)
	if n.whole != nil && n.whole.IsInt64() {
		integer = n.whole.Int64()
	}
	switch t.Kind {
	case types.Boolean:
		b := int8(0)
		if value == true {
			b = 1
		}
		v.I8 = append(v.I8, b)
	case types.TinyInt:
		v.I8 = append(v.I8, int8(integer))
	case types.SmallInt:
		v.I16 = append(v.I16, int16(integer))
	case types.Integer, types.Date:
		v.I32 = append(v.I32, int32(integer))
	case types.BigInt:
		v.I64 = append(v.I64, integer)
	case types.Real:
		v.F32 = append(v.F32, float32(n.float))
	case types.Double:
		v.F64 = append(v.F64, n.float)
	case types.Decimal:
		if t.P <= 18 {
			v.I64 = append(v.I64, integer)
			return
		}
		var wide connector.Int128
		if n.whole != nil {
			if w, ok := types.Int128FromBig(n.whole); ok {
				wide = connector.Int128{Lo: w.Lo, Hi: w.Hi}
			}
		}
		v.I128 = append(v.I128, wide)
	case types.Time, types.Timestamp:
		v.I64 = append(v.I64, integer*powers[6-t.P])
	case types.TimestampTZ:
		v.I64 = append(v.I64, integer*powers[3-t.P])
	case types.UUID:
		id, _ := value.(connector.Int128)
		if u, ok := value.(types.UUIDValue); ok {
			id = connector.Int128{Hi: int64(be64(u[:8])), Lo: be64(u[8:])}
		}
		v.I128 = append(v.I128, id)
	default:
		switch text := value.(type) {
		case string:
			v.AppendBytes([]byte(text))
		case []byte:
			v.AppendBytes(text)
		default:
			v.AppendBytes(nil)
		}
	}
}

func be64(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
