package mysql

import (
	"context"
	"database/sql"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// DescribeQuery has the server run a query for no rows. Lengths of texts it does not tell.
func (Dialect) DescribeQuery(ctx context.Context, db *sql.DB, query string) ([]jdbc.NativeColumn, error) {
	rows, err := db.QueryContext(ctx, "SELECT * FROM ("+query+"\n) r LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	var list []jdbc.NativeColumn
	for _, k := range kinds {
		c := jdbc.NativeColumn{Name: k.Name(), Type: strings.ToLower(k.DatabaseTypeName()), Length: -1, Precision: -1, Scale: -1}
		c.Base = strings.TrimPrefix(c.Type, "unsigned ")
		if p, s, ok := k.DecimalSize(); ok {
			c.Precision, c.Scale = int(p), int(s)
		}
		if c.Base == "char" || c.Base == "enum" {
			c.Base = "varchar"
		}
		list = append(list, c)
	}
	return list, rows.Err()
}
