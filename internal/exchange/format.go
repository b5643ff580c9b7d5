package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/minio/sio"
)

// The layout of a bundle object; docs/exchange-format.md describes it byte by byte.
const (
	magic       = "WBBN"
	version     = 3
	headerSize  = 8
	trailerSize = 24

	flagEncrypted = 1
)

// maxIndex bounds the memory that a damaged trailer can ask for: an index of a hundred million partitions.
const maxIndex = 1 << 30

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errFormat is the cause of everything that the decoders reject.
var errFormat = errors.New("not a bundle")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errFormat, fmt.Sprintf(format, args...))
}

func flags(encrypted bool) byte {
	if encrypted {
		return flagEncrypted
	}
	return 0
}

func appendHeader(b []byte, encrypted bool) []byte {
	return append(append(b, magic...), version, flags(encrypted), 0, 0)
}

// trailer are the last bytes of an object.
type trailer struct {
	indexOffset int64
	indexLength int64 // as stored
	sum         uint32
	encrypted   bool
}

func (t trailer) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(t.indexOffset))
	b = binary.LittleEndian.AppendUint32(b, uint32(t.indexLength))
	b = binary.LittleEndian.AppendUint32(b, t.sum)
	return append(append(b, version, flags(t.encrypted), 0, 0), magic...)
}

// decodeTrailer reads the last bytes of an object of the given size.
func decodeTrailer(b []byte, size int64) (trailer, error) {
	if len(b) != trailerSize || string(b[20:]) != magic {
		return trailer{}, malformed("no trailer")
	}
	if b[16] != version || b[17]&^flagEncrypted != 0 || b[18]|b[19] != 0 {
		return trailer{}, malformed("version %d, flags %x", b[16], b[17:20])
	}
	t := trailer{
		indexOffset: int64(binary.LittleEndian.Uint64(b)),
		indexLength: int64(binary.LittleEndian.Uint32(b[8:])),
		sum:         binary.LittleEndian.Uint32(b[12:]),
		encrypted:   b[17] == flagEncrypted,
	}
	if t.indexOffset < headerSize || t.indexLength > maxIndex || t.indexOffset != size-trailerSize-t.indexLength {
		return trailer{}, malformed("index of %d bytes at %d in %d", t.indexLength, t.indexOffset, size)
	}
	return t, nil
}

// index is the table of contents of one object.
type index struct {
	producer string
	object   int    // ordinal of the object in its bundle
	salt     uint64 // of the bundle
	segments []Segment
}

func (x index) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(x.producer)))
	b = append(b, x.producer...)
	b = binary.AppendUvarint(b, uint64(x.object))
	b = binary.LittleEndian.AppendUint64(b, x.salt)
	b = binary.AppendUvarint(b, uint64(len(x.segments)))
	for _, s := range x.segments {
		b = append(b, byte(s.Kind))
		b = binary.AppendUvarint(b, uint64(s.Partition))
		b = binary.AppendUvarint(b, uint64(s.Length))
		b = binary.AppendUvarint(b, uint64(s.Rows))
		b = binary.AppendUvarint(b, uint64(s.Bytes))
	}
	return b
}

// minSegment is the size of the smallest entry of an index.
const minSegment = 1 + 4

// decodeIndex reads an index. Segments stand back to back from the header to end, the offset of the index.
func decodeIndex(b []byte, end int64) (index, error) {
	d := decoder{b: b}
	x := index{producer: string(d.take(d.uvarint(1 << 16))), object: int(d.uvarint(1 << 31)), salt: d.fixed()}
	n := d.uvarint(uint64(len(b)/minSegment) + 1)
	offset := int64(headerSize)
	for ; n > 0 && d.err == nil; n-- {
		s := Segment{Object: x.object, Offset: offset}
		if k := d.take(1); len(k) == 1 {
			s.Kind = Kind(k[0])
		}
		s.Partition = int(d.uvarint(1 << 31))
		s.Length = int64(d.uvarint(1 << 62))
		s.Rows = int64(d.uvarint(1 << 62))
		s.Bytes = int64(d.uvarint(1 << 62))
		if s.Kind != ParquetFile && s.Kind != RowPage && s.Kind != FilePart || s.Length == 0 || s.Length > end-offset {
			return index{}, malformed("segment %d", len(x.segments))
		}
		offset += s.Length
		x.segments = append(x.segments, s)
	}
	if d.err != nil || len(d.b) != 0 || offset != end {
		return index{}, malformed("index")
	}
	return x, nil
}

// decoder reads from b until something is wrong.
type decoder struct {
	b   []byte
	err error
}

// uvarint reads a number of at most max.
func (d *decoder) uvarint(max uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if d.err != nil || n <= 0 || v > max {
		d.err = errFormat
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) take(n uint64) []byte {
	if d.err != nil || n > uint64(len(d.b)) {
		d.err = errFormat
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

// fixed reads a number of eight bytes.
func (d *decoder) fixed() uint64 {
	if b := d.take(8); len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// cipherConfig says how segments are encrypted: DARE 2.0, packages of 64 KiB of AES-256-GCM (ChaCha20-Poly1305 where the
// processor has no AES), each authenticated together with its number and, for the last one, the fact that it is the last.
func cipherConfig(key []byte) sio.Config {
	return sio.Config{MinVersion: sio.Version20, MaxVersion: sio.Version20, Key: key}
}

// storedSize is the size of a segment as stored.
func storedSize(plain int64, encrypted bool) int64 {
	if !encrypted {
		return plain + sumSize
	}
	n, err := sio.EncryptedSize(uint64(plain))
	if err != nil {
		return plain // larger than any file; the writing itself will fail
	}
	return int64(n)
}
