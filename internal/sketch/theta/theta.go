// Package theta makes theta sketches of sets, by which the number of different values is estimated, in the form that the Apache DataSketches
// library gives them and Iceberg keeps them in.
//
// It is datasketches-go with what an aggregate needs: states that can be copied and merged. It knows nothing of SQL.
package theta

import (
	"errors"
	"fmt"

	"github.com/apache/datasketches-go/theta"
)

// Sketch is a set of values. Its zero value cannot be used.
type Sketch struct {
	added *theta.QuickSelectUpdateSketch
	// merged has what came from other sketches; nil when nothing did.
	merged *theta.Union
}

// New makes an empty sketch, of the library's default size: 4096 hashes.
func New() (*Sketch, error) {
	s, err := theta.NewQuickSelectUpdateSketch()
	return &Sketch{added: s}, err
}

// Add adds a value, given as bytes.
func (s *Sketch) Add(value []byte) error {
	err := s.added.UpdateBytes(value)
	if errors.Is(err, theta.ErrDuplicateKey) || errors.Is(err, theta.ErrHashExceedsTheta) {
		return nil
	}
	return err
}

// Merge adds the values of another sketch, which stays as it is.
func (s *Sketch) Merge(other *Sketch) error {
	c, err := other.compact()
	if err != nil {
		return err
	}
	return s.union(c)
}

// MergeBytes adds the values of a sketch that Bytes gave.
func (s *Sketch) MergeBytes(raw []byte) error {
	c, err := decode(raw)
	if err != nil {
		return err
	}
	return s.union(c)
}

func (s *Sketch) union(c *theta.CompactSketch) (err error) {
	if s.merged == nil {
		if s.merged, err = theta.NewUnion(); err != nil {
			return err
		}
	}
	return s.merged.Update(c)
}

// compact is the sketch as others read it.
func (s *Sketch) compact() (*theta.CompactSketch, error) {
	own := s.added.Compact(true)
	if s.merged == nil {
		return own, nil
	}
	all, err := theta.NewUnion()
	if err != nil {
		return nil, err
	}
	others, err := s.merged.Result(true)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(all.Update(own), all.Update(others)); err != nil {
		return nil, err
	}
	return all.Result(true)
}

// Bytes is the compact, ordered form of the sketch.
func (s *Sketch) Bytes() ([]byte, error) {
	c, err := s.compact()
	if err != nil {
		return nil, err
	}
	return c.MarshalBinary()
}

// Estimate is about how many different values a sketch has that Bytes gave.
func Estimate(raw []byte) (float64, error) {
	c, err := decode(raw)
	if err != nil {
		return 0, err
	}
	return c.Estimate(), nil
}

// decode reads a sketch that may come from a damaged file, of which the library reads what is not there.
func decode(raw []byte) (c *theta.CompactSketch, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, fmt.Errorf("a theta sketch of %d bytes cannot be read: %v", len(raw), p)
		}
	}()
	return theta.Decode(raw, theta.DefaultSeed)
}
