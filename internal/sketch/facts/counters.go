package facts

import (
	"cmp"
	"slices"
)

// counters count how often values occur. They are exact until there are too many values; then
// they become those of the Space-Saving algorithm (Metwally, Agrawal and El Abbadi 2005): a value that has no counter may have
// had floor rows, and gets one that says so. The smallest counters are given up many at a time, which costs less than one by one.
type counters struct {
	slots   []int32 // by hash, with linear probing: index into entries plus one
	entries []counter
	bytes   int // of texts
	floor   int64
	// lossy says that not all values may have counters any more.
	lossy bool
}

type counter struct {
	hash uint64
	Frequent
}

// How many counters there are at most, how many remain when it is that many, and how many bytes the texts of a column may take.
const (
	maxCounters  = MaxValues
	keptCounters = MaxValues / 4
	counterSlots = 4096
	maxTexts     = 16 << 10
)

// slot finds the slot of a value: its own, or a free one.
func (c *counters) slot(hash uint64, same func(*counter) bool) int {
	i := int(hash>>20) & (counterSlots - 1)
	for c.slots[i] != 0 {
		if e := &c.entries[c.slots[i]-1]; e.hash == hash && same(e) {
			break
		}
		i = (i + 1) & (counterSlots - 1)
	}
	return i
}

// addInt counts rows with an integer.
func (c *counters) addInt(hash uint64, v, rows int64) {
	if c.slots == nil {
		c.slots = make([]int32, counterSlots)
	}
	i := int(hash>>20) & (counterSlots - 1)
	for c.slots[i] != 0 {
		if e := &c.entries[c.slots[i]-1]; e.Value.Int == v {
			e.Rows += rows
			return
		}
		i = (i + 1) & (counterSlots - 1)
	}
	c.insert(i, counter{hash, Frequent{Value: Value{Int: v}, Rows: rows + c.floor, Error: c.floor}})
}

// addText counts rows with a text.
func (c *counters) addText(hash uint64, v []byte, rows int64) {
	if c.slots == nil {
		c.slots = make([]int32, counterSlots)
	}
	i := int(hash>>20) & (counterSlots - 1)
	for c.slots[i] != 0 {
		if e := &c.entries[c.slots[i]-1]; e.hash == hash && e.Value.Text == string(v) {
			e.Rows += rows
			return
		}
		i = (i + 1) & (counterSlots - 1)
	}
	if len(v) <= MaxTextBytes { // a longer one is not told, however frequent
		c.insert(i, counter{hash, Frequent{Value: Value{Text: string(v)}, Rows: rows + c.floor, Error: c.floor}})
	}
}

// insert adds a counter in a free slot.
func (c *counters) insert(slot int, e counter) {
	c.entries = append(c.entries, e)
	c.slots[slot] = int32(len(c.entries))
	c.bytes += len(e.Value.Text)
	if c.full() {
		c.shrink(keptCounters)
	}
}

// full reports whether there is no room for another counter.
func (c *counters) full() bool {
	return len(c.entries) >= maxCounters || c.bytes > maxTexts-MaxTextBytes
}

// shrink gives up all but the largest counters, unless all values are still known.
func (c *counters) shrink(keep int) {
	if !c.lossy {
		return
	}
	slices.SortFunc(c.entries, func(a, b counter) int {
		if a.Rows != b.Rows {
			return cmp.Compare(b.Rows, a.Rows)
		}
		return cmp.Compare(a.hash, b.hash)
	})
	texts := 0
	for i, e := range c.entries {
		if texts += len(e.Value.Text); texts > maxTexts/4 {
			keep = min(keep, i)
			break
		}
	}
	if keep < len(c.entries) {
		c.floor = max(c.floor, c.entries[keep].Rows)
		c.entries = slices.Delete(c.entries, keep, len(c.entries))
	}
	c.index()
}

// index fills the slots and counts the bytes.
func (c *counters) index() {
	if c.slots == nil {
		c.slots = make([]int32, counterSlots)
	}
	clear(c.slots)
	c.bytes = 0
	for n := range c.entries {
		i := c.slot(c.entries[n].hash, func(*counter) bool { return false })
		c.slots[i] = int32(n + 1)
		c.bytes += len(c.entries[n].Value.Text)
	}
}

// merge adds the counters of other rows of the column (Agarwal et al. 2012).
func (c *counters) merge(o *counters) {
	if c.slots == nil {
		c.index()
	}
	before := len(c.entries)
	shared := make([]bool, before)
	for _, e := range o.entries {
		i := c.slot(e.hash, func(x *counter) bool { return x.Value == e.Value })
		if n := int(c.slots[i]) - 1; n >= 0 {
			c.entries[n].Rows, c.entries[n].Error = c.entries[n].Rows+e.Rows, c.entries[n].Error+e.Error
			shared[n] = true
			continue
		}
		e.Rows, e.Error = e.Rows+c.floor, e.Error+c.floor
		c.entries = append(c.entries, e)
	}
	for n := range before {
		if !shared[n] {
			c.entries[n].Rows, c.entries[n].Error = c.entries[n].Rows+o.floor, c.entries[n].Error+o.floor
		}
	}
	c.floor += o.floor
	c.lossy = c.lossy || o.lossy
	c.index()
	if c.full() {
		c.shrink(keptCounters)
	}
}

// list are the counters, the largest first.
func (c *counters) list() []Frequent {
	out := make([]Frequent, len(c.entries))
	for i := range c.entries {
		out[i] = c.entries[i].Frequent
	}
	slices.SortFunc(out, Frequent.compare)
	return out
}

// compare puts what is surely more frequent first.
func (f Frequent) compare(o Frequent) int {
	return cmp.Or(cmp.Compare(o.Rows, f.Rows), cmp.Compare(f.Error, o.Error), f.Value.Compare(o.Value))
}
