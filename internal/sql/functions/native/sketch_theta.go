package native

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/waterbear-sql/waterbear/internal/sketch/theta"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// thetaAggregates make theta sketches of values in Iceberg's form for single values, and one of several. The second argument is the SQL
// type of the first.
var thetaAggregates = []Aggregate{
	accumulating("wb_theta", "BLOB", params("ANY", "VARCHAR"), accumulate[theta.Sketch]{
		first: func([]any) (*theta.Sketch, error) { return theta.New() },
		add: func(s *theta.Sketch, a []any) error {
			t, err := typeNamed(a[1].(string))
			if err != nil {
				return err
			}
			raw, err := singleValue(t, a[0])
			if err != nil {
				return err
			}
			return s.Add(raw)
		},
		merge: (*theta.Sketch).Merge, copy: copyTheta, result: thetaBytes,
	}),
	accumulating("wb_theta_merge", "BLOB", params("BLOB"), accumulate[theta.Sketch]{
		first: func([]any) (*theta.Sketch, error) { return theta.New() },
		add:   func(s *theta.Sketch, a []any) error { return internal(s.MergeBytes(a[0].([]byte))) },
		merge: (*theta.Sketch).Merge, copy: copyTheta, result: thetaBytes,
	}),
}

func thetaBytes(s *theta.Sketch) (any, error) { return s.Bytes() }

// copyTheta copies a sketch that this package has made, of which nothing is wrong.
func copyTheta(s *theta.Sketch) *theta.Sketch {
	c, err := theta.New()
	if err == nil {
		err = c.Merge(s)
	}
	if err != nil {
		panic(fmt.Sprintf("copy a sketch: %v", err))
	}
	return c
}

// singleValue is a value, in the form in which tasks hold it, as Iceberg serializes single values: numbers in little-endian, decimals
// unscaled in big-endian with as few bytes as they need.
func singleValue(t types.Type, v any) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case int64:
		if t.Kind == types.Integer || t.Kind == types.Date {
			return binary.LittleEndian.AppendUint32(nil, uint32(v)), nil
		}
		return binary.LittleEndian.AppendUint64(nil, uint64(v)), nil
	case float32:
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)), nil
	case float64:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)), nil
	case string:
		return []byte(v), nil
	case []byte:
		return v, nil
	case types.Int128:
		if t.Kind == types.UUID {
			return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(v.Hi^-1<<63)), v.Lo), nil // DuckDB flips the highest bit
		}
		return shortest(v), nil
	case []any:
		if t.Kind == types.TimestampTZ && t.P <= 6 {
			return binary.LittleEndian.AppendUint64(nil, uint64(v[0].(int64))), nil
		}
	}
	return nil, fmt.Errorf("no sketch of values of type %s", t)
}

// shortest is a number in two's complement, the most significant byte first, without bytes that say nothing.
func shortest(v types.Int128) []byte {
	raw := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(v.Hi)), v.Lo)
	for len(raw) > 1 && (raw[0] == 0 && raw[1] < 0x80 || raw[0] == 0xff && raw[1] >= 0x80) {
		raw = raw[1:]
	}
	return raw
}
