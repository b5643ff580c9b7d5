package hll

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// dense keeps the largest value of each bucket: the position of the first one among the hash bits after the index.
type dense struct {
	indexBits int
	values    []uint8
}

// The serialised form has 4 bits per bucket: what it has over the smallest value of all, or 15 and an overflow entry.
const maxDelta = 15

func newDense(indexBits int) *dense {
	return &dense{indexBits: indexBits, values: make([]uint8, 1<<indexBits)}
}

// position is the position of the first one after the given number of leading bits, counted from 1.
func position(hash uint64, skip int) int {
	return bits.LeadingZeros64(hash<<skip|1<<(skip-1)) + 1
}

func (d *dense) add(hash uint64) { d.put(int(hash>>(64-d.indexBits)), position(hash, d.indexBits)) }

func (d *dense) put(bucket, value int) {
	d.values[bucket] = max(d.values[bucket], uint8(value))
}

func (d *dense) baseline() (least uint8, count int) {
	least = math.MaxUint8
	for _, v := range d.values {
		switch {
		case v < least:
			least, count = v, 1
		case v == least:
			count++
		}
	}
	return least, count
}

// minEmpty is the part of the buckets that has to be empty for linear counting.
const minEmpty = 0.4

func (d *dense) cardinality() int64 {
	n := float64(len(d.values))
	if least, count := d.baseline(); least == 0 && float64(count) > minEmpty*n {
		return round(linearCounting(float64(count), n))
	}
	sum := 0.0
	for _, v := range d.values {
		sum += 1 / float64(uint64(1)<<v)
	}
	return round(corrected(alpha(d.indexBits)*n*n/sum, d.indexBits))
}

func alpha(indexBits int) float64 {
	switch indexBits {
	case 4:
		return 0.673
	case 5:
		return 0.697
	case 6:
		return 0.709
	}
	return 0.7213 / (1 + 1.079/float64(int(1)<<indexBits))
}

func linearCounting(empty, total float64) float64 { return total * math.Log(total/empty) }

// round rounds half up, as Java does.
func round(v float64) int64 { return int64(math.Floor(v + 0.5)) }

func (d *dense) append(out []byte) []byte {
	least, _ := d.baseline()
	out = append(out, denseV2, byte(d.indexBits), least)
	var buckets []uint16
	var overflows []byte
	for i := 0; i < len(d.values); i += 2 {
		var b byte
		for k := range 2 {
			delta := d.values[i+k] - least
			if delta > maxDelta {
				buckets = append(buckets, uint16(i+k))
				overflows = append(overflows, delta-maxDelta)
				delta = maxDelta
			}
			b = b<<4 | delta
		}
		out = append(out, b)
	}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(buckets)))
	for _, b := range buckets {
		out = binary.LittleEndian.AppendUint16(out, b)
	}
	return append(out, overflows...)
}

var errDense = errors.New("malformed dense HyperLogLog")

// parseDense reads both versions; the first has room for one overflow.
func parseDense(b []byte) (*dense, error) {
	if len(b) < 3 || b[1] < 1 || b[1] > 16 {
		return nil, errDense
	}
	d := newDense(int(b[1]))
	version, least, rest := b[0], b[2], b[3:]
	half := len(d.values) / 2
	if len(rest) < half+2 {
		return nil, errDense
	}
	for i, v := range rest[:half] {
		d.values[2*i], d.values[2*i+1] = least+v>>4, least+v&15
	}
	rest = rest[half:]
	if version == denseV1 {
		bucket := int(int16(binary.LittleEndian.Uint16(rest)))
		if len(rest) != 3 || bucket >= len(d.values) {
			return nil, errDense
		}
		if value := int8(rest[2]); bucket >= 0 && value > 0 {
			d.values[bucket] += uint8(value)
		}
		return d, nil
	}
	n := int(binary.LittleEndian.Uint16(rest))
	if len(rest) != 2+3*n {
		return nil, errDense
	}
	for i := range n {
		bucket := int(binary.LittleEndian.Uint16(rest[2+2*i:]))
		value := int8(rest[2+2*n+i])
		if bucket >= len(d.values) || value <= 0 {
			return nil, errDense
		}
		d.values[bucket] += uint8(value)
	}
	return d, nil
}
