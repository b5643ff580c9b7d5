// Package metastore keeps the metadata of schemas, tables and table partitions as Hive does: in files laid out as Trino's file
// metastore lays them out, or in a Hive metastore that is spoken to over Thrift.
//
// It knows nothing of the data: locations are texts to it, and what a table's files have in them is the business of the connectors
// that use it. Start with Metastore.
package metastore

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Metastore keeps metadata. What does not exist is nil without an error where something is asked for, and an error with Trino's name
// where something is to be changed. Names are in lower case.
type Metastore interface {
	// Databases lists the schemas, sorted.
	Databases(ctx context.Context) ([]string, error)
	// Database describes a schema; nil when there is none. Its location is always set.
	Database(ctx context.Context, name string) (*Database, error)
	CreateDatabase(ctx context.Context, d *Database) error
	// DropDatabase drops a schema without tables; its directory goes only when it is empty.
	DropDatabase(ctx context.Context, name string) error

	// Tables lists the tables and views of a schema, sorted; none when there is no such schema.
	Tables(ctx context.Context, schema string) ([]connector.TableName, error)
	// Table describes a table or view; nil when there is none.
	Table(ctx context.Context, name connector.SchemaTable) (*Table, error)
	// CreateTable makes a table visible. What it says of its storage may be changed by the metastore.
	CreateTable(ctx context.Context, t *Table) error
	// ReplaceTable changes all of a table but its name. Statistics of its columns stay.
	ReplaceTable(ctx context.Context, t *Table) error
	// RenameTable gives a table another name, which is free. The data of a managed one moves along where the metastore sees to it.
	RenameTable(ctx context.Context, name, to connector.SchemaTable) error
	// DropTable drops a table or view, with its data if that is to be deleted.
	DropTable(ctx context.Context, name connector.SchemaTable, deleteData bool) error

	// PartitionNames lists the table partitions, "k=v/l=w", sorted.
	PartitionNames(ctx context.Context, t *Table) ([]string, error)
	// Partitions describes table partitions, in the order of the names; nil for those that there are not.
	Partitions(ctx context.Context, t *Table, names []string) ([]*Partition, error)
	// AddPartitions makes table partitions. Those that exist are an error: ALREADY_EXISTS.
	AddPartitions(ctx context.Context, t *Table, parts []*Partition) error
	// ReplacePartition changes a table partition. Statistics of its columns stay.
	ReplacePartition(ctx context.Context, t *Table, p *Partition) error
	// DropPartition drops a table partition; with its data if that is to be deleted.
	DropPartition(ctx context.Context, t *Table, name string, deleteData bool) error

	// Statistics are those of a table's columns, by name, or of its partitions', parallel to their names; nil where there are none.
	Statistics(ctx context.Context, t *Table, partitions []string) ([]map[string]ColumnStatistics, error)
	// SetStatistics replaces the statistics of the columns of a table, or of a partition of it. Nil forgets them.
	SetStatistics(ctx context.Context, t *Table, partition string, columns map[string]ColumnStatistics) error

	// PartitionsFirst reports whether table partitions can be made before their table, so that a new table appears with all of them.
	PartitionsFirst() bool
	// Close releases connections.
	Close() error
}

// Database is a schema.
type Database struct {
	Name, Location, Owner string
	Comment               *string
	Parameters            map[string]string
}

// Table is a table or view.
type Table struct {
	Name  connector.SchemaTable `json:"name"`
	Owner string                `json:"owner,omitempty"`
	// Type is one of ManagedTable, ExternalTable and VirtualView, or something that other programs have.
	Type string `json:"type"`
	// Columns are those in files.
	Columns          []Column          `json:"columns"`
	PartitionColumns []Column          `json:"partitions,omitempty"`
	Parameters       map[string]string `json:"parameters"`
	Storage          Storage           `json:"storage"`
	// The texts of a view.
	ViewOriginalText *string `json:"viewOriginalText,omitempty"`
	ViewExpandedText *string `json:"viewExpandedText,omitempty"`

	kept any // what the metastore knows besides, for writing it back
}

// Column is a column, with Hive's name of its type.
type Column struct {
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Comment    *string           `json:"comment,omitempty"`
	Properties map[string]string `json:"properties"`
}

// Storage says where the rows of a table or table partition lie, and in which form.
type Storage struct {
	Format          Format            `json:"format"`
	Location        string            `json:"location,omitempty"`
	Bucketing       *Bucketing        `json:"bucketing,omitempty"`
	SerdeParameters map[string]string `json:"serdeParameters,omitempty"`
}

// Bucketing says how rows are divided among files.
type Bucketing struct {
	Columns  []string     `json:"columns"`
	Version  int          `json:"version"` // 1, or 2 from Hive 3 on
	Count    int          `json:"count"`
	SortedBy []SortColumn `json:"sortedBy,omitempty"`
}

// SortColumn is a column by which the rows of a bucket are sorted.
type SortColumn struct {
	Name       string `json:"name"`
	Descending bool   `json:"descending,omitempty"`
}

// Partition is a table partition.
type Partition struct {
	// Name is "k=v/l=w", see PartitionName.
	Name       string
	Columns    []Column
	Parameters map[string]string
	Storage    Storage

	kept any
}

// Types of tables.
const (
	ManagedTable  = "MANAGED_TABLE"
	ExternalTable = "EXTERNAL_TABLE"
	VirtualView   = "VIRTUAL_VIEW"
)

// Join appends names to a location.
func Join(location string, names ...string) string {
	for len(location) > 0 && location[len(location)-1] == '/' {
		location = location[:len(location)-1]
	}
	for _, n := range names {
		location += "/" + n
	}
	return location
}
