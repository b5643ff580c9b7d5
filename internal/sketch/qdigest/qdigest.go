// Package qdigest estimates quantiles of integers: the quantile digest as Trino has it, with the same estimates and the same
// serialised form.
//
// It knows nothing of SQL; floating-point numbers are mapped to integers of the same order by the caller. Start with Digest. The
// method is that of Shrivastava, Buragohain, Agrawal and Suri, "Medians and Beyond" (2004).
package qdigest

import (
	"errors"
	"math"
	"math/bits"
)

// Digest is a tree of ranges of values. A leaf is a value; inner nodes are the binary prefixes at which values part, and hold
// the weight of descendants that were too light to keep.
type Digest struct {
	maxError float64
	weight   float64
	min, max int64
	root     *node
	size     int // nodes
}

type node struct {
	bits        uint64 // the values' order-preserving bits
	level       int    // how many of the low bits vary
	weight      float64
	left, right *node
}

// zeroWeight is what counts as no weight at all.
const zeroWeight = 1e-5

// New returns an empty digest. maxError lies between 0 and 1.
func New(maxError float64) *Digest {
	return &Digest{maxError: maxError, min: math.MaxInt64, max: math.MinInt64}
}

// Count is the sum of the weights.
func (d *Digest) Count() float64 { return d.weight }

// MaxError is the accuracy that the digest was made with.
func (d *Digest) MaxError() float64 { return d.maxError }

func toBits(v int64) uint64   { return uint64(v) ^ 1<<63 }
func fromBits(b uint64) int64 { return int64(b ^ 1<<63) }

// Add adds a value.
func (d *Digest) Add(value int64, weight float64) error {
	if !(weight > 0) {
		return errors.New("weight must be > 0")
	}
	d.max, d.min = max(d.max, value), min(d.min, value)
	before := d.weight
	d.insert(toBits(value), weight)
	// The bound of compress changes for all nodes when the weight passes a multiple of the factor.
	if f := int64(d.factor()); int64(before)/f != int64(d.weight)/f {
		d.compress()
	}
	return nil
}

func (d *Digest) factor() int {
	if d.root == nil {
		return 1
	}
	return max(int(float64(d.root.level+1)/d.maxError), 1)
}

// child returns the link below n towards a value.
func (n *node) child(b uint64) **node {
	if b&(1<<(n.level-1)) == 0 {
		return &n.left
	}
	return &n.right
}

func sameSubtree(a, b uint64, level int) bool { return a>>level == b>>level } // 0 for a level of 64

func (d *Digest) insert(b uint64, weight float64) {
	if weight < zeroWeight {
		return
	}
	link := &d.root
	for n := *link; n != nil; n = *link {
		if !sameSubtree(b, n.bits, n.level) {
			*link = d.siblings(n, d.node(b, 0, weight))
			return
		}
		if n.level == 0 {
			n.weight += weight
			d.weight += weight
			return
		}
		link = n.child(b)
	}
	*link = d.node(b, 0, weight)
}

func (d *Digest) node(b uint64, level int, weight float64) *node {
	d.size++
	d.weight += weight
	return &node{bits: b, level: level, weight: weight}
}

// siblings puts two subtrees below a new node, at the level where they part.
func (d *Digest) siblings(a, b *node) *node {
	p := d.node(a.bits, bits.Len64(a.bits^b.bits), 0)
	*p.child(a.bits), *p.child(b.bits) = a, b
	return p
}

// compress moves the weight of light nodes into their parents.
func (d *Digest) compress() {
	bound := math.Floor(d.weight / float64(d.factor()))
	d.compressBelow(d.root, bound)
	if d.root != nil && d.root.weight < zeroWeight {
		d.root = d.remove(d.root)
	}
}

func (d *Digest) compressBelow(n *node, bound float64) {
	if n == nil || n.left == nil && n.right == nil {
		return
	}
	d.compressBelow(n.left, bound)
	d.compressBelow(n.right, bound)
	left, right := n.left.weightOf(), n.right.weightOf()
	light := n.weight+left+right < bound
	if n.left != nil && (light || left < zeroWeight) {
		n.left = d.remove(n.left)
		n.weight += left
	}
	if n.right != nil && (light || right < zeroWeight) {
		n.right = d.remove(n.right)
		n.weight += right
	}
}

func (n *node) weightOf() float64 {
	if n == nil {
		return 0
	}
	return n.weight
}

// remove returns what takes the place of a node whose weight has gone: a node with two children stays.
func (d *Digest) remove(n *node) *node {
	if n.left != nil && n.right != nil {
		n.weight = 0
		return n
	}
	d.size--
	if n.left != nil {
		return n.left
	}
	return n.right
}

// Clone returns a copy.
func (d *Digest) Clone() *Digest {
	c := New(d.maxError)
	c.min, c.max = d.min, d.max
	c.root = c.copyOf(d.root)
	return c
}

// Merge adds the values of another digest, which stays as it is.
func (d *Digest) Merge(o *Digest) {
	d.root = d.mergeNodes(d.root, o.root)
	d.max, d.min = max(d.max, o.max), min(d.min, o.min)
	d.compress()
}

func (d *Digest) mergeNodes(n, o *node) *node {
	switch {
	case o == nil:
		return n
	case n == nil:
		return d.copyOf(o)
	case !sameSubtree(n.bits, o.bits, max(n.level, o.level)):
		return d.siblings(n, d.copyOf(o))
	case n.level > o.level:
		link := n.child(o.bits)
		*link = d.mergeNodes(*link, o)
		return n
	case n.level < o.level:
		r := d.node(o.bits, o.level, o.weight)
		if r.child(n.bits) == &r.left {
			r.left, r.right = d.mergeNodes(n, o.left), d.copyOf(o.right)
		} else {
			r.left, r.right = d.copyOf(o.left), d.mergeNodes(n, o.right)
		}
		return r
	}
	d.weight += o.weight
	n.weight += o.weight
	n.left, n.right = d.mergeNodes(n.left, o.left), d.mergeNodes(n.right, o.right)
	return n
}

func (d *Digest) copyOf(o *node) *node {
	if o == nil {
		return nil
	}
	n := d.node(o.bits, o.level, o.weight)
	n.left, n.right = d.copyOf(o.left), d.copyOf(o.right)
	return n
}

// each calls f with the nodes, children before parents, lower before higher values, until f returns false.
func (n *node) each(f func(*node) bool) bool {
	return n == nil || n.left.each(f) && n.right.each(f) && f(n)
}

// upper is the largest value of a node's range.
func (n *node) upper() int64 { return fromBits(n.bits | n.mask()) }

func (n *node) mask() uint64 { return 1<<n.level - 1 } // all ones for a level of 64

// Quantile returns the value below which the given part of the values lies.
func (d *Digest) Quantile(q float64) (int64, error) {
	if !(q >= 0 && q <= 1) {
		return 0, errors.New("quantile must be between [0,1]")
	}
	value, sum := d.max, 0.0
	d.root.each(func(n *node) bool {
		if sum += n.weight; sum > q*d.weight {
			value = min(n.upper(), d.max)
			return false
		}
		return true
	})
	return value, nil
}

// Rank returns which part of the values lies below a value; false when the value is outside of what was seen.
func (d *Digest) Rank(value int64) (float64, bool) {
	if value < d.min || value > d.max || d.root == nil {
		return 0, false
	}
	below := 0.0
	d.root.each(func(n *node) bool {
		if n.upper() >= value {
			return false
		}
		below += n.weight
		return true
	})
	return below / d.weight, true
}
