package clickhouse

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Schemas lists databases.
func (Dialect) Schemas(ctx context.Context, db *sql.DB) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT name FROM system.databases WHERE lower(name) NOT IN ('system', 'information_schema') ORDER BY name")
}

// Tables lists tables and views.
func (Dialect) Tables(ctx context.Context, db *sql.DB, schema string) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT name FROM system.tables WHERE database = ? ORDER BY name", schema)
}

// movable are the engines of tables whose parts can be moved from one into another like it. Parts of replicated tables are moved in steps.
var movable = map[string]bool{"MergeTree": true, "ReplacingMergeTree": true, "SummingMergeTree": true, "AggregatingMergeTree": true, "CollapsingMergeTree": true,
	"VersionedCollapsingMergeTree": true}

// Describe finds a table.
func (Dialect) Describe(ctx context.Context, db *sql.DB, name jdbc.Name) (*jdbc.Description, error) {
	d := &jdbc.Description{}
	var engine, comment string
	var followers uint64
	err := db.QueryRowContext(ctx, "SELECT engine, comment, length(dependencies_table) FROM system.tables WHERE database = ? AND name = ?", name.Schema, name.Table).
		Scan(&engine, &comment, &followers)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d.Comment = optional(comment)
	d.Transactional = movable[engine] && followers == 0 // views that follow a table see INSERT only
	rows, err := db.QueryContext(ctx, "SELECT name, type, comment FROM system.columns WHERE database = ? AND table = ? ORDER BY position", name.Schema, name.Table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c jdbc.NativeColumn
		var native, comment string
		if err := rows.Scan(&c.Name, &native, &comment); err != nil {
			return nil, err
		}
		declare(&c, native)
		c.Comment = optional(comment)
		d.Columns = append(d.Columns, c)
	}
	return d, rows.Err()
}

// optional is a text that is there unless it is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Statistics is how many rows a table has.
func (Dialect) Statistics(ctx context.Context, db *sql.DB, name jdbc.Name) (connector.Statistics, error) {
	out := connector.Statistics{Rows: -1, Columns: map[string]connector.ColumnStatistics{}}
	var rows *uint64
	err := db.QueryRowContext(ctx, "SELECT total_rows FROM system.tables WHERE database = ? AND name = ?", name.Schema, name.Table).Scan(&rows)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err != nil || rows == nil {
		return out, err
	}
	out.Rows = float64(*rows)
	sizes, err := db.QueryContext(ctx, "SELECT name, type, data_uncompressed_bytes FROM system.columns WHERE database = ? AND table = ?", name.Schema, name.Table)
	if err != nil {
		return out, err
	}
	defer sizes.Close()
	for sizes.Next() {
		var column, native string
		var bytes uint64
		if err := sizes.Scan(&column, &native, &bytes); err != nil {
			return out, err
		}
		c := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}
		if !strings.Contains(native, "Nullable") {
			c.NullFraction = 0
		}
		if bytes > 0 && strings.Contains(native, "String") {
			c.Bytes = float64(bytes)
		}
		out.Columns[column] = c
	}
	return out, sizes.Err()
}

// DescribeQuery asks the server what columns a query gives, without running it.
func (Dialect) DescribeQuery(ctx context.Context, db *sql.DB, query string) ([]jdbc.NativeColumn, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, type FROM (DESCRIBE TABLE ("+query+"\n))")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []jdbc.NativeColumn
	for rows.Next() {
		var c jdbc.NativeColumn
		var native string
		if err := rows.Scan(&c.Name, &native); err != nil {
			return nil, err
		}
		declare(&c, native)
		list = append(list, c)
	}
	return list, rows.Err()
}

// Code is the identity of an error of the server.
func (Dialect) Code(err error) *trinoerr.Code {
	var e *driver.Exception
	if !errors.As(err, &e) {
		return nil
	}
	return codes[e.Code]
}

// codes are errors with an identity in Trino, by ClickHouse's number.
var codes = map[int32]*trinoerr.Code{
	60: trinoerr.TableNotFound, 57: trinoerr.TableAlreadyExists, 81: trinoerr.SchemaNotFound, 82: trinoerr.SchemaAlreadyExists, 15: trinoerr.ColumnAlreadyExists,
	497: trinoerr.PermissionDenied, 349: trinoerr.ConstraintViolation, 469: trinoerr.ConstraintViolation,
	69: trinoerr.NumericValueOutOfRange, 321: trinoerr.NumericValueOutOfRange, 407: trinoerr.NumericValueOutOfRange, 153: trinoerr.DivisionByZero,
	6: trinoerr.JdbcNonTransientError, 27: trinoerr.JdbcNonTransientError, 36: trinoerr.JdbcNonTransientError, 43: trinoerr.JdbcNonTransientError,
	47: trinoerr.JdbcNonTransientError, 53: trinoerr.JdbcNonTransientError, 62: trinoerr.JdbcNonTransientError, 70: trinoerr.JdbcNonTransientError,
}

// Like is the statement that makes an empty table of the same structure.
func (Dialect) Like(table, like string) string { return "CREATE TABLE " + table + " AS " + like }

// Moves are statements that move a table's partitions into another one, each at once.
func (d Dialect) Moves(ctx context.Context, db *sql.DB, from, to jdbc.Name) ([]string, error) {
	ids, err := jdbc.Texts(ctx, db, "SELECT DISTINCT partition_id FROM system.parts WHERE database = ? AND table = ? AND active ORDER BY partition_id", from.Schema, from.Table)
	var list []string
	for _, id := range ids {
		list = append(list, "ALTER TABLE "+d.Quote(from.Schema)+"."+d.Quote(from.Table)+" MOVE PARTITION ID "+d.Text(id)+" TO TABLE "+d.Quote(to.Schema)+"."+d.Quote(to.Table))
	}
	return list, err
}
