package tdigest

//lint:file-ignore ST1005 the messages are Trino's

import (
	"encoding/binary"
	"errors"
	"math"
)

const headerBytes = 1 + 4*8 + 4

// Bytes returns the serialised form: a format of zero, minimum, maximum, compression, the sum of the weights, the number of
// clusters, their means, their weights.
func (d *Digest) Bytes() []byte {
	d.merge(d.compression)
	b := make([]byte, 1, headerBytes+16*len(d.clusters))
	put := func(v float64) { b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v)) }
	put(d.min)
	put(d.max)
	put(d.compression)
	put(d.weight)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(d.clusters)))
	for _, c := range d.clusters {
		put(c.mean)
	}
	for _, c := range d.clusters {
		put(c.weight)
	}
	return b
}

// Parse reads the serialised form.
func Parse(b []byte) (*Digest, error) {
	if len(b) < headerBytes || b[0] != 0 {
		return nil, errors.New("Invalid format")
	}
	number := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[i:])) }
	d := New(number(17))
	d.min, d.max, d.weight = number(1), number(9), number(25)
	n := int(binary.LittleEndian.Uint32(b[33:]))
	if len(b) != headerBytes+16*n {
		return nil, errors.New("malformed t-digest")
	}
	if !(d.compression >= MinCompression) {
		return nil, errors.New("compression factor too small (< 10)")
	}
	d.room = n
	d.clusters = make([]cluster, n)
	for i := range d.clusters {
		d.clusters[i] = cluster{number(headerBytes + 8*i), number(headerBytes + 8*(n+i))}
	}
	return d, nil
}
