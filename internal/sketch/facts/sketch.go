package facts

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/sketch/hll"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Request asks for the facts of a column.
type Request struct {
	// Output is the column's position in the output.
	Output int  `json:"output"`
	Text   bool `json:"text,omitempty"`
	// FilterWords is the size of the key filter that is wanted; 0: none. See FilterWords.
	FilterWords int `json:"filterWords,omitempty"`
	// Every, when above 1, is the number of rows of which about one is looked at, for large outputs: then little is known but which values are
	// frequent.
	Every int `json:"every,omitempty"`
}

// hllBuckets gives a standard error of about 2 %.
const hllBuckets = 2048

// sampleEvery is the number of rows of which one is counted once not all values have a counter.
const sampleEvery = 64

// Sketch is what is known of a column of some rows. It is used by one goroutine.
type Sketch struct {
	Request
	rows, nulls int64
	skipped     int64 // rows that were not looked at
	low, high   *Value
	unbounded   bool // there is a value beyond high
	counters    counters
	distinct    *hll.Sketch // nil as long as all values have counters
	unneeded    uint64      // bits of hashes that would not change it
	filter      Filter      // has what distinct has
	// Which rows are counted when not all are.
	sampled, turns int
	uncounted      int64
}

// New returns a sketch of no rows.
func New(r Request) *Sketch {
	s := &Sketch{Request: r}
	if n := r.FilterWords; n > 0 && n <= maxFilterWords && n&(n-1) == 0 {
		s.filter = make(Filter, n)
	}
	return s
}

// Ints adds rows of integers. Bit i of valid says that row i is not NULL; nil: none is.
func (s *Sketch) Ints(values []int64, valid []uint64) {
	s.rows += int64(len(values))
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	isNull := func(i int) bool { return valid != nil && valid[i>>6]&(1<<(uint(i)&63)) == 0 }
	i := 0
	for i < len(values) && s.distinct == nil {
		if isNull(i) {
			s.nulls++
			i++
			continue
		}
		v, first := values[i], i
		for i++; i < len(values) && values[i] == v && !isNull(i); i++ { // the same value again is looked up once
		}
		low, high = min(low, v), max(high, v)
		if hash := HashInt(v); s.room(false) {
			s.counters.addInt(hash, v, int64(i-first))
		} else {
			s.see(hash)
		}
	}
	for at := i; i < len(values); i++ { // as quick as can be: there are many
		if isNull(i) {
			s.nulls++
			continue
		}
		v := values[i]
		low, high = min(low, v), max(high, v)
		hash := HashInt(v)
		s.see(hash)
		if (i-at)%sampleEvery == s.sampled {
			s.counters.addInt(hash, v, sampleEvery)
		}
	}
	s.turn()
	if low <= high {
		s.bound(Value{Int: low})
		s.bound(Value{Int: high})
	}
}

// turn chooses the rows of the next vector that are counted, and looks which hashes still matter.
func (s *Sketch) turn() {
	if s.distinct == nil {
		return
	}
	s.sampled = (s.sampled + 19) % sampleEvery
	if s.turns++; s.turns%32 == 1 {
		s.unneeded = s.distinct.Unneeded()
	}
}

// Text adds a text, of so many rows.
func (s *Sketch) Text(v []byte, rows int64) {
	s.rows += rows
	hash := HashText(v)
	if s.distinct == nil && s.room(len(v) > MaxTextBytes) {
		s.counters.addText(hash, v, rows)
	} else {
		s.see(hash)
		if s.uncounted += rows; s.uncounted >= sampleEvery {
			s.counters.addText(hash, v, s.uncounted/sampleEvery*sampleEvery)
			s.uncounted %= sampleEvery
			s.turn()
		}
	}
	if s.low != nil && string(v) >= s.low.Text && string(v) <= s.high.Text {
		return
	}
	if len(v) > MaxTextBytes { // what is cut comes before what it was cut from
		s.unbounded = true
		v = v[:MaxTextBytes]
	}
	s.bound(Value{Text: string(v)})
}

// Nulls adds rows without a value.
func (s *Sketch) Nulls(rows int64) {
	s.rows += rows
	s.nulls += rows
}

// room reports whether one more value can have a counter. If not, values are known by their hashes from now on.
func (s *Sketch) room(long bool) bool {
	if s.counters.full() || long {
		s.lose()
		return false
	}
	return true
}

// see takes note of a hash.
func (s *Sketch) see(hash uint64) {
	if hash&s.unneeded == 0 {
		s.distinct.Add(hash)
	}
	if s.filter != nil {
		s.filter.Add(hash)
	}
}

// lose begins to know values by their hashes only.
func (s *Sketch) lose() {
	s.distinct = hll.New(hllBuckets)
	s.distinct.MakeDense()
	for i := range s.counters.entries {
		s.see(s.counters.entries[i].hash)
	}
	s.counters.lossy = true
	if s.counters.full() {
		s.counters.shrink(keptCounters)
	}
}

func (s *Sketch) bound(v Value) {
	if s.low == nil || v.Compare(*s.low) < 0 {
		s.low = &v
	}
	if s.high == nil || v.Compare(*s.high) > 0 {
		s.high = &v
	}
}

// Merge adds other rows of the column.
func (s *Sketch) Merge(o *Sketch) error {
	if s.Request != o.Request {
		return trinoerr.New(trinoerr.GenericInternalError, "facts of column %d merged with those of column %d", s.Output, o.Output)
	}
	switch {
	case o.distinct != nil:
		if s.distinct == nil {
			s.lose()
		}
		if err := s.distinct.Merge(o.distinct); err != nil {
			return err
		}
		for i := range s.filter {
			s.filter[i] |= o.filter[i]
		}
	case s.distinct != nil:
		for i := range o.counters.entries {
			s.see(o.counters.entries[i].hash)
		}
	}
	s.rows, s.nulls, s.skipped = s.rows+o.rows, s.nulls+o.nulls, s.skipped+o.skipped
	for _, v := range []*Value{o.low, o.high} {
		if v != nil {
			s.bound(*v)
		}
	}
	s.unbounded = s.unbounded || o.unbounded
	s.counters.merge(&o.counters)
	if s.distinct == nil && s.counters.full() {
		s.lose()
	}
	return nil
}

// Unseen adds rows that are not looked at.
func (s *Sketch) Unseen(rows int64) { s.rows, s.skipped = s.rows+rows, s.skipped+rows }

// maxPassRate is what a filter may let through of other values to be of use.
const maxPassRate = 0.25

// Column is what has come out.
func (s *Sketch) Column() Column {
	out := Column{Output: s.Output, Text: s.Request.Text, Rows: s.rows, Nulls: s.nulls, Low: s.low, High: s.high}
	if s.unbounded {
		out.High = nil
	}
	counted := s.counters.list()
	if s.skipped > 0 {
		return s.sample(out, counted)
	}
	if s.distinct == nil {
		out.Distinct = int64(len(counted))
		for _, f := range counted {
			out.Values = append(out.Values, f.Value)
		}
		slices.SortFunc(out.Values, Value.Compare)
	} else {
		out.Distinct = s.distinct.Cardinality()
		if s.filter != nil && s.filter.PassRate() <= maxPassRate {
			out.Filter = s.filter.Bytes()
		}
	}
	out.Frequent = counted[:min(len(counted), MaxFrequent)]
	return out
}

// sample is Column of rows that were not all looked at.
func (s *Sketch) sample(out Column, counted []Frequent) Column {
	all := func(n int64) int64 { return int64(float64(n) * float64(s.rows) / float64(max(1, s.rows-s.skipped))) }
	out.Nulls, out.Low, out.High, out.Distinct = all(out.Nulls), nil, nil, -1
	for _, f := range counted[:min(len(counted), MaxFrequent)] {
		out.Frequent = append(out.Frequent, Frequent{f.Value, all(f.Rows), all(f.Error)})
	}
	return out
}

// written is how a sketch travels.
type written struct {
	Request
	Rows      int64      `json:"rows"`
	Nulls     int64      `json:"nulls,omitempty"`
	Skipped   int64      `json:"skipped,omitempty"`
	Low       *Value     `json:"low,omitempty"`
	High      *Value     `json:"high,omitempty"`
	Unbounded bool       `json:"unbounded,omitempty"`
	Counters  []Frequent `json:"counters,omitempty"`
	Floor     int64      `json:"floor,omitempty"`
	// Distinct and Filter are there when not all values have counters.
	Distinct []byte `json:"distinct,omitempty"`
	Filter   []byte `json:"filter,omitempty"`
}

// sentCounters is how many counters travel when they are not all.
const sentCounters = 2 * MaxFrequent

// Encode writes sketches down.
func Encode(sketches []*Sketch) ([]byte, error) {
	out := make([]written, len(sketches))
	for i, s := range sketches {
		w := written{Request: s.Request, Rows: s.rows, Nulls: s.nulls, Skipped: s.skipped, Low: s.low, High: s.high, Unbounded: s.unbounded, Counters: s.counters.list(), Floor: s.counters.floor}
		if s.distinct != nil {
			w.Distinct, w.Filter = s.distinct.Bytes(), s.filter.Bytes()
			if len(w.Counters) > sentCounters {
				w.Floor = max(w.Floor, w.Counters[sentCounters].Rows)
				w.Counters = w.Counters[:sentCounters]
			}
		}
		out[i] = w
	}
	return json.Marshal(out)
}

// Decode is the inverse of Encode.
func Decode(data []byte) ([]*Sketch, error) {
	var in []written
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "decode facts")
	}
	out := make([]*Sketch, len(in))
	for i, w := range in {
		s := New(w.Request)
		if len(w.Counters) > maxCounters {
			return nil, trinoerr.New(trinoerr.SerializationError, "decode facts: %d counters", len(w.Counters))
		}
		if w.Distinct != nil {
			var err error
			if s.distinct, err = hll.Parse(w.Distinct); err != nil {
				return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "decode facts")
			}
			if len(w.Filter) != 8*len(s.filter) {
				return nil, trinoerr.New(trinoerr.SerializationError, "decode facts: a filter of %d bytes", len(w.Filter))
			}
			if s.filter != nil {
				s.filter = ParseFilter(w.Filter)
			}
			s.distinct.MakeDense()
		}
		s.rows, s.nulls, s.skipped, s.low, s.high, s.unbounded = w.Rows, w.Nulls, w.Skipped, w.Low, w.High, w.Unbounded
		s.counters.floor, s.counters.lossy = w.Floor, s.distinct != nil
		for _, f := range w.Counters {
			s.counters.entries = append(s.counters.entries, counter{f.Value.Hash(w.Text), f})
		}
		s.counters.index()
		out[i] = s
	}
	return out, nil
}
