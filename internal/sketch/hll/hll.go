// Package hll estimates how many different values there are: HyperLogLog as Trino has it, with the same estimates and the same
// serialised form.
//
// It knows nothing of SQL: values are 64-bit hashes. Start with Sketch. The method is that of Heule, Nunkesser and Hall,
// "HyperLogLog in Practice" (2013).
package hll

//lint:file-ignore ST1005 the messages are Trino's

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// The tags of the serialised forms.
const (
	sparseV1 = iota
	denseV1
	sparseV2
	denseV2
)

// The standard errors that a sketch may be asked for.
const (
	LowestError  = 0.0040625
	HighestError = 0.26
)

// Sketch is a set of hashes, approximately: a sorted list of them, and buckets when it gets long.
type Sketch struct {
	sparse *sparse // nil when dense
	dense  *dense
}

// New returns an empty set. buckets is a power of two from 2 to 65,536.
func New(buckets int) *Sketch { return &Sketch{sparse: newSparse(bits.TrailingZeros(uint(buckets)))} }

// Buckets returns the number of buckets that a standard error needs.
func Buckets(standardError float64) int {
	n := int(math.Ceil(1.0816 / (standardError * standardError)))
	return 1 << bits.Len(uint(n-1))
}

// Parse reads the serialised form.
func Parse(b []byte) (*Sketch, error) {
	if len(b) == 0 {
		return nil, errors.New("empty HyperLogLog")
	}
	switch b[0] {
	case sparseV1:
		return nil, errors.New("Sparse v1 encoding no longer supported")
	case sparseV2:
		s, err := parseSparse(b)
		return &Sketch{sparse: s}, err
	case denseV1, denseV2:
		d, err := parseDense(b)
		return &Sketch{dense: d}, err
	}
	return nil, errors.New("Cannot deserialize HyperLogLog")
}

// Bytes returns the serialised form.
func (s *Sketch) Bytes() []byte {
	if s.dense != nil {
		return s.dense.append(nil)
	}
	return s.sparse.append(nil)
}

// Add adds a hash.
func (s *Sketch) Add(hash uint64) {
	if s.dense != nil {
		s.dense.add(hash)
		return
	}
	s.sparse.add(hash)
	s.densify()
}

func (s *Sketch) densify() {
	if s.sparse.tooLarge() {
		s.MakeDense()
	}
}

// MakeDense changes over to buckets.
func (s *Sketch) MakeDense() {
	if s.dense == nil {
		s.dense, s.sparse = s.sparse.dense(), nil
	}
}

func (s *Sketch) indexBits() int {
	if s.dense != nil {
		return s.dense.indexBits
	}
	return s.sparse.indexBits
}

// Merge adds the members of another set, which must have the same number of buckets.
func (s *Sketch) Merge(o *Sketch) error {
	if a, b := s.indexBits(), o.indexBits(); a != b && (s.dense != nil || o.dense != nil) {
		return fmt.Errorf("Cannot merge HLLs with different number of buckets: %d vs %d", 1<<a, 1<<b)
	}
	if s.sparse != nil && o.sparse != nil {
		s.sparse.merge(o.sparse)
		s.densify()
		return nil
	}
	s.MakeDense()
	if o.sparse != nil {
		o.sparse.each(s.dense.put)
		return nil
	}
	for i, v := range o.dense.values {
		s.dense.put(i, int(v))
	}
	return nil
}

// Unneeded returns bits of which a hash must have none to change the set, at present: most hashes have some once there are many. It looks at
// all buckets.
func (s *Sketch) Unneeded() uint64 {
	if s.dense == nil {
		return 0
	}
	least, _ := s.dense.baseline()
	if least == 0 {
		return 0
	}
	zeros := int(least) // a hash with fewer zeros after its index has a position that all buckets have
	return (1<<zeros - 1) << (64 - s.dense.indexBits - zeros)
}

// Clone returns a copy.
func (s *Sketch) Clone() *Sketch {
	c := &Sketch{}
	if s.dense != nil {
		c.dense = &dense{s.dense.indexBits, slices.Clone(s.dense.values)}
		return c
	}
	c.sparse = &sparse{s.sparse.indexBits, slices.Clone(s.sparse.entries), s.sparse.room}
	return c
}

// Cardinality estimates the number of different hashes.
func (s *Sketch) Cardinality() int64 {
	if s.dense != nil {
		return s.dense.cardinality()
	}
	return s.sparse.cardinality()
}
