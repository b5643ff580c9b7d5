package delta

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Hidden columns, as Trino has them.
const (
	pathColumn     = "$path"
	sizeColumn     = "$file_size"
	modifiedColumn = "$file_modified_time"
)

// handle identifies a version of a table.
type handle struct {
	Name     connector.SchemaTable `json:"name"`
	Location string                `json:"location"`
	Version  int64                 `json:"version"`
	// Checkpoint is where the log is read from, so that files are listed in the same order again.
	Checkpoint *deltalog.Checkpoint `json:"checkpoint,omitempty"`
	// What the version says of columns, for tasks, which do not read the log.
	Schema     string               `json:"schema"`
	Partitions []string             `json:"partitions,omitempty"`
	Mode       deltalog.MappingMode `json:"mode"`
	// Part is "history", "properties" or "partitions" for a table about the table.
	Part string `json:"part,omitempty"`
}

func readHandle(raw json.RawMessage, name connector.SchemaTable) (*handle, error) {
	h := new(handle)
	err := json.Unmarshal(raw, h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of %s", name)
}

// table is a version of a table as this package works with it.
type table struct {
	handle
	layout
	log      *deltalog.Log
	snapshot *deltalog.Snapshot
	mode     deltalog.MappingMode
}

// layout is the columns of a version of a table.
type layout struct {
	fields  []deltalog.Field
	columns []column
	// partitions are the table partitioning columns, in the order of the metadata.
	partitions []*column
}

// column is a column of a table.
type column struct {
	connector.Column
	field *deltalog.Field
	// physical is the column's name in files and in the log.
	physical string
	// partition says that files do not have it.
	partition bool
}

// entry returns what the metastore says of a Delta table; nil without an error when there is no table of the name.
func (c *Connector) entry(ctx context.Context, name connector.SchemaTable) (*metastore.Table, error) {
	t, err := c.store.Table(ctx, name)
	if t == nil || err != nil {
		return nil, err
	}
	if t.Type == metastore.VirtualView {
		return nil, nil
	}
	if !strings.EqualFold(t.Parameters[providerKey], "delta") {
		return nil, trinoerr.New(trinoerr.UnsupportedTableType, "%s is not a Delta Lake table", name)
	}
	return t, nil
}

// locationOf is where a table of the metastore lies.
func locationOf(t *metastore.Table) string {
	if path := t.Storage.SerdeParameters[pathKey]; path != "" {
		return path
	}
	return t.Storage.Location
}

// logKey is a version of a table that has been looked at for a query.
type logKey struct {
	c        *Connector
	location string
	version  int64
}

// load returns a version of a table; nil without an error when there is no table of the name.
func (c *Connector) load(ctx context.Context, name connector.SchemaTable, version int64) (*table, error) {
	e, err := c.entry(ctx, name)
	if e == nil || err != nil {
		return nil, err
	}
	return c.open(ctx, handle{Name: name, Location: locationOf(e), Version: version})
}

// open opens the version of a table that a handle names.
func (c *Connector) open(ctx context.Context, h handle) (*table, error) {
	log := &deltalog.Log{Files: c.files, Location: h.Location}
	s, err := connector.Remember(ctx, logKey{c, h.Location, h.Version}, func(s *deltalog.Snapshot) int { return 1 + len(s.Metadata.SchemaString)/1000 },
		func() (*deltalog.Snapshot, error) { return log.Open(ctx, h.Version, h.Checkpoint) })
	if err != nil {
		return nil, failure(err, h.Name)
	}
	return newTable(h, log, s)
}

// current returns the latest version of a table, whatever has been looked at before.
func (c *Connector) current(ctx context.Context, h handle) (*table, error) {
	log := &deltalog.Log{Files: c.files, Location: h.Location}
	s, err := log.Open(ctx, deltalog.Latest, nil)
	if err != nil {
		return nil, failure(err, h.Name)
	}
	return newTable(h, log, s)
}

func newTable(h handle, log *deltalog.Log, s *deltalog.Snapshot) (*table, error) {
	h.Version, h.Checkpoint = s.Version, s.Checkpoint
	t := &table{handle: h, log: log, snapshot: s}
	err := s.Protocol.Readable()
	if err == nil {
		t.mode, err = s.Mapping()
	}
	if err == nil {
		t.Schema, t.Partitions, t.Mode = s.Metadata.SchemaString, s.Metadata.PartitionColumns, t.mode
		t.layout, err = t.handle.layout()
	}
	if err != nil {
		return nil, failure(err, h.Name)
	}
	if p := s.Metadata.Format.Provider; !strings.EqualFold(p, "parquet") {
		return nil, trinoerr.New(trinoerr.NotSupported, "Table %s has data files of format %s", h.Name, p)
	}
	return t, nil
}

// layout reads the schema. Columns of types that are not known are left out, as Trino does.
func (h *handle) layout() (layout, error) {
	var l layout
	var err error
	if l.fields, err = deltalog.ParseSchema(h.Schema); err != nil {
		return l, err
	}
	for i := range l.fields {
		f := &l.fields[i]
		typ, ok := typeOf(&f.Type)
		if !ok {
			continue
		}
		l.columns = append(l.columns, column{
			Column:   connector.Column{Name: strings.ToLower(f.Name), Type: typ, NotNull: !f.Nullable, Comment: f.Comment()},
			field:    f,
			physical: f.Physical(h.Mode), partition: slices.Contains(h.Partitions, f.Name),
		})
	}
	for _, name := range h.Partitions {
		c := l.column(strings.ToLower(name))
		if c == nil {
			return l, trinoerr.New(trinoerr.DeltaLakeInvalidSchema, "Table %s is partitioned by %s, which is no column of a known type", h.Name, name)
		}
		l.partitions = append(l.partitions, c)
	}
	return l, nil
}

// column finds a column by name; nil when there is none.
func (l *layout) column(name string) *column {
	for i := range l.columns {
		if l.columns[i].Name == name {
			return &l.columns[i]
		}
	}
	return nil
}

// hiddenColumns are those that every table has.
func hiddenColumns() []connector.Column {
	return []connector.Column{
		{Name: pathColumn, Type: types.Of(types.Varchar), Hidden: true},
		{Name: modifiedColumn, Type: types.TimestampTZP(3), Hidden: true},
		{Name: sizeColumn, Type: types.Of(types.BigInt), Hidden: true},
	}
}

// match says how a column is found in data files.
func (c *column) match(mode deltalog.MappingMode) lake.Match {
	return matchOf(c.field, c.Type, mode)
}

func matchOf(f *deltalog.Field, t types.Type, mode deltalog.MappingMode) lake.Match {
	m := lake.Match{Name: f.Physical(mode), Type: t}
	if mode == deltalog.MapID {
		if id, ok := f.MappingID(); ok {
			m.ID = id
		}
	}
	m.Parts = partsOf(&f.Type, t, mode)
	return m
}

func partsOf(d *deltalog.Type, t types.Type, mode deltalog.MappingMode) (out []lake.Match) {
	switch {
	case d.Struct != nil:
		for i := range d.Struct {
			out = append(out, matchOf(&d.Struct[i], t.Elem(i), mode))
		}
	case d.Element != nil:
		out = []lake.Match{{Type: t.Elem(0), Parts: partsOf(d.Element, t.Elem(0), mode)}}
	case d.Key != nil:
		out = []lake.Match{{Type: t.Elem(0), Parts: partsOf(d.Key, t.Elem(0), mode)}, {Type: t.Elem(1), Parts: partsOf(d.Value, t.Elem(1), mode)}}
	}
	return out
}
