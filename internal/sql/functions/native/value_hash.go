package native

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// valueHashFunctions have the hash by which Trino's approx_distinct and checksum tell values apart; the second argument is the
// SQL type of the first.
var valueHashFunctions = []Function{
	{"wb_value_hash", params("ANY", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		t, err := typeNamed(a[1].(string))
		if err != nil {
			return nil, err
		}
		return int64(valueHash(t, a[0])), nil
	}},
	// wb_value_bits is the number that stands for a value of a type in Trino's memory.
	{"wb_value_bits", params("ANY", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		switch v := a[0].(type) {
		case float64:
			return int64(doubleBits(v)), nil
		case float32:
			return int64(int32(realBits(v))), nil
		case types.Int128:
			return int64(v.Lo), nil
		case int64:
			t, err := typeNamed(a[1].(string))
			if err == nil && t.Kind == types.Time && t.P <= 6 {
				v *= picosPerMicro
			}
			return v, err
		}
		return nil, fmt.Errorf("no number stands for a %T", a[0])
	}},
}

var namedTypes sync.Map // name → types.Type

func typeNamed(name string) (types.Type, error) {
	if t, ok := namedTypes.Load(name); ok {
		return t.(types.Type), nil
	}
	t, err := types.Parse(name)
	if err == nil {
		namedTypes.Store(name, t)
	}
	return t, err
}

func numberHash(v int64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(v))
	return xxhash.Sum64(b[:])
}

// valueHash hashes a value in the form in which tasks hold it, nil for NULL. Equal values have equal hashes.
func valueHash(t types.Type, v any) uint64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return numberHash(1)
		}
		return numberHash(0)
	case int64:
		if t.Kind == types.Time && t.P <= 6 {
			v *= picosPerMicro
		}
		return numberHash(v)
	case float32:
		if v == 0 {
			v = 0 // not a negative one
		}
		return numberHash(int64(int32(realBits(v))))
	case float64:
		if v == 0 {
			v = 0
		}
		return numberHash(int64(doubleBits(v)))
	case string:
		return xxhash.Sum64String(v)
	case []byte:
		if t.Kind == types.IPAddress && len(v) == 16 {
			return halvesHash(binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[8:]))
		}
		return xxhash.Sum64(v)
	case types.Int128:
		return int128Hash(t, v)
	case []any:
		return compositeHash(t, v)
	}
	panic(fmt.Sprintf("no hash of a %T", v))
}

func int128Hash(t types.Type, v types.Int128) uint64 {
	switch {
	case t.Kind == types.UUID:
		return halvesHash(uint64(v.Hi^-1<<63), v.Lo) // DuckDB flips the highest bit
	case t.Kind == types.Decimal && t.P <= 18:
		return numberHash(int64(v.Lo))
	}
	return numberHash(v.Hi) ^ numberHash(int64(v.Lo))
}

// halvesHash hashes 16 bytes, given as big-endian numbers, by the little-endian numbers that their halves are.
func halvesHash(hi, lo uint64) uint64 {
	return numberHash(int64(bits.ReverseBytes64(hi))) ^ numberHash(int64(bits.ReverseBytes64(lo)))
}

func compositeHash(t types.Type, v []any) uint64 {
	var h uint64
	switch t.Kind {
	case types.Array:
		for _, e := range v {
			h = 31*h + valueHash(t.Elem(0), e)
		}
	case types.Map:
		for _, e := range v {
			entry := e.([]any)
			h += valueHash(t.Elem(0), entry[0]) ^ valueHash(t.Elem(1), entry[1])
		}
	case types.Row:
		h = 1
		for i, f := range v {
			h = 31*h + valueHash(t.Elem(i), f)
		}
	case types.Timestamp: // more than microseconds
		return numberHash(v[0].(int64)) ^ numberHash(v[1].(int64))
	case types.TimestampTZ:
		return instantHash(t, v)
	case types.TimeTZ:
		return timeTZHash(t, v)
	}
	return h
}

// instantHash hashes milliseconds and, beyond these, the picoseconds of the millisecond.
func instantHash(t types.Type, v []any) uint64 {
	micros := v[0].(int64)
	millis := floorDiv(micros, 1000)
	if t.P <= 3 {
		return numberHash(millis)
	}
	picos := floorMod(micros, 1000) * picosPerMicro
	if len(v) == 3 {
		picos += v[1].(int64)
	}
	return numberHash(millis) ^ numberHash(picos)
}

// timeTZHash hashes the time in UTC: nanoseconds, or picoseconds of a type that has them.
func timeTZHash(t types.Type, v []any) uint64 {
	const picosPerMinute, minutesPerDay = 60_000_000_000_000, 24 * 60
	picos := floorMod(v[0].(int64)-v[1].(int64)*picosPerMinute, minutesPerDay*picosPerMinute)
	if t.P <= 9 {
		return numberHash(picos / 1000)
	}
	return numberHash(picos)
}
