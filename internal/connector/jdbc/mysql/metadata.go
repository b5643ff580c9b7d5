package mysql

import (
	"context"
	"database/sql"
	"errors"

	driver "github.com/go-sql-driver/mysql"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Schemas lists databases.
func (Dialect) Schemas(ctx context.Context, db *sql.DB) ([]string, error) {
	return jdbc.Texts(ctx, db, `SELECT schema_name FROM information_schema.schemata
		WHERE lower(schema_name) NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1`)
}

// Tables lists tables and views.
func (Dialect) Tables(ctx context.Context, db *sql.DB, schema string) ([]string, error) {
	return jdbc.Texts(ctx, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1", schema)
}

const describeColumns = `SELECT c.column_name, c.column_type, c.data_type, coalesce(c.character_maximum_length, -1), coalesce(c.numeric_precision, c.datetime_precision, -1),
		coalesce(c.numeric_scale, -1), c.is_nullable = 'NO', nullif(c.column_comment, ''), coalesce(c.character_set_name, ''), coalesce(c.collation_name, ''),
		coalesce(k.ordinal_position, 0)
	FROM information_schema.columns c
	LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
		AND k.constraint_name = 'PRIMARY'
	WHERE c.table_schema = ? AND c.table_name = ? ORDER BY c.ordinal_position`

// Describe finds a table.
func (Dialect) Describe(ctx context.Context, db *sql.DB, name jdbc.Name) (*jdbc.Description, error) {
	d := &jdbc.Description{}
	var engine string
	err := db.QueryRowContext(ctx, `SELECT coalesce(engine, ''), CASE WHEN table_type = 'VIEW' THEN NULL ELSE nullif(table_comment, '') END
		FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`, name.Schema, name.Table).Scan(&engine, &d.Comment)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d.Transactional = engine == "InnoDB"
	rows, err := db.QueryContext(ctx, describeColumns, name.Schema, name.Table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	key := map[int]string{}
	for rows.Next() {
		var c jdbc.NativeColumn
		var length int64
		var charset, collation string
		var place int
		if err := rows.Scan(&c.Name, &c.Type, &c.Base, &length, &c.Precision, &c.Scale, &c.NotNull, &c.Comment, &charset, &collation, &place); err != nil {
			return nil, err
		}
		c.Length = int(length)
		c.Detail = collation
		switch {
		case charset != "":
			c.Type += " CHARACTER SET " + charset + " COLLATE " + collation
		case c.Base == "timestamp":
			c.Type += " NULL" // without it, some servers have NOT NULL and a default
		}
		if place > 0 {
			key[place] = c.Name
		}
		d.Columns = append(d.Columns, c)
	}
	for i := 1; i <= len(key); i++ {
		d.Key = append(d.Key, key[i])
	}
	return d, rows.Err()
}

// Code is the identity of an error of the server.
func (Dialect) Code(err error) *trinoerr.Code {
	var e *driver.MySQLError
	if !errors.As(err, &e) {
		return nil
	}
	return codes[e.Number]
}

// codes are errors with an identity in Trino, by MySQL's number.
var codes = map[uint16]*trinoerr.Code{
	1007: trinoerr.SchemaAlreadyExists, 1008: trinoerr.SchemaNotFound, 1049: trinoerr.SchemaNotFound,
	1050: trinoerr.TableAlreadyExists, 1051: trinoerr.TableNotFound, 1146: trinoerr.TableNotFound, 1060: trinoerr.ColumnAlreadyExists,
	1044: trinoerr.PermissionDenied, 1142: trinoerr.PermissionDenied, 1143: trinoerr.PermissionDenied, 1227: trinoerr.PermissionDenied,
	1048: trinoerr.ConstraintViolation, 1062: trinoerr.ConstraintViolation, 1364: trinoerr.ConstraintViolation, 1451: trinoerr.ConstraintViolation,
	1452: trinoerr.ConstraintViolation, 3819: trinoerr.ConstraintViolation, 4025: trinoerr.ConstraintViolation,
	1264: trinoerr.NumericValueOutOfRange, 1690: trinoerr.NumericValueOutOfRange, 1365: trinoerr.DivisionByZero,
	1054: trinoerr.JdbcNonTransientError, 1064: trinoerr.JdbcNonTransientError, 1265: trinoerr.JdbcNonTransientError, 1292: trinoerr.JdbcNonTransientError,
	1366: trinoerr.JdbcNonTransientError, 1406: trinoerr.JdbcNonTransientError,
}
