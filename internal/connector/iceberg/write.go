package iceberg

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// rowGroupRows makes row groups that are worth a split of their own.
const rowGroupRows = 1 << 20

// write is a write under way. Files go straight to where they stay; nobody sees them before a snapshot has them.
type write struct {
	QueryID string                `json:"query"`
	Name    connector.SchemaTable `json:"name"`
	// Handle is the table as it was when the write began; nil for one that is to be made.
	Handle *handle `json:"handle,omitempty"`
	// Create is the metadata of a table that is to be made in the commit. Made says that it was made, empty, when the write began.
	Create json.RawMessage `json:"create,omitempty"`
	Made   bool            `json:"made,omitempty"`
	// Dir is the directory of the data files.
	Dir     string                 `json:"dir"`
	UUID    string                 `json:"uuid"`
	Schema  *iceberg.Schema        `json:"schema"`
	Spec    *iceberg.PartitionSpec `json:"spec"`
	Version int                    `json:"version"`
	Codec   string                 `json:"codec"`
	Bytes   int64                  `json:"bytes"`
	// Change says that rows are changed, and Replaced that what was read by Rewrite gives way to what is written.
	Change  bool     `json:"change,omitempty"`
	Rewrite *rewrite `json:"rewrite,omitempty"`
}

func readWrite(raw json.RawMessage) (*write, error) {
	w := new(write)
	err := json.Unmarshal(raw, w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into Iceberg")
}

// RepeatableWrites says that files are not seen until FinishWrite commits them, once.
func (c *Connector) RepeatableWrites() {}

// BeginWrite says where files go. Attempts may be repeated.
func (c *Connector) BeginWrite(ctx context.Context, t *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	if create {
		return c.beginCreate(ctx, t, queryID)
	}
	w, err := c.beginInto(ctx, t, queryID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// beginInto begins a write into a table that is there.
func (c *Connector) beginInto(ctx context.Context, t *connector.Table, queryID string) (*write, error) {
	tbl, h, err := c.changing(ctx, t)
	if err != nil {
		return nil, err
	}
	if tbl.Metadata().TableUUID().String() != h.UUID {
		return nil, trinoerr.New(trinoerr.TransactionConflict, "Table %s was replaced during the query", t.Name)
	}
	if err := checkFormat(tbl.Properties().Get(propDefaultFormat, "parquet")); err != nil {
		return nil, err
	}
	w := &write{QueryID: queryID, Name: t.Name, Handle: h}
	return w, w.describe(ctx, c, tbl)
}

// describe notes what tasks have to know of a table.
func (w *write) describe(ctx context.Context, c *Connector, t *table.Table) error {
	spec := t.Spec()
	w.UUID, w.Schema, w.Spec, w.Version = t.Metadata().TableUUID().String(), t.Schema(), &spec, t.Metadata().Version()
	w.Dir = dataDir(t.Location(), t.Properties())
	s := c.SettingsFor(ctx)
	w.Codec = t.Properties().Get("write.parquet.compression-codec", parquetCodec[s.codec])
	if s.codec != c.codec { // what a session asks for goes before what the table says
		w.Codec = parquetCodec[s.codec]
	}
	if _, known := codecNames[w.Codec]; !known {
		return trinoerr.New(trinoerr.NotSupported, "Compression codec %s not supported for Parquet", strings.ToUpper(w.Codec))
	}
	w.Bytes = s.maxFileBytes
	for _, f := range spec.Fields() {
		if _, unknown := f.Transform.(iceberg.UnknownTransform); unknown {
			return trinoerr.New(trinoerr.NotSupported, "Writing to tables partitioned by %s is not supported", f.Transform)
		}
	}
	return nil
}

// codecNames are the codecs that DuckDB writes.
var codecNames = map[string]bool{"uncompressed": true, "snappy": true, "zstd": true, "gzip": true}

// dataDir is the directory of a table's data files.
func dataDir(location string, props iceberg.Properties) string {
	if dir := props.Get("write.data.path", ""); dir != "" {
		return strings.TrimSuffix(dir, "/")
	}
	return filesystem.Join(location, "data")
}

// beginCreate begins a write into a table that is to be made: in the commit, when it is known where it will lie, and else now.
func (c *Connector) beginCreate(ctx context.Context, t *connector.Table, queryID string) (json.RawMessage, error) {
	if there, err := c.load(ctx, t.Name); err != nil || there != nil && there.Properties()[summaryToken] != queryID {
		if err == nil {
			err = trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.name, t.Name)
		}
		return nil, err
	}
	d, err := c.define(ctx, t)
	if err != nil {
		return nil, err
	}
	d.props[summaryToken] = queryID
	w := &write{QueryID: queryID, Name: t.Name}
	var tbl *table.Table
	if d.location == "" || c.catalogType == restCatalog || d.props[table.PropertyFormatVersion] == "1" {
		// A REST catalog knows where tables lie, and gives numbers to schemas and partition specs by itself. iceberg-go makes nothing of the
		// first version out of updates alone.
		if tbl, err = c.load(ctx, t.Name); tbl == nil && err == nil {
			tbl, err = c.create(ctx, t.Name, d)
		}
		w.Made = true
	} else if tbl, err = c.unborn(ctx, t.Name, d); err == nil {
		w.Create, err = json.Marshal(tbl.Metadata())
	}
	if err != nil {
		return nil, err
	}
	if err := w.describe(ctx, c, tbl); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// unborn is a table that is in no catalog yet.
func (c *Connector) unborn(ctx context.Context, name connector.SchemaTable, d *definition) (*table.Table, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	first, err := table.NewMetadata(d.schema, d.spec, table.UnsortedSortOrder, d.location, d.props)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.InvalidTableProperty, "Cannot create table %s", name)
	}
	// What the catalog makes of it is what it makes of these updates to nothing: so schema and spec have the numbers that they will have.
	nothing, err := table.NewMetadata(iceberg.NewSchema(0), nil, table.UnsortedSortOrder, "", nil)
	if err != nil {
		return nil, err
	}
	meta, err := table.UpdateTableMetadata(nothing, creation(first), "")
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.InvalidTableProperty, "Cannot create table %s", name)
	}
	return table.New(identifier(name), meta, "", c.storage.open(nil), cat), nil
}

// creation are the updates that make metadata out of nothing.
func creation(meta table.Metadata) []table.Update {
	spec, order := meta.PartitionSpec(), meta.SortOrder()
	schema := iceberg.NewSchema(meta.CurrentSchema().ID, meta.CurrentSchema().Fields()...)
	return []table.Update{table.NewAssignUUIDUpdate(meta.TableUUID()), table.NewUpgradeFormatVersionUpdate(meta.Version()),
		table.NewAddSchemaUpdate(schema), table.NewSetCurrentSchemaUpdate(-1), table.NewAddPartitionSpecUpdate(&spec, true),
		table.NewSetDefaultSpecUpdate(-1), table.NewAddSortOrderUpdate(&order), table.NewSetDefaultSortOrderUpdate(-1),
		table.NewSetLocationUpdate(meta.Location()), table.NewSetPropertiesUpdate(meta.Properties())}
}

// Sink opens the writing of an attempt.
func (c *Connector) Sink(_ context.Context, raw json.RawMessage, id string) (connector.Sink, error) {
	return c.sink(raw, id)
}

func (c *Connector) sink(raw json.RawMessage, id string) (*sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	p, err := newPartitioner(w.Spec, w.Schema)
	if err != nil {
		return nil, err
	}
	return &sink{c: c, write: w, partitioner: p, attempt: id, deleted: map[string]*positions{}}, nil
}

// sink uploads the files of one attempt.
type sink struct {
	c           *Connector
	write       *write
	partitioner *partitioner
	attempt     string
	written     []writtenFile
	deleted     map[string]*positions // of a change, by data file
	state       connector.SinkState
}

// PartitionColumns are those that the partitioner computes.
func (s *sink) PartitionColumns() []string { return s.partitioner.columns() }

// Options asks for files that other programs can read, whose fields have the table's ids.
func (s *sink) Options() connector.FileOptions {
	o := connector.FileOptions{Compression: s.write.Codec, RowGroupRows: rowGroupRows, MaxFileBytes: s.write.Bytes, UTC: true,
		Computed: s.partitioner.computed()}
	for _, f := range s.write.Schema.Fields() {
		t, err := fileType(f.Type)
		if err != nil {
			continue // such a table cannot be described
		}
		o.Columns, o.Types, o.FieldIDs = append(o.Columns, f.Name), append(o.Types, t), append(o.FieldIDs, fieldIDs(f.ID, f.Type))
	}
	return o
}

// fieldIDs are the ids of a field and of those in it.
func fieldIDs(id int, t iceberg.Type) connector.FieldID {
	out := connector.FieldID{ID: id}
	switch t := t.(type) {
	case *iceberg.StructType:
		for _, f := range t.FieldList {
			out.Parts = append(out.Parts, fieldIDs(f.ID, f.Type))
		}
	case *iceberg.ListType:
		out.Parts = []connector.FieldID{fieldIDs(t.ElementID, t.Element)}
	case *iceberg.MapType:
		out.Parts = []connector.FieldID{fieldIDs(t.KeyID, t.KeyType), fieldIDs(t.ValueID, t.ValueType)}
	}
	return out
}

// Add uploads a file and reads from its footer what the manifest will say of it.
func (s *sink) Add(ctx context.Context, path string, values []*string, rows, _ int64) error {
	name := s.write.QueryID + "-" + uuid.NewString() + ".parquet"
	partition, err := s.partitioner.parse(values)
	if err != nil {
		return err
	}
	dir := s.write.Dir
	if s.write.Spec.NumFields() > 0 {
		dir = filesystem.Join(dir, partitionPath(s.write.Spec, s.write.Schema, partition))
	}
	to := filesystem.Join(dir, name)
	f, err := describeFile(path, to, s.write, rows)
	if err != nil {
		return err
	}
	if f.Partition, err = s.partitioner.encode(partition); err != nil {
		return err
	}
	if err := upload(ctx, s.c.storage.files, path, to); err != nil {
		return trinoerr.Wrap(err, trinoerr.IcebergWriterCloseError, "Error closing Iceberg writer for %s", to)
	}
	s.written = append(s.written, *f)
	return nil
}

// fragment is what an attempt has written and deleted.
type fragment struct {
	Files   []writtenFile     `json:"files,omitempty"`
	Deleted map[string][]byte `json:"deleted,omitempty"`
}

// Finish lists the files and the deleted rows.
func (s *sink) Finish(context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	f := fragment{Files: s.written}
	for name, p := range s.deleted {
		raw, err := p.encode()
		if err != nil {
			return nil, err
		}
		if f.Deleted == nil {
			f.Deleted = map[string][]byte{}
		}
		f.Deleted[name] = raw
	}
	return json.Marshal(f)
}

// Abort removes the attempt's files.
func (s *sink) Abort(ctx context.Context) error {
	if !s.state.Abort() {
		return nil
	}
	for _, f := range s.written {
		if err := s.c.storage.files.Delete(ctx, f.Path); err != nil {
			return err
		}
	}
	return nil
}

// AbortWrite removes the files that attempts left, which bear the query's id, and a table that was made for the write. What a snapshot has stays.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	t, err := c.load(ctx, w.Name)
	if err != nil {
		return err
	}
	if t != nil && t.Metadata().TableUUID().String() == w.UUID && committed(t, w.QueryID) {
		return nil
	}
	if err := c.removeFiles(ctx, w); err != nil {
		return err
	}
	if w.Made && t != nil && t.Metadata().TableUUID().String() == w.UUID && t.CurrentSnapshot() == nil {
		return c.drop(ctx, w.Name)
	}
	return nil
}

// removeFiles removes the data files of a write.
func (c *Connector) removeFiles(ctx context.Context, w *write) error {
	var names []string
	err := c.storage.files.List(ctx, w.Dir, func(e filesystem.Entry) error {
		if name := e.Location[strings.LastIndexByte(e.Location, '/')+1:]; strings.HasPrefix(name, w.QueryID+"-") {
			names = append(names, e.Location)
		}
		return nil
	})
	for _, name := range names {
		if err == nil {
			err = c.storage.files.Delete(ctx, name)
		}
	}
	return trinoerr.Wrap(err, trinoerr.IcebergFilesystemError, "remove files of query %s", w.QueryID)
}
