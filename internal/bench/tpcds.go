package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// TPCDSCount is the number of queries of TPC-DS, which count from 1.
const TPCDSCount = 99

// adaptation is a difference of a query of TPC-DS from DuckDB's text.
type adaptation struct {
	query    int
	old, new string
}

// adaptations are what the dialects differ in. DuckDB is asked the adapted texts too, so that both sides are asked the same.
var adaptations = []adaptation{
	// Dates are not compared with texts, and days are added to them as intervals.
	{16, "BETWEEN '2002-02-01'", "BETWEEN DATE '2002-02-01'"},
	{32, "BETWEEN '2000-01-27'", "BETWEEN DATE '2000-01-27'"},
	{58, "d_date = '2000-01-03'", "d_date = DATE '2000-01-03'"},
	{72, "d1.d_date + 5", "d1.d_date + INTERVAL '5' DAY"},
	{83, "('2000-06-30',", "(DATE '2000-06-30',"},
	{83, "'2000-09-27',", "DATE '2000-09-27',"},
	{83, "'2000-11-17')", "DATE '2000-11-17')"},
	{92, "BETWEEN '2000-01-27'", "BETWEEN DATE '2000-01-27'"},
	{94, "BETWEEN '1999-02-01'", "BETWEEN DATE '1999-02-01'"},
	{95, "BETWEEN '1999-02-01'", "BETWEEN DATE '1999-02-01'"},

	// Quotients and averages of decimals are decimals in one dialect and floating point numbers in the other; where more is
	// computed from them, both have to begin with the same.
	{44, "avg(ss_net_profit)", "sum(ss_net_profit) / CAST(count(ss_net_profit) AS double)"},
	{47, "avg(sum(ss_sales_price))", "avg(CAST(sum(ss_sales_price) AS double))"},
	{47, "ORDER BY sum_sales - avg_monthly_sales", "ORDER BY round(sum_sales - avg_monthly_sales, 6)"},
	{53, "avg(sum(ss_sales_price))", "avg(CAST(sum(ss_sales_price) AS double))"},
	{57, "avg(sum(cs_sales_price))", "avg(CAST(sum(cs_sales_price) AS double))"},
	{57, "ORDER BY sum_sales - avg_monthly_sales", "ORDER BY round(sum_sales - avg_monthly_sales, 6)"},
	{58, "+ws_item_rev)/3) * 100", "+CAST(ws_item_rev AS double))/3) * 100"},
	{58, "+ws_item_rev)/3 average", "+CAST(ws_item_rev AS double))/3 average"},
	{61, "cast(promotions AS decimal(15,4))", "CAST(promotions AS double)"},
	{63, "avg(sum(ss_sales_price))", "avg(CAST(sum(ss_sales_price) AS double))"},
	{66, "/w_warehouse_sq_ft", "/CAST(w_warehouse_sq_ft AS double)"},
	{75, "/CAST(prev_yr.sales_cnt AS DECIMAL(17,2))", "/CAST(prev_yr.sales_cnt AS double)"},
	{83, "item_qty*1.0000)", "item_qty*CAST(1 AS double))"},
	{89, "avg(sum(ss_sales_price))", "avg(CAST(sum(ss_sales_price) AS double))"},
	{89, "ORDER BY sum_sales - avg_monthly_sales", "ORDER BY round(sum_sales - avg_monthly_sales, 6)"},
}

// adapt returns the text of a query in the dialect that both sides understand.
func adapt(query int, text string) (string, error) {
	sql := strings.TrimRight(text, "; \n")
	for _, a := range adaptations {
		if a.query != query {
			continue
		}
		if !strings.Contains(sql, a.old) {
			return "", fmt.Errorf("there is no %q in the text", a.old)
		}
		sql = strings.ReplaceAll(sql, a.old, a.new)
	}
	return sql, nil
}

// TPCDSQuery reads a query from a directory that test/tpcds/generate.py has made.
func TPCDSQuery(from string, number int) (string, error) {
	text, err := os.ReadFile(filepath.Join(from, "queries", fmt.Sprintf("%02d.sql", number)))
	if err != nil {
		return "", err
	}
	sql, err := adapt(number, string(text))
	if err != nil {
		return "", fmt.Errorf("TPC-DS query %d: %w", number, err)
	}
	return sql, nil
}

// TPCDS is TPC-DS. Files and queries come from a directory that test/tpcds/generate.py has made, and are linked into hiveDir,
// the directory of catalog hive: neither this program nor DuckDB as it is built in generates them.
func TPCDS(scale float64, from, hiveDir string) (*Workload, error) {
	entries, err := os.ReadDir(filepath.Join(from, "tables"))
	if err != nil {
		number := strconv.FormatFloat(scale, 'f', -1, 64)
		return nil, fmt.Errorf("%w: `make tpcds-data SCALE=%s` makes the tables and queries in .cache/tpcds/sf%[2]s", err, number)
	}
	w := &Workload{Name: "TPC-DS", Scale: scale, Count: TPCDSCount, Schema: strings.Replace(SchemaOf(scale), "tpch", "tpcds", 1),
		Query: func(n int) (string, error) { return TPCDSQuery(from, n) }}
	for _, e := range entries {
		w.Tables = append(w.Tables, e.Name())
	}
	w.Dir = filepath.Join("files", w.Schema)
	w.Load = func(ctx context.Context, s *Server, log io.Writer) error { return w.adopt(ctx, s, from, hiveDir, log) }
	return w, nil
}

// adopt makes tables of the files, in place.
func (w *Workload) adopt(ctx context.Context, s *Server, from, hiveDir string, log io.Writer) error {
	if _, err := s.column(ctx, fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %s.%s", targetCatalog, w.Schema)); err != nil {
		return err
	}
	there, err := s.column(ctx, fmt.Sprintf("SHOW TABLES FROM %s.%s", targetCatalog, w.Schema))
	if err != nil {
		return err
	}
	for _, table := range w.Tables {
		if slices.Contains(there, table) {
			continue
		}
		if err := link(filepath.Join(from, "tables", table), filepath.Join(hiveDir, w.Dir, table)); err != nil {
			return err
		}
		if _, err := s.column(ctx, fmt.Sprintf("CREATE TABLE %s.%s.%s WITH (external_location = 'local:///%s/%[3]s')", targetCatalog, w.Schema, table,
			filepath.ToSlash(w.Dir))); err != nil {
			return err
		}
		fmt.Fprintf(log, "  took over %s\n", table)
	}
	return nil
}

// link links the files of a directory into another one, and copies those that cannot be linked.
func link(from, to string) error {
	files, err := dataFiles(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		target := filepath.Join(to, filepath.Base(f))
		if err := os.Link(f, target); err == nil || errors.Is(err, os.ErrExist) {
			continue
		}
		if err := copyFile(f, target); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return writeFile(to, in)
}

func writeFile(to string, r io.Reader) error {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return errors.Join(err, out.Close())
}
