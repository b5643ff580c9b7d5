package sqlserver

import (
	"context"
	"database/sql"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// DescribeQuery asks the server what columns a query gives, without running it.
func (Dialect) DescribeQuery(ctx context.Context, db *sql.DB, query string) ([]jdbc.NativeColumn, error) {
	rows, err := db.QueryContext(ctx, `SELECT COALESCE(name, ''), TYPE_NAME(system_type_id), CAST(max_length AS int), CAST(precision AS int), CAST(scale AS int), collation_name
		FROM sys.dm_exec_describe_first_result_set(@p1, NULL, 0) WHERE is_hidden = 0 ORDER BY column_ordinal`, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []jdbc.NativeColumn
	for rows.Next() {
		var c jdbc.NativeColumn
		var collation *string
		if err := rows.Scan(&c.Name, &c.Base, &c.Length, &c.Precision, &c.Scale, &collation); err != nil {
			return nil, err
		}
		declare(&c, collation)
		list = append(list, c)
	}
	return list, rows.Err()
}
