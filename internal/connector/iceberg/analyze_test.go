package iceberg

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sketch/theta"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// gathered is the sketch of some values.
func gathered(t *testing.T, values ...string) connector.GatheredStatistics {
	t.Helper()
	s, err := theta.New()
	must(t, err)
	for _, v := range values {
		must(t, s.Add([]byte(v)))
	}
	raw, err := s.Bytes()
	must(t, err)
	return connector.GatheredStatistics{Values: int64(len(values)), Sketch: raw}
}

// distinct is what the optimizer is told of a column; -1 is unknown.
func distinct(ctx context.Context, t *testing.T, c *Connector, column string) float64 {
	t.Helper()
	tbl := tableOf(t, c)
	stats, err := c.Statistics(ctx, connector.Scan{Table: tbl.Name, Handle: tbl.Handle, Columns: tbl.Columns})
	must(t, err)
	return stats.Columns[column].Distinct
}

// ANALYZE is remembered by snapshot, column by column, until it is dropped.
func TestAnalyze(t *testing.T) {
	c := catalogOf(t, "iceberg.remove-orphan-files.min-retention=0s\n", nil)
	ctx := t.Context()
	must(t, c.CreateTable(ctx, definitionOf(nil)))
	analyze := func(properties map[string]any, columns ...connector.GatheredStatistics) {
		t.Helper()
		a, err := c.Analysis(ctx, tableOf(t, c), properties)
		must(t, err)
		must(t, c.StoreStatistics(ctx, a.Handle, []connector.GroupStatistics{{Rows: 3, Columns: columns}}))
	}
	expect := func(id, name float64) {
		t.Helper()
		if a, b := distinct(ctx, t, c, "id"), distinct(ctx, t, c, "name"); a != id || b != name {
			t.Errorf("distinct values %v and %v, want %v and %v", a, b, id, name)
		}
	}
	analyze(nil, gathered(t), gathered(t)) // of an empty table
	expect(-1, -1)
	insert(t, c, "q1", row(1, "a"), row(2, "b"), row(3, "a"))
	expect(-1, -1)
	analyze(nil, gathered(t, "1", "2", "3"), gathered(t, "a", "b", "a"))
	expect(3, 2)
	analyze(map[string]any{argColumns: []string{"name"}}, gathered(t, "a"))
	expect(3, 1) // that of the other column stayed
	insert(t, c, "q2", row(4, "d"))
	expect(3, 1) // what was known before is better than nothing
	analyze(map[string]any{argColumns: []string{"id"}}, gathered(t, "1", "2", "3", "4"))
	expect(4, 1)

	var before int
	tbl, err := c.load(ctx, tableName)
	must(t, err)
	for f := range tbl.Metadata().Statistics() {
		before++
		if f.FileFooterSizeInBytes <= 0 || f.FileFooterSizeInBytes >= f.FileSizeInBytes {
			t.Errorf("the footer has %d bytes of %d", f.FileFooterSizeInBytes, f.FileSizeInBytes)
		}
	}
	if before != 2 {
		t.Errorf("statistics of %d snapshots, want 2", before)
	}
	// The files that the metadata names are not orphans.
	must(t, c.removeOrphanFiles(ctx, tableOf(t, c), map[string]any{argRetention: "0s"}, nil))
	analyze(map[string]any{argColumns: []string{"name"}}, gathered(t, "a", "b", "d"))
	expect(4, 3)
	must(t, c.dropExtendedStats(ctx, tableOf(t, c), nil, nil))
	expect(-1, -1)
}

// What cannot be analyzed is refused.
func TestAnalyzeRefused(t *testing.T) {
	c := catalogOf(t, "", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	for _, x := range []struct {
		columns []string
		want    *trinoerr.Code
	}{{[]string{}, trinoerr.InvalidAnalyzeProperty}, {[]string{"id", "nonsense"}, trinoerr.InvalidAnalyzeProperty}} {
		if _, err := c.Analysis(t.Context(), tableOf(t, c), map[string]any{argColumns: x.columns}); !failedWith(err, x.want) {
			t.Errorf("%v gives %v", x.columns, err)
		}
	}
	off := connector.WithSession(t.Context(), func() *connector.Session {
		return &connector.Session{Properties: map[string]string{"ice.extended_statistics_enabled": "false"}}
	})
	if _, err := c.Analysis(off, tableOf(t, c), nil); !failedWith(err, trinoerr.NotSupported) {
		t.Errorf("what is switched off gives %v", err)
	}
	if err := c.dropExtendedStats(off, tableOf(t, c), nil, nil); !failedWith(err, trinoerr.NotSupported) {
		t.Errorf("what is switched off gives %v", err)
	}
	insert(t, c, "q1", row(1, "a"))
	a, err := c.Analysis(t.Context(), tableOf(t, c), nil)
	must(t, err)
	must(t, c.StoreStatistics(t.Context(), a.Handle, []connector.GroupStatistics{{Rows: 1, Columns: []connector.GatheredStatistics{gathered(t, "1"), gathered(t, "a")}}}))
	if n := distinct(off, t, c, "id"); n != -1 {
		t.Errorf("the optimizer is told of %v distinct values", n)
	}
}
