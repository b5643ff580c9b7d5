package hive

import (
	"container/list"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// footer is what is known of a Parquet file from its footer.
type footer struct {
	rows   int64
	fields []field
	groups []rowGroup
	weight int64 // bytes in the cache, about
}

// field is a top-level column. Its leaves are the column chunks [from, to) of every row group.
type field struct {
	name     string
	from, to int
	// schema is the column's part of the flattened schema tree.
	schema []format.SchemaElement
}

// rowGroup is a row group.
type rowGroup struct {
	rows   int64
	bytes  int64 // of all columns
	chunks []chunk
}

// chunk is a leaf column's part of a row group.
type chunk struct {
	bytes    int64
	data     int64 // bytes before compression
	nulls    int64 // negative when unknown
	distinct int64 // about so many; zero when unknown
	low      []byte
	high     []byte
}

// field finds a column by name, in any case; nil when the file has none.
func (f *footer) field(name string) *field {
	for i := range f.fields {
		if strings.EqualFold(f.fields[i].name, name) {
			return &f.fields[i]
		}
	}
	return nil
}

const (
	magic          = "PAR1"
	encryptedMagic = "PARE"
	// tailBytes is read at once: it holds most footers.
	tailBytes = 64 << 10
	// maxFooterBytes bounds what a broken file can make us read.
	maxFooterBytes = 512 << 20
)

// readFooter reads the footer of a file. Errors are Trino's; name is how they name the file.
func readFooter(path, name string, size int64) (*footer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.HiveCannotOpenSplit, "Error opening Hive split %s", name)
	}
	defer f.Close()
	raw, err := footerBytes(f, name, size)
	if err != nil {
		return nil, err
	}
	out, err := parseFooter(raw)
	if err != nil {
		return nil, trinoerr.New(trinoerr.HiveBadData, "Malformed Parquet file: %v [%s]", err, name)
	}
	return out, nil
}

// footerBytes returns the encoded footer.
func footerBytes(f io.ReaderAt, name string, size int64) ([]byte, error) {
	bad := func(format string, args ...any) error {
		return trinoerr.New(trinoerr.HiveBadData, "Malformed Parquet file. "+format+" [%s]", append(args, name)...)
	}
	const trailer = 8 // length and magic
	if size < int64(len(magic))+trailer {
		return nil, trinoerr.New(trinoerr.HiveBadData, "%s is not a valid Parquet File", name)
	}
	tail := make([]byte, min(size, tailBytes))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.HiveCannotOpenSplit, "Error opening Hive split %s", name)
	}
	end := tail[len(tail)-trailer:]
	switch string(end[4:]) {
	case magic:
	case encryptedMagic:
		return nil, trinoerr.New(trinoerr.NotSupported, "Encrypted Parquet files are not supported: %s", name)
	default:
		return nil, bad("Expected magic number: %s got: %q", magic, end[4:])
	}
	length := int64(binary.LittleEndian.Uint32(end))
	if length > size-trailer-int64(len(magic)) || length > maxFooterBytes {
		return nil, bad("Metadata of %d bytes does not fit into a file of %d bytes", length, size)
	}
	if length+trailer <= int64(len(tail)) {
		return tail[int64(len(tail))-trailer-length : len(tail)-trailer], nil
	}
	raw := make([]byte, length)
	if _, err := f.ReadAt(raw, size-trailer-length); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.HiveCannotOpenSplit, "Error opening Hive split %s", name)
	}
	return raw, nil
}

// parseFooter decodes a footer.
func parseFooter(raw []byte) (out *footer, err error) {
	defer func() { // the decoder trusts its input
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("metadata cannot be decoded: %v", p)
		}
	}()
	if err := checkThrift(raw); err != nil {
		return nil, fmt.Errorf("metadata cannot be decoded: %w", err)
	}
	var meta format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), raw, &meta); err != nil {
		return nil, fmt.Errorf("metadata cannot be decoded: %w", err)
	}
	out = &footer{rows: meta.NumRows, weight: int64(len(raw)) * 3}
	if out.fields, err = topFields(meta.Schema); err != nil {
		return nil, err
	}
	leaves := 0
	if n := len(out.fields); n > 0 {
		leaves = out.fields[n-1].to
	}
	rows := int64(0)
	for _, g := range meta.RowGroups {
		if len(g.Columns) != leaves {
			return nil, fmt.Errorf("row group has %d columns instead of %d", len(g.Columns), leaves)
		}
		group := rowGroup{rows: g.NumRows}
		for _, c := range g.Columns {
			group.chunks = append(group.chunks, newChunk(&c.MetaData, strings.HasPrefix(meta.CreatedBy, "DuckDB")))
			group.bytes += c.MetaData.TotalCompressedSize
		}
		if g.NumRows < 0 {
			return nil, fmt.Errorf("row group has %d rows", g.NumRows)
		}
		rows += g.NumRows
		out.groups = append(out.groups, group)
	}
	if rows != out.rows {
		return nil, fmt.Errorf("row groups have %d rows, the file %d", rows, out.rows)
	}
	return out, nil
}

// duckDictionaryShare is the share of distinct values among a row group's above which DuckDB writes it without a dictionary.
const duckDictionaryShare = 0.2

// plainDictionary is what version 1 of the format calls a dictionary, and DuckDB still does.
const plainDictionary format.Encoding = 2

func newChunk(m *format.ColumnMetaData, byDuckDB bool) chunk {
	s := &m.Statistics
	c := chunk{bytes: m.TotalCompressedSize, data: m.TotalUncompressedSize, nulls: s.NullCount, distinct: s.DistinctCount, low: s.MinValue, high: s.MaxValue}
	if c.low == nil && c.high == nil && s.NullCount == 0 {
		// Statistics that say nothing look like those of a column without NULL.
		c.nulls = -1
	}
	if byDuckDB && c.distinct == 0 && !slices.Contains(m.Encoding, plainDictionary) && !slices.Contains(m.Encoding, format.RLEDictionary) {
		c.distinct = int64(float64(m.NumValues) * (1 + duckDictionaryShare) / 2)
	}
	return c
}

// topFields finds the top-level columns in a flattened schema tree.
func topFields(schema []format.SchemaElement) ([]field, error) {
	broken := fmt.Errorf("schema is broken")
	if len(schema) == 0 {
		return nil, broken
	}
	var fields []field
	leaf := 0
	for i := 1; i < len(schema); {
		f := field{name: schema[i].Name, from: leaf}
		end, ok := subtree(schema, i, &leaf, maxNesting)
		if !ok {
			return nil, broken
		}
		f.to, f.schema = leaf, schema[i:end]
		fields = append(fields, f)
		i = end
	}
	if n := schema[0].NumChildren; !n.Valid || int(n.V) != len(fields) {
		return nil, broken
	}
	return fields, nil
}

// subtree returns where the part of the tree that begins at i ends, and counts its leaves.
func subtree(schema []format.SchemaElement, i int, leaves *int, depth int) (end int, ok bool) {
	if i >= len(schema) || depth == 0 {
		return 0, false
	}
	n := schema[i].NumChildren
	if !n.Valid || n.V == 0 {
		*leaves++
		return i + 1, true
	}
	i++
	for range n.V {
		if i, ok = subtree(schema, i, leaves, depth-1); !ok {
			return 0, false
		}
	}
	return i, true
}

// converted returns the older annotation of a column's type; -1 when there is none.
func converted(e *format.SchemaElement) deprecated.ConvertedType {
	if e.ConvertedType.Valid {
		return e.ConvertedType.V
	}
	return -1
}

// footerCacheBytes bounds the memory of a connector's cache of footers.
const footerCacheBytes = 128 << 20

// footerCache keeps the footers that were used last. A file that changed is another one.
type footerCache struct {
	mu     *sync.Mutex
	max    int64
	bytes  int64
	recent *list.List // of *cachedFooter, the last used in front
	byKey  map[footerKey]*list.Element
}

type footerKey struct {
	path        string
	size, mtime int64
}

type cachedFooter struct {
	key    footerKey
	footer *footer
}

func newFooterCache(maxBytes int64) footerCache {
	return footerCache{mu: new(sync.Mutex), max: maxBytes, recent: list.New(), byKey: map[footerKey]*list.Element{}}
}

// get returns a footer from the cache, or reads it.
func (c *footerCache) get(f dataFile) (*footer, error) {
	key := footerKey{f.path, f.size, f.modified.UnixNano()}
	c.mu.Lock()
	e := c.byKey[key]
	if e != nil {
		c.recent.MoveToFront(e)
	}
	c.mu.Unlock()
	if e != nil {
		return e.Value.(*cachedFooter).footer, nil
	}
	found, err := readFooter(f.path, f.location, f.size)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] == nil {
		c.byKey[key] = c.recent.PushFront(&cachedFooter{key, found})
		c.bytes += found.weight
	}
	for c.bytes > c.max && c.recent.Len() > 1 {
		last := c.recent.Remove(c.recent.Back()).(*cachedFooter)
		delete(c.byKey, last.key)
		c.bytes -= last.footer.weight
	}
	return found, nil
}
