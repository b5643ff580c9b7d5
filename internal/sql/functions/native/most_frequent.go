package native

import (
	"sort"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// mostFrequentAggregates count the most frequent values with a bounded number of counters: the Space-Saving method of Metwally,
// Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (2005). A value without a
// counter takes over the smallest one, the oldest of these, with its count.
var mostFrequentAggregates = []Aggregate{
	mostFrequentAggregate("wb_most_frequent_bigint", "BIGINT"),
	mostFrequentAggregate("wb_most_frequent_varchar", "VARCHAR"),
}

type mostFrequent struct {
	buckets, capacity int
	counters          map[any]*counter
	moves             int64
}

type counter struct {
	value any
	count int64
	moved int64 // when it came to its count
}

// mostFrequentAggregate is called with the number of buckets, the capacity, a value and its count.
func mostFrequentAggregate(name, typ string) Aggregate {
	return accumulating(name, "STRUCT(key "+typ+", value BIGINT)[]", params("BIGINT", "BIGINT", typ, "BIGINT"), accumulate[mostFrequent]{
		first: func(a []any) (*mostFrequent, error) {
			buckets, capacity := a[0].(int64), a[1].(int64)
			switch {
			case buckets < 2:
				return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "approx_most_frequent bucket count must be greater than one")
			case capacity < 1:
				return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "approx_most_frequent capacity must be positive")
			}
			return &mostFrequent{buckets: int(buckets), capacity: int(capacity), counters: map[any]*counter{}}, nil
		},
		add: func(m *mostFrequent, a []any) error {
			m.add(a[2], a[3].(int64))
			return nil
		},
		merge: func(m, o *mostFrequent) error {
			for _, c := range o.top(o.capacity) {
				m.add(c.value, c.count)
			}
			return nil
		},
		copy: func(m *mostFrequent) *mostFrequent {
			c := &mostFrequent{buckets: m.buckets, capacity: m.capacity, counters: map[any]*counter{}, moves: m.moves}
			for v, k := range m.counters {
				own := *k
				c.counters[v] = &own
			}
			return c
		},
		result: func(m *mostFrequent) (any, error) {
			out := []any{}
			for _, c := range m.top(m.buckets) {
				out = append(out, []any{c.value, c.count})
			}
			return out, nil
		},
	})
}

func (m *mostFrequent) add(value any, n int64) {
	c := m.counters[value]
	if c == nil {
		c = &counter{value: value}
		if len(m.counters) == m.capacity {
			c = m.least()
			delete(m.counters, c.value)
			c.value = value
		}
		m.counters[value] = c
	}
	m.moves++
	c.count += n
	c.moved = m.moves
}

func (m *mostFrequent) least() *counter {
	var least *counter
	for _, c := range m.counters {
		if least == nil || c.count < least.count || c.count == least.count && c.moved < least.moved {
			least = c
		}
	}
	return least
}

func (m *mostFrequent) top(n int) []*counter {
	var all []*counter
	for _, c := range m.counters {
		all = append(all, c)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].count != all[j].count {
			return all[i].count > all[j].count
		}
		return all[i].moved < all[j].moved
	})
	return all[:min(n, len(all))]
}
