package jdbc

import (
	"context"
	"database/sql"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Dialect is what a database has of its own: its driver, its catalog tables, its types, its SQL. Everything else is the base's. A dialect
// has no state; what it can do besides, it says by implementing the optional interfaces below.
//
// Names here are the database's own, in its own letters. Errors may be the driver's: the base asks Code what they are.
type Dialect interface {
	// Open makes a pool of connections. It reads the URL, and refuses with CONFIGURATION_INVALID what it does not understand, but does
	// not connect yet.
	Open(s *Settings) (*sql.DB, error)
	// Code is the identity of an error that the driver returned; nil for one that the base knows: whatever has no other is JDBC_ERROR.
	Code(err error) *trinoerr.Code

	// Quote quotes an identifier.
	Quote(name string) string
	// Text quotes a text, of any characters.
	Text(value string) string
	// Literal renders a value, in its Go representation and never nil, as the database compares it with a column that is read as a
	// type; false when it cannot. Literal of this package does the usual types.
	Literal(t types.Type, v any) (string, bool)

	// Schemas lists schemas, those of the system left out.
	Schemas(ctx context.Context, db *sql.DB) ([]string, error)
	// Tables lists tables and views of a schema; none when there is no such schema.
	Tables(ctx context.Context, db *sql.DB, schema string) ([]string, error)
	// Describe finds a table or view; nil without an error when there is none.
	Describe(ctx context.Context, db *sql.DB, name Name) (*Description, error)

	// ReadAs says how a column is read; false when its type is not supported.
	ReadAs(c *NativeColumn, s *Settings) (Mapping, bool)
	// TypeFor is the type of a new column; false when there is none.
	TypeFor(t types.Type) (string, bool)
}

// Name is the name of a table in the database.
type Name struct {
	Schema string `json:"schema"`
	Table  string `json:"table"`
}

// Description is a table as the database knows it.
type Description struct {
	Columns []NativeColumn
	Comment *string
	// Key are the columns of the primary key, in the key's order.
	Key []string
	// Transactional says that writes into the table are undone when their transaction is.
	Transactional bool
}

// NativeColumn is a column as the database describes it.
type NativeColumn struct {
	Name string
	// Type is the type as it stands in a declaration of a column, with its parameters.
	Type string
	// Base is the type's name without parameters; Length, Precision and Scale are these, or negative.
	Base                     string
	Length, Precision, Scale int
	NotNull                  bool
	Comment                  *string
	// Item describes the elements of an array.
	Item *NativeColumn
	// Detail is whatever else the dialect has to know of the type.
	Detail string
}

// Comparison says which comparisons of a column's values give in the database what they give in Trino.
type Comparison int

// The comparisons, each with those before it.
const (
	Opaque Comparison = iota - 1 // the database can do nothing with a value but give it: not count it, nor say whether it is NULL
	NotCompared
	Containment // what is equal in Trino is equal in the database, and so are others
	Equality    // = and IN
	Order       // < and the order of rows
)

// Mapping is how a column is read.
type Mapping struct {
	Type types.Type
	// Read, when not empty, is the SQL of what is read, with %s in the place of the quoted column.
	Read    string
	Compare Comparison
	// Written says that values can be written although they are not read as they are.
	Written bool
	// Sort, when not empty, is the SQL of a value that is ordered as Trino orders the column's, with %s in the place of the quoted column: for
	// columns that are not in that Order by themselves.
	Sort string
}

// Adjusted is a dialect that depends on the properties of the catalog.
type Adjusted interface {
	// With is the dialect of a catalog.
	With(s *Settings) Dialect
}

// Reader is a dialect whose driver gives values faster than as database/sql's.
type Reader interface {
	// Rows runs a query on a connection, of which it then is the only user. The columns of the result have the given types. Closing the
	// reader leaves the connection idle, or broken if that is quicker.
	Rows(ctx context.Context, conn *sql.Conn, query string, columns []types.Type) (connector.BatchReader, error)
}

// Loader is a dialect with a faster way into a table than INSERT.
type Loader interface {
	// Load appends rows, all or none, to columns of a table. After them comes one text column, which is value in all rows; its name is
	// last. Both are empty when there is no such column.
	Load(ctx context.Context, conn *sql.Conn, table Name, columns []string, batch *connector.Batch, kinds []types.Type, last, value string) error
}

// Divider is a dialect that can read a table in parts.
type Divider interface {
	// Divide cuts a table into conditions, each true of other rows and one of them of every row, of about s.SplitSize bytes each. It gives
	// the same ones for an unchanged table. None: the table is read as a whole.
	Divide(ctx context.Context, db *sql.DB, name Name, s *Settings) ([]Part, error)
}

// Part is a part of a table.
type Part struct {
	// From, when not empty, is what the rows are read from in place of the table: one of its partitions.
	From string
	// Where, when not empty, is true of its rows.
	Where string
	// Rows and Bytes are estimates; zero when unknown.
	Rows, Bytes int64
}

// Statistician is a dialect that knows what is in tables.
type Statistician interface {
	// Statistics describes a table's columns, by their names in the database; Rows is negative when nothing is known.
	Statistics(ctx context.Context, db *sql.DB, name Name) (connector.Statistics, error)
}

// Functions is a dialect that has some of Trino's functions, with the same results.
type Functions interface {
	// Function renders a call; args are rendered already. False: there is no such function, or it gives other results.
	Function(call *connector.Call, args []string) (string, bool)
	// Aggregate renders the call of an aggregate function whose result is cast to the right type afterwards.
	Aggregate(a *connector.Aggregate, args []string) (string, bool)
}

// Statements is a dialect that says something in another way than most.
type Statements interface {
	// Statement gives the SQL of a kind, with $1, $2, … for its arguments; empty: as most.
	Statement(kind StatementKind) string
}
