package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A write is staged: each attempt loads its rows, by one load job, into a table of its own beside the target. The end of the write is one statement that reads the tables of the
// selected attempts: INSERT … SELECT, or CREATE TABLE … AS SELECT for a new table. BigQuery runs it once, since its job has an id that follows from the write. Then the stagings are
// deleted.
//
// One more table, which is empty, is the write's token. It is deleted before the stagings: an attempt that comes too late misses it, and takes its own staging away. What nobody
// deletes expires.

const (
	// stagingPrefix is how names of stagings begin. What follows is the write's, then the attempt's.
	stagingPrefix = "tmp_waterbear_"
	// stagingExpiry is how long a staging stays when its write does not end: longer than any query.
	stagingExpiry = 7 * 24 * time.Hour
)

// write is the handle of a write.
type write struct {
	Query    string                `json:"query"`
	Name     connector.SchemaTable `json:"name"`
	Place    place                 `json:"place"`
	Location string                `json:"location"`
	// Token is in the names of all that belongs to the write.
	Token string `json:"token"`
	// Schema are the fields that are written, as BigQuery has them in JSON, and Types those of the rows.
	Schema []byte   `json:"schema"`
	Types  []string `json:"types"`
	// Create says that the write makes the table, with this comment.
	Create  bool    `json:"create,omitempty"`
	Comment *string `json:"comment,omitempty"`
	// Required are the fields of a new table that are never NULL, Comments those of its fields.
	Required map[string]bool   `json:"required,omitempty"`
	Comments map[string]string `json:"comments,omitempty"`
}

func readWrite(raw json.RawMessage) (*write, bigquery.Schema, error) {
	w := new(write)
	if err := json.Unmarshal(raw, w); err != nil {
		return nil, nil, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into BigQuery")
	}
	schema, err := bigquery.SchemaFromJSON(w.Schema)
	return w, schema, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into BigQuery")
}

// RepeatableWrites says that attempts are staged.
func (c *Connector) RepeatableWrites() {}

// BeginWrite finds out what is to be written where, and makes the token.
func (c *Connector) BeginWrite(ctx context.Context, t *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	w := &write{Query: queryID, Name: t.Name, Create: create, Token: strings.ReplaceAll(uuid.NewString(), "-", "")}
	var all bigquery.Schema
	var err error
	names := map[string]string{} // by column
	if create {
		all, err = c.toCreate(ctx, w, t)
	} else {
		all, err = c.toFill(ctx, w, t, names)
	}
	if err != nil {
		return nil, err
	}
	var schema bigquery.Schema
	for _, col := range t.Columns {
		if col.Hidden {
			continue
		}
		name := col.Name
		if own, ok := names[name]; ok {
			name = own
		}
		for _, f := range all {
			if f.Name == name {
				schema = append(schema, staged(f))
				w.Types = append(w.Types, col.Type.String())
			}
		}
	}
	if len(schema) != len(w.Types) || len(schema) == 0 {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "%s has other columns than before", t.Name)
	}
	if w.Schema, err = schema.ToJSONFields(); err != nil {
		return nil, err
	}
	if err := c.create(ctx, t.Name, w.token(), &bigquery.TableMetadata{Schema: schema, ExpirationTime: time.Now().Add(stagingExpiry)}); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// staged is a field of a staging: what it holds, without what is of the target alone.
func staged(f *bigquery.FieldSchema) *bigquery.FieldSchema {
	out := &bigquery.FieldSchema{Name: f.Name, Type: f.Type, Repeated: f.Repeated, Precision: f.Precision, Scale: f.Scale, MaxLength: f.MaxLength}
	for _, part := range f.Schema {
		out.Schema = append(out.Schema, staged(part))
	}
	return out
}

// toCreate prepares a write into a table that is not there yet.
func (c *Connector) toCreate(ctx context.Context, w *write, t *connector.Table) (schema bigquery.Schema, err error) {
	if w.Place, err = c.at(ctx, t.Name); err != nil {
		return nil, err
	}
	m, err := newTable(t)
	if err != nil {
		return nil, err
	}
	d, err := c.client.DatasetInProject(w.Place.Project, w.Place.Dataset).Metadata(ctx)
	if notFound(err) {
		return nil, trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s' does not exist", t.Name.Schema)
	}
	if err != nil {
		return nil, failed(err, trinoerr.GenericInternalError, "describe the dataset %s", w.Place.Dataset)
	}
	w.Location, w.Comment = d.Location, t.Comment
	w.Required, w.Comments = map[string]bool{}, map[string]string{}
	for _, f := range m.Schema {
		w.Required[f.Name], w.Comments[f.Name] = f.Required, f.Description
	}
	return m.Schema, nil
}

// toFill prepares a write into a table that is there.
func (c *Connector) toFill(ctx context.Context, w *write, t *connector.Table, names map[string]string) (bigquery.Schema, error) {
	h, err := target(t)
	if err != nil {
		return nil, err
	}
	w.Place, w.Location = h.place, h.Location
	for _, f := range h.Fields {
		names[f.Column] = f.Name
	}
	m, err := c.metadata(ctx, h.place)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s' not found", t.Name)
	}
	return m.Schema, nil
}

// token is the write's token.
func (w *write) token() place {
	return place{w.Place.Project, w.Place.Dataset, stagingPrefix + w.Token}
}

// staging is the table of an attempt, and suffix what of its name is the attempt's.
func (w *write) staging(suffix string) place {
	at := w.token()
	at.Table += "_" + suffix
	return at
}

// fragment is what an attempt has written.
type fragment struct {
	// Suffix is that of its staging; empty when it has no rows.
	Suffix string `json:"suffix"`
}

// sink loads the rows of an attempt. Its goroutine sends them while they come; it ends with the sink.
type sink struct {
	connector.NoFiles
	c      *Connector
	w      *write
	schema bigquery.Schema
	names  []string
	types  []types.Type
	suffix string
	state  connector.SinkState
	lines  []byte
	// to, when not nil, is where lines go that are sent, and loaded gives the end of the load job.
	to     *io.PipeWriter
	loaded chan error
	cancel context.CancelFunc
}

// Sink opens the writing of an attempt.
func (c *Connector) Sink(_ context.Context, raw json.RawMessage, id string) (connector.Sink, error) {
	w, schema, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	s := &sink{c: c, w: w, schema: schema, suffix: suffixOf(id)}
	for i, f := range schema {
		t, err := types.Parse(w.Types[i])
		if err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into BigQuery")
		}
		s.names, s.types = append(s.names, f.Name), append(s.types, t)
	}
	return s, nil
}

// suffixOf makes the id of an attempt a part of a name. Ids have numbers between dots after the query.
func suffixOf(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, id)
}

// ColumnTypes are those of the columns.
func (s *sink) ColumnTypes() []types.Type { return s.types }

// Write sends rows.
func (s *sink) Write(ctx context.Context, rows *connector.Batch) (int64, error) {
	if rows.Rows == 0 {
		return 0, nil
	}
	if s.to == nil {
		if err := s.begin(ctx); err != nil {
			return 0, err
		}
	}
	s.lines = s.lines[:0]
	for i := range rows.Rows {
		var err error
		if s.lines, err = appendRow(s.lines, s.names, s.types, rows, i); err != nil {
			return 0, err
		}
	}
	n, err := s.to.Write(s.lines)
	if err != nil {
		return int64(n), s.end(err)
	}
	return int64(n), nil
}

// begin makes the staging and begins to send.
func (s *sink) begin(ctx context.Context) error {
	at := s.w.staging(s.suffix)
	if err := s.alive(ctx); err != nil {
		return err
	}
	if err := s.c.create(ctx, s.w.Name, at, &bigquery.TableMetadata{Schema: s.schema, ExpirationTime: time.Now().Add(stagingExpiry)}); err != nil {
		return err
	}
	from, to := io.Pipe()
	lines := bigquery.NewReaderSource(from)
	lines.SourceFormat = bigquery.JSON
	lines.Schema = s.schema
	loader := s.c.table(at).LoaderFrom(lines)
	loader.JobID, loader.Location = newJobID(), s.w.Location
	loader.WriteDisposition = bigquery.WriteEmpty
	loader.CreateDisposition = bigquery.CreateNever
	// What a sink begins lives as long as the sink, not as long as the call.
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.to, s.loaded = to, make(chan error, 1)
	go func() {
		err := load(ctx, loader)
		from.CloseWithError(err) // whoever writes must not wait for nobody
		s.loaded <- err
	}()
	return nil
}

// load sends what its source has and waits until it is in the table.
func load(ctx context.Context, loader *bigquery.Loader) error {
	job, err := loader.Run(ctx)
	if err == nil {
		_, err = await(ctx, job)
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return failed(err, trinoerr.BigqueryBadWrite, "load rows into %s.%s", loader.Dst.DatasetID, loader.Dst.TableID)
}

// end ends the sending: after the last row, or with an error. It waits for the goroutine.
func (s *sink) end(err error) error {
	if s.to == nil {
		return err
	}
	if err != nil {
		s.cancel()
	}
	s.to.CloseWithError(err) // nil is the end of the rows
	loaded := <-s.loaded
	s.cancel()
	s.to = nil
	if loaded != nil && !errors.Is(loaded, context.Canceled) {
		return loaded // the cause, of which a write only knows that nobody reads
	}
	return errors.Join(err, loaded)
}

// Finish waits until the rows are in the staging.
func (s *sink) Finish(ctx context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	var f fragment
	if s.to != nil {
		f.Suffix = s.suffix
		stop := context.AfterFunc(ctx, s.cancel)
		defer stop()
		if err := s.end(nil); err != nil {
			return nil, err
		}
		if err := s.alive(ctx); err != nil {
			return nil, errors.Join(err, s.c.discard(ctx, s.w.staging(s.suffix)))
		}
	}
	return json.Marshal(f)
}

// alive fails when the write is over.
func (s *sink) alive(ctx context.Context) error {
	m, err := s.c.metadata(ctx, s.w.token())
	if err == nil && m == nil {
		err = trinoerr.New(trinoerr.GenericInternalError, "The write into %s is over", s.w.Name)
	}
	return err
}

// Abort ends the sending and deletes the staging.
func (s *sink) Abort(ctx context.Context) error {
	if !s.state.Abort() || s.to == nil {
		return nil
	}
	_ = s.end(context.Canceled) // which is what was wanted
	return s.c.discard(ctx, s.w.staging(s.suffix))
}

// discard deletes a staging that may not be there.
func (c *Connector) discard(ctx context.Context, at place) error {
	if err := c.table(at).Delete(ctx); err != nil && !notFound(err) {
		return failed(err, trinoerr.GenericInternalError, "delete the staging %s", at)
	}
	return nil
}

// FinishWrite puts the rows of the selected attempts into the table, once.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, schema, err := readWrite(raw)
	if err != nil {
		return err
	}
	var suffixes []string
	for _, r := range fragments {
		var f fragment
		if err := json.Unmarshal(r, &f); err != nil {
			return trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into BigQuery")
		}
		if f.Suffix != "" {
			suffixes = append(suffixes, f.Suffix)
		}
	}
	if w.Create || len(suffixes) > 0 {
		if err := c.once(ctx, "waterbear_commit_"+w.Token, w.Location, w.statement(schema, suffixes)); err != nil {
			return err
		}
	}
	if err := c.env.Commit(ctx, w.Query); err != nil {
		return err
	}
	return c.discardAll(ctx, w)
}

// AbortWrite deletes the token and the stagings.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, _, err := readWrite(raw)
	if err != nil {
		return err
	}
	return c.discardAll(ctx, w)
}

func (c *Connector) discardAll(ctx context.Context, w *write) error {
	if err := c.discard(ctx, w.token()); err != nil {
		return err
	}
	names, err := c.allTables(ctx, w.Place.Dataset)
	if err != nil {
		return err
	}
	prefix := w.staging("").Table
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			if err := c.discard(ctx, place{w.Place.Project, w.Place.Dataset, name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// statement is what has the effect of the write.
func (w *write) statement(schema bigquery.Schema, suffixes []string) string {
	names := make([]string, len(schema))
	defs := make([]string, len(schema))
	for i, f := range schema {
		names[i] = quote(f.Name)
		defs[i] = names[i] + " " + declared(f)
		if w.Required[f.Name] {
			defs[i] += " NOT NULL"
		}
		if text := w.Comments[f.Name]; text != "" {
			defs[i] += " OPTIONS (description = " + quoteText(text) + ")"
		}
	}
	list := strings.Join(names, ", ")
	var from string
	if len(suffixes) > 0 {
		// However many attempts there are, they are one table to BigQuery.
		texts := make([]string, len(suffixes))
		for i, s := range suffixes {
			texts[i] = quoteText(s)
		}
		from = "SELECT " + list + " FROM " + w.staging("*").quoted() + " WHERE _TABLE_SUFFIX IN (" + strings.Join(texts, ", ") + ")"
	}
	if !w.Create {
		return "INSERT INTO " + w.Place.quoted() + " (" + list + ") " + from
	}
	text := "CREATE TABLE " + w.Place.quoted() + " (" + strings.Join(defs, ", ") + ")"
	if w.Comment != nil {
		text += " OPTIONS (description = " + quoteText(*w.Comment) + ")"
	}
	if from != "" {
		text += " AS " + from
	}
	return text
}

// names of types in statements, where those of the API are others.
var declarations = map[bigquery.FieldType]string{
	bigquery.IntegerFieldType: "INT64", bigquery.FloatFieldType: "FLOAT64", bigquery.BooleanFieldType: "BOOL",
}

// declared is the type of a field in a statement.
func declared(f *bigquery.FieldSchema) string {
	text := string(f.Type)
	if own, ok := declarations[f.Type]; ok {
		text = own
	}
	switch {
	case f.Type == bigquery.RecordFieldType:
		parts := make([]string, len(f.Schema))
		for i, part := range f.Schema {
			parts[i] = quote(part.Name) + " " + declared(part)
		}
		text = "STRUCT<" + strings.Join(parts, ", ") + ">"
	case f.Precision > 0:
		text += "(" + types.Text(types.Of(types.BigInt), f.Precision) + ", " + types.Text(types.Of(types.BigInt), f.Scale) + ")"
	}
	if f.Repeated {
		text = "ARRAY<" + text + ">"
	}
	return text
}
