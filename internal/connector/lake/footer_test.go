package lake

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// DuckDB, and it alone, tells by the lack of a dictionary that a column has many values.
func TestDistinctValuesOfChunks(t *testing.T) {
	for _, tt := range []struct {
		encodings []format.Encoding
		distinct  int64
		byDuckDB  bool
		want      int64
	}{
		{[]format.Encoding{format.Plain}, 0, true, 600},
		{[]format.Encoding{format.Plain}, 0, false, 0},
		{[]format.Encoding{plainDictionary}, 0, true, 0},
		{[]format.Encoding{format.RLEDictionary, format.Plain}, 0, true, 0},
		{[]format.Encoding{plainDictionary}, 7, true, 7},
	} {
		c := newChunk(&format.ColumnMetaData{Encoding: tt.encodings, NumValues: 1000, Statistics: format.Statistics{DistinctCount: tt.distinct}}, tt.byDuckDB)
		if c.Distinct != tt.want {
			t.Errorf("%+v: %d distinct values", tt, c.Distinct)
		}
	}
}

// FuzzParseFooter checks that no footer crashes the reading, and that what is accepted agrees with itself.
func FuzzParseFooter(f *testing.F) {
	var file bytes.Buffer
	if err := parquet.Write(&file, []struct {
		ID   int64
		Name *string
		L    []int32 `parquet:"l,list"`
	}{{ID: 1}}); err != nil {
		f.Fatal(err)
	}
	end := file.Len() - trailer
	f.Add(file.Bytes()[end-int(binary.LittleEndian.Uint32(file.Bytes()[end:])) : end])
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := ParseFooter(raw)
		if err != nil {
			return
		}
		for _, g := range out.Groups {
			for _, field := range out.Fields {
				if field.From > field.To || field.To > len(g.Chunks) {
					t.Fatalf("field %+v of %d chunks", field, len(g.Chunks))
				}
				for _, inner := range field.Fields() {
					if inner.From < field.From || inner.To > field.To {
						t.Fatalf("field %+v within %+v", inner, field)
					}
				}
				field.Element()
				field.Entry()
			}
		}
	})
}
