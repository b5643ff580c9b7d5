package postgresql

import (
	"context"
	"database/sql"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// tableRows is how many rows a table had when it was analyzed, with its partitions; -1 when it never was.
const tableRows = `WITH RECURSIVE tree AS (
		SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
		UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN tree ON tree.oid = i.inhparent)
	SELECT coalesce(CASE WHEN bool_or(c.reltuples < 0) THEN -1 ELSE sum(c.reltuples) END, -1)::float8 FROM tree JOIN pg_class c ON c.oid = tree.oid WHERE c.relkind <> 'p'`

// columnStatistics are those of columns; values are only read as far as they are numbers or dates.
const columnStatistics = `SELECT attname, null_frac::float8, n_distinct::float8, avg_width::float8,
		CASE WHEN format ~ '^(smallint|integer|bigint|numeric|real|double|date)' THEN most_common_vals::text::text[] END,
		CASE WHEN format ~ '^(smallint|integer|bigint|numeric|real|double|date)' THEN histogram_bounds::text::text[] END
	FROM (SELECT s.*, format_type(a.atttypid, a.atttypmod) AS format FROM pg_stats s
		JOIN pg_namespace n ON n.nspname = s.schemaname JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = n.oid
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
		WHERE s.schemaname = $1 AND s.tablename = $2
		AND s.inherited = (EXISTS (SELECT 1 FROM pg_stats i WHERE i.schemaname = $1 AND i.tablename = $2 AND i.attname = s.attname AND i.inherited))) AS known`

// Statistics reads what ANALYZE has found.
func (Dialect) Statistics(ctx context.Context, db *sql.DB, name jdbc.Name) (connector.Statistics, error) {
	out := connector.Statistics{Rows: -1, Columns: map[string]connector.ColumnStatistics{}}
	if err := db.QueryRowContext(ctx, tableRows, name.Schema, name.Table).Scan(&out.Rows); err != nil || out.Rows < 0 {
		return out, err
	}
	rows, err := db.QueryContext(ctx, columnStatistics, name.Schema, name.Table)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	arrays := pgtype.NewMap()
	for rows.Next() {
		var column string
		var distinct, width float64
		var common, bounds []string
		c := connector.ColumnStatistics{Low: math.NaN(), High: math.NaN()}
		if err := rows.Scan(&column, &c.NullFraction, &distinct, &width, arrays.SQLScanner(&common), arrays.SQLScanner(&bounds)); err != nil {
			return out, err
		}
		values := out.Rows * (1 - c.NullFraction)
		c.Distinct = distinct
		if distinct < 0 { // a share of the rows
			c.Distinct = -distinct * out.Rows
		}
		c.Bytes, c.DataSize = values*width, values*width
		for _, text := range append(common, bounds...) {
			v, ok := number(text)
			if !ok {
				c.Low, c.High = math.NaN(), math.NaN()
				break
			}
			if math.IsNaN(c.Low) || v < c.Low {
				c.Low = v
			}
			if math.IsNaN(c.High) || v > c.High {
				c.High = v
			}
		}
		out.Columns[column] = c
	}
	return out, rows.Err()
}

// number is a number, or a date as days.
func number(text string) (float64, bool) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	day, err := time.Parse(time.DateOnly, text)
	return math.Floor(float64(day.Unix()) / (24 * 60 * 60)), err == nil
}
