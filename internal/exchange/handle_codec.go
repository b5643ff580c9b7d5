package exchange

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Bases numbers the stores that handles are in, so that each is written down once. It is not safe for concurrent use.
type Bases struct{ uris []string }

// NewBases returns the stores with their URIs, numbered from 1.
func NewBases(uris ...string) *Bases { return &Bases{uris} }

// number returns the number of a URI, from 1 on; 0 is none.
func (t *Bases) number(uri string) uint64 {
	if uri == "" {
		return 0
	}
	i := slices.Index(t.uris, uri)
	if i < 0 {
		i, t.uris = len(t.uris), append(t.uris, uri)
	}
	return uint64(i) + 1
}

// Flags of an encoded handle. What an ordinary bundle has in common with all others is not written.
const (
	handleEncrypted = 1 << iota
	handleInline    // there are inline bytes
	handleNamed     // the producer is not the one that the reader expects
	handleKeyed     // the objects' keys are not those that a Writer gives
	handleMixed     // segments differ in kind
	handleLoose     // segments do not stand back to back with the length that follows from their bytes
	handleSparse    // partitions are not each one more than the one before
	handleSalted    // always set: what is without is of an older version
)

// AppendHandle appends a compact form of h to b, for memory: some bytes per segment. producer and prefix are what DecodeHandle will be
// given: the attempt, and the prefix of its keys.
func AppendHandle(b []byte, h *Handle, producer, prefix string, bases *Bases) []byte {
	flags := h.flags(producer, prefix)
	b = append(b, flags)
	if flags&handleNamed != 0 {
		b = appendText(b, h.Producer)
	}
	b = binary.AppendUvarint(b, bases.number(h.Base))
	b = binary.AppendUvarint(b, uint64(len(h.Objects)))
	for _, o := range h.Objects {
		if flags&handleKeyed != 0 {
			b = appendText(b, o.Key)
		}
		b = binary.AppendUvarint(b, uint64(o.Size))
	}
	b = binary.LittleEndian.AppendUint64(b, h.Salt)
	if flags&handleInline != 0 {
		b = appendText(b, string(h.Inline))
	}
	b = binary.AppendUvarint(b, uint64(len(h.Segments)))
	before := Segment{Partition: -1}
	for i, s := range h.Segments {
		if i == 0 || flags&handleMixed != 0 {
			b = append(b, byte(s.Kind))
		}
		if i == 0 || flags&handleSparse != 0 {
			b = binary.AppendVarint(b, int64(s.Partition-before.Partition))
		}
		if len(h.Objects) > 1 {
			b = binary.AppendVarint(b, int64(s.Object-before.Object))
		}
		if flags&handleLoose != 0 {
			b = binary.AppendUvarint(b, uint64(s.Offset))
			b = binary.AppendUvarint(b, uint64(s.Length))
		}
		b = binary.AppendUvarint(b, uint64(s.Rows))
		b = binary.AppendUvarint(b, uint64(s.Bytes))
		before = s
	}
	return b
}

// flags finds out what is ordinary about a handle.
func (h *Handle) flags(producer, prefix string) (flags byte) {
	set := func(flag byte, when bool) {
		if when {
			flags |= flag
		}
	}
	flags = handleSalted
	set(handleEncrypted, h.Encrypted)
	set(handleInline, len(h.Inline) > 0)
	set(handleNamed, h.Producer != producer)
	for i, o := range h.Objects {
		set(handleKeyed, o.Key != objectKey(prefix, i))
	}
	var place placer
	for i, s := range h.Segments {
		offset, length := place.next(s, h.Encrypted)
		set(handleMixed, s.Kind != h.Segments[0].Kind)
		set(handleLoose, s.Offset != offset || s.Length != length || len(h.Objects) < 2 && s.Object != 0)
		set(handleSparse, i > 0 && s.Partition != h.Segments[i-1].Partition+1)
	}
	return flags
}

// objectKey is the key that a Writer gives to an object of its bundle.
func objectKey(prefix string, object int) string { return fmt.Sprintf("%s%d.bundle", prefix, object) }

// placer says where segments stand that a Writer wrote: back to back, from the header of each object on.
type placer struct {
	object int
	end    int64
}

func (p *placer) next(s Segment, encrypted bool) (offset, length int64) {
	if p.end == 0 || s.Object != p.object {
		p.object, p.end = s.Object, headerSize
	}
	offset, length = p.end, storedSize(s.Bytes, encrypted)
	p.end += length
	return offset, length
}

// MoveHandle appends to b what AppendHandle has encoded, with its store numbered as in to instead of from, and returns how many
// objects the handle has. The rest is not looked at.
func MoveHandle(b, data []byte, from, to *Bases) (moved []byte, objects int, err error) {
	d := decoder{b: data}
	flags := d.handleFlags()
	b = append(b, flags)
	if flags&handleNamed != 0 {
		b = appendText(b, d.text())
	}
	base := ""
	if n := d.uvarint(uint64(len(from.uris))); n > 0 {
		base = from.uris[n-1]
	}
	rest := d.b
	objects = d.count()
	if d.err != nil {
		return nil, 0, malformed("handle")
	}
	b = binary.AppendUvarint(b, to.number(base))
	return append(b, rest...), objects, nil
}

// HandleBase returns the URI of the store in which the bundle of an encoded handle is.
func HandleBase(data []byte, bases *Bases) (string, error) {
	var one Bases
	if _, _, err := MoveHandle(nil, data, bases, &one); err != nil || len(one.uris) == 0 {
		return "", err
	}
	return one.uris[0], nil
}

// DecodeHandle is the inverse of AppendHandle.
func DecodeHandle(data []byte, producer, prefix string, bases *Bases) (*Handle, error) {
	d := decoder{b: data}
	flags := d.handleFlags()
	h := &Handle{Producer: producer, Encrypted: flags&handleEncrypted != 0}
	if flags&handleNamed != 0 {
		h.Producer = d.text()
	}
	if n := d.uvarint(uint64(len(bases.uris))); n > 0 {
		h.Base = bases.uris[n-1]
	}
	for i := range d.count() {
		o := Object{Key: objectKey(prefix, i)}
		if flags&handleKeyed != 0 {
			o.Key = d.text()
		}
		o.Size = int64(d.uvarint(1<<64 - 1))
		h.Objects = append(h.Objects, o)
	}
	h.Salt = d.fixed()
	if flags&handleInline != 0 {
		h.Inline = append([]byte(nil), d.text()...)
	}
	n := d.count()
	if n > 0 {
		h.Segments = make([]Segment, 0, n)
	}
	s, place := Segment{Partition: -1}, placer{}
	for i := range n {
		if i == 0 || flags&handleMixed != 0 {
			if k := d.take(1); len(k) == 1 {
				s.Kind = Kind(k[0])
			}
		}
		if i == 0 || flags&handleSparse != 0 {
			s.Partition += int(d.varint())
		} else {
			s.Partition++
		}
		if len(h.Objects) > 1 {
			s.Object += int(d.varint())
		}
		if flags&handleLoose != 0 {
			s.Offset, s.Length = int64(d.uvarint(1<<64-1)), int64(d.uvarint(1<<64-1))
		}
		s.Rows, s.Bytes = int64(d.uvarint(1<<64-1)), int64(d.uvarint(1<<64-1))
		if flags&handleLoose == 0 {
			s.Offset, s.Length = place.next(s, h.Encrypted)
		}
		h.Segments = append(h.Segments, s)
	}
	if d.err != nil || len(d.b) != 0 {
		return nil, malformed("handle of attempt %s", producer)
	}
	return h, nil
}

// handleFlags reads the first byte of a handle.
func (d *decoder) handleFlags() byte {
	f := d.take(1)
	if len(f) != 1 || f[0]&handleSalted == 0 {
		d.err = errFormat
		return 0
	}
	return f[0]
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// text reads bytes that their length precedes.
func (d *decoder) text() string { return string(d.take(d.uvarint(uint64(len(d.b))))) }

// count reads the number of things that follow, each of at least one byte.
func (d *decoder) count() int { return int(d.uvarint(uint64(len(d.b)))) }

// varint reads a signed number.
func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if d.err != nil || n <= 0 {
		d.err = errFormat
		return 0
	}
	d.b = d.b[n:]
	return v
}
