package delta

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"time"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// localFooter reads the footer of a file that was just written on this machine.
func localFooter(path string) (*lake.Footer, int64, error) {
	bad := func(err error) error {
		return trinoerr.Wrap(err, trinoerr.DeltaLakeBadWrite, "read the footer of a written file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, bad(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, bad(err)
	}
	const trailer = 8 // length and magic
	var end [trailer]byte
	if _, err := f.ReadAt(end[:], info.Size()-trailer); err != nil {
		return nil, 0, bad(err)
	}
	raw := make([]byte, min(int64(binary.LittleEndian.Uint32(end[:])), info.Size()-trailer))
	if _, err := f.ReadAt(raw, info.Size()-trailer-int64(len(raw))); err != nil {
		return nil, 0, bad(err)
	}
	foot, err := lake.ParseFooter(raw)
	if err != nil {
		return nil, 0, bad(err)
	}
	return foot, info.Size(), nil
}

// writtenStats are the statistics of a file for the log.
func writtenStats(l *layout, mode deltalog.MappingMode, foot *lake.Footer) string {
	s := fileStats{NumRecords: &foot.Rows, MinValues: map[string]json.RawMessage{}, MaxValues: map[string]json.RawMessage{}, NullCount: map[string]json.RawMessage{}}
	for i := range l.columns {
		c := &l.columns[i]
		if c.partition {
			continue
		}
		in := foot.Find(c.Column, c.match(mode))
		if in.Field == nil || !in.Field.Leaf() {
			continue
		}
		nulls, known := int64(0), true
		var low, high any
		bounded := true
		for g := range foot.Groups {
			chunk := &foot.Groups[g].Chunks[in.Field.From]
			known = known && chunk.Nulls >= 0
			nulls += chunk.Nulls
			if chunk.Nulls == foot.Groups[g].Rows {
				continue
			}
			lo, hi, ok := chunkBounds(in, chunk)
			bounded = bounded && ok
			if !bounded {
				continue
			}
			if n, _ := lake.Compare(lo, low); low == nil || n < 0 {
				low = lo
			}
			if n, _ := lake.Compare(hi, high); high == nil || n > 0 {
				high = hi
			}
		}
		if known {
			s.NullCount[c.physical] = render(nulls)
		}
		if bounded && low != nil {
			lowText, highText := boundTexts(c.Type, low, high)
			if lowText != nil && highText != nil {
				s.MinValues[c.physical], s.MaxValues[c.physical] = lowText, highText
			}
		}
	}
	return string(render(s))
}

// render is JSON of what has one.
func render(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

// chunkBounds are the smallest and largest value of a column in a row group; instants are plain timestamps.
func chunkBounds(c lake.Column, chunk *lake.Chunk) (low, high any, ok bool) {
	switch c.Type.Kind {
	case types.Timestamp, types.TimestampTZ:
		if lake.TimestampDigits(&c.Field.Schema[0]) != 6 || len(chunk.Low) != 8 || len(chunk.High) != 8 {
			return nil, nil, false
		}
		at := func(raw []byte) types.TimestampValue {
			return types.TimestampValue{EpochMicros: int64(binary.LittleEndian.Uint64(raw))}
		}
		return at(chunk.Low), at(chunk.High), true
	case types.Boolean, types.Varbinary:
		return nil, nil, false
	}
	return c.Bounds(chunk)
}

// boundTexts render the smallest and largest value; nil for what is not to be in the log.
func boundTexts(t types.Type, low, high any) (lowText, highText json.RawMessage) {
	switch h := high.(type) {
	case string:
		return render(firstRunes(low.(string))), largest(h)
	case types.Int128:
		return json.RawMessage(types.Text(t, low)), json.RawMessage(types.Text(t, high))
	case types.DateValue:
		return dateText(low.(types.DateValue)), dateText(h)
	case types.TimestampValue:
		return instantText(t, low.(types.TimestampValue)), instantText(t, h)
	case float64:
		if math.IsInf(h, 0) || math.IsInf(low.(float64), 0) {
			return nil, nil
		}
	case float32:
		if math.IsInf(float64(h), 0) || math.IsInf(float64(low.(float32)), 0) {
			return nil, nil
		}
	}
	return render(low), render(high)
}

// The days, and instants, whose years have four digits: others are left out.
const firstDay, lastDay = -719162, 2932896

func dateText(d types.DateValue) json.RawMessage {
	if d < firstDay || d > lastDay {
		return nil
	}
	return render(d.String())
}

// instantText renders a timestamp, cut to milliseconds as the protocol wants it.
func instantText(t types.Type, v types.TimestampValue) json.RawMessage {
	if days := types.FloorDiv(v.EpochMicros, 86_400_000_000); days < firstDay || days > lastDay {
		return nil
	}
	layout := "2006-01-02T15:04:05.000"
	if t.Kind == types.TimestampTZ {
		layout += "Z"
	}
	return render(time.UnixMilli(types.FloorDiv(v.EpochMicros, 1000)).UTC().Format(layout))
}

// firstRunes is the beginning of a text, which is not larger than it.
func firstRunes(s string) string {
	n := 0
	for i := range s {
		if n == prefixRunes {
			return s[:i]
		}
		n++
	}
	return s
}

// largest renders the largest text; of a long one its beginning with something that no continuation exceeds.
func largest(s string) json.RawMessage {
	if !utf8.ValidString(s) {
		return nil
	}
	short := firstRunes(s)
	if len(short) < len(s) {
		if next, _ := utf8.DecodeRuneInString(s[len(short):]); next == utf8.MaxRune {
			return nil
		}
		short += string(utf8.MaxRune)
	}
	return render(short)
}
