package bigquery

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// arrowSample is a schema and a batch as BigQuery sends them: columns a of integers and b of lists of texts.
func arrowSample(t testing.TB) (schema, batch []byte) {
	t.Helper()
	s := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "b", Type: arrow.ListOf(arrow.BinaryTypes.String)}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer builder.Release()
	for i := range 20 {
		builder.Field(0).(*array.Int64Builder).Append(int64(i))
		list := builder.Field(1).(*array.ListBuilder)
		list.Append(true)
		list.ValueBuilder().(*array.StringBuilder).Append("text")
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	var head, all bytes.Buffer
	empty := ipc.NewWriter(&head, ipc.WithSchema(s))
	full := ipc.NewWriter(&all, ipc.WithSchema(s))
	for _, err := range []error{empty.Close(), full.Write(record)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	schema = head.Bytes()[:head.Len()-8] // without the mark of the end
	return schema, all.Bytes()[len(schema):]
}
