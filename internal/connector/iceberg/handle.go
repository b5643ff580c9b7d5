package iceberg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// handle identifies a table as of a snapshot. It has all that a task must know, so that tasks never ask the catalog.
type handle struct {
	Name connector.SchemaTable `json:"name"`
	// UUID tells a table from another that has its name later.
	UUID string `json:"uuid"`
	// Snapshot is the id of the snapshot whose rows are meant; nil when there was none yet.
	Snapshot *int64 `json:"snapshot,omitempty"`
	// Schema is the schema that rows are read with: the snapshot's in time travel, or else the table's current one.
	Schema *iceberg.Schema `json:"schema"`
	// Mapping names the fields of files that have no ids.
	Mapping iceberg.NameMapping `json:"mapping,omitempty"`
	// Version is the version of the table's format.
	Version int `json:"version"`
	// Past says that an older snapshot, or a branch or tag, was asked for: it is not written to.
	Past bool `json:"past,omitempty"`
	// Only, when not nil, are the data files that are meant: those to be rewritten.
	Only []string `json:"only,omitempty"`
	// Metadata is the kind of a metadata table ("snapshots"), whose rows are about the table.
	Metadata string `json:"metadata,omitempty"`
}

func readHandle(raw json.RawMessage) (*handle, error) {
	h := new(handle)
	err := json.Unmarshal(raw, h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of an Iceberg table")
}

// identifier is a table's name as the catalog has it.
func identifier(name connector.SchemaTable) table.Identifier {
	return append(namespace(name.Schema), name.Table)
}

// namespace is a schema's name as the catalog has it.
func namespace(schema string) table.Identifier { return table.Identifier{schema} }

// loadedKey is the key under which a query remembers a table.
type loadedKey struct {
	c    *Connector
	name connector.SchemaTable
}

// load asks the catalog for a table; nil when there is none.
func (c *Connector) load(ctx context.Context, name connector.SchemaTable) (*table.Table, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	t, err := cat.LoadTable(ctx, identifier(name))
	switch {
	case errors.Is(err, catalog.ErrNoSuchTable), errors.Is(err, catalog.ErrNoSuchNamespace), errors.Is(err, catalog.ErrInvalidIdentifier):
		return nil, nil
	case err != nil:
		return nil, catalogError(err, "load table %s", name)
	}
	return t, nil
}

// pinned is the table of a handle as it is now, which a query looks up once. Its snapshots still have the one that is pinned, or else the error
// says so.
func (c *Connector) pinned(ctx context.Context, h *handle) (*table.Table, error) {
	t, err := connector.Remember(ctx, loadedKey{c, h.Name}, func(*table.Table) int { return 100 }, func() (*table.Table, error) { return c.load(ctx, h.Name) })
	if err != nil {
		return nil, err
	}
	if t == nil || t.Metadata().TableUUID().String() != h.UUID {
		return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.name, h.Name)
	}
	if h.Snapshot != nil && t.SnapshotByID(*h.Snapshot) == nil {
		// It may be newer than what the query remembers.
		if t, err = c.load(ctx, h.Name); err != nil {
			return nil, err
		}
		if t == nil || t.SnapshotByID(*h.Snapshot) == nil {
			return nil, trinoerr.New(trinoerr.IcebergInvalidSnapshotId, "Iceberg snapshot ID does not exists: %d", *h.Snapshot)
		}
	}
	return t, nil
}

// changing is the table of a handle, freshly loaded, to be changed.
func (c *Connector) changing(ctx context.Context, t *connector.Table) (*table.Table, *handle, error) {
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, nil, err
	}
	if h.Metadata != "" || h.Past {
		return nil, nil, trinoerr.New(trinoerr.NotSupported, "Modifying metadata tables and older snapshots is not supported: %s", t.Name)
	}
	tbl, err := c.load(ctx, t.Name)
	if err == nil && tbl == nil {
		err = trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.name, t.Name)
	}
	return tbl, h, err
}

// handleOf is a handle of a table as of a snapshot, which is nil for one without any.
func handleOf(name connector.SchemaTable, t *table.Table, snapshot *table.Snapshot) *handle {
	m := t.Metadata()
	h := &handle{Name: name, UUID: m.TableUUID().String(), Schema: m.CurrentSchema(), Mapping: t.NameMapping(), Version: m.Version()}
	if snapshot != nil {
		id := snapshot.SnapshotID
		h.Snapshot = &id
	}
	return h
}

// at pins an older snapshot, which is read with the schema that it was written with.
func (h *handle) at(t *table.Table, snapshot *table.Snapshot) {
	id := snapshot.SnapshotID
	h.Snapshot, h.Past = &id, true
	if snapshot.SchemaID == nil {
		return
	}
	for _, s := range t.Metadata().Schemas() {
		if s.ID == *snapshot.SchemaID {
			h.Schema = s
		}
	}
}

// describe is the table of a handle.
func (c *Connector) describe(t *table.Table, h *handle) (*connector.Table, error) {
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("handle of %s: %w", h.Name, err)
	}
	out := &connector.Table{Name: h.Name, Handle: raw, Properties: tableProperties(t)}
	if comment, ok := t.Properties()[propComment]; ok {
		out.Comment = &comment
	}
	if out.Columns, err = columns(h.Schema); err != nil {
		return nil, err
	}
	spec := t.Spec()
	for _, f := range spec.Fields() {
		field, found := h.Schema.FindFieldByID(f.SourceID())
		if _, identity := f.Transform.(iceberg.IdentityTransform); found && identity {
			out.PartitionColumns = append(out.PartitionColumns, strings.ToLower(field.Name))
		}
	}
	out.PartitionColumns = slices.DeleteFunc(out.PartitionColumns, func(name string) bool {
		return !slices.ContainsFunc(out.Columns, func(col connector.Column) bool { return col.Name == name })
	})
	out.Columns = append(out.Columns, hiddenColumns()...)
	return out, nil
}

// columns are those of a schema.
func columns(s *iceberg.Schema) ([]connector.Column, error) {
	var out []connector.Column
	for _, f := range s.Fields() {
		t, err := sqlType(f.Type)
		if err != nil {
			return nil, err
		}
		col := connector.Column{Name: strings.ToLower(f.Name), Type: t, NotNull: f.Required}
		if f.Doc != "" {
			col.Comment = &f.Doc
		}
		out = append(out, col)
	}
	return out, nil
}
