package postgresql

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// typeOf describes a type by its number and modifier.
const typeOf = `SELECT format_type(t.oid, $2::int), t.typname, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE '' END, coalesce(e.typname, '')
	FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' WHERE t.oid = $1::oid`

// DescribeQuery has the server prepare a query, and does not run it.
func (Dialect) DescribeQuery(ctx context.Context, db *sql.DB, query string) ([]jdbc.NativeColumn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() // a broken one is not used again
	var fields []pgconn.FieldDescription
	err = onConnection(conn, func(c *pgx.Conn) error {
		described, err := c.PgConn().Prepare(ctx, "", "SELECT * FROM ("+query+"\n) r", nil)
		if err == nil {
			fields = append(fields, described.Fields...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var list []jdbc.NativeColumn
	for _, f := range fields {
		c := jdbc.NativeColumn{Name: f.Name}
		var item string
		if err := conn.QueryRowContext(ctx, typeOf, f.DataTypeOID, f.TypeModifier).Scan(&c.Type, &c.Base, &c.Detail, &item); err != nil {
			return nil, err
		}
		c.Length, c.Precision, c.Scale = typeParameters(c.Base, int(f.TypeModifier))
		if item != "" {
			c.Item = &jdbc.NativeColumn{Base: item}
			c.Item.Length, c.Item.Precision, c.Item.Scale = typeParameters(item, int(f.TypeModifier))
			c.Precision = 1 // what an array of the query has is not known; of more dimensions, reading fails
		}
		list = append(list, c)
	}
	return list, nil
}
