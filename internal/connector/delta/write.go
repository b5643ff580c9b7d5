package delta

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// rowGroupRows makes row groups that are worth a split of their own.
const rowGroupRows = 1 << 20

// write is a write under way. Its files are in a directory of the table's that has the query's name; nobody sees those of which the log
// does not know.
type write struct {
	QueryID string `json:"query"`
	// Table is the version that the write is based on. Of a table that is to be made it has only the columns.
	Table     handle    `json:"table"`
	Create    *creation `json:"create,omitempty"`
	Codec     string    `json:"codec"`
	FileBytes int64     `json:"fileBytes"`
	// Operation is what the log calls it.
	Operation string `json:"operation"`
	// Change says that rows are changed, and Vectors that deletion vectors are to say which are deleted.
	Change  bool `json:"change,omitempty"`
	Vectors bool `json:"vectors,omitempty"`
}

func readWrite(raw json.RawMessage) (*write, error) {
	w := new(write)
	err := json.Unmarshal(raw, w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into Delta Lake")
}

// dir is the directory of the write's files.
func (w *write) dir() string { return filesystem.Join(w.Table.Location, w.QueryID) }

// RepeatableWrites says that what attempts write is hidden until FinishWrite.
func (c *Connector) RepeatableWrites() {}

// BeginWrite says where files go. Attempts may be repeated.
func (c *Connector) BeginWrite(ctx context.Context, def *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	if !create {
		w, err := c.beginInto(ctx, def, queryID, "WRITE")
		if err != nil {
			return nil, err
		}
		return c.begun(ctx, w)
	}
	n, err := c.creation(ctx, def, queryID)
	if err != nil {
		return nil, err
	}
	if err := c.checkUnused(ctx, n.Location); err != nil {
		return nil, err
	}
	w := c.newWrite(ctx, queryID, "CREATE TABLE AS SELECT")
	w.Create = n
	w.Table = handle{Name: def.Name, Location: n.Location, Version: -1, Schema: n.Metadata.SchemaString, Partitions: n.Metadata.PartitionColumns,
		Mode: mappingOf(&n.Metadata)}
	return c.begun(ctx, w)
}

// begun makes the directory of a write: attempts that come when it is gone fail.
func (c *Connector) begun(ctx context.Context, w *write) (json.RawMessage, error) {
	if err := c.files.CreateDir(ctx, w.dir()); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

func mappingOf(m *deltalog.Metadata) deltalog.MappingMode {
	if mode := m.Configuration[deltalog.PropMapping]; mode != "" {
		return deltalog.MappingMode(mode)
	}
	return deltalog.MapNone
}

func (c *Connector) newWrite(ctx context.Context, queryID, operation string) *write {
	s := c.SettingsFor(ctx)
	return &write{QueryID: queryID, Codec: codecs[s.codec], FileBytes: s.fileBytes, Operation: operation}
}

// beginInto begins a write into a table that is there.
func (c *Connector) beginInto(ctx context.Context, def *connector.Table, queryID, operation string) (*write, error) {
	h, err := readHandle(def.Handle, def.Name)
	if err != nil {
		return nil, err
	}
	t, err := c.open(ctx, *h)
	if err != nil {
		return nil, err
	}
	if err := t.writable(); err != nil {
		return nil, err
	}
	w := c.newWrite(ctx, queryID, operation)
	w.Table = t.handle
	return w, nil
}

// writable reports what stands in the way of writing new rows.
func (t *table) writable() error {
	p, m := &t.snapshot.Protocol, &t.snapshot.Metadata
	if err := p.Writable(); err != nil {
		return failure(err, t.Name)
	}
	refuse := func(what string) error {
		return trinoerr.New(trinoerr.NotSupported, "Writing to tables with %s is not supported", what)
	}
	for key := range m.Configuration {
		if strings.HasPrefix(key, deltalog.PropConstraints) && p.Supports(deltalog.CheckConstraints) {
			return refuse("CHECK constraints")
		}
	}
	for i := range t.fields {
		f := &t.fields[i]
		switch {
		case f.Has(deltalog.MetaInvariants) && p.Supports(deltalog.Invariants):
			return refuse("column invariants")
		case f.Has(deltalog.MetaGeneration) && p.Supports(deltalog.GeneratedColumns):
			return refuse("generated columns")
		case f.Has(deltalog.MetaIdentity) && p.Supports(deltalog.IdentityColumns):
			return refuse("identity columns")
		}
	}
	if len(t.columns) != len(t.fields) {
		return refuse("columns of types that are not supported")
	}
	return nil
}

// removable reports what stands in the way of deleting rows.
func (t *table) removable() error {
	if t.snapshot.Protocol.Supports(deltalog.AppendOnly) && t.snapshot.Metadata.Flag(deltalog.PropAppendOnly) {
		return trinoerr.New(trinoerr.NotSupported, "Cannot modify rows from a table with '%s' set to true", deltalog.PropAppendOnly)
	}
	return nil
}

// sink uploads the files of one attempt.
type sink struct {
	c       *Connector
	write   *write
	layout  layout
	written []deltalog.Add
	state   connector.SinkState
}

// Sink begins an attempt.
func (c *Connector) Sink(_ context.Context, raw json.RawMessage, _ string) (connector.Sink, error) {
	return c.sink(raw)
}

func (c *Connector) sink(raw json.RawMessage) (*sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	l, err := w.Table.layout()
	return &sink{c: c, write: w, layout: l}, err
}

// PartitionColumns are those of the table, by the names that files have.
func (s *sink) PartitionColumns() []string {
	names := make([]string, len(s.layout.partitions))
	for i, c := range s.layout.partitions {
		names[i] = c.physical
	}
	return names
}

// Options asks for files that other programs can read.
func (s *sink) Options() connector.FileOptions {
	o := connector.FileOptions{Compression: s.write.Codec, RowGroupRows: rowGroupRows, MaxFileBytes: s.write.FileBytes, UTC: true}
	for i := range s.layout.columns {
		c := &s.layout.columns[i]
		o.Columns = append(o.Columns, c.physical)
		o.Types = append(o.Types, physicalType(&c.field.Type, c.Type, s.write.Table.Mode))
		if s.write.Table.Mode != deltalog.MapNone {
			o.FieldIDs = append(o.FieldIDs, numbered(c.field))
		}
	}
	return o
}

// physicalType is a type with the names that fields have in files.
func physicalType(d *deltalog.Type, t types.Type, mode deltalog.MappingMode) types.Type {
	switch {
	case d.Struct != nil:
		fields := make([]types.Field, len(d.Struct))
		for i := range d.Struct {
			fields[i] = types.Field{Name: d.Struct[i].Physical(mode), Type: physicalType(&d.Struct[i].Type, t.Elem(i), mode)}
		}
		return types.RowOf(fields...)
	case d.Element != nil:
		return types.ArrayOf(physicalType(d.Element, t.Elem(0), mode))
	case d.Key != nil:
		return types.MapOf(physicalType(d.Key, t.Elem(0), mode), physicalType(d.Value, t.Elem(1), mode))
	}
	return t
}

// numbered is the number of a column and of those below it.
func numbered(f *deltalog.Field) connector.FieldID {
	id, _ := f.MappingID() // zero is none
	return connector.FieldID{ID: id, Parts: numberedParts(&f.Type)}
}

func numberedParts(t *deltalog.Type) (out []connector.FieldID) {
	for i := range t.Struct {
		out = append(out, numbered(&t.Struct[i]))
	}
	if t.Element != nil {
		out = []connector.FieldID{{Parts: numberedParts(t.Element)}}
	}
	if t.Key != nil {
		out = []connector.FieldID{{Parts: numberedParts(t.Key)}, {Parts: numberedParts(t.Value)}}
	}
	return out
}

// Add uploads a file.
func (s *sink) Add(ctx context.Context, path string, values []*string, rows, _ int64) error {
	if len(values) != len(s.layout.partitions) {
		return trinoerr.New(trinoerr.GenericInternalError, "%d partition values instead of %d", len(values), len(s.layout.partitions))
	}
	a := deltalog.Add{PartitionValues: map[string]*string{}, DataChange: true, ModificationTime: s.c.now().UnixMilli()}
	for i, c := range s.layout.partitions {
		text, err := partitionText(c.Type, values[i])
		if err != nil {
			return err
		}
		a.PartitionValues[c.physical] = text
	}
	foot, size, err := localFooter(path)
	if err != nil {
		return err
	}
	a.Size, a.Stats = size, writtenStats(&s.layout, s.write.Table.Mode, foot)
	name := "part-" + uuid.NewString() + ".parquet"
	if err := s.c.files.TakeOver(ctx, path, filesystem.Join(s.write.dir(), name)); err != nil {
		return err
	}
	a.Path = url.PathEscape(s.write.QueryID) + "/" + name
	s.written = append(s.written, a)
	return nil
}

// Finish lists the files.
func (s *sink) Finish(context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	return json.Marshal(fragment{Added: s.written})
}

// fragment is what one attempt has written.
type fragment struct {
	Added []deltalog.Add `json:"added,omitempty"`
	// Deleted is the name of a file, in the write's directory, with the rows that are no more.
	Deleted string `json:"deleted,omitempty"`
}

// Abort removes what was written.
func (s *sink) Abort(ctx context.Context) error {
	if !s.state.Abort() {
		return nil
	}
	for _, a := range s.written {
		location, err := locate(s.write.Table.Location, a.Path)
		if err == nil {
			err = s.c.files.Delete(ctx, location)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
