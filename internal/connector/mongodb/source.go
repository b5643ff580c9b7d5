package mongodb

import (
	"context"
	"encoding/json"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// source reads splits, each with a cursor.
type source struct {
	c       *Connector
	at      place
	fields  []string
	columns []connector.Column
	parts   []split
}

// Source opens splits.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{c: c, at: h.place, columns: scan.Columns, parts: make([]split, len(splits))}
	for _, col := range scan.Columns {
		s.fields = append(s.fields, h.field(col.Name).Name)
	}
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &s.parts[i]); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.SerializationError, "split of a MongoDB table")
		}
	}
	return connector.Source{Batches: s}, nil
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.parts) }

// Open asks for the documents of a split, with the fields that are wanted.
func (s *source) Open(ctx context.Context, partition int, projection []int) (connector.BatchReader, error) {
	r := &reader{ctx: ctx, at: s.at, places: map[string][]int{}}
	wanted := bson.D{{Key: id, Value: 0}}
	whole := false
	for i, p := range projection {
		name := s.fields[p]
		r.columns = append(r.columns, s.columns[p])
		r.places[name] = append(r.places[name], i)
		switch {
		case name == id:
			wanted[0].Value = 1
		case strings.ContainsAny(name, ".$") || name == "":
			whole = true // names that a projection would take for paths
		case len(r.places[name]) == 1:
			wanted = append(wanted, bson.E{Key: name, Value: 1})
		}
	}
	if len(projection) == 0 {
		wanted[0].Value = 1 // something has to be read for a row to be counted
	}
	part := s.parts[partition]
	var filter bson.D
	if err := bson.UnmarshalExtJSON(part.Filter, true, &filter); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "filter of a split")
	}
	o := options.Find().SetCollation(&options.Collation{Locale: "simple"})
	if !whole {
		o.SetProjection(wanted)
	}
	if n := s.c.settings.batchSize; n > 0 {
		o.SetBatchSize(int32(n))
	}
	if part.Limit > 0 {
		o.SetLimit(part.Limit)
	}
	cursor, err := s.c.collection(s.at).Find(ctx, filter, o)
	if err != nil {
		return nil, failed(err, "read %s", s.at)
	}
	r.cursor = cursor
	return r, nil
}

// reader makes batches of the documents of a cursor.
type reader struct {
	ctx     context.Context // of the scan: a cursor waits no longer
	at      place
	cursor  *mongo.Cursor
	columns []connector.Column
	places  map[string][]int // columns by field
	values  []bsoncore.Value
}

// batchBytes is about how much a batch holds, whatever the documents are.
const batchBytes = 16 << 20

// Next makes at most limit rows, fewer of large documents.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	if len(b.Columns) != len(r.columns) {
		b.Columns = make([]connector.Vector, len(r.columns))
	}
	for i := range b.Columns {
		b.Columns[i].Reset()
	}
	b.Rows = 0
	for bytes := 0; b.Rows < limit && bytes < batchBytes && r.cursor.Next(r.ctx); b.Rows++ {
		bytes += len(r.cursor.Current)
		if err := r.append(b, bsoncore.Document(r.cursor.Current)); err != nil {
			return 0, err
		}
	}
	return b.Rows, failed(r.cursor.Err(), "read %s", r.at)
}

// append appends a document.
func (r *reader) append(b *connector.Batch, doc bsoncore.Document) error {
	r.values = append(r.values[:0], make([]bsoncore.Value, len(r.columns))...)
	_, rest, _ := bsoncore.ReadLength(doc)
	for len(rest) > 1 {
		e, after, ok := bsoncore.ReadElement(rest)
		if !ok {
			return trinoerr.New(trinoerr.GenericInternalError, "a document of %s is broken", r.at)
		}
		rest = after
		for _, i := range r.places[string(e.KeyBytes())] {
			r.values[i] = e.Value()
		}
	}
	for i, col := range r.columns {
		if err := appendValue(&b.Columns[i], col.Type, r.values[i]); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the cursor. The context of the scan may be over.
func (r *reader) Close() error {
	return failed(r.cursor.Close(context.WithoutCancel(r.ctx)), "end the reading of %s", r.at)
}
