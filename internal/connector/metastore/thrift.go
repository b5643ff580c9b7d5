package metastore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// hms is a Hive metastore that is spoken to over Thrift. Its tables and partitions are kept as they came, so that what this package
// does not know of is written back.
type hms struct {
	catalog string
	client  *client
}

// OpenThrift opens a Hive metastore; it connects to nothing yet. The catalog's name is for messages.
func OpenThrift(catalog string, cfg ThriftConfig) (Locking, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return &hms{catalog: catalog, client: c}, nil
}

// is reports whether an error is an exception of a kind.
func is(err error, kinds ...exception) bool {
	var e *thrown
	return errors.As(err, &e) && slices.Contains(kinds, e.kind)
}

// failed gives an exception that means nothing in particular an identity.
func failed(err error) error {
	var e *thrown
	if errors.As(err, &e) {
		return trinoerr.Wrap(e, trinoerr.HiveMetastoreError, "%s", e.kind)
	}
	return err
}

// Databases lists the schemas.
func (m *hms) Databases(ctx context.Context) ([]string, error) {
	var names []string
	err := m.client.call(ctx, getAllDatabases, &names)
	slices.Sort(names)
	return names, failed(err)
}

// Database describes a schema.
func (m *hms) Database(ctx context.Context, name string) (*Database, error) {
	var d hmsDatabase
	err := m.client.call(ctx, getDatabase, &d, name)
	if is(err, noSuchObject) {
		return nil, nil
	}
	if err != nil {
		return nil, failed(err)
	}
	out := &Database{Name: d.Name, Location: text(d.Location), Owner: text(d.Owner), Comment: d.Description, Parameters: parameters(d.Parameters)}
	if out.Comment != nil && *out.Comment == "" {
		out.Comment = nil
	}
	return out, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// given is a text that is not there when it is empty.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// CreateDatabase makes a schema. Without a location the metastore chooses one.
func (m *hms) CreateDatabase(ctx context.Context, d *Database) error {
	user := int32(1)
	err := m.client.call(ctx, createDatabase, nil, hmsDatabase{Name: d.Name, Description: d.Comment, Location: given(d.Location), Parameters: parameters(d.Parameters),
		Owner: given(d.Owner), OwnerType: &user})
	switch {
	case is(err, alreadyExists):
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", m.catalog, d.Name)
	case is(err, invalidObject):
		return trinoerr.New(trinoerr.InvalidSchemaProperty, "Invalid schema: '%s': %v", d.Name, err)
	}
	return failed(err)
}

// DropDatabase drops a schema; the metastore refuses one that has tables, or functions.
func (m *hms) DropDatabase(ctx context.Context, name string) error {
	err := m.client.call(ctx, dropDatabase, nil, name, true, false)
	switch {
	case is(err, noSuchObject):
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", m.catalog, name)
	case is(err, invalidOperation):
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	return failed(err)
}

// Tables lists tables and views.
func (m *hms) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	var metas []hmsTableMeta
	if err := m.client.call(ctx, getTableMeta, &metas, schema, "*", []string{}); err != nil {
		return nil, failed(err)
	}
	var list []connector.TableName
	for _, t := range metas {
		if t.Database == schema { // which was a pattern to the metastore
			list = append(list, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: t.Name}, View: t.Type == VirtualView})
		}
	}
	slices.SortFunc(list, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return list, nil
}

// insertOnlyTables is a capability without which the metastore hides transactional tables.
const insertOnlyTables = 2

// Table describes a table.
func (m *hms) Table(ctx context.Context, name connector.SchemaTable) (*Table, error) {
	var found hmsTableResult
	err := m.client.call(ctx, getTable, &found, hmsTableRequest{Database: name.Schema, Table: name.Table, Capabilities: &hmsCapabilities{Values: []int32{insertOnlyTables}}})
	if is(err, noSuchObject) || err == nil && found.Table == nil {
		return nil, nil
	}
	if err != nil {
		return nil, failed(err)
	}
	return found.Table.table(name), nil
}

// CreateTable makes a table.
func (m *hms) CreateTable(ctx context.Context, t *Table) error {
	err := m.client.call(ctx, createTable, nil, t.hms())
	switch {
	case is(err, alreadyExists):
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", m.catalog, t.Name)
	case is(err, noSuchObject), is(err, invalidObject) && strings.Contains(err.Error(), "database"):
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", t.Name.Schema)
	}
	return failed(err)
}

// leaveStatistics keeps the metastore from counting files, and from forgetting what it was told.
var leaveStatistics = hmsEnvironment{Properties: map[string]string{"DO_NOT_UPDATE_STATS": "true", "STATS_GENERATED": "TASK"}}

// ReplaceTable changes a table.
func (m *hms) ReplaceTable(ctx context.Context, t *Table) error {
	return m.alter(ctx, t.Name, t.hms())
}

func (m *hms) alter(ctx context.Context, name connector.SchemaTable, t hmsTable) error {
	return m.alterWith(ctx, name, t, leaveStatistics)
}

func (m *hms) alterWith(ctx context.Context, name connector.SchemaTable, t hmsTable, environment hmsEnvironment) error {
	err := m.client.call(ctx, alterTable, nil, name.Schema, name.Table, t, environment)
	switch {
	case is(err, invalidOperation) && strings.Contains(err.Error(), "already exists"):
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s.%s' already exists", m.catalog, t.Database, t.Name)
	case is(err, invalidOperation, noSuchObject) && strings.Contains(err.Error(), "doesn't exist"):
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, name)
	}
	return failed(err)
}

// RenameTable renames a table; the metastore moves the data of a managed one that lies in the schema's directory.
func (m *hms) RenameTable(ctx context.Context, name, to connector.SchemaTable) error {
	t, err := m.Table(ctx, name)
	if err != nil {
		return err
	}
	if t == nil {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, name)
	}
	changed := t.hms()
	changed.Database, changed.Name = to.Schema, to.Table
	return m.alter(ctx, name, changed)
}

// DropTable drops a table.
func (m *hms) DropTable(ctx context.Context, name connector.SchemaTable, deleteData bool) error {
	err := m.client.call(ctx, dropTable, nil, name.Schema, name.Table, deleteData)
	if is(err, noSuchObject) {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, name)
	}
	return failed(err)
}

// PartitionNames lists table partitions.
func (m *hms) PartitionNames(ctx context.Context, t *Table) ([]string, error) {
	var names []string
	err := m.client.call(ctx, getPartitionNames, &names, t.Name.Schema, t.Name.Table, int16(-1))
	if is(err, noSuchObject) {
		return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, t.Name)
	}
	slices.Sort(names)
	return names, failed(err)
}

// Partitions describes table partitions.
func (m *hms) Partitions(ctx context.Context, t *Table, names []string) ([]*Partition, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var found []hmsPartition
	err := m.client.call(ctx, getPartitions, &found, t.Name.Schema, t.Name.Table, names)
	if is(err, noSuchObject) {
		return make([]*Partition, len(names)), nil
	}
	if err != nil {
		return nil, failed(err)
	}
	columns := t.partitionNames()
	byValues := map[string]*Partition{}
	for i := range found {
		p := found[i].partition(columns)
		byValues[valuesKey(found[i].Values)] = p
	}
	out := make([]*Partition, len(names))
	for i, name := range names {
		if values, ok := hmsValues(columns, name); ok {
			if out[i] = byValues[valuesKey(values)]; out[i] != nil {
				out[i].Name = name
			}
		}
	}
	return out, nil
}

func valuesKey(values []string) string { return strings.Join(values, "\x00") }

func (t *Table) partitionNames() []string {
	names := make([]string, len(t.PartitionColumns))
	for i, c := range t.PartitionColumns {
		names[i] = c.Name
	}
	return names
}

// hmsValues are the values of a table partition as the metastore has them: NULL is a text.
func hmsValues(columns []string, name string) ([]string, bool) {
	values, ok := PartitionValues(columns, name)
	out := make([]string, len(values))
	for i, v := range values {
		if out[i] = NullPartition; v != nil {
			out[i] = *v
		}
	}
	return out, ok
}

// AddPartitions makes table partitions, all or none.
func (m *hms) AddPartitions(ctx context.Context, t *Table, parts []*Partition) error {
	if len(parts) == 0 {
		return nil
	}
	list := make([]hmsPartition, len(parts))
	for i, p := range parts {
		list[i] = p.hms(t)
	}
	var added int32
	err := m.client.call(ctx, addPartitions, &added, list)
	switch {
	case is(err, alreadyExists):
		return trinoerr.New(trinoerr.AlreadyExists, "One or more partitions already exist for table '%s'", t.Name)
	case is(err, invalidObject) && strings.Contains(err.Error(), "doesn't exist"):
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, t.Name)
	}
	return failed(err)
}

// ReplacePartition changes a table partition.
func (m *hms) ReplacePartition(ctx context.Context, t *Table, p *Partition) error {
	return failed(m.client.call(ctx, alterPartition, nil, t.Name.Schema, t.Name.Table, p.hms(t)))
}

// DropPartition drops a table partition.
func (m *hms) DropPartition(ctx context.Context, t *Table, name string, deleteData bool) error {
	values, ok := hmsValues(t.partitionNames(), name)
	if !ok {
		return trinoerr.New(trinoerr.HivePartitionNotFound, "Partition not found: %s", name)
	}
	var dropped bool
	err := m.client.call(ctx, dropPartition, &dropped, t.Name.Schema, t.Name.Table, values, deleteData)
	if is(err, noSuchObject) {
		return trinoerr.New(trinoerr.HivePartitionNotFound, "Partition not found: %s", name)
	}
	return failed(err)
}

// PartitionsFirst does not hold: the metastore wants the table to be there.
func (m *hms) PartitionsFirst() bool { return false }

// Close closes connections.
func (m *hms) Close() error { return m.client.close() }
