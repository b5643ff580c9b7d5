package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// maxParts bounds how many parts a table is cut into.
const maxParts = 1000

// Divide cuts a table into ranges of its primary key, if that is a signed whole number.
func (d Dialect) Divide(ctx context.Context, db *sql.DB, name jdbc.Name, s *jdbc.Settings) ([]jdbc.Part, error) {
	described, err := d.Describe(ctx, db, name)
	if err != nil || described == nil || len(described.Key) == 0 {
		return nil, err
	}
	key := described.Key[0]
	for _, c := range described.Columns {
		if c.Name != key {
			continue
		}
		m, ok := d.ReadAs(&c, s)
		if _, integral := whole[c.Base]; !ok || !integral || m.Type.P > 0 {
			return nil, nil
		}
	}
	var bytes, rows int64
	err = db.QueryRowContext(ctx, "SELECT coalesce(data_length, 0), coalesce(table_rows, 0) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
		name.Schema, name.Table).Scan(&bytes, &rows)
	n := min((bytes+s.SplitSize-1)/s.SplitSize, maxParts)
	if err != nil || n <= 1 {
		return nil, err
	}
	var low, high sql.NullInt64
	column := d.Quote(key)
	err = db.QueryRowContext(ctx, "SELECT min("+column+"), max("+column+") FROM "+d.Quote(name.Schema)+"."+d.Quote(name.Table)).Scan(&low, &high)
	if err != nil || !low.Valid {
		return nil, err
	}
	return ranges(column, bounds(low.Int64, high.Int64, n), rows, bytes), nil
}

// bounds divides the numbers from low to high into n ranges, or fewer: where each but the first begins.
func bounds(low, high, n int64) (list []int64) {
	width := (float64(high) - float64(low) + 1) / float64(n)
	last := low
	for i := int64(1); i < n; i++ {
		at := math.Floor(float64(low) + width*float64(i))
		if at >= math.MaxInt64 {
			break
		}
		if b := int64(at); b > last && b <= high {
			list, last = append(list, b), b
		}
	}
	return list
}

// ranges are the conditions that a value lies in each of the ranges; the first and the last have no end.
func ranges(column string, bounds []int64, rows, bytes int64) (parts []jdbc.Part) {
	n := int64(len(bounds) + 1)
	for i := range n {
		where := ""
		if i > 0 {
			where = fmt.Sprintf("%s >= %d", column, bounds[i-1])
		}
		if i < n-1 {
			if where != "" {
				where += " AND "
			}
			where += fmt.Sprintf("%s < %d", column, bounds[i])
		}
		if where != "" {
			where = "(" + where + ")"
		}
		parts = append(parts, jdbc.Part{Where: where, Rows: rows / n, Bytes: bytes / n})
	}
	return parts
}
