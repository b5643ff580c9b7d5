package jdbc

import (
	"context"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// statisticsKey is the key of what is known about a table.
type statisticsKey struct{ name Name }

// Statistics is what the database knows about a table. Of relations that are not tables nothing is known.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	unknown := connector.Statistics{Rows: -1}
	r, err := readRelation(scan.Handle)
	if err != nil {
		return unknown, err
	}
	d, ok := c.dialect.(Statistician)
	if !ok || r.Table == nil || r.cut() || len(r.Where) > 0 || !c.SettingsFor(ctx).Statistics {
		return unknown, nil
	}
	found, err := remembered(ctx, c, statisticsKey{*r.Table}, func(connector.Statistics) bool { return true }, func() (connector.Statistics, error) {
		s, err := d.Statistics(ctx, c.reads, *r.Table)
		return s, c.failed(err)
	})
	if err != nil || found.Rows < 0 {
		return unknown, err
	}
	out := connector.Statistics{Rows: found.Rows, Columns: map[string]connector.ColumnStatistics{}}
	for name, col := range found.Columns {
		out.Columns[strings.ToLower(name)] = col
	}
	return out, nil
}
