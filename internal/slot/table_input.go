package slot

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	src, err := conn.Source(ctx, scan, splits)
	if err != nil {
		return err
	}
	if src.Batches != nil {
		return a.instance.BindBatches(ctx, name, engine.Table{Columns: scan.Columns, Source: src.Batches, Rows: a.stats.InputRows})
	}
	return a.bindFiles(ctx, name, scan.Columns, in.Types, src.Files)
}

func (a *attempt) createView(ctx context.Context, name, query string) error {
	return a.instance.Exec(ctx, "CREATE TEMP VIEW "+quoteName(name)+" AS "+query)
}

// emptySelect is a relation without rows. It has at least one column, as DuckDB wants.
func emptySelect(columns []*rpcv1.Column) string {
	var cols []string
	for _, c := range columns {
		cols = append(cols, "NULL::"+c.Type+" AS "+quoteName(c.Name))
	}
	if cols == nil {
		cols = []string{"NULL AS none"}
	}
	return "SELECT " + strings.Join(cols, ", ") + " WHERE false"
}

// fileGroup is a set of files whose columns come from the same places, so that one read_parquet reads them.
type fileGroup struct {
	mapping string // what is selected
	whole   []string
	ranges  []connector.File
	paths   []string // of ranges
}

// bindFiles makes a view over Parquet files: whole files that agree in their columns are read by one read_parquet, row
// ranges by one each.
func (a *attempt) bindFiles(ctx context.Context, name string, columns []connector.Column, duckTypes []string, files []connector.File) error {
	var groups []*fileGroup
	byMapping := map[string]*fileGroup{}
	for _, f := range files {
		path, err := a.instance.BindFile(f.Path)
		if err != nil {
			return err
		}
		m, err := fileMapping(columns, duckTypes, f.Columns)
		if err != nil {
			return err
		}
		g := byMapping[m]
		if g == nil {
			g = &fileGroup{mapping: m}
			byMapping[m] = g
			groups = append(groups, g)
		}
		if f.EndRow == 0 {
			g.whole = append(g.whole, quoteText(path))
		} else {
			g.ranges, g.paths = append(g.ranges, f), append(g.paths, quoteText(path))
		}
	}
	var selects []string
	for _, g := range groups {
		if len(g.whole) > 0 {
			selects = append(selects, "SELECT "+g.mapping+" FROM read_parquet(["+strings.Join(g.whole, ", ")+"], hive_partitioning=false)")
		}
		for i, f := range g.ranges {
			selects = append(selects, fmt.Sprintf("SELECT %s FROM read_parquet(%s, hive_partitioning=false, file_row_number=true) WHERE file_row_number >= %d AND file_row_number < %d",
				g.mapping, g.paths[i], f.FirstRow, f.EndRow))
		}
	}
	return a.createView(ctx, name, strings.Join(selects, " UNION ALL "))
}

// fileMapping is the select list that turns a file's columns into the scan's.
func fileMapping(columns []connector.Column, duckTypes []string, from []connector.FileColumn) (string, error) {
	if len(from) != len(columns) {
		return "", trinoerr.New(trinoerr.GenericInternalError, "a file maps %d columns instead of %d", len(from), len(columns))
	}
	var cols []string
	for i, c := range columns {
		value := quoteName(from[i].Name)
		if from[i].Name == "" {
			value = constantText(c.Type, from[i].Constant)
		}
		if c.Type.Kind == types.TimestampTZ { // travels as the milliseconds of its instant
			value = "epoch_ms(CAST(" + value + " AS TIMESTAMP))"
		}
		cols = append(cols, "CAST("+value+" AS "+duckTypes[i]+") AS "+quoteName(c.Name))
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
		return "from_hex(" + quoteText(hex.EncodeToString(b)) + ")"
	}
	return quoteText(types.Text(t, v))
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
