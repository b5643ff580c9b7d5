package postgresql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// leaves lists what a table's rows lie in: the table itself, or its partitions, with their sizes in bytes and pages and about how many rows
// they have. Since version 14 a range of pages is found without reading the others.
const leaves = `WITH RECURSIVE tree AS (
		SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
		UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN tree ON tree.oid = i.inhparent JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p')
	SELECT n.nspname, c.relname, pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint, current_setting('block_size')::bigint,
		current_setting('server_version_num')::int >= 140000 AND c.relkind IN ('r', 'm') AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap'),
		c.relkind <> 'f', EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhparent = c.oid)
	FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 'p' ORDER BY 1, 2`

// maxParts bounds how many parts a table is cut into.
const maxParts = 10_000

// Divide cuts a table into its partitions and these into ranges of pages.
func (d Dialect) Divide(ctx context.Context, db *sql.DB, name jdbc.Name, s *jdbc.Settings) (parts []jdbc.Part, err error) {
	rows, err := db.QueryContext(ctx, leaves, name.Schema, name.Table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var leaf jdbc.Name
		var bytes, count, page int64
		var ranged, local, parent bool
		if err := rows.Scan(&leaf.Schema, &leaf.Table, &bytes, &count, &page, &ranged, &local, &parent); err != nil {
			return nil, err
		}
		if parent { // of tables that inherit: pages of the one are not those of the others
			return nil, nil
		}
		from := ""
		if leaf != name {
			from = d.Quote(leaf.Schema) + "." + d.Quote(leaf.Table)
		}
		n := int64(1)
		if ranged && local {
			n = min(max((bytes+s.SplitSize-1)/s.SplitSize, 1), maxParts)
		}
		for i := range n {
			p := jdbc.Part{From: from, Rows: count / n, Bytes: bytes / n}
			if n > 1 {
				p.Where = pages(bytes/page, i, n)
			}
			parts = append(parts, p)
		}
	}
	return parts, rows.Err()
}

// pages is the condition that a row lies in the i-th of n ranges of a table's pages. The last has no end, for the pages that are added meanwhile.
func pages(count, i, n int64) string {
	low := fmt.Sprintf("ctid >= '(%d,0)'::tid", count*i/n)
	if i == n-1 {
		return low
	}
	return fmt.Sprintf("(%s AND ctid < '(%d,0)'::tid)", low, count*(i+1)/n)
}
