// Package redshift is the connector to Amazon Redshift, which speaks PostgreSQL's protocol and, in most, its SQL of version 8.
//
// There is no Redshift to test it with: tests compare the SQL that it writes.
package redshift

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/postgresql"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Factory makes the connectors of catalogs with connector.name=redshift.
var Factory = connector.Factory{Name: "redshift", Properties: properties, New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
	return jdbc.New(ctx, cfg, properties, Dialect{})
}}

var properties = jdbc.Table("Redshift connector")

// Dialect is Redshift's. What it has in common with PostgreSQL it takes from there, but not the ways in and the parts of tables.
type Dialect struct{}

// pg is PostgreSQL's dialect.
var pg postgresql.Dialect

// Open reads the URL.
func (Dialect) Open(s *jdbc.Settings) (*sql.DB, error) {
	cfg, err := postgresql.ConnConfig("redshift", 5439, s)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"standard_conforming_strings", "bytea_output", "intervalstyle", "extra_float_digits"} {
		delete(cfg.RuntimeParams, name) // which Redshift does not have
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	return stdlib.OpenDB(*cfg), nil
}

// Code is the identity of an error of the server.
func (Dialect) Code(err error) *trinoerr.Code { return pg.Code(err) }

// Quote quotes an identifier.
func (Dialect) Quote(name string) string { return pg.Quote(name) }

// Text quotes a text, in which backslashes are escapes.
func (Dialect) Text(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(value) + "'"
}

// Literal renders a constant.
func (d Dialect) Literal(t types.Type, v any) (string, bool) {
	switch x := v.(type) {
	case string:
		if strings.ContainsRune(x, 0) || t.Kind != types.Varchar && t.Kind != types.Char {
			return "", false
		}
		return d.Text(x), true
	case []byte:
		return fmt.Sprintf("from_hex('%x')", x), true
	case types.UUIDValue:
		return "", false
	}
	return pg.Literal(t, v)
}

// OrderBy is a key of an ordering.
func (Dialect) OrderBy(sql string, descending, nullsFirst bool) string {
	return pg.OrderBy(sql, descending, nullsFirst)
}

// statements are those that Redshift writes in its own way.
var statements = map[jdbc.StatementKind]string{
	jdbc.RenameSchema:  "ALTER SCHEMA $1 RENAME TO $2",
	jdbc.CommentTable:  "COMMENT ON TABLE $1 IS $2",
	jdbc.CommentColumn: "COMMENT ON COLUMN $1.$2 IS $3",
	jdbc.UpdateFrom:    jdbc.NotThere, // primary keys are not kept, so rows cannot be told apart
	jdbc.DeleteFrom:    jdbc.NotThere,
}

// Statement gives them.
func (Dialect) Statement(kind jdbc.StatementKind) string { return statements[kind] }

// Schemas lists schemas.
func (Dialect) Schemas(ctx context.Context, db *sql.DB) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT schema_name FROM svv_all_schemas WHERE database_name = current_database() AND schema_name NOT LIKE 'pg\\\\_%' "+
		"AND schema_name NOT IN ('information_schema', 'catalog_history') ORDER BY 1")
}

// Tables lists tables and views.
func (Dialect) Tables(ctx context.Context, db *sql.DB, schema string) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT table_name FROM svv_all_tables WHERE database_name = current_database() AND schema_name = $1 ORDER BY 1", schema)
}

const describeColumns = `SELECT column_name, data_type, coalesce(character_maximum_length, -1), coalesce(numeric_precision, -1), coalesce(numeric_scale, -1), is_nullable = 'NO',
	remarks FROM svv_all_columns WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2 ORDER BY ordinal_position`

// Describe finds a table.
func (d Dialect) Describe(ctx context.Context, db *sql.DB, name jdbc.Name) (*jdbc.Description, error) {
	out := &jdbc.Description{Transactional: true}
	err := db.QueryRowContext(ctx, "SELECT remarks FROM svv_all_tables WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2",
		name.Schema, name.Table).Scan(&out.Comment)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, describeColumns, name.Schema, name.Table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c jdbc.NativeColumn
		if err := rows.Scan(&c.Name, &c.Base, &c.Length, &c.Precision, &c.Scale, &c.NotNull, &c.Comment); err != nil {
			return nil, err
		}
		c.Type = declared(&c)
		out.Columns = append(out.Columns, c)
	}
	return out, rows.Err()
}

// declared is a type with its parameters.
func declared(c *jdbc.NativeColumn) string {
	switch c.Base {
	case "character varying", "character":
		return fmt.Sprintf("%s(%d)", c.Base, c.Length)
	case "numeric":
		return fmt.Sprintf("numeric(%d, %d)", c.Precision, c.Scale)
	}
	return c.Base
}

// simple are the types without parameters.
var simple = map[string]jdbc.Mapping{
	"boolean": {Type: types.Of(types.Boolean), Compare: jdbc.Order}, "smallint": {Type: types.Of(types.SmallInt), Compare: jdbc.Order},
	"integer": {Type: types.Of(types.Integer), Compare: jdbc.Order}, "bigint": {Type: types.Of(types.BigInt), Compare: jdbc.Order},
	"real": {Type: types.Of(types.Real), Compare: jdbc.Equality}, "double precision": {Type: types.Of(types.Double), Compare: jdbc.Equality},
	"date": {Type: types.Of(types.Date), Compare: jdbc.Order}, "time without time zone": {Type: types.TimeP(6), Compare: jdbc.Order},
	"timestamp without time zone": {Type: types.TimestampP(6), Compare: jdbc.Order}, "timestamp with time zone": {Type: types.TimestampTZP(6), Compare: jdbc.Order},
}

// ReadAs says how a column is read. Collations of columns can ignore case, and the catalog tables do not tell: texts are compared again.
func (Dialect) ReadAs(c *jdbc.NativeColumn, _ *jdbc.Settings) (jdbc.Mapping, bool) {
	switch c.Base {
	case "numeric":
		return jdbc.Mapping{Type: types.DecimalOf(c.Precision, c.Scale), Compare: jdbc.Order}, c.Precision > 0 && c.Precision <= types.MaxDecimalPrecision
	case "character varying":
		return jdbc.Mapping{Type: types.VarcharN(c.Length), Compare: jdbc.Containment}, c.Length > 0
	case "character":
		return jdbc.Mapping{Type: types.CharN(c.Length), Compare: jdbc.Containment}, c.Length > 0
	}
	m, ok := simple[c.Base]
	return m, ok
}

// CastToText shows any value as text.
func (Dialect) CastToText() string { return "CAST(%s AS varchar(65535))" }

// maxVarchar is how long a text can be.
const maxVarchar = 65535

// TypeFor is the type of a new column.
func (Dialect) TypeFor(t types.Type) (string, bool) {
	switch t.Kind {
	case types.Varchar:
		return fmt.Sprintf("varchar(%d)", min(max(t.P, 1), maxVarchar)), true
	case types.Char:
		return fmt.Sprintf("char(%d)", max(t.P, 1)), t.P <= 4096
	case types.Time:
		return "time", t.P <= 6
	case types.Timestamp:
		return "timestamp", t.P <= 6
	case types.TimestampTZ:
		return "timestamptz", t.P <= 6
	case types.Varbinary, types.UUID, types.JSON, types.Array:
		return "", false
	}
	return pg.TypeFor(t)
}

// Rows decodes the rows of a query from the binary format.
func (Dialect) Rows(ctx context.Context, conn *sql.Conn, query string, columns []types.Type) (connector.BatchReader, error) {
	return pg.Rows(ctx, conn, query, columns)
}

// Function renders those functions whose results are Trino's.
func (Dialect) Function(call *connector.Call, args []string) (string, bool) {
	if call.Function == connector.OpLike { // its escapes are others
		return "", false
	}
	return pg.Function(call, args)
}

// Aggregate renders aggregate functions; averages of whole numbers are whole there.
func (Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	kind := a.Args[0].ResultType().Kind
	if a.Function == "avg" && kind != types.Double || strings.HasPrefix(a.Function, "co") || strings.HasPrefix(a.Function, "regr") {
		return "", false
	}
	return pg.Aggregate(a, args)
}
