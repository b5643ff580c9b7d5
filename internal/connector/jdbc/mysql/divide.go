package mysql

import (
	"context"
	"database/sql"

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
	return jdbc.KeyRanges(column, low.Int64, high.Int64, n, rows, bytes), nil
}
