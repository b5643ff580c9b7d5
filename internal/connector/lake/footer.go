package lake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// maxNesting bounds the depth of types that are read.
const maxNesting = 100

// Footer is what is known of a Parquet file from its footer.
type Footer struct {
	Rows int64
	// Fields are the top-level columns.
	Fields []Field
	Groups []RowGroup
	// weight is about what it takes in a cache.
	weight int64
}

// RowGroup is a row group.
type RowGroup struct {
	Rows  int64
	Bytes int64 // of all columns
	// Chunks are those of the leaves, in the order of the schema.
	Chunks []Chunk
}

// Chunk is a leaf column's part of a row group.
type Chunk struct {
	Bytes    int64
	Data     int64 // bytes before compression
	Values   int64 // how many, NULL among them
	Nulls    int64 // negative when unknown
	Distinct int64 // about so many; zero when unknown
	// Low and High are the smallest and largest value as the file has them; nil when unknown. See Column.Bounds.
	Low, High []byte
	// ranges are the parts of the file that hold it, and what finds values in it.
	ranges []extent
}

// ParseFooter decodes a footer: the part of a file before its last eight bytes, which say how long it is.
func ParseFooter(raw []byte) (out *Footer, err error) {
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
	out = &Footer{Rows: meta.NumRows, weight: int64(len(raw)) * 3}
	if out.Fields, err = topFields(meta.Schema); err != nil {
		return nil, err
	}
	leaves := 0
	if n := len(out.Fields); n > 0 {
		leaves = out.Fields[n-1].To
	}
	rows := int64(0)
	for _, g := range meta.RowGroups {
		if len(g.Columns) != leaves {
			return nil, fmt.Errorf("row group has %d columns instead of %d", len(g.Columns), leaves)
		}
		group := RowGroup{Rows: g.NumRows}
		for _, c := range g.Columns {
			group.Chunks = append(group.Chunks, newChunk(&c.MetaData, strings.HasPrefix(meta.CreatedBy, "DuckDB")))
			group.Bytes += c.MetaData.TotalCompressedSize
		}
		if g.NumRows < 0 {
			return nil, fmt.Errorf("row group has %d rows", g.NumRows)
		}
		rows += g.NumRows
		out.Groups = append(out.Groups, group)
	}
	if rows != out.Rows {
		return nil, fmt.Errorf("row groups have %d rows, the file %d", rows, out.Rows)
	}
	return out, nil
}

// duckDictionaryShare is the share of distinct values among a row group's above which DuckDB writes it without a dictionary.
const duckDictionaryShare = 0.2

// plainDictionary is what version 1 of the format calls a dictionary, and DuckDB still does.
const plainDictionary format.Encoding = 2

func newChunk(m *format.ColumnMetaData, byDuckDB bool) Chunk {
	s := &m.Statistics
	c := Chunk{Bytes: m.TotalCompressedSize, Data: m.TotalUncompressedSize, Values: m.NumValues, Nulls: s.NullCount, Distinct: s.DistinctCount,
		Low: s.MinValue, High: s.MaxValue, ranges: chunkExtents(m)}
	if c.Low == nil && c.High == nil && s.NullCount == 0 {
		// Statistics that say nothing look like those of a column without NULL.
		c.Nulls = -1
	}
	if byDuckDB && c.Distinct == 0 && !slices.Contains(m.Encoding, plainDictionary) && !slices.Contains(m.Encoding, format.RLEDictionary) {
		c.Distinct = int64(float64(m.NumValues) * (1 + duckDictionaryShare) / 2)
	}
	return c
}
