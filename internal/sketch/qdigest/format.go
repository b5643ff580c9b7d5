package qdigest

//lint:file-ignore ST1005 the messages are Trino's

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

const (
	headerBytes = 1 + 5*8 + 4
	nodeBytes   = 1 + 8 + 8
)

// Flags of a node; its level is in the bits above them, less one unless it is a leaf.
const (
	hasLeft  = 1
	hasRight = 2
)

// Bytes returns the serialised form: a format of zero, the accuracy, two fields of a decay that SQL does not have, minimum,
// maximum, and the nodes, children before parents.
func (d *Digest) Bytes() []byte {
	d.compress()
	b := make([]byte, 1, headerBytes+nodeBytes*d.size)
	put := func(v uint64) { b = binary.LittleEndian.AppendUint64(b, v) }
	put(math.Float64bits(d.maxError))
	put(0)
	put(0)
	put(uint64(d.min))
	put(uint64(d.max))
	b = binary.LittleEndian.AppendUint32(b, uint32(d.size))
	d.root.each(func(n *node) bool {
		flags := byte(max(n.level-1, 0)) << 2
		if n.left != nil {
			flags |= hasLeft
		}
		if n.right != nil {
			flags |= hasRight
		}
		b = append(b, flags)
		put(math.Float64bits(n.weight))
		put(n.bits)
		return true
	})
	return b
}

var errCorrupt = errors.New("Tree is corrupted. Expected a single root node")

// Parse reads the serialised form.
func Parse(b []byte) (*Digest, error) {
	if len(b) < headerBytes || b[0] != 0 {
		return nil, errors.New("Invalid format")
	}
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }
	d := New(math.Float64frombits(number(1)))
	d.min, d.max = int64(number(25)), int64(number(33))
	n := int(binary.LittleEndian.Uint32(b[41:]))
	if height := bits.Len64(uint64(d.min)^uint64(d.max)) + 1; height < 64 && n > 1<<height-1 {
		return nil, errors.New("Too many nodes in deserialized tree. Possible corruption")
	}
	if len(b) != headerBytes+nodeBytes*n {
		return nil, errors.New("malformed quantile digest")
	}
	var stack []*node
	pop := func() *node {
		if len(stack) == 0 {
			return nil
		}
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		return top
	}
	for i := range n {
		at := headerBytes + i*nodeBytes
		flags := b[at]
		m := d.node(number(at+9), int(flags>>2), math.Float64frombits(number(at+1)))
		if flags&(hasLeft|hasRight) != 0 {
			m.level++
		}
		if flags&hasRight != 0 {
			if m.right = pop(); m.right == nil {
				return nil, errCorrupt
			}
		}
		if flags&hasLeft != 0 {
			if m.left = pop(); m.left == nil {
				return nil, errCorrupt
			}
		}
		stack = append(stack, m)
	}
	if len(stack) > 1 {
		return nil, errCorrupt
	}
	d.root = pop()
	return d, nil
}
