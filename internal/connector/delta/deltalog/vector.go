package deltalog

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"path"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

const (
	// vectorMagic begins a serialized deletion vector.
	vectorMagic = 1681511377
	// vectorFileVersion begins a file of them.
	vectorFileVersion = 1
	// maxVector is the largest that is read.
	maxVector = 1 << 30
	// uuidChars is the length of a UUID in Z85.
	uuidChars = 20
)

// ReadVector returns the numbers of a data file's deleted rows, ascending, of rows that the file has.
func (l *Log) ReadVector(ctx context.Context, d *DeletionVector, rows int64) ([]int64, error) {
	if d.Cardinality < 0 || d.Cardinality > rows {
		return nil, broken("a deletion vector of %d rows for a file of %d rows", d.Cardinality, rows)
	}
	raw, err := l.vectorBytes(ctx, d)
	if err != nil {
		return nil, err
	}
	deleted, err := decodeVector(raw, d.Cardinality)
	if err != nil {
		return nil, err
	}
	if int64(len(deleted)) != d.Cardinality {
		return nil, broken("a deletion vector has %d rows, not %d as the log says", len(deleted), d.Cardinality)
	}
	if n := len(deleted); n > 0 && deleted[n-1] >= rows {
		return nil, broken("a deletion vector has row %d of a file of %d rows", deleted[n-1], rows)
	}
	return deleted, nil
}

// vectorBytes returns a serialized deletion vector.
func (l *Log) vectorBytes(ctx context.Context, d *DeletionVector) ([]byte, error) {
	if d.SizeInBytes < 0 || d.SizeInBytes > maxVector {
		return nil, broken("a deletion vector of %d bytes", d.SizeInBytes)
	}
	location := ""
	switch d.StorageType {
	case "i":
		raw, err := decodeZ85(d.PathOrInlineDv)
		if err != nil || len(raw) < int(d.SizeInBytes) {
			return nil, broken("an inline deletion vector cannot be decoded")
		}
		return raw[:d.SizeInBytes], nil
	case "u":
		name, err := vectorName(d.PathOrInlineDv)
		if err != nil {
			return nil, err
		}
		location = l.at(name)
	case "p":
		var err error
		if location, err = DecodePath(d.PathOrInlineDv); err != nil {
			return nil, err
		}
	default:
		return nil, broken("unknown storage type %q of a deletion vector", d.StorageType)
	}
	offset := int64(0)
	if d.Offset != nil {
		offset = int64(*d.Offset)
	}
	r, err := l.Files.Open(ctx, location, offset, int64(d.SizeInBytes)+8)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	framed, err := io.ReadAll(io.LimitReader(r, int64(d.SizeInBytes)+8))
	if err != nil {
		return nil, err
	}
	if len(framed) != int(d.SizeInBytes)+8 || binary.BigEndian.Uint32(framed) != uint32(d.SizeInBytes) {
		return nil, broken("deletion vector in %s at %d is broken", location, offset)
	}
	raw := framed[4 : len(framed)-4]
	if crc32.ChecksumIEEE(raw) != binary.BigEndian.Uint32(framed[len(framed)-4:]) {
		return nil, broken("deletion vector in %s at %d has a wrong checksum", location, offset)
	}
	return raw, nil
}

// vectorName is the name of a file of deletion vectors: a directory, if any, and a UUID.
func vectorName(encoded string) (string, error) {
	n := len(encoded) - uuidChars
	if n < 0 {
		return "", broken("%q does not name a deletion vector", encoded)
	}
	raw, err := decodeZ85(encoded[n:])
	if err != nil {
		return "", err
	}
	id, err := uuid.FromBytes(raw)
	if err != nil {
		return "", broken("%q does not name a deletion vector", encoded)
	}
	return path.Join(encoded[:n], "deletion_vector_"+id.String()+".bin"), nil
}

// decodeVector reads a serialized deletion vector of at most limit rows.
func decodeVector(raw []byte, limit int64) ([]int64, error) {
	if len(raw) < 12 || binary.LittleEndian.Uint32(raw) != vectorMagic {
		return nil, broken("a deletion vector has an unknown format")
	}
	buckets := binary.LittleEndian.Uint64(raw[4:])
	in := bytes.NewReader(raw[12:])
	var rows []int64
	last := int64(-1)
	for range buckets {
		var key uint32
		if err := binary.Read(in, binary.LittleEndian, &key); err != nil {
			return nil, broken("a deletion vector is cut off")
		}
		if int64(key) <= last || key>>31 != 0 {
			return nil, broken("a deletion vector is out of order")
		}
		last = int64(key)
		bitmap, err := readBitmap(in)
		if err != nil {
			return nil, err
		}
		if bitmap.GetCardinality() > uint64(limit-int64(len(rows))) {
			return nil, broken("a deletion vector has more than %d rows", limit)
		}
		for it := bitmap.Iterator(); it.HasNext(); {
			rows = append(rows, int64(key)<<32|int64(it.Next()))
		}
	}
	return rows, nil
}

func readBitmap(in *bytes.Reader) (b *roaring.Bitmap, err error) {
	defer func() { // the decoder trusts its input
		if p := recover(); p != nil {
			b, err = nil, broken("a deletion vector cannot be decoded: %v", p)
		}
	}()
	b = roaring.New()
	if _, err := b.ReadFrom(in); err != nil {
		return nil, broken("a deletion vector cannot be decoded: %s", err.Error())
	}
	if err := b.Validate(); err != nil {
		return nil, broken("a deletion vector cannot be decoded: %s", err.Error())
	}
	return b, nil
}

// encodeVector serializes the numbers of deleted rows, which are ascending.
func encodeVector(rows []int64) ([]byte, error) {
	var out bytes.Buffer
	var head [12]byte
	binary.LittleEndian.PutUint32(head[:], vectorMagic)
	out.Write(head[:])
	buckets := uint64(0)
	for len(rows) > 0 {
		key := rows[0] >> 32
		bitmap := roaring.New()
		n := 0
		for ; n < len(rows) && rows[n]>>32 == key; n++ {
			bitmap.Add(uint32(rows[n]))
		}
		rows = rows[n:]
		bitmap.RunOptimize()
		var k [4]byte
		binary.LittleEndian.PutUint32(k[:], uint32(key))
		out.Write(k[:])
		if _, err := bitmap.WriteTo(&out); err != nil {
			return nil, err
		}
		buckets++
	}
	raw := out.Bytes()
	binary.LittleEndian.PutUint64(raw[4:], buckets)
	return raw, nil
}

// VectorWriter writes deletion vectors into one file.
type VectorWriter struct {
	out    filesystem.Writer
	path   string
	offset int64
}

// NewVectorWriter begins a file of deletion vectors in a directory of the table's.
func (l *Log) NewVectorWriter(ctx context.Context, dir string) (*VectorWriter, error) {
	id := uuid.New()
	w := &VectorWriter{path: dir + encodeZ85(id[:]), offset: 1}
	name, err := vectorName(w.path)
	if err != nil {
		return nil, err
	}
	if w.out, err = l.create(ctx, name, true); err != nil {
		return nil, err
	}
	_, err = w.out.Write([]byte{vectorFileVersion})
	return w, err
}

// Add writes the numbers of a data file's deleted rows, which are ascending.
func (w *VectorWriter) Add(rows []int64) (*DeletionVector, error) {
	raw, err := encodeVector(rows)
	if err != nil {
		return nil, err
	}
	if w.offset+int64(len(raw)) > maxVector {
		return nil, unsupported("the deletion vectors of a statement have more than %d bytes", maxVector)
	}
	framed := binary.BigEndian.AppendUint32(nil, uint32(len(raw)))
	framed = append(framed, raw...)
	framed = binary.BigEndian.AppendUint32(framed, crc32.ChecksumIEEE(raw))
	if _, err := w.out.Write(framed); err != nil {
		return nil, err
	}
	d := &DeletionVector{StorageType: "u", PathOrInlineDv: w.path, Offset: new(int32(w.offset)), SizeInBytes: int32(len(raw)), Cardinality: int64(len(rows))}
	w.offset += int64(len(framed))
	return d, nil
}

// Close makes the file visible.
func (w *VectorWriter) Close() error { return w.out.Close() }

// Abort gives the file up.
func (w *VectorWriter) Abort() error { return w.out.Abort() }

// Name is the name of the file.
func (w *VectorWriter) Name() string {
	name, _ := vectorName(w.path) // it was made of a UUID
	return name
}

// FileName is the file of the table's directory that has the vector; ok is false when it is elsewhere, or there is none.
func (d *DeletionVector) FileName() (name string, ok bool) {
	if d == nil || d.StorageType != "u" {
		return "", false
	}
	name, err := vectorName(d.PathOrInlineDv)
	return name, err == nil
}

// InlineVector makes a deletion vector that is in the log itself.
func InlineVector(rows []int64) (*DeletionVector, error) {
	raw, err := encodeVector(rows)
	if err != nil {
		return nil, err
	}
	d := &DeletionVector{StorageType: "i", SizeInBytes: int32(len(raw)), Cardinality: int64(len(rows))}
	for len(raw)%4 != 0 {
		raw = append(raw, 0)
	}
	d.PathOrInlineDv = encodeZ85(raw)
	return d, nil
}
