package postgresql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Schemas lists schemas.
func (Dialect) Schemas(ctx context.Context, db *sql.DB) ([]string, error) {
	return jdbc.Texts(ctx, db, `SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)' AND nspname <> 'information_schema'
		AND has_schema_privilege(oid, 'USAGE') AND nspname <> 'pg_catalog' ORDER BY nspname`)
}

// Tables lists tables of all kinds that can be read.
func (Dialect) Tables(ctx context.Context, db *sql.DB, schema string) ([]string, error) {
	return jdbc.Texts(ctx, db, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`, schema)
}

const describeTable = `SELECT c.oid, obj_description(c.oid, 'pg_class') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`

// describeColumns has a row for each column, with the parameters of its type, the type of its items if it is an array, and its place in the
// primary key.
const describeColumns = `SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, a.atttypmod, a.attnotnull, col_description(a.attrelid, a.attnum),
	CASE WHEN t.typtype = 'e' THEN 'enum' WHEN t.typtype = 'd' THEN 'domain' WHEN co.collisdeterministic = false THEN 'nondeterministic' ELSE '' END,
	coalesce(e.typname, ''), a.attndims, coalesce(array_position(k.conkey, a.attnum), 0)
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
	LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
	LEFT JOIN pg_collation co ON co.oid = a.attcollation
	LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
	WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

// Describe finds a table.
func (Dialect) Describe(ctx context.Context, db *sql.DB, name jdbc.Name) (*jdbc.Description, error) {
	var oid int64
	d := &jdbc.Description{Transactional: true}
	err := db.QueryRowContext(ctx, describeTable, name.Schema, name.Table).Scan(&oid, &d.Comment)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, describeColumns, oid)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	key := map[int]string{}
	for rows.Next() {
		var c jdbc.NativeColumn
		var modifier, dimensions, place int
		var item string
		if err := rows.Scan(&c.Name, &c.Type, &c.Base, &modifier, &c.NotNull, &c.Comment, &c.Detail, &item, &dimensions, &place); err != nil {
			return nil, err
		}
		c.Length, c.Precision, c.Scale = typeParameters(c.Base, modifier)
		if item != "" {
			c.Item = &jdbc.NativeColumn{Base: item}
			c.Item.Length, c.Item.Precision, c.Item.Scale = typeParameters(item, modifier)
			c.Precision = dimensions
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

// typeParameters reads a type's parameters from its modifier; what there is not is negative.
func typeParameters(base string, modifier int) (length, precision, scale int) {
	length, precision, scale = -1, -1, -1
	if modifier < 0 {
		return length, precision, scale
	}
	switch base {
	case "bpchar", "varchar":
		length = modifier - 4
	case "numeric":
		precision = (modifier - 4) >> 16 & 0xffff
		scale = ((modifier-4)&0x7ff ^ 1024) - 1024
	case "bit", "varbit":
		length = modifier
	default:
		precision = modifier
	}
	return length, precision, scale
}

// Code is the identity of an error of the server.
func (Dialect) Code(err error) *trinoerr.Code {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return nil
	}
	if code := codes[e.Code]; code != nil {
		return code
	}
	switch e.Code[:2] {
	case "23":
		return trinoerr.ConstraintViolation
	case "22", "42": // the data, or the statement, are at fault
		return trinoerr.JdbcNonTransientError
	}
	return nil
}

// codes are errors with an identity in Trino, by SQLSTATE.
var codes = map[string]*trinoerr.Code{
	"22003": trinoerr.NumericValueOutOfRange, "22012": trinoerr.DivisionByZero, "42501": trinoerr.PermissionDenied, "42P06": trinoerr.SchemaAlreadyExists,
	"42P07": trinoerr.TableAlreadyExists, "42P01": trinoerr.TableNotFound, "3F000": trinoerr.SchemaNotFound,
	"2BP01": trinoerr.SchemaNotEmpty, "42701": trinoerr.ColumnAlreadyExists,
}
