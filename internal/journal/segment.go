package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrCorrupt says that a segment is not what was written, beyond a torn end.
var ErrCorrupt = errors.New("journal is corrupt")

// The layout of a segment: a header of headerSize bytes, then frames. All numbers are little-endian.
const (
	magic      = "WBJ1"
	headerSize = 64
	frameSize  = 8 // length and checksum before each payload

	// maxPayload bounds one payload, so that a damaged length is not believed.
	maxPayload = 1 << 28
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriterID tells writers apart: random, new for each Open.
type WriterID [16]byte

// Header is the beginning of a segment.
type Header struct {
	Segment uint64 // its number, from 1
	Epoch   uint64 // the writer's; higher than that of the writers before
	Writer  WriterID
	First   uint64 // sequence number of the first payload; sequence numbers start at 1
	Count   uint32 // payloads in this segment
	// Previous is how many payloads of the segment before are valid. It is less than that segment's Count if its end
	// was torn when this writer took over.
	Previous uint32
}

// encodeSegment returns the segment's bytes. h.Count is set from payloads.
func encodeSegment(h Header, payloads [][]byte) []byte {
	size := headerSize
	for _, p := range payloads {
		size += frameSize + len(p)
	}
	b := make([]byte, headerSize, size)
	copy(b, magic)
	le := binary.LittleEndian
	le.PutUint64(b[8:], h.Segment)
	le.PutUint64(b[16:], h.Epoch)
	copy(b[24:40], h.Writer[:])
	le.PutUint64(b[40:], h.First)
	le.PutUint32(b[48:], uint32(len(payloads)))
	le.PutUint32(b[52:], h.Previous)
	le.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli))
	for _, p := range payloads {
		b = le.AppendUint32(b, uint32(len(p)))
		b = le.AppendUint32(b, frameChecksum(len(p), p))
		b = append(b, p...)
	}
	return b
}

// frameChecksum covers the length too, so that zeros are not a frame.
func frameChecksum(n int, p []byte) uint32 {
	var l [4]byte
	binary.LittleEndian.PutUint32(l[:], uint32(n))
	return crc32.Update(crc32.Checksum(l[:], castagnoli), castagnoli, p) ^ 0xa5a5a5a5
}

// errTorn says that a segment ends before its header does.
var errTorn = errors.New("segment has a torn header")

// decodeSegment returns the header and the payloads that are whole; they alias data. Fewer payloads than Header.Count
// mean that the end is torn. A segment that does not even have a header gives errTorn; one that is something else,
// ErrCorrupt.
func decodeSegment(data []byte) (Header, [][]byte, error) {
	var h Header
	if len(data) < headerSize {
		return h, nil, errTorn
	}
	le := binary.LittleEndian
	if string(data[:4]) != magic || le.Uint32(data[60:]) != crc32.Checksum(data[:60], castagnoli) {
		if allZero(data) {
			return h, nil, errTorn // a file system that kept the length but not the data
		}
		return h, nil, fmt.Errorf("%w: bad segment header", ErrCorrupt)
	}
	if data[4] != 0 || data[5] != 0 {
		return h, nil, fmt.Errorf("%w: segment of a newer version", ErrCorrupt)
	}
	h.Segment, h.Epoch = le.Uint64(data[8:]), le.Uint64(data[16:])
	copy(h.Writer[:], data[24:40])
	h.First, h.Count, h.Previous = le.Uint64(data[40:]), le.Uint32(data[48:]), le.Uint32(data[52:])
	var payloads [][]byte
	for rest := data[headerSize:]; uint32(len(payloads)) < h.Count && len(rest) >= frameSize; {
		n, sum := int(le.Uint32(rest)), le.Uint32(rest[4:])
		if n > maxPayload || n > len(rest)-frameSize {
			break
		}
		p := rest[frameSize : frameSize+n]
		if frameChecksum(n, p) != sum {
			break
		}
		payloads = append(payloads, p)
		rest = rest[frameSize+n:]
	}
	return h, payloads, nil
}

func allZero(data []byte) bool {
	for _, c := range data {
		if c != 0 {
			return false
		}
	}
	return true
}
