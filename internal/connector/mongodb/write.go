package mongodb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A write is staged: attempts insert their documents, with the attempt's id in one more field, into a collection of the write's own. The end of the write merges the
// documents of the selected attempts, without that field, into the table's collection: by _id, which each has from its attempt on, so that a merge that is repeated
// adds nothing. Then it drops the staging.
//
// The staging has one document that is not a row, the token. Without it the write is over: its end finds nothing to do, and an attempt that comes too late removes what it
// has inserted.

// stagingPrefix is how names of stagings begin; Trino's.
const stagingPrefix = "tmp_trino_"

// tokenID is the _id of the token.
const tokenID = "waterbear_write"

// token says how far a write is.
type token struct {
	ID string `bson:"_id"`
	// Committing says that documents of these attempts may be in the table.
	Committing bool     `bson:"committing"`
	Attempts   []string `bson:"attempts"`
}

// write is the handle of a write.
type write struct {
	Place   place                 `json:"place"`
	Name    connector.SchemaTable `json:"name"`
	Staging string                `json:"staging"`
	Query   string                `json:"query"`
	// Attempt is the field with an attempt's id: a name that no column has.
	Attempt string   `json:"attempt"`
	Fields  []string `json:"fields"`
	Types   []string `json:"types"`
	// Create is the definition of the table that the write makes.
	Create *definition `json:"create,omitempty"`
}

func readWrite(raw json.RawMessage) (*write, error) {
	w := new(write)
	err := json.Unmarshal(raw, w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into MongoDB")
}

func (c *Connector) staging(w *write) *mongo.Collection {
	return c.client.Database(w.Place.Database).Collection(w.Staging)
}

// RepeatableWrites says that attempts are staged.
func (c *Connector) RepeatableWrites() {}

// BeginWrite makes the staging.
func (c *Connector) BeginWrite(ctx context.Context, t *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	w := &write{Name: t.Name, Query: queryID, Attempt: "trino_page_sink_id"}
	h := handle{}
	var err error
	if create {
		if w.Place, err = c.at(ctx, t.Name); err != nil {
			return nil, err
		}
		if w.Create, err = newDefinition(t, w.Place); err != nil {
			return nil, err
		}
		w.Create.Query = queryID
		if err := checkName(w.Place); err != nil {
			return nil, err
		}
	} else {
		if h, err = readHandle(t.Handle); err != nil {
			return nil, err
		}
		if h.View {
			return nil, trinoerr.New(trinoerr.NotSupported, "%s is a view", t.Name)
		}
		w.Place = h.place
	}
	for _, col := range t.Columns {
		if col.Hidden {
			continue
		}
		f := h.field(col.Name)
		if _, err := fieldOf(connector.Column{Name: f.Name, Type: col.Type}); err != nil {
			return nil, err
		}
		w.Fields, w.Types = append(w.Fields, f.Name), append(w.Types, col.Type.String())
	}
	for slices.Contains(w.Fields, w.Attempt) {
		w.Attempt += "_"
	}
	w.Staging = fmt.Sprintf("%s%08x_%08x", stagingPrefix, uint32(xxhash.Sum64String(queryID)), uint32(xxhash.Sum64String(w.Place.String())))
	if _, err := c.staging(w).InsertOne(ctx, token{ID: tokenID}); err != nil {
		return nil, failed(err, "begin writing into %s", w.Place)
	}
	return json.Marshal(w)
}

// token reads the token of a write; nil when the write is over.
func (c *Connector) token(ctx context.Context, w *write) (*token, error) {
	var t token
	err := c.staging(w).FindOne(ctx, bson.D{{Key: id, Value: tokenID}}).Decode(&t)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return &t, failed(err, "look for the write into %s", w.Place)
}

// FinishWrite merges the documents of the selected attempts into the table.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	t, err := c.token(ctx, w)
	if err != nil || t == nil {
		return err
	}
	attempts := []string{}
	for _, f := range fragments {
		attempts = append(attempts, string(f))
	}
	if w.Create != nil {
		if err := c.create(ctx, w.Name, w.Place, w.Create); err != nil {
			return err
		}
	}
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "committing", Value: true}, {Key: "attempts", Value: attempts}}}}
	if _, err := c.staging(w).UpdateOne(ctx, bson.D{{Key: id, Value: tokenID}}, set); err != nil {
		return failed(err, "commit the write into %s", w.Place)
	}
	if err := c.env.Commit(ctx, w.Query); err != nil {
		return err
	}
	merge := bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: w.Attempt, Value: bson.D{{Key: "$in", Value: attempts}}}}}},
		bson.D{{Key: "$project", Value: bson.D{{Key: w.Attempt, Value: 0}}}},
		bson.D{{Key: "$merge", Value: bson.D{{Key: "into", Value: w.Place.Collection}, {Key: "on", Value: id}, {Key: "whenMatched", Value: "keepExisting"},
			{Key: "whenNotMatched", Value: "insert"}}}},
	}
	cursor, err := c.staging(w).Aggregate(ctx, merge)
	if err != nil {
		return failed(err, "commit the write into %s", w.Place)
	}
	if err := cursor.Close(ctx); err != nil {
		return failed(err, "commit the write into %s", w.Place)
	}
	return failed(c.staging(w).Drop(ctx), "drop the staging of the write into %s", w.Place)
}

// AbortWrite drops the staging, and undoes what a commit that failed has done: the table that it made, or the documents that it merged.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	t, err := c.token(ctx, w)
	if err != nil || t == nil {
		return err
	}
	switch {
	case w.Create != nil:
		if err := c.unmake(ctx, w); err != nil {
			return err
		}
	case t.Committing:
		if err := c.unmerge(ctx, w, t.Attempts); err != nil {
			return err
		}
	}
	return failed(c.staging(w).Drop(ctx), "drop the staging of the write into %s", w.Place)
}

// unmake drops the table that the write made.
func (c *Connector) unmake(ctx context.Context, w *write) error {
	d, err := c.definition(ctx, w.Place)
	if err != nil || d == nil || d.Query != w.Query {
		return err
	}
	if err := c.collection(w.Place).Drop(ctx); err != nil {
		return failed(err, "drop %s", w.Place)
	}
	_, err = c.definitions(w.Place.Database).DeleteMany(ctx, bson.D{{Key: "table", Value: w.Place.Collection}, {Key: "waterbear_query", Value: w.Query}})
	return failed(err, "drop the definition of %s", w.Place)
}

// unmerge deletes the documents of attempts from the table.
func (c *Connector) unmerge(ctx context.Context, w *write, attempts []string) error {
	cursor, err := c.staging(w).Find(ctx, bson.D{{Key: w.Attempt, Value: bson.D{{Key: "$in", Value: attempts}}}})
	if err != nil {
		return failed(err, "undo the write into %s", w.Place)
	}
	_, err = c.deleteEach(ctx, w.Place, cursor, nil)
	return err
}

// sink inserts documents of an attempt.
type sink struct {
	connector.NoFiles
	c       *Connector
	w       *write
	attempt string
	types   []types.Type
	state   connector.SinkState
}

// Sink opens the writing of an attempt.
func (c *Connector) Sink(ctx context.Context, raw json.RawMessage, attempt string) (connector.Sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	s := &sink{c: c, w: w, attempt: attempt}
	for _, text := range w.Types {
		t, err := types.Parse(text)
		if err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into MongoDB")
		}
		s.types = append(s.types, t)
	}
	return s, s.alive(ctx)
}

// alive fails when the write is over, and removes what would be left.
func (s *sink) alive(ctx context.Context) error {
	t, err := s.c.token(ctx, s.w)
	if err != nil || t != nil {
		return err
	}
	if err := s.c.staging(s.w).Drop(ctx); err != nil {
		return failed(err, "drop the staging of the write into %s", s.w.Place)
	}
	return trinoerr.New(trinoerr.GenericInternalError, "the write into %s is over", s.w.Place)
}

// ColumnTypes are those of the columns.
func (s *sink) ColumnTypes() []types.Type { return s.types }

// Write inserts rows. The driver cuts them into messages.
func (s *sink) Write(ctx context.Context, rows *connector.Batch) (int64, error) {
	e := encoder{prefix: s.c.settings.implicitPrefix}
	docs := make([]any, rows.Rows)
	var bytes int64
	for i := range docs {
		at, doc := bsoncore.AppendDocumentStart(nil)
		doc = bsoncore.AppendObjectIDElement(doc, id, bson.NewObjectID())
		doc = bsoncore.AppendStringElement(doc, s.w.Attempt, s.attempt)
		var err error
		for k, name := range s.w.Fields {
			if doc, err = e.appendElement(doc, name, &rows.Columns[k], s.types[k], i); err != nil {
				return bytes, err
			}
		}
		if doc, err = bsoncore.AppendDocumentEnd(doc, at); err != nil {
			return bytes, err
		}
		bytes += int64(len(doc))
		docs[i] = bson.Raw(doc)
	}
	if len(docs) == 0 {
		return 0, nil
	}
	_, err := s.c.staging(s.w).InsertMany(ctx, docs)
	return bytes, failed(err, "write into %s", s.w.Place)
}

// Finish returns the attempt's id.
func (s *sink) Finish(ctx context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	return []byte(s.attempt), s.alive(ctx)
}

// Abort deletes what the attempt inserted.
func (s *sink) Abort(ctx context.Context) error {
	if !s.state.Abort() {
		return nil
	}
	_, err := s.c.staging(s.w).DeleteMany(ctx, bson.D{{Key: s.w.Attempt, Value: s.attempt}})
	return failed(err, "undo the writing of %s", s.attempt)
}
