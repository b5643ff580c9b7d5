package tpch

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestConnector runs the scripts of testdata. Each command's argument is its first key, options have values:
//
//	catalog             the input has the lines of a catalog file; later commands use that catalog
//	schemas
//	tables SCHEMA
//	columns SCHEMA.TABLE
//	stats SCHEMA.TABLE
//	splits SCHEMA.TABLE [columns=(a,b)] [limit=n] [low=n] [high=n] [values=(n,n)]
//	scan SCHEMA.TABLE   the same options; rows are printed in order, at most show=n of them
func TestConnector(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		c, err := New(connector.CatalogConfig{})
		if err != nil {
			t.Fatal(err)
		}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			out, err := run(&c, d)
			if err != nil {
				return "error: " + err.Error()
			}
			return out
		})
	})
}

func run(c **Connector, d *datadriven.TestData) (string, error) {
	ctx := context.Background()
	var name connector.SchemaTable
	if len(d.CmdArgs) > 0 {
		arg := d.CmdArgs[0].Key
		if i := strings.LastIndex(arg, "."); i >= 0 && d.Cmd != "tables" {
			name = connector.SchemaTable{Schema: arg[:i], Table: arg[i+1:]}
		} else {
			name.Schema = arg
		}
	}
	var out strings.Builder
	switch d.Cmd {
	case "catalog":
		file, err := config.ParseProperties("catalog/tpch.properties", d.Input, nil)
		if err != nil {
			return "", err
		}
		cfg := connector.CatalogConfig{File: file}
		made, err := New(cfg)
		if err != nil {
			return "", err
		}
		*c = made
		return "ok", nil
	case "schemas":
		names, err := (*c).Schemas(ctx)
		return strings.Join(names, "\n"), err
	case "tables":
		names, err := (*c).Tables(ctx, name.Schema)
		for _, n := range names {
			fmt.Fprintln(&out, n)
		}
		return out.String(), err
	}
	table, err := (*c).Table(ctx, name)
	if err != nil || table == nil {
		return "no such table", err
	}
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
	switch d.Cmd {
	case "columns":
		for _, col := range table.Columns {
			fmt.Fprintf(&out, "%s %s", col.Name, col.Type)
			if col.NotNull {
				out.WriteString(" not null")
			}
			if col.Hidden {
				out.WriteString(" hidden")
			}
			out.WriteByte('\n')
		}
		return out.String(), nil
	case "stats":
		stats, err := (*c).Statistics(ctx, scan)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "rows %.0f\n", stats.Rows)
		for _, col := range table.Columns {
			if s, ok := stats.Columns[col.Name]; ok {
				fmt.Fprintf(&out, "%s nulls=%v distinct=%.0f bytes=%.0f range=%v..%v\n", col.Name, s.NullFraction, s.Distinct, s.Bytes, s.Low, s.High)
			}
		}
		return out.String(), nil
	}
	show := options(d, table, &scan)
	splits, err := allSplits(*c, scan)
	if err != nil {
		return "", err
	}
	if d.Cmd == "splits" {
		fmt.Fprintf(&out, "%d splits\n", len(splits))
		for i, s := range splits {
			if i < 2 || i == len(splits)-1 {
				fmt.Fprintf(&out, "%s rows=%d bytes=%d\n", s.Handle, s.Rows, s.Bytes)
			}
		}
		return out.String(), nil
	}
	rows, err := scanAll(*c, scan, splits, 1000)
	for i, row := range rows {
		if i < show {
			fmt.Fprintln(&out, row)
		}
	}
	fmt.Fprintf(&out, "%d rows", len(rows))
	return out.String(), err
}

// options puts a command's options into the scan.
func options(d *datadriven.TestData, table *connector.Table, scan *connector.Scan) (show int) {
	show = math.MaxInt
	domain := connector.Domain{Column: table.Columns[0].Name}
	for _, arg := range d.CmdArgs[1:] {
		n, _ := strconv.ParseInt(arg.Vals[0], 10, 64)
		switch arg.Key {
		case "columns":
			scan.Columns = nil
			for _, want := range arg.Vals {
				for _, col := range table.Columns {
					if col.Name == want {
						scan.Columns = append(scan.Columns, col)
					}
				}
			}
		case "limit":
			scan.Limit = n
		case "show":
			show = int(n)
		case "low":
			domain.Low = &connector.Bound{Value: n, Inclusive: true}
		case "high":
			domain.High = &connector.Bound{Value: n}
		case "values":
			for _, v := range arg.Vals {
				n, _ := strconv.ParseInt(v, 10, 64)
				domain.Values = append(domain.Values, n)
			}
		}
	}
	if domain.Low != nil || domain.High != nil || domain.Values != nil {
		scan.Constraint = []connector.Domain{domain}
	}
	return show
}

func allSplits(c *Connector, scan connector.Scan) ([]connector.Split, error) {
	source, err := c.Splits(context.Background(), scan)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	var all []connector.Split
	for {
		some, err := source.Next(context.Background(), 7)
		if err != nil || len(some) == 0 {
			return all, err
		}
		all = append(all, some...)
	}
}

// scanAll reads all partitions of the splits one after the other, as a task does after the scan has travelled as JSON.
func scanAll(c *Connector, scan connector.Scan, splits []connector.Split, maxRows int) ([]string, error) {
	ctx := context.Background()
	wire, err := json.Marshal(scan)
	if err != nil {
		return nil, err
	}
	var received connector.Scan
	if err := json.Unmarshal(wire, &received); err != nil {
		return nil, err
	}
	source, err := c.Source(ctx, received, splits)
	if err != nil {
		return nil, err
	}
	projection := make([]int, len(scan.Columns))
	for i := range projection {
		projection[i] = len(projection) - 1 - i // in reverse, so that a mix-up shows
	}
	var rows []string
	for p := range source.Batches.Partitions() {
		reader, err := source.Batches.Open(ctx, p, projection)
		if err != nil {
			return nil, err
		}
		var b connector.Batch
		for {
			n, err := reader.Next(&b, maxRows)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				break
			}
			for i := range n {
				cells := make([]string, len(projection))
				for k, column := range projection {
					cells[column] = cell(scan.Columns[column].Type, &b.Columns[k], i)
				}
				rows = append(rows, strings.Join(cells, "|"))
			}
		}
		if err := reader.Close(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// cell renders a value from the slice that the contract of connector.Vector names for its type.
func cell(t types.Type, v *connector.Vector, i int) string {
	switch t.Kind {
	case types.BigInt, types.Decimal:
		return strconv.FormatInt(v.I64[i], 10)
	case types.Integer:
		return strconv.Itoa(int(v.I32[i]))
	case types.Double:
		return strconv.FormatFloat(v.F64[i], 'g', -1, 64)
	case types.Date:
		return time.Unix(int64(v.I32[i])*86400, 0).UTC().Format(time.DateOnly)
	}
	return string(v.Data[v.Offsets[i]:v.Offsets[i+1]])
}

// TestBatchSizes reads a table by batches smaller than an order and larger than what is generated at a time.
func TestBatchSizes(t *testing.T) {
	c, err := New(connector.CatalogConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lineitem", "partsupp", "nation"} {
		table, err := c.Table(context.Background(), connector.SchemaTable{Schema: "sf0.001", Table: name})
		if err != nil {
			t.Fatal(err)
		}
		scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
		splits, err := allSplits(c, scan)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		for _, size := range []int{100_000, 1, 3, 7, 100, 2048} {
			rows, err := scanAll(c, scan, splits, size)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(rows, "\n")
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s by %d rows differs from the whole", name, size)
			}
		}
	}
}

// TestBadHandles gives the connector handles that none of its own methods made.
func TestBadHandles(t *testing.T) {
	c, err := New(connector.CatalogConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, h := range []string{``, `{}`, `{"table":"nation"}`, `{"table":"nope","scale":1}`, `{"table":"nation","scale":-1}`, `{"table":"nation","scale":1e300}`} {
		scan := connector.Scan{Handle: json.RawMessage(h)}
		if _, err := c.Splits(ctx, scan); err == nil {
			t.Errorf("Splits took handle %q", h)
		}
		if _, err := c.Statistics(ctx, scan); err == nil {
			t.Errorf("Statistics took handle %q", h)
		}
		if _, err := c.Source(ctx, scan, nil); err == nil {
			t.Errorf("Source took handle %q", h)
		}
	}
	good := connector.Scan{Handle: json.RawMessage(`{"table":"nation","scale":1}`)}
	if _, err := c.Source(ctx, good, []connector.Split{{Handle: json.RawMessage(`x`)}}); err == nil {
		t.Error("Source took a bad split")
	}
	good.Columns = []connector.Column{{Name: "nope"}}
	if _, err := c.Source(ctx, good, nil); err == nil {
		t.Error("Source took a column that does not exist")
	}
	good.Columns = []connector.Column{{Name: "name"}}
	source, err := c.Source(ctx, good, []connector.Split{{Handle: json.RawMessage(`{"first":20,"count":6}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.Batches.Open(ctx, 0, []int{0}); err == nil {
		t.Error("Open took rows that do not exist")
	}
}

// FuzzScaleFactor checks that any schema name is answered and that an accepted one can be scanned or refused properly.
func FuzzScaleFactor(f *testing.F) {
	for _, s := range []string{"tiny", "sf1", "sf0.01", "sf1e-9", "sf0x1p3", "sf 1", "sf1d", "sfnan", "sf1_0", "sf", "sf1e400", "sf9e8"} {
		f.Add(s)
	}
	c, err := New(connector.CatalogConfig{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, schema string) {
		for _, name := range []string{"region", "orders", "lineitem", "partsupp", "customer"} {
			table, err := c.Table(context.Background(), connector.SchemaTable{Schema: schema, Table: name})
			if err != nil {
				t.Fatal(err)
			}
			if table == nil {
				return
			}
			scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
			if _, err := c.Statistics(context.Background(), scan); err != nil {
				t.Fatal(err)
			}
			scan.Limit = 3
			splits, err := allSplits(c, scan)
			if err != nil {
				continue
			}
			if _, err := scanAll(c, scan, splits, 100); err != nil {
				t.Fatal(err)
			}
		}
	})
}
