package sqlserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Schemas lists schemas.
func (Dialect) Schemas(ctx context.Context, db *sql.DB) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT name FROM sys.schemas WHERE name NOT IN ('sys', 'INFORMATION_SCHEMA') ORDER BY name")
}

// Tables lists tables and views.
func (Dialect) Tables(ctx context.Context, db *sql.DB, schema string) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT o.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE s.name = @p1 AND o.type IN ('U', 'V') ORDER BY o.name", schema)
}

// describeColumns lists the columns of a table or view with their types, those of aliases by the types that they stand for, and their places in the primary key.
const describeColumns = `SELECT c.name, TYPE_NAME(c.system_type_id), CAST(c.max_length AS int), CAST(c.precision AS int), CAST(c.scale AS int),
		CAST(CASE WHEN c.is_nullable = 1 THEN 0 ELSE 1 END AS int), c.collation_name, CAST(COALESCE(k.key_ordinal, 0) AS int)
	FROM sys.columns c
	JOIN sys.objects o ON o.object_id = c.object_id AND o.type IN ('U', 'V')
	JOIN sys.schemas s ON s.schema_id = o.schema_id
	LEFT JOIN (sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id AND i.is_primary_key = 1)
		ON i.object_id = c.object_id AND k.column_id = c.column_id
	WHERE s.name = @p1 AND o.name = @p2 ORDER BY c.column_id`

// Describe finds a table.
func (Dialect) Describe(ctx context.Context, db *sql.DB, name jdbc.Name) (*jdbc.Description, error) {
	rows, err := db.QueryContext(ctx, describeColumns, name.Schema, name.Table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	d := &jdbc.Description{Transactional: true}
	key := map[int]string{}
	for rows.Next() {
		var c jdbc.NativeColumn
		var collation *string
		var notNull, place int
		if err := rows.Scan(&c.Name, &c.Base, &c.Length, &c.Precision, &c.Scale, &notNull, &collation, &place); err != nil {
			return nil, err
		}
		c.NotNull = notNull == 1
		declare(&c, collation)
		if place > 0 {
			key[place] = c.Name
		}
		d.Columns = append(d.Columns, c)
	}
	for i := 1; i <= len(key); i++ {
		d.Key = append(d.Key, key[i])
	}
	if err := rows.Err(); err != nil || len(d.Columns) == 0 {
		return nil, err
	}
	return d, nil
}

// declare completes the description of a column, of which Length is a number of bytes, or -1 for the types without a bound.
func declare(c *jdbc.NativeColumn, collation *string) {
	if (c.Base == "nchar" || c.Base == "nvarchar") && c.Length > 0 {
		c.Length /= 2
	}
	switch c.Base {
	case "char", "varchar", "nchar", "nvarchar", "binary", "varbinary":
		length := "max"
		if c.Length > 0 {
			length = fmt.Sprint(c.Length)
		}
		c.Type = c.Base + "(" + length + ")"
	case "decimal", "numeric":
		c.Type = fmt.Sprintf("%s(%d, %d)", c.Base, c.Precision, c.Scale)
	case "time", "datetime2", "datetimeoffset":
		c.Type = fmt.Sprintf("%s(%d)", c.Base, c.Scale)
	case "float":
		c.Type = "float(53)"
	default:
		c.Type = c.Base
	}
	if collation != nil && c.Base != "text" && c.Base != "ntext" {
		c.Type += " COLLATE " + *collation
		c.Detail = *collation
	}
}

// Code is the identity of an error of the server.
func (Dialect) Code(err error) *trinoerr.Code {
	var e mssql.Error
	if !errors.As(err, &e) {
		return nil
	}
	return codes[e.Number]
}

// codes are errors with an identity in Trino, by SQL Server's number.
var codes = map[int32]*trinoerr.Code{
	208: trinoerr.TableNotFound, 3701: trinoerr.TableNotFound, 2714: trinoerr.TableAlreadyExists, 2705: trinoerr.ColumnAlreadyExists, 207: trinoerr.ColumnNotFound,
	2760: trinoerr.SchemaNotFound, 229: trinoerr.PermissionDenied, 230: trinoerr.PermissionDenied, 262: trinoerr.PermissionDenied,
	515: trinoerr.ConstraintViolation, 547: trinoerr.ConstraintViolation, 2601: trinoerr.ConstraintViolation, 2627: trinoerr.ConstraintViolation,
	220: trinoerr.NumericValueOutOfRange, 8115: trinoerr.NumericValueOutOfRange, 8134: trinoerr.DivisionByZero,
	102: trinoerr.JdbcNonTransientError, 156: trinoerr.JdbcNonTransientError, 2628: trinoerr.JdbcNonTransientError, 8152: trinoerr.JdbcNonTransientError,
}
