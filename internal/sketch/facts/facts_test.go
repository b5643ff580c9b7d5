package facts

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
)

// gathered is what comes out of values that are given to several sketches in pieces, which travel and are merged.
func gathered(t testing.TB, r Request, pieces int, values []int64) Column {
	t.Helper()
	var all []*Sketch
	for i := range pieces {
		s := New(r)
		for _, v := range values[len(values)*i/pieces : len(values)*(i+1)/pieces] {
			if r.Text {
				s.Text([]byte(strconv.FormatInt(v, 10)), 1)
			} else {
				s.Ints([]int64{v}, nil)
			}
		}
		data, err := Encode([]*Sketch{s})
		if err != nil {
			t.Fatal(err)
		}
		read, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read...)
	}
	for _, s := range all[1:] {
		if err := all[0].Merge(s); err != nil {
			t.Fatal(err)
		}
	}
	return all[0].Column()
}

// TestFewValues tells all values and how often they occur, whatever the rows are divided into.
func TestFewValues(t *testing.T) {
	var values []int64
	for v := range int64(40) {
		for range v + 1 {
			values = append(values, v*10)
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	for _, text := range []bool{false, true} {
		one := gathered(t, Request{Output: 3, Text: text}, 1, values)
		if len(one.Values) != 40 || one.Distinct != 40 || one.Rows != int64(len(values)) || one.Output != 3 || len(one.Frequent) != MaxFrequent {
			t.Errorf("text %v: %+v", text, one)
		}
		if f := one.Frequent[0]; f.Rows != 40 || f.Error != 0 || f.Value != (Value{Int: 390}) && f.Value != (Value{Text: "390"}) {
			t.Errorf("text %v: the most frequent value is %+v", text, f)
		}
		if several := gathered(t, Request{Output: 3, Text: text}, 7, values); !reflect.DeepEqual(one, several) {
			t.Errorf("text %v: in one piece %+v, in several %+v", text, one, several)
		}
	}
}

// TestManyValues keeps bounds, an estimate of how many there are, the frequent ones, and a filter without a false no.
func TestManyValues(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	const n, heavy = 200_000, 77
	var values []int64
	for i := range n {
		v := int64(i%20_000)*3 - 1000
		if rnd.IntN(4) == 0 {
			v = heavy
		}
		values = append(values, v)
	}
	for _, pieces := range []int{1, 5} {
		c := gathered(t, Request{FilterWords: FilterWords(20_000)}, pieces, values)
		if c.Values != nil || c.Low.Int != -1000 || c.High.Int != 19_999*3-1000 {
			t.Errorf("%d pieces: values %v from %v to %v", pieces, c.Values, c.Low, c.High)
		}
		if math.Abs(float64(c.Distinct)-20_000) > 2_000 {
			t.Errorf("%d pieces: %d distinct values", pieces, c.Distinct)
		}
		if f := c.Frequent[0]; f.Value.Int != heavy || f.Rows < n/5 || f.Rows-f.Error > n/3 {
			t.Errorf("%d pieces: the most frequent value is %+v", pieces, f)
		}
		f := ParseFilter(c.Filter)
		for _, v := range values {
			if !f.Has(HashInt(v)) || !MayHave(c.Filter, HashInt(v)) {
				t.Fatalf("%d pieces: the filter does not have %d", pieces, v)
			}
		}
		passed := 0
		for i := range int64(100_000) {
			if f.Has(HashInt(1_000_000 + i)) {
				passed++
			}
		}
		if passed > 5_000 || math.Abs(float64(passed)/100_000-f.PassRate()) > 0.01 {
			t.Errorf("%d pieces: %d of 100,000 other values pass, expected %v", pieces, passed, f.PassRate())
		}
	}
}

// TestBounded keeps sketches small whatever is added.
func TestBounded(t *testing.T) {
	s := New(Request{Text: true, FilterWords: minFilterWords})
	long := bytes.Repeat([]byte("z"), 10*MaxTextBytes)
	for i := range 300_000 {
		s.Text(fmt.Appendf(nil, "%d-%s", i, long[:i%40]), 1)
	}
	s.Text(long, 1)
	if n := len(s.counters.entries); n > maxCounters || s.counters.bytes > maxTexts {
		t.Errorf("%d counters with texts of %d bytes", n, s.counters.bytes)
	}
	data, err := Encode([]*Sketch{s})
	if err != nil || len(data) > 32<<10 {
		t.Errorf("%d bytes travel, %v", len(data), err)
	}
	c := s.Column()
	if c.High != nil || c.Low.Text != "0-" || c.Filter != nil || c.Values != nil {
		t.Errorf("%+v", c)
	}
}

func TestNulls(t *testing.T) {
	s := New(Request{})
	s.Ints([]int64{5, 5, 0, 7, 0}, []uint64{0b01011})
	s.Nulls(3)
	c := s.Column()
	if c.Rows != 8 || c.Nulls != 5 || len(c.Values) != 2 || c.Low.Int != 5 || c.High.Int != 7 {
		t.Errorf("%+v", c)
	}
	if c := New(Request{}).Column(); c.Low != nil || c.Values != nil || c.Distinct != 0 {
		t.Errorf("of no rows: %+v", c)
	}
}

// TestSample says of rows that were not all looked at what is frequent in all of them, and nothing that may be wrong of the others.
func TestSample(t *testing.T) {
	a, b := New(Request{Every: 4}), New(Request{Every: 4})
	a.Ints([]int64{1, 1, 1, 2}, nil)
	a.Unseen(8)
	b.Unseen(4)
	if err := a.Merge(b); err != nil {
		t.Fatal(err)
	}
	c := a.Column()
	if c.Rows != 16 || c.Low != nil || c.High != nil || c.Values != nil || c.Distinct >= 0 || c.Frequent[0].Value.Int != 1 || c.Frequent[0].Rows != 12 {
		t.Errorf("%+v", c)
	}
	if c := New(Request{Every: 4}).Column(); c.Distinct != 0 {
		t.Errorf("of no rows: %+v", c)
	}
}

func TestMergeOfOtherColumns(t *testing.T) {
	if err := New(Request{Output: 1}).Merge(New(Request{Output: 2})); err == nil {
		t.Error("merged")
	}
}

func TestFilterWords(t *testing.T) {
	for _, c := range []struct {
		values float64
		words  int
	}{{0, 64}, {300, 64}, {1000, 256}, {20_000, 4096}, {22_000, 0}, {1e6, 0}, {math.Inf(1), 0}, {math.NaN(), 0}} {
		if n := FilterWords(c.values); n != c.words {
			t.Errorf("for %v values: %d words instead of %d", c.values, n, c.words)
		}
	}
}

// FuzzDecode refuses what is no sketch, and goes on with what is one.
func FuzzDecode(f *testing.F) {
	s := New(Request{Text: true, FilterWords: minFilterWords})
	s.Text([]byte("abc"), 3)
	data, err := Encode([]*Sketch{s, New(Request{})})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`[{"distinct":"AgsAAA==","counters":[{"rows":1}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		sketches, err := Decode(data)
		if err != nil {
			return
		}
		for _, s := range sketches {
			if err := s.Merge(s); err == nil {
				s.Column()
			}
		}
	})
}

// BenchmarkInts is what a row of a column costs.
func BenchmarkInts(b *testing.B) {
	for name, value := range map[string]func(i int) int64{
		"few":    func(i int) int64 { return int64(i*7919) % 25 },
		"sorted": func(i int) int64 { return int64(i / 4) },
		"many":   func(i int) int64 { return int64(HashInt(int64(i)) % 1_000_000) },
	} {
		for _, words := range []int{0, 8192} {
			b.Run(fmt.Sprintf("%s/filter=%d", name, words), func(b *testing.B) {
				var chunks [100][]int64
				for i := range chunks {
					for k := range 2048 {
						chunks[i] = append(chunks[i], value(2048*i+k))
					}
				}
				s, n := New(Request{FilterWords: words}), 0
				for b.Loop() {
					s.Ints(chunks[n%len(chunks)], nil)
					n++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n)/2048, "ns/row")
			})
		}
	}
}
