package delta

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fileStats are the statistics of a data file, with the columns by physical name.
type fileStats struct {
	NumRecords  *int64                     `json:"numRecords,omitempty"`
	TightBounds *bool                      `json:"tightBounds,omitempty"`
	MinValues   map[string]json.RawMessage `json:"minValues,omitempty"`
	MaxValues   map[string]json.RawMessage `json:"maxValues,omitempty"`
	NullCount   map[string]json.RawMessage `json:"nullCount,omitempty"`
}

// statsOf reads the statistics of a file; those that make no sense say nothing.
func statsOf(a *deltalog.Add) *fileStats {
	s := new(fileStats)
	if json.Unmarshal([]byte(a.Stats), s) != nil || s.NumRecords != nil && *s.NumRecords < 0 {
		return new(fileStats)
	}
	return s
}

// rows is how many rows the file has that are not deleted; -1 when that is not known.
func (s *fileStats) rows(a *deltalog.Add) int64 {
	if s.NumRecords == nil {
		return -1
	}
	if d := a.DeletionVector; d != nil {
		return max(0, *s.NumRecords-d.Cardinality)
	}
	return *s.NumRecords
}

// nulls is how many values of a column are NULL; -1 when that is not known.
func (s *fileStats) nulls(c *column) int64 {
	n := int64(-1)
	if raw, ok := s.NullCount[c.physical]; !ok || json.Unmarshal(raw, &n) != nil || n < 0 {
		return -1
	}
	if s.TightBounds != nil && !*s.TightBounds && n != 0 && (s.NumRecords == nil || n != *s.NumRecords) {
		return -1
	}
	return n
}

// prefixRunes is to how many characters some writers cut the largest text, without making it larger than what was cut off.
const prefixRunes = 32

// bounds are the smallest and largest value of a column.
func (s *fileStats) bounds(c *column) (low, high any, ok bool) {
	low, ok1 := statValue(c.Type, s.MinValues[c.physical])
	high, ok2 := statValue(c.Type, s.MaxValues[c.physical])
	switch h := high.(type) {
	case string:
		ok2 = ok2 && utf8.RuneCountInString(h) < prefixRunes
	case types.TimestampValue: // they are cut to milliseconds
		h.EpochMicros += 1000
		high = h
	case types.TimestampTZValue:
		h.EpochMillis++
		high = h
	}
	return low, high, ok1 && ok2
}

// filter is the part of a constraint that is about columns of a table.
type filter []struct {
	*column
	connector.Domain
}

func (l *layout) filter(constraint []connector.Domain) (out filter) {
	for _, d := range constraint {
		if c := l.column(d.Column); c != nil {
			out = append(out, struct {
				*column
				connector.Domain
			}{c, comparable(d)})
		}
	}
	return out
}

// comparable is a domain with instants as lake.Compare takes them.
func comparable(d connector.Domain) connector.Domain {
	d.Values = slices.Clone(d.Values)
	for i := range d.Values {
		d.Values[i] = instant(d.Values[i])
	}
	if d.Low != nil {
		d.Low = &connector.Bound{Value: instant(d.Low.Value), Inclusive: d.Low.Inclusive}
	}
	if d.High != nil {
		d.High = &connector.Bound{Value: instant(d.High.Value), Inclusive: d.High.Inclusive}
	}
	return d
}

// instant makes a plain timestamp of one with a zone, which says nothing about when it is.
func instant(v any) any {
	if z, ok := v.(types.TimestampTZValue); ok {
		return types.TimestampValue{EpochMicros: z.EpochMillis*1000 + int64(z.PicosOfMilli/1_000_000), PicosOfMicro: z.PicosOfMilli % 1_000_000}
	}
	return v
}

// allows reports whether a file can have rows that satisfy the filter.
func (f filter) allows(a *deltalog.Add) (bool, error) {
	var s *fileStats
	for _, part := range f {
		if part.partition {
			v, err := partitionValue(part.column.Type, a.PartitionValues[part.physical])
			if err != nil {
				return false, err
			}
			if v == nil && !part.NullAllowed || v != nil && !lake.Allowed(part.Domain, instant(v), instant(v)) {
				return false, nil
			}
			continue
		}
		if s == nil {
			s = statsOf(a)
		}
		if !s.mayHave(part.column, part.Domain) {
			return false, nil
		}
	}
	return true, nil
}

// mayHave reports whether a file can have a value of a domain.
func (s *fileStats) mayHave(c *column, d connector.Domain) bool {
	nulls := s.nulls(c)
	if d.NullAllowed && nulls != 0 {
		return true
	}
	if s.NumRecords != nil && nulls == *s.NumRecords {
		return false
	}
	low, high, ok := s.bounds(c)
	return !ok || lake.Allowed(d, instant(low), instant(high))
}
