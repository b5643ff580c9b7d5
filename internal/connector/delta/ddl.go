package delta

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// What the metastore says of a Delta table, besides where it lies.
const (
	providerKey = "spark.sql.sources.provider"
	pathKey     = "path"
	externalKey = "EXTERNAL"
)

// Schema says where a schema lies.
func (c *Connector) Schema(ctx context.Context, name string) (map[string]any, error) {
	d, err := c.store.Database(ctx, name)
	if d == nil || err != nil {
		return nil, err
	}
	return map[string]any{propLocation: d.Location}, nil
}

// CreateSchema creates a schema.
func (c *Connector) CreateSchema(ctx context.Context, name string, properties map[string]any) error {
	d := &metastore.Database{Name: name, Parameters: map[string]string{}}
	switch location, ok := properties[propLocation].(string); {
	case ok:
		if err := c.files.Check(location); err != nil {
			return trinoerr.New(trinoerr.InvalidSchemaProperty, "Invalid location URI: %s", location)
		}
		d.Location = location
	case c.catalogDir != "":
		d.Location = filesystem.Join(c.catalogDir, name)
	}
	return c.store.CreateDatabase(ctx, d)
}

// DropSchema drops a schema, with cascade together with its tables.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	d, err := c.store.Database(ctx, name)
	if err != nil {
		return err
	}
	if d == nil {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	names, err := c.store.Tables(ctx, name)
	if err != nil {
		return err
	}
	if len(names) > 0 && !cascade {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	for _, n := range names {
		if err := c.drop(ctx, n.SchemaTable); err != nil {
			return err
		}
	}
	return c.store.DropDatabase(ctx, name)
}

// creation is a table that is to be made.
type creation struct {
	Location string            `json:"location"`
	External bool              `json:"external,omitempty"`
	Protocol deltalog.Protocol `json:"protocol"`
	Metadata deltalog.Metadata `json:"metadata"`
}

// creation checks the definition of a new table. queryID makes a location that no other has, and the same one again.
func (c *Connector) creation(ctx context.Context, t *connector.Table, queryID string) (*creation, error) {
	if !metastore.ValidName(t.Name.Table) {
		return nil, trinoerr.New(trinoerr.NotSupported, "Invalid table name: '%s'", t.Name.Table)
	}
	db, err := c.store.Database(ctx, t.Name.Schema)
	if err != nil {
		return nil, err
	}
	if db == nil {
		return nil, trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", t.Name.Schema)
	}
	out := &creation{Protocol: deltalog.Protocol{MinReaderVersion: 1, MinWriterVersion: 2}}
	if location, ok := t.Properties[propLocation].(string); ok {
		out.Location, out.External = strings.TrimRight(location, "/"), true
	} else {
		if db.Location == "" {
			return nil, trinoerr.New(trinoerr.HiveDatabaseLocationError, "Database '%s' location is not set", t.Name.Schema)
		}
		name := t.Name.Table
		if c.unique {
			name += "-" + strings.ReplaceAll(uuid.NewSHA1(uuid.NameSpaceOID, []byte(queryID+"\x00"+t.Name.String())).String(), "-", "")
		}
		out.Location = filesystem.Join(db.Location, name)
	}
	if err := c.files.Check(out.Location); err != nil {
		return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Invalid location URI: %s", out.Location)
	}
	return out, out.define(t)
}

// define makes the metadata.
func (n *creation) define(t *connector.Table) error {
	n.Metadata = deltalog.Metadata{ID: uuid.NewString(), Description: t.Comment, Format: deltalog.Format{Provider: "parquet"},
		PartitionColumns: []string{}, Configuration: map[string]string{}}
	m := deltalog.MapNone
	if text, ok := t.Properties[propMapping].(string); ok {
		m = deltalog.MappingMode(strings.ToLower(text))
	}
	switch m {
	case deltalog.MapNone:
	case deltalog.MapName, deltalog.MapID:
		n.Protocol = deltalog.Protocol{MinReaderVersion: 2, MinWriterVersion: 5}
		n.Metadata.Configuration[deltalog.PropMapping] = string(m)
	default:
		return trinoerr.New(trinoerr.InvalidTableProperty, "Invalid value [%s]. Valid values: [ID, NAME, NONE]", m)
	}
	fields, err := newFields(t.Columns)
	if err != nil {
		return err
	}
	if m != deltalog.MapNone {
		n.Metadata.Configuration[deltalog.PropMaxColumn] = strconv.Itoa(mapFields(fields, 0))
	}
	if n.Metadata.PartitionColumns, err = partitioning(t); err != nil {
		return err
	}
	if interval, ok := t.Properties[propInterval].(int64); ok {
		if interval <= 0 {
			return trinoerr.New(trinoerr.InvalidTableProperty, "%s must be greater than 0", propInterval)
		}
		n.Metadata.Configuration[deltalog.PropInterval] = strconv.FormatInt(interval, 10)
	}
	if feed, _ := t.Properties[propFeed].(bool); feed {
		n.Protocol.MinWriterVersion = max(n.Protocol.MinWriterVersion, 4)
		n.Metadata.Configuration[deltalog.PropChangeFeed] = "true"
	}
	if vectors, _ := t.Properties[propVectors].(bool); vectors {
		n.Protocol.Require(deltalog.DeletionVectors)
		n.Metadata.Configuration[deltalog.PropVectors] = "true"
	}
	if hasPlainTimestamp(&deltalog.Type{Struct: fields}) {
		n.Protocol.Require(deltalog.TimestampNTZ)
	}
	n.Metadata.SchemaString, err = deltalog.FormatSchema(fields)
	return err
}

// newFields are the columns of a statement as the log has them.
func newFields(columns []connector.Column) ([]deltalog.Field, error) {
	var out []deltalog.Field
	for _, col := range columns {
		if col.Hidden {
			continue
		}
		typ, err := deltaType(col.Type)
		if err != nil {
			return nil, err
		}
		f := deltalog.Field{Name: col.Name, Type: typ, Nullable: !col.NotNull}
		if col.Comment != nil {
			f.SetComment(col.Comment)
		}
		out = append(out, f)
	}
	return out, nil
}

// mapFields gives fields, and those below them, numbers after the last one and names in files; it returns the last number.
func mapFields(fields []deltalog.Field, last int) int {
	for i := range fields {
		last++
		fields[i].Map(last, "col-"+uuid.NewString())
		last = mapType(&fields[i].Type, last)
	}
	return last
}

func mapType(t *deltalog.Type, last int) int {
	last = mapFields(t.Struct, last)
	for _, inner := range []*deltalog.Type{t.Element, t.Key, t.Value} {
		if inner != nil {
			last = mapType(inner, last)
		}
	}
	return last
}

// partitioning checks the table partitioning columns.
func partitioning(t *connector.Table) ([]string, error) {
	names, _ := t.Properties[propPartitions].([]string)
	out := []string{}
	for _, name := range names {
		name = strings.ToLower(name)
		i := slices.IndexFunc(t.Columns, func(c connector.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Table property 'partitioned_by' contained column names which do not exist: [%s]", name)
		}
		if slices.Contains(out, name) {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Duplicate partition column: %s", name)
		}
		switch t.Columns[i].Type.Kind {
		case types.Array, types.Map, types.Row:
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Using array, map or row type on partitioned columns is unsupported")
		}
		out = append(out, name)
	}
	if len(out) > 0 && len(out) == len(t.Columns) {
		return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Using all columns for partition columns is unsupported")
	}
	return out, nil
}

// register makes a table visible.
func (c *Connector) registered(ctx context.Context, name connector.SchemaTable, location string, external bool) error {
	t := &metastore.Table{Name: name, Type: metastore.ManagedTable, Owner: connector.SessionOf(ctx).User,
		// The metastore wants one; they are in the log.
		Columns:    []metastore.Column{{Name: "dummy", Type: "string"}},
		Parameters: map[string]string{providerKey: "DELTA"},
		Storage: metastore.Storage{Format: metastore.FormatOf("SEQUENCEFILE"), Location: location,
			SerdeParameters: map[string]string{"serialization.format": "1", pathKey: location}},
	}
	if external {
		t.Type = metastore.ExternalTable
		t.Parameters[externalKey] = "TRUE"
	}
	return c.store.CreateTable(ctx, t)
}

// checkUnused refuses a location where there is a table.
func (c *Connector) checkUnused(ctx context.Context, location string) error {
	log := &deltalog.Log{Files: c.files, Location: location}
	if used, err := log.Exists(ctx); err != nil || !used {
		return err
	}
	return trinoerr.New(trinoerr.NotSupported, "Using CREATE TABLE with an existing table content is disallowed, instead use the system.register_table() procedure.")
}

// CreateTable creates an empty table.
func (c *Connector) CreateTable(ctx context.Context, t *connector.Table) error {
	query := connector.SessionOf(ctx).QueryID
	if query == "" {
		query = uuid.NewString()
	}
	n, err := c.creation(ctx, t, query)
	if err != nil {
		return err
	}
	if old, err := c.store.Table(ctx, t.Name); err != nil || old != nil {
		if err == nil {
			err = trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, t.Name)
		}
		return err
	}
	if err := c.checkUnused(ctx, n.Location); err != nil {
		return err
	}
	tx := &transaction{c: c, log: &deltalog.Log{Files: c.files, Location: n.Location}, name: t.Name, read: -1, query: query, operation: "CREATE TABLE"}
	tx.actions = []deltalog.Action{{Protocol: &n.Protocol}, {Metadata: &n.Metadata}}
	if _, err := tx.commit(ctx); err != nil {
		return err
	}
	if err := c.registered(ctx, t.Name, n.Location, n.External); err != nil {
		c.forget(ctx, n)
		return err
	}
	return nil
}

// forget removes what was made of a table that is not to be.
func (c *Connector) forget(ctx context.Context, n *creation) {
	ctx = context.WithoutCancel(ctx)
	if !n.External {
		_ = c.files.DeleteDir(ctx, n.Location) // nobody knows of it
		return
	}
	_ = c.files.DeleteDir(ctx, filesystem.Join(n.Location, strings.TrimRight(deltalog.Dir, "/")))
	_ = c.files.DeleteEmptyDir(ctx, n.Location)
}

// DropTable drops a table, and the data of a managed one.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	return c.drop(ctx, t.Name)
}

func (c *Connector) drop(ctx context.Context, name connector.SchemaTable) error {
	e, err := c.store.Table(ctx, name)
	if err != nil || e == nil {
		return err
	}
	if err := c.store.DropTable(ctx, name, false); err != nil {
		return err
	}
	if e.Type == metastore.ManagedTable {
		return c.files.DeleteDir(ctx, locationOf(e))
	}
	return nil
}

// RenameTable gives a table another name. Its files stay where they are, unless the metastore of files has them in a directory of the name.
func (c *Connector) RenameTable(ctx context.Context, t *connector.Table, to connector.SchemaTable) error {
	e, err := c.entry(ctx, t.Name)
	if err != nil || e == nil {
		return err
	}
	if e.Type == metastore.ManagedTable && c.settings.metastore != "file" {
		return trinoerr.New(trinoerr.NotSupported, "Renaming managed tables is not allowed with current metastore configuration")
	}
	moves := e.Storage.SerdeParameters[pathKey] == e.Storage.Location
	if err := c.store.RenameTable(ctx, t.Name, to); err != nil || !moves {
		return err
	}
	if e, err = c.store.Table(ctx, to); err != nil || e == nil || e.Storage.SerdeParameters[pathKey] == e.Storage.Location {
		return err
	}
	e.Storage.SerdeParameters[pathKey] = e.Storage.Location
	return c.store.ReplaceTable(ctx, e)
}
