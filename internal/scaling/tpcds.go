package scaling

import (
	"context"
	_ "embed" // the tables
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// tpcdsRows has the rows of each table at the scale factors of its first line, as the benchmark's specification states them (table 3-2).
//
//go:embed tpcds_rows.txt
var tpcdsRows string

// tpcdsColumns has a line per column, measured at scale factor 1: table, column, type, share of NULL, distinct values, bytes of
// text (-1 of others), low, high (nan for text, days of dates).
//
//go:embed tpcds_columns.txt
var tpcdsColumns string

// tpcdsTable is a table as it is measured.
type tpcdsTable struct {
	rows    map[float64]float64 // by scale factor
	columns []tpcdsColumn
}

type tpcdsColumn struct {
	connector.Column
	connector.ColumnStatistics // at scale factor 1
}

var tpcdsTables = sync.OnceValue(func() map[string]*tpcdsTable {
	all := map[string]*tpcdsTable{}
	var scales []string
	for line := range strings.Lines(tpcdsRows) {
		fields := strings.Fields(line)
		if scales == nil {
			scales = fields[1:]
			continue
		}
		t := &tpcdsTable{rows: map[float64]float64{}}
		for i := range scales {
			t.rows[number(scales[i])] = number(fields[i+1])
		}
		all[fields[0]] = t
	}
	for line := range strings.Lines(tpcdsColumns) {
		f := strings.Fields(line)
		t := all[f[0]]
		t.columns = append(t.columns, tpcdsColumn{connector.Column{Name: f[1], Type: types.MustParse(f[2])},
			connector.ColumnStatistics{NullFraction: number(f[3]), Distinct: number(f[4]), Bytes: number(f[5]), Low: number(f[6]), High: number(f[7])}})
	}
	return all
})

// number reads a number of the tables above.
func number(text string) (v float64) {
	if _, err := fmt.Sscan(text, &v); err != nil {
		panic(fmt.Sprintf("%q: %v", text, err))
	}
	return v
}

// references are the tables whose keys columns have that end like this.
var references = []struct{ suffix, table string }{
	{"_item_sk", "item"}, {"_customer_sk", "customer"}, {"_cdemo_sk", "customer_demographics"}, {"_hdemo_sk", "household_demographics"},
	{"_addr_sk", "customer_address"}, {"_address_sk", "customer_address"}, {"_store_sk", "store"}, {"_promo_sk", "promotion"},
	{"_call_center_sk", "call_center"}, {"_catalog_page_sk", "catalog_page"}, {"_web_page_sk", "web_page"}, {"_web_site_sk", "web_site"},
	{"_warehouse_sk", "warehouse"}, {"_reason_sk", "reason"}, {"ss_ticket_number", "store_sales"}, {"sr_ticket_number", "store_sales"},
	{"cs_order_number", "catalog_sales"}, {"cr_order_number", "catalog_sales"}, {"ws_order_number", "web_sales"}, {"wr_order_number", "web_sales"},
}

// TPCDS is a catalog of the tables of TPC-DS at a scale factor, in its schema "tpcds": what they look like, and nothing in them.
type TPCDS struct{ scale float64 }

// NewTPCDS returns the catalog. The benchmark defines only some scale factors.
func NewTPCDS(scale float64) (*TPCDS, error) {
	if tpcdsTables()["item"].rows[scale] == 0 {
		return nil, fmt.Errorf("TPC-DS has no scale factor %g: there are 1, 1000, 3000, 10000, 30000 and 100000", scale)
	}
	return &TPCDS{scale}, nil
}

// Schemas implements connector.Metadata.
func (c *TPCDS) Schemas(context.Context) ([]string, error) { return []string{"tpcds"}, nil }

// Tables implements connector.Metadata.
func (c *TPCDS) Tables(context.Context, string) (out []connector.TableName, err error) {
	for name := range tpcdsTables() {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: "tpcds", Table: name}})
	}
	slices.SortFunc(out, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return out, nil
}

// Table implements connector.Metadata.
func (c *TPCDS) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	t := tpcdsTables()[name.Table]
	if t == nil || name.Schema != "tpcds" {
		return nil, nil
	}
	out := &connector.Table{Name: name, Handle: json.RawMessage("{}")}
	for _, col := range t.columns {
		out.Columns = append(out.Columns, col.Column)
	}
	return out, nil
}

// Statistics implements connector.Metadata: keys grow with the tables that they are of, what is nearly as often as there are rows grows with
// these, the rest are domains and stay.
func (c *TPCDS) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	t := tpcdsTables()[scan.Table.Table]
	rows, growth := t.rows[c.scale], t.rows[c.scale]/t.rows[1]
	out := connector.Statistics{Rows: rows, Columns: map[string]connector.ColumnStatistics{}}
	for _, col := range t.columns {
		s := col.ColumnStatistics
		of := growth
		isKey := false
		for _, r := range references {
			if strings.HasSuffix(col.Name, r.suffix) {
				of, isKey = tpcdsTables()[r.table].rows[c.scale]/tpcdsTables()[r.table].rows[1], true
			}
		}
		if often := 0.2 * t.rows[1]; isKey || s.Distinct > often && col.Type.Kind != types.Decimal {
			s.Distinct = min(s.Distinct*of, rows)
			if s.High > s.Low && col.Type.Kind == types.BigInt {
				s.High = s.Low + (s.High-s.Low)*of
			}
		} else if s.Distinct > often { // no more than there are amounts
			s.Distinct = min(s.Distinct*of, (s.High-s.Low)*math.Pow10(col.Type.S))
		}
		if s.Bytes >= 0 {
			s.Bytes *= growth
		}
		out.Columns[col.Name] = s
	}
	return out, nil
}

// errNothingThere answers those who want rows.
var errNothingThere = trinoerr.New(trinoerr.NotSupported, "these tables are only described")

// Splits implements connector.Connector.
func (c *TPCDS) Splits(context.Context, connector.Scan) (connector.SplitSource, error) {
	return nil, errNothingThere
}

// Source implements connector.Connector.
func (c *TPCDS) Source(context.Context, connector.Scan, []connector.Split) (connector.Source, error) {
	return connector.Source{}, errNothingThere
}

// Close implements connector.Connector.
func (c *TPCDS) Close() error { return nil }
