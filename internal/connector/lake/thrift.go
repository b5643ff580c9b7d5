package lake

import (
	"encoding/binary"
	"errors"
)

// errThrift says that bytes are not what the decoder can be given.
var errThrift = errors.New("it is not in Thrift's compact protocol")

// checkThrift checks that bytes are a struct in Thrift's compact protocol. The decoder makes room for as many elements as a list
// says it has, so that a few wrong bytes would take all of the process's memory; here each element must be there first.
func checkThrift(raw []byte) error {
	c := thriftChecker{rest: raw}
	if !c.structure(maxNesting) || len(c.rest) > 0 {
		return errThrift
	}
	return nil
}

// Types of the compact protocol, see its specification.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

type thriftChecker struct{ rest []byte }

func (c *thriftChecker) skip(n uint64) bool {
	if n > uint64(len(c.rest)) {
		return false
	}
	c.rest = c.rest[n:]
	return true
}

func (c *thriftChecker) byte() (b byte, ok bool) {
	if len(c.rest) == 0 {
		return 0, false
	}
	b, c.rest = c.rest[0], c.rest[1:]
	return b, true
}

func (c *thriftChecker) uvarint() (v uint64, ok bool) {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		return 0, false
	}
	c.rest = c.rest[n:]
	return v, true
}

// structure skips fields up to the stop.
func (c *thriftChecker) structure(depth int) bool {
	if depth == 0 {
		return false
	}
	for {
		header, ok := c.byte()
		if !ok {
			return false
		}
		if header == thriftStop {
			return true
		}
		if header>>4 == 0 { // the field's number is not a small step from the last
			if _, ok := c.uvarint(); !ok {
				return false
			}
		}
		kind := header & 0x0f
		if kind == thriftTrue || kind == thriftFalse {
			continue // the value is in the type
		}
		if !c.value(kind, depth) {
			return false
		}
	}
}

// value skips a value of a type, as it stands in fields and lists; only a boolean differs, which is a byte in a list.
func (c *thriftChecker) value(kind byte, depth int) bool {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return c.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, ok := c.uvarint()
		return ok
	case thriftDouble:
		return c.skip(8)
	case thriftBinary:
		n, ok := c.uvarint()
		return ok && c.skip(n)
	case thriftList, thriftSet:
		return c.list(depth)
	case thriftMap:
		return c.mapping(depth)
	case thriftStruct:
		return c.structure(depth - 1)
	}
	return false
}

func (c *thriftChecker) list(depth int) bool {
	header, ok := c.byte()
	if !ok || depth == 0 {
		return false
	}
	n := uint64(header >> 4)
	if n == 15 {
		if n, ok = c.uvarint(); !ok {
			return false
		}
	}
	for ; n > 0; n-- {
		if !c.value(header&0x0f, depth-1) {
			return false
		}
	}
	return true
}

func (c *thriftChecker) mapping(depth int) bool {
	n, ok := c.uvarint()
	if !ok || n == 0 || depth == 0 {
		return ok && depth > 0
	}
	kinds, ok := c.byte()
	for ; ok && n > 0; n-- {
		ok = c.value(kinds>>4, depth-1) && c.value(kinds&0x0f, depth-1)
	}
	return ok
}
