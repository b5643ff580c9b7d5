package mysql

import (
	"context"
	"database/sql"
	"math"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// Statistics is what the server knows of its indexes: about how many rows there are, and how many values the first columns of indexes have.
func (Dialect) Statistics(ctx context.Context, db *sql.DB, name jdbc.Name) (connector.Statistics, error) {
	out := connector.Statistics{Rows: -1, Columns: map[string]connector.ColumnStatistics{}}
	var known float64
	err := db.QueryRowContext(ctx, "SELECT coalesce(table_rows, 0) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
		name.Schema, name.Table).Scan(&known)
	if err != nil || known == 0 { // it may just not have been counted
		return out, err
	}
	out.Rows = known
	rows, err := db.QueryContext(ctx, `SELECT column_name, max(cardinality), max(nullable = 'YES') FROM information_schema.statistics
		WHERE table_schema = ? AND table_name = ? AND seq_in_index = 1 AND sub_part IS NULL GROUP BY column_name`, name.Schema, name.Table)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		var distinct sql.NullFloat64
		var nullable bool
		if err := rows.Scan(&column, &distinct, &nullable); err != nil {
			return out, err
		}
		c := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}
		if distinct.Valid {
			c.Distinct = distinct.Float64
		}
		if !nullable {
			c.NullFraction = 0
		}
		out.Columns[column] = c
	}
	return out, rows.Err()
}
