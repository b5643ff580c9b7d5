package slot

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// bindTable makes the splits of a table readable under the input's name. The view's columns have
// the names of the scan's.
func (a *attempt) bindTable(ctx context.Context, name string, in *rpcv1.TableSplits) error {
	conn := a.slot.cfg.Catalogs[in.Catalog]
	if conn == nil {
		return trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' not found on this node", in.Catalog)
	}
	var scan connector.Scan
	if err := json.Unmarshal(in.Scan, &scan); err != nil {
		return trinoerr.Wrap(err, trinoerr.SerializationError, "decode scan")
	}
	splits := make([]connector.Split, len(in.Splits))
	for i, raw := range in.Splits {
		if err := json.Unmarshal(raw, &splits[i]); err != nil {
			return trinoerr.Wrap(err, trinoerr.SerializationError, "decode split")
		}
		a.stats.InputBytes += splits[i].Bytes
		a.stats.ScannedBytes += splits[i].Bytes
		a.stats.InputRows += splits[i].Rows
	}
	if len(in.Types) != len(scan.Columns) {
		return trinoerr.New(trinoerr.GenericInternalError, "input %s has %d types for %d columns", name, len(in.Types), len(scan.Columns))
	}
	columns := make([]*rpcv1.Column, len(scan.Columns))
	for i, c := range scan.Columns {
		columns[i] = &rpcv1.Column{Name: c.Name, Type: in.Types[i]}
	}
	if len(splits) == 0 {
		return a.createView(ctx, name, emptySelect(columns))
	}
	if splits[0].Within != nil {
		return a.bindRanges(ctx, name, conn, scan, in.Types, splits)
	}
	src, err := conn.Source(connector.WithScratch(ctx, a.spooled()), scan, splits)
	if err != nil {
		return err
	}
	if src.Close != nil {
		defer func() { _ = src.Close() }() // what was only read
	}
	if src.Batches != nil {
		return a.bindBatches(ctx, name, in.Types, engine.Table{Columns: scan.Columns, Source: src.Batches, Rows: a.stats.InputRows})
	}
	return a.bindFiles(ctx, name, scan.Columns, in.Types, src.Files)
}

// bindBatches makes record batches readable. Timestamps with time zone come as the milliseconds of their instant, those of more digits as its
// microseconds.
func (a *attempt) bindBatches(ctx context.Context, name string, duckTypes []string, t engine.Table) error {
	zoned := func(c connector.Column) bool { return c.Type.Kind == types.TimestampTZ }
	if !slices.ContainsFunc(t.Columns, zoned) {
		return a.instance.BindBatches(ctx, name, t)
	}
	batches := name + "_batches"
	if err := a.instance.BindBatches(ctx, batches, t); err != nil {
		return err
	}
	cols := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		if cols[i] = engine.QuoteName(c.Name); zoned(c) {
			instant := "epoch_ms"
			if c.Type.P > 3 {
				instant = "make_timestamp"
			}
			cols[i] = "CAST(CASE WHEN " + cols[i] + " IS NOT NULL THEN row(" + instant + "(" + cols[i] + "), 'UTC') END AS " + duckTypes[i] + ") AS " + cols[i]
		}
	}
	return a.createView(ctx, name, "SELECT "+strings.Join(cols, ", ")+" FROM "+engine.QuoteName(batches))
}

func (a *attempt) createView(ctx context.Context, name, query string) error {
	return a.instance.Exec(ctx, "CREATE TEMP VIEW "+engine.QuoteName(name)+" AS "+query)
}

// emptySelect is a relation without rows. It has at least one column, as DuckDB wants.
func emptySelect(columns []*rpcv1.Column) string {
	var cols []string
	for _, c := range columns {
		cols = append(cols, "NULL::"+c.Type+" AS "+engine.QuoteName(c.Name))
	}
	if cols == nil {
		cols = []string{"NULL AS none"}
	}
	return "SELECT " + strings.Join(cols, ", ") + " WHERE false"
}

// fileGroup is a set of files whose columns come from the same places, so that one read_parquet reads those that are whole.
type fileGroup struct {
	mapping string // what is selected
	files   []connector.File
}

// bindFiles makes a view over Parquet files: whole files that agree in their columns are read by one read_parquet, rows of
// files by one for each run of rows.
func (a *attempt) bindFiles(ctx context.Context, name string, columns []connector.Column, duckTypes []string, files []connector.File) error {
	groups, err := groupFiles(columns, duckTypes, files)
	if err != nil {
		return err
	}
	var selects []string
	for _, g := range groups {
		var whole []string
		for _, f := range mergeRows(g.files) {
			path, err := a.bindFile(f.Path, cmp.Or(f.Location, f.Path))
			if err != nil {
				return err
			}
			if !apart(f) {
				whole = append(whole, path)
				continue
			}
			sql, err := a.numbered(ctx, g.mapping, path, fmt.Sprintf("%s_deleted%d", name, len(selects)), f)
			if err != nil {
				return err
			}
			selects = append(selects, sql)
		}
		if whole != nil {
			selects = append(selects, "SELECT "+g.mapping+" FROM read_parquet(["+strings.Join(whole, ", ")+"], hive_partitioning=false)")
		}
	}
	return a.createView(ctx, name, strings.Join(selects, " UNION ALL "))
}

// groupFiles groups files by what is selected of them and by their layout, because DuckDB reads files together with the column types
// of the first.
func groupFiles(columns []connector.Column, duckTypes []string, files []connector.File) (groups []*fileGroup, err error) {
	byMapping := map[string]*fileGroup{}
	for _, f := range files {
		m, err := fileMapping(columns, duckTypes, f)
		if err != nil {
			return nil, err
		}
		g := byMapping[m+f.Layout]
		if g == nil {
			g = &fileGroup{mapping: m}
			byMapping[m+f.Layout] = g
			groups = append(groups, g)
		}
		g.files = append(g.files, f)
	}
	return groups, nil
}

// bindFile opens a file for the engine and returns the quoted path under which that finds it. Errors call it by name.
func (a *attempt) bindFile(file, name string) (string, error) {
	path, err := a.instance.BindFile(file)
	if err != nil {
		return "", err
	}
	if a.files == nil {
		a.files = map[string]string{}
	}
	a.files[path] = name
	return engine.QuoteText(path), nil
}

// boundPath finds the paths under which the engine binds files.
var boundPath = regexp.MustCompile(`/proc/self/fd/\d+`)

// nameFile gives errors about the content of a table's file the file's name: the engine knows only the path that it was
// bound under, and takes what it cannot decode for a wrong argument.
func (a *attempt) nameFile(err error) error {
	var e *trinoerr.Error
	if len(a.files) == 0 || !errors.As(err, &e) {
		return err
	}
	name, ok := a.files[boundPath.FindString(e.Msg)]
	if !ok {
		return err
	}
	msg := boundPath.ReplaceAllStringFunc(e.Msg, func(p string) string {
		if name, ok := a.files[p]; ok {
			return name
		}
		return p
	})
	if e.Code.Type == trinoerr.InsufficientResources {
		return &trinoerr.Error{Code: e.Code, Msg: msg, Cause: err}
	}
	return &trinoerr.Error{Code: trinoerr.HiveBadData, Msg: "Failed to read Parquet file: " + name + ": " + msg, Cause: err}
}

// fileMapping is the select list that turns a file's columns into the scan's.
func fileMapping(columns []connector.Column, duckTypes []string, f connector.File) (string, error) {
	if len(f.Columns) != len(columns) {
		return "", trinoerr.New(trinoerr.GenericInternalError, "a file maps %d columns instead of %d", len(f.Columns), len(columns))
	}
	var cols []string
	for i, c := range columns {
		from := f.Columns[i]
		value := engine.QuoteName(from.Name)
		for _, name := range from.Fields {
			value = "struct_extract(" + value + ", " + engine.QuoteText(name) + ")"
		}
		switch {
		case from.RowNumber:
			value = rowNumberColumn
		case from.Name == "":
			value = constantText(c.Type, from.Constant)
		case !f.Physical:
			value = fromForeign(value, c.Type, from.FractionDigits, from.Shape)
		}
		cols = append(cols, "CAST("+value+" AS "+duckTypes[i]+") AS "+engine.QuoteName(c.Name))
	}
	if cols == nil {
		return "1 AS none", nil
	}
	return strings.Join(cols, ", "), nil
}

// constantText renders a value of a table partitioning column as a DuckDB literal.
func constantText(t types.Type, v any) string {
	if v == nil {
		return "NULL"
	}
	if b, ok := v.([]byte); ok {
		return "from_hex(" + engine.QuoteText(hex.EncodeToString(b)) + ")"
	}
	if z, ok := v.(types.TimestampTZValue); ok {
		return fmt.Sprintf("row(epoch_ms(CAST(%d AS BIGINT)), %s)", z.EpochMillis, engine.QuoteText(z.Zone.String()))
	}
	return engine.QuoteText(types.Text(t, v))
}
