package slot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// bindRanges makes splits readable that belong to ranges of a column's values: rows outside of their range are left out.
func (a *attempt) bindRanges(ctx context.Context, name string, conn connector.Connector, scan connector.Scan, duckTypes []string, splits []connector.Split) error {
	var files []rangeOfFiles
	var selects []string
	within := func(w *connector.Within, bind func(whole string) error) error {
		whole := fmt.Sprintf("%s_range%d", name, len(selects))
		if err := bind(whole); err != nil {
			return err
		}
		condition, err := rangeCondition(scan.Columns, w)
		selects = append(selects, "SELECT * FROM "+engine.QuoteName(whole)+" WHERE "+condition)
		return err
	}
	for len(splits) > 0 {
		w, n := splits[0].Within, 1
		for n < len(splits) && sameRange(splits[n].Within, w) {
			n++
		}
		src, err := conn.Source(connector.WithScratch(ctx, a.spooled()), scan, splits[:n])
		if err != nil {
			return err
		}
		if src.Close != nil {
			defer func() { _ = src.Close() }() // what was only read
		}
		if src.Batches == nil {
			files = addFiles(files, w, src.Files)
		} else if err := within(w, func(whole string) error {
			return a.bindBatches(ctx, whole, duckTypes, engine.Table{Columns: scan.Columns, Source: src.Batches, Rows: a.stats.InputRows})
		}); err != nil {
			return err
		}
		splits = splits[n:]
	}
	for _, f := range files {
		if err := within(&f.within, func(whole string) error { return a.bindFiles(ctx, whole, scan.Columns, duckTypes, f.files) }); err != nil {
			return err
		}
	}
	return a.createView(ctx, name, strings.Join(selects, " UNION ALL "))
}

func sameRange(a, b *connector.Within) bool {
	return a != nil && b != nil && a.Column == b.Column && sameBound(a.Low, b.Low) && sameBound(a.High, b.High)
}

func sameBound(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// rangeOfFiles is a range with the files that have rows of it.
type rangeOfFiles struct {
	within connector.Within
	files  []connector.File
}

// addFiles adds files of a range. Ranges that follow each other become one, so that rows of files which lie in both are read once.
func addFiles(ranges []rangeOfFiles, w *connector.Within, files []connector.File) []rangeOfFiles {
	if n := len(ranges); n > 0 {
		last := &ranges[n-1]
		if l := &last.within; l.Column == w.Column && l.High != nil && w.Low != nil && *l.High == *w.Low {
			l.High, l.Nulls = w.High, l.Nulls || w.Nulls
			last.files = append(last.files, files...)
			return ranges
		}
	}
	return append(ranges, rangeOfFiles{*w, slices.Clone(files)})
}

// rangeCondition is the condition that a row is in a range.
func rangeCondition(columns []connector.Column, w *connector.Within) (string, error) {
	at := slices.IndexFunc(columns, func(c connector.Column) bool { return c.Name == w.Column })
	if at < 0 {
		return "", trinoerr.New(trinoerr.GenericInternalError, "a range of column %s, which is not read", w.Column)
	}
	column := engine.QuoteName(w.Column)
	literal := func(n int64) string {
		if columns[at].Type.Kind == types.Date {
			return "DATE " + engine.QuoteText(types.Text(columns[at].Type, types.DateValue(n)))
		}
		return fmt.Sprintf("CAST(%d AS %s)", n, strings.ToUpper(columns[at].Type.String()))
	}
	var bounds []string
	if w.Low != nil {
		bounds = append(bounds, column+" >= "+literal(*w.Low))
	}
	if w.High != nil {
		bounds = append(bounds, column+" < "+literal(*w.High))
	}
	condition := strings.Join(bounds, " AND ")
	switch {
	case len(bounds) == 0 && w.Nulls:
		return "true", nil
	case len(bounds) == 0:
		return column + " IS NOT NULL", nil
	case w.Nulls:
		return "(" + condition + ") OR " + column + " IS NULL", nil
	}
	return condition, nil
}
