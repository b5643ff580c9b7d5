// Package connector is the contract between the engine and the systems that hold tables: metadata and splits on the
// coordinator, sources and sinks in the tasks.
//
// A connector knows nothing of plans, scheduling or DuckDB. Handles that travel from the coordinator to tasks are JSON, so
// that a task is plain data. What a connector cannot do it does not implement: the optional interfaces below are found
// by type assertion and a missing one answers NOT_SUPPORTED with Trino's wording. Start with Connector.
package connector

import (
	"context"
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Connector is one catalog's connection to a system that holds tables. It exists on every node of the cluster; the
// methods of Metadata and Splits are called on the coordinator, Source and the sink methods in tasks.
type Connector interface {
	Metadata

	// Splits enumerates the parts of a scan. It must be repeatable: the same scan of an unchanged table gives the
	// same splits in the same order.
	Splits(ctx context.Context, scan Scan) (SplitSource, error)

	// Source opens splits of a table for reading in a task. The columns are those of the scan, in order.
	Source(ctx context.Context, scan Scan, splits []Split) (Source, error)

	// Close releases what the connector holds. It may be called twice.
	Close() error
}

// Metadata answers what tables there are. All names are lower case.
type Metadata interface {
	// Schemas lists the schemas without information_schema, sorted.
	Schemas(ctx context.Context) ([]string, error)
	// Tables lists the tables and views of a schema, sorted; none when the schema does not exist.
	Tables(ctx context.Context, schema string) ([]TableName, error)
	// Table describes a table; nil without an error when there is none.
	Table(ctx context.Context, name SchemaTable) (*Table, error)
	// Statistics returns what is known about a table's data under a scan, for the cost-based decisions.
	Statistics(ctx context.Context, scan Scan) (Statistics, error)
}

// SchemaTable names a table inside a catalog.
type SchemaTable struct {
	Schema, Table string
}

// String returns "schema.table", as error messages show it.
func (n SchemaTable) String() string { return n.Schema + "." + n.Table }

// TableName is an entry of a listing.
type TableName struct {
	SchemaTable
	View bool
}

// Table is a table as the binder sees it.
type Table struct {
	Name    SchemaTable
	Columns []Column
	// Handle identifies the table, and its version where the connector has versions, to Splits, Source and the writers.
	Handle json.RawMessage
	// Comment and Properties are what SHOW CREATE TABLE prints; property values are string, bool, int64, float64 or []string.
	// A comment is nil when there is none, which an empty one is not.
	Comment    *string
	Properties map[string]any
	// PartitionColumns are the table partitioning columns, a subset of Columns, by name.
	PartitionColumns []string
}

// Column is a column of a table.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
	// Hidden columns ("$path") can be named but are not part of SELECT *.
	Hidden  bool
	Comment *string
	// Extra is shown by SHOW COLUMNS, for example "partition key".
	Extra string
	// Properties are those of WITH (…), of a ColumnDescriber: string, bool, int64, float64 or []string.
	Properties map[string]any `json:",omitempty"`
	// Base and Fields, in a scan of a FieldReader, say that the column is a field within the table's column Base: the positions of the
	// fields to go down, from 0. It is NULL where a row on the way is. Name then is the scan's own name for it.
	Base   string `json:",omitempty"`
	Fields []int  `json:",omitempty"`
}

// Scan is a reading of some columns of a table, with what the planner pushed into it.
type Scan struct {
	Table   SchemaTable
	Handle  json.RawMessage
	Columns []Column
	// Constraint is a conjunction of column domains that rows of interest satisfy. It is a hint for pruning: the
	// engine evaluates its filters itself, unless the connector says otherwise.
	// It stays on the coordinator: Source does not see it.
	Constraint []Domain `json:"-"`
	// Limit, when positive, is how many rows are enough, whichever they are.
	Limit int64 `json:",omitempty"`
}

// Domain restricts a column: to a list of values, or to a range whose bounds may be open (nil). Values are in the
// Go representation of package types.
type Domain struct {
	Column    string
	Values    []any // the allowed values, when not a range
	Low, High *Bound
	// NullAllowed says that NULL also satisfies the domain.
	NullAllowed bool
}

// Bound is an end of a range.
type Bound struct {
	Value     any
	Inclusive bool
}

// Split is a part of a scan that one task reads as a whole.
type Split struct {
	// Handle tells the source what to read.
	Handle json.RawMessage
	// Bytes and Rows are estimates, used for sizing tasks and progress; zero when unknown.
	Bytes, Rows int64
	// Hosts are the preferred nodes; a split can be read anywhere.
	Hosts []string `json:",omitempty"`
	// Group is the number of the range that the split is for, from 1 on, and Within the range: only its rows are to be read. See
	// Clustered.
	Group  int     `json:",omitempty"`
	Within *Within `json:",omitempty"`
}

// SplitSource enumerates splits in batches.
type SplitSource interface {
	// Next returns up to max further splits; an empty batch with a nil error is the end.
	Next(ctx context.Context, max int) ([]Split, error)
	Close() error
}

// Statistics describes the rows of a scan. A negative number is unknown.
type Statistics struct {
	Rows    float64
	Columns map[string]ColumnStatistics
}

// ColumnStatistics describes the values of a column. A negative number is unknown.
type ColumnStatistics struct {
	NullFraction float64
	Distinct     float64
	// Bytes is the size of the column's data as stored, all rows together; what a scan of it moves.
	Bytes float64
	// DataSize is the size of the values, which Bytes may have compressed; zero when unknown.
	DataSize float64
	// Low and High are the smallest and largest value as a number (dates as days), NaN when unknown.
	Low, High float64
}

// MomentarySplits is a SplitSource whose splits would be others if they were enumerated again later: those of a system without versions
// of its tables. They are taken all at once, so that a coordinator that takes over finds all of them in the journal, or none.
type MomentarySplits interface {
	SplitSource
	Momentary()
}

// Source is what a task reads: exactly one of Files and Batches is set.
type Source struct {
	Files   []File
	Batches BatchSource
	// Close, when not nil, releases what the paths of Files rest on. It is called once the files are open or given up.
	Close func() error
}

// File is a range of rows of a Parquet file that DuckDB reads by itself.
type File struct {
	// Path is a local path. A connector over remote storage fetches what the scan needs into a local file first.
	Path string
	// Location, when not empty, is what errors call the file.
	Location string
	// FirstRow and EndRow delimit the rows of the file by number, [FirstRow, EndRow); EndRow 0 means the whole file.
	FirstRow, EndRow int64
	// Rows is how many rows the whole file has; zero when that is not known.
	Rows int64
	// Physical says that columns are as a Sink was given them, in the engine's own types. Otherwise they have the types
	// that other programs give them: timestamps with time zone are plain timestamps, fields of rows bear their names.
	Physical bool
	// Layout is equal for files whose columns of a name have equal types; they can be read together.
	Layout string
	// Columns maps the scan's columns, by position, to the file.
	Columns []FileColumn
	// Deleted are the numbers of rows that are no more, ascending; they are not read.
	Deleted []int64
}

// FileColumn says where a column of the scan comes from.
type FileColumn struct {
	// Name is the column's name in the file; empty when the file does not have it: then all rows have Constant.
	Name string
	// Constant is the value of a table partitioning column, or NULL for a column that the file lacks.
	Constant any
	// RowNumber says that the value is the number of the row in the file, from 0 on: a part of a row's id.
	RowNumber bool
	// Fields are the names, in the file, of the fields to go down from the column Name.
	Fields []string
	// Parts, when not nil, say where the parts of a composite value are in the file: the fields of a row, the element of an array, the key and the
	// value of a map, each as if the value were a file. Otherwise fields of rows are found by the names that the type gives them.
	Parts []FileColumn `json:",omitempty"`
	// FractionDigits is how many digits of a second's fraction the file's timestamps have; zero when not known or when
	// there are none. Those that have more than the column's type are rounded.
	FractionDigits int
	// Shape, when not nil, says what the parts of the column's type are in the file, where fields of rows have other names than in the
	// type, or are missing.
	Shape *FileShape
}

// FileShape says how a file has a value of some type. Parts are parallel to the type's arguments: the fields of a row, the elements
// of an array, the keys and values of a map.
type FileShape struct {
	// Name is that of a field of a row.
	Name string
	// Missing says that the file does not have the field, which is NULL then.
	Missing bool
	Parts   []FileShape
}

// Part is the shape of a part; nil, which stands for what the type says, of nil and of one without parts.
func (s *FileShape) Part(i int) *FileShape {
	if s == nil || i >= len(s.Parts) {
		return nil
	}
	return &s.Parts[i]
}

// LocalFiles is a connector whose sources name files in directories of the local file system.
type LocalFiles interface {
	// LocalDirs are the directories below which all those files lie, as absolute paths without symbolic links.
	LocalDirs() []string
}

// BatchSource is a set of partitions that can be read in parallel, each as a stream of record batches.
type BatchSource interface {
	// Partitions is how many readers can be opened.
	Partitions() int
	// Open opens a partition. Only the columns listed by position in projection are wanted, in that order.
	Open(ctx context.Context, partition int, projection []int) (BatchReader, error)
}

// BatchReader streams record batches. It is used by one goroutine.
type BatchReader interface {
	// Next fills b with at most max rows and returns how many; zero is the end. The batch is empty at first, and later what the reader has made of
	// it: its memory belongs to the reader and is valid until the next call.
	Next(b *Batch, max int) (int, error)
	Close() error
}

// SchemaWriter is a connector whose schemas can be created and dropped.
type SchemaWriter interface {
	CreateSchema(ctx context.Context, name string, properties map[string]any) error
	// DropSchema drops a schema; with cascade its tables too, otherwise SCHEMA_NOT_EMPTY.
	DropSchema(ctx context.Context, name string, cascade bool) error
}

// SchemaDescriber is a connector whose schemas have properties.
type SchemaDescriber interface {
	// Schema returns the properties of a schema that exists, as SHOW CREATE SCHEMA prints them.
	Schema(ctx context.Context, name string) (map[string]any, error)
}

// TableCreator is a connector in which tables can be created and dropped.
type TableCreator interface {
	// CreateTable creates an empty table. The name is known to be free.
	CreateTable(ctx context.Context, t *Table) error
	DropTable(ctx context.Context, t *Table) error
}

// SchemaInferrer is a TableCreator that can find out the columns of a table declared without any, from its data.
type SchemaInferrer interface {
	InferColumns(ctx context.Context, properties map[string]any) ([]Column, error)
}

// TableRenamer is a connector whose tables can be renamed.
type TableRenamer interface {
	RenameTable(ctx context.Context, t *Table, to SchemaTable) error
}

// ColumnAlterer is a connector whose columns can be changed.
type ColumnAlterer interface {
	AddColumn(ctx context.Context, t *Table, c Column) error
	DropColumn(ctx context.Context, t *Table, column string) error
	RenameColumn(ctx context.Context, t *Table, column, to string) error
}

// Commenter is a connector that keeps comments.
type Commenter interface {
	// SetComment sets the comment of a table or, when column is not empty, of its column; nil removes it.
	SetComment(ctx context.Context, t *Table, column string, comment *string) error
}

// Deleter is a connector that can delete rows by metadata alone, without a task that reads them.
type Deleter interface {
	// CanDelete reports whether Delete can remove exactly the rows of a table that satisfy a constraint.
	CanDelete(ctx context.Context, t *Table, constraint []Domain) (bool, error)
	// Delete removes the rows that satisfy a constraint, all rows when there is none. It returns how many there were, or -1
	// when that is not known.
	Delete(ctx context.Context, t *Table, constraint []Domain) (int64, error)
}

// Truncater is a connector that can empty a table by metadata alone: what TRUNCATE TABLE asks for. A connector that also
// takes DELETE without a condition is a Deleter.
type Truncater interface {
	Truncate(ctx context.Context, t *Table) error
}

// PropertyDescriber lists the properties that schemas, tables and columns of the connector may have.
type PropertyDescriber interface {
	SchemaProperties() []Property
	TableProperties() []Property
}

// Property describes a schema or table property.
type Property struct {
	Name        string
	Type        types.Type // varchar, bigint, boolean, double or array(varchar)
	Default     any
	Description string
	// Check, when not nil, refuses values that are given; the error's text says why.
	Check func(value any) error
}

// RetryMode says whether a write must bear repeated attempts.
type RetryMode uint8

// Under NONE a connector is told NoRetries, under QUERY and TASK RetriesEnabled.
const (
	NoRetries RetryMode = iota
	RetriesEnabled
)

// Repeatable is a Writer whose writes bear repeated attempts of tasks and a repeated FinishWrite: then what is described at
// Writer holds. Of others, a query that may be retried refuses to write with NOT_SUPPORTED before anything has happened.
type Repeatable interface{ RepeatableWrites() }

// Writer is a connector into which rows can be written. The life of a write is
//
//	coordinator: Begin → tasks: Sink, then the file → coordinator: Finish or Abort
//
// Any number of attempts may write; only the fragments given to Finish become visible.
type Writer interface {
	// BeginWrite prepares writing into a table that exists (create is false) or that Finish will create. A connector
	// that cannot bear the retry mode refuses with NOT_SUPPORTED. queryID makes the names of files unique.
	BeginWrite(ctx context.Context, t *Table, create bool, mode RetryMode, queryID string) (json.RawMessage, error)

	// Sink opens the writing of one attempt in a task. id is unique per query, partition and attempt.
	Sink(ctx context.Context, write json.RawMessage, id string) (Sink, error)

	// FinishWrite makes the fragments of the selected attempts visible, all or nothing, and removes what other attempts
	// left. It may be called again after a failure and then finds what was done (the commit token is the query's id).
	FinishWrite(ctx context.Context, write json.RawMessage, fragments [][]byte) error

	// AbortWrite removes everything that the attempts of a write left behind.
	AbortWrite(ctx context.Context, write json.RawMessage) error
}

// Settler is a Writer that keeps, beside the rows, what tells a repeated FinishWrite that it has been done.
type Settler interface {
	// SettleWrite removes that. It is called once the end of a finished write is known for good, so that nobody calls FinishWrite again;
	// not when the coordinator dies before: Env.Abandoned then tells what can go.
	SettleWrite(ctx context.Context, write json.RawMessage) error
}

// Sink takes the rows of one attempt. The engine lets DuckDB write them as Parquet files, one per combination of the values
// of PartitionColumns, into a local directory and hands these over.
type Sink interface {
	// PartitionColumns are the columns, by name, by whose values the rows are to be split into files and which are left out
	// of the files.
	PartitionColumns() []string
	// Options are the writing options of the files, for example compression ("snappy", "zstd", "gzip").
	Options() FileOptions
	// Add takes over a finished local file: it moves or uploads it. values are those of the partition columns, rendered
	// as text, nil for NULL.
	Add(ctx context.Context, path string, values []*string, rows, bytes int64) error
	// Finish returns the fragment that describes what was written.
	Finish(ctx context.Context) ([]byte, error)
	// Abort removes what was written. It may be called at any time: once Finish has begun it does nothing, see SinkState.
	Abort(ctx context.Context) error
}

// FileOptions says how data files are written.
type FileOptions struct {
	Compression  string // a DuckDB parquet codec: "snappy" when empty
	RowGroupRows int64  // 0: the engine's default
	MaxFileBytes int64  // 0: one file per writer
	// Columns, when not nil, are the names of the columns in the files, where they differ from the table's.
	Columns []string
	// Types, when not nil, are the SQL types of the table's columns, for files that other programs read: fields of rows bear
	// the names that the types give them and timestamps with time zone are plain ones in UTC. Otherwise the files have the
	// engine's own types and only it can read them, as File.Physical.
	Types []types.Type
	// UTC says that timestamps with time zone are marked in the files as what they are, instants, and not as plain ones.
	UTC bool
	// FieldIDs, when not nil, are the numbers of Columns in the files' schemas.
	FieldIDs []FieldID
	// Computed are columns that rows are partitioned by and files do not have. Columns and Types are needed for them.
	Computed []ComputedColumn
}

// FieldID is the number of a column in the schema of a file, or of a part of one; zero for none. Parts are parallel to the type's
// arguments.
type FieldID struct {
	ID    int
	Parts []FieldID
}

// Procedures is a connector with procedures for CALL.
type Procedures interface {
	Procedures() []Procedure
}

// Procedure is what CALL can run.
type Procedure struct {
	Name      SchemaTable
	Arguments []ProcedureArgument
	// Run runs it, with a value for each argument.
	Run func(ctx context.Context, args []any) error `json:"-"`
}

// ProcedureArgument is an argument of a procedure.
type ProcedureArgument struct {
	Name     string // in upper case, as Trino has it
	Type     types.Type
	Required bool
	Default  any // for one that is not required
}

// SchemaRenamer is a SchemaWriter whose schemas can be renamed.
type SchemaRenamer interface {
	RenameSchema(ctx context.Context, name, to string) error
}

// Analyzed is a connector whose statistics are always those of the rows, so that ANALYZE has nothing to find out.
type Analyzed interface{ Analyzed() }
