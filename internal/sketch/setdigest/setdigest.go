// Package setdigest compares sets: Trino's SetDigest, which is a HyperLogLog and the smallest hashes of the members with how
// often these came.
//
// It knows nothing of SQL: members are bytes or numbers. Start with Digest. The method is that of Broder, "On the resemblance
// and containment of documents" (1997).
package setdigest

//lint:file-ignore ST1005 the messages are Trino's

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sort"

	"github.com/waterbear-sql/waterbear/internal/sketch/hll"
	"github.com/waterbear-sql/waterbear/internal/sketch/murmur3"
)

const (
	format         = 1
	buckets        = 2048
	defaultMaxHash = 8192
)

// Digest is a set.
type Digest struct {
	hll       *hll.Sketch
	counts    map[int64]int16
	largest   []int64 // a heap of the hashes, the largest first
	maxHashes int
}

// New returns an empty set.
func New() *Digest {
	return &Digest{hll: hll.New(buckets), counts: map[int64]int16{}, maxHashes: defaultMaxHash}
}

// Add adds a member.
func (d *Digest) Add(member []byte) { d.add(murmur3.Sum64(member)) }

// AddNumber adds a number.
func (d *Digest) AddNumber(v uint64) { d.add(murmur3.Sum64Of(v)) }

func (d *Digest) add(hash uint64) {
	d.hll.Add(hash)
	d.count(int64(hash), 1)
}

// count raises the count of a hash, up to what fits.
func (d *Digest) count(hash int64, n int) {
	old, known := d.counts[hash]
	if !known {
		if len(d.counts) >= d.maxHashes {
			if d.maxHashes == 0 || hash > d.largest[0] {
				return
			}
			delete(d.counts, d.pop())
		}
		d.push(hash)
	}
	d.counts[hash] = int16(min(int(old)+n, math.MaxInt16))
}

func (d *Digest) push(hash int64) {
	d.largest = append(d.largest, hash)
	for i := len(d.largest) - 1; i > 0; {
		up := (i - 1) / 2
		if d.largest[up] >= d.largest[i] {
			break
		}
		d.largest[up], d.largest[i] = d.largest[i], d.largest[up]
		i = up
	}
}

func (d *Digest) pop() int64 {
	h := d.largest
	top, n := h[0], len(h)-1
	h[0] = h[n]
	d.largest = h[:n]
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return top
		}
		if down+1 < n && h[down+1] > h[down] {
			down++
		}
		if h[i] >= h[down] {
			return top
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// Merge adds the members of another set.
func (d *Digest) Merge(o *Digest) error {
	if err := d.hll.Merge(o.hll); err != nil {
		return err
	}
	for _, h := range o.hashes() {
		d.count(h, int(o.counts[h]))
	}
	return nil
}

// hashes are the hashes in order.
func (d *Digest) hashes() []int64 {
	out := slices.Clone(d.largest)
	slices.Sort(out)
	return out
}

// Sketch returns the part that estimates the cardinality.
func (d *Digest) Sketch() *hll.Sketch { return d.hll }

func (d *Digest) exact() bool { return len(d.counts) < d.maxHashes }

// Cardinality is the number of members; an estimate when there are many.
func (d *Digest) Cardinality() int64 {
	if d.exact() {
		return int64(len(d.counts))
	}
	return d.hll.Cardinality()
}

// HashCount is how often members of a hash came.
type HashCount struct {
	Hash  int64
	Count int16
}

// HashCounts lists the smallest hashes in order.
func (d *Digest) HashCounts() []HashCount {
	out := make([]HashCount, 0, len(d.counts))
	for _, h := range d.hashes() {
		out = append(out, HashCount{h, d.counts[h]})
	}
	return out
}

// JaccardIndex estimates which part of the members of either set both have. It is NaN when one is empty.
func JaccardIndex(a, b *Digest) float64 {
	smaller := min(len(a.counts), len(b.counts))
	union := append(a.hashes(), b.hashes()...)
	slices.Sort(union)
	union = slices.Compact(union)
	common := 0
	for _, h := range union[:smaller] {
		if a.has(h) && b.has(h) {
			common++
		}
	}
	return float64(common) / float64(smaller)
}

func (d *Digest) has(hash int64) bool {
	_, ok := d.counts[hash]
	return ok
}

// IntersectionCardinality is the number of members that both sets have; an estimate when there are many. It changes a.
func IntersectionCardinality(a, b *Digest) (int64, error) {
	if a.exact() && b.exact() {
		var n int64
		for h := range a.counts {
			if b.has(h) {
				n++
			}
		}
		return n, nil
	}
	atMost := min(a.Cardinality(), b.Cardinality())
	part := JaccardIndex(a, b)
	if err := a.Merge(b); err != nil {
		return 0, err
	}
	return min(int64(math.Floor(part*float64(a.Cardinality())+0.5)), atMost), nil
}

// Bytes returns the serialised form: a format of one, the HyperLogLog after its length, the limit and number of hashes, the
// hashes in order, their counts.
func (d *Digest) Bytes() []byte {
	h := d.hll.Bytes()
	b := binary.LittleEndian.AppendUint32([]byte{format}, uint32(len(h)))
	b = append(b, h...)
	b = binary.LittleEndian.AppendUint32(b, uint32(d.maxHashes))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(d.counts)))
	hashes := d.hashes()
	for _, h := range hashes {
		b = binary.LittleEndian.AppendUint64(b, uint64(h))
	}
	for _, h := range hashes {
		b = binary.LittleEndian.AppendUint16(b, uint16(d.counts[h]))
	}
	return b
}

var errMalformed = errors.New("malformed SetDigest")

// Parse reads the serialised form.
func Parse(b []byte) (*Digest, error) {
	if len(b) < 5 || b[0] != format {
		return nil, errors.New("Unexpected version")
	}
	n := int(binary.LittleEndian.Uint32(b[1:]))
	if b = b[5:]; len(b) < n+8 {
		return nil, errMalformed
	}
	s, err := hll.Parse(b[:n])
	if err != nil {
		return nil, err
	}
	b = b[n:]
	d := &Digest{hll: s, counts: map[int64]int16{}, maxHashes: int(int32(binary.LittleEndian.Uint32(b)))}
	n = int(binary.LittleEndian.Uint32(b[4:]))
	if b = b[8:]; len(b) != 10*n {
		return nil, errMalformed
	}
	for i := range n {
		hash := int64(binary.LittleEndian.Uint64(b[8*i:]))
		if !d.has(hash) {
			d.largest = append(d.largest, hash)
		}
		d.counts[hash] = int16(binary.LittleEndian.Uint16(b[8*n+2*i:]))
	}
	sort.Slice(d.largest, func(i, j int) bool { return d.largest[i] > d.largest[j] }) // a heap, too
	return d, nil
}
