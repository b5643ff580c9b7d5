package bench

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// ConnectorSource is a catalog whose reading is measured.
type ConnectorSource struct {
	// Catalog is its name in the cluster, and Properties its file.
	Catalog    string
	Properties map[string]string
}

// connectorSchema is where the tables of the benchmark lie.
const connectorSchema = "waterbear_bench"

// ConnectorTiming compares reading a table through the cluster with reading it barely: through the driver, or with DuckDB from files that were transferred
// just before.
type ConnectorTiming struct {
	Catalog   string `json:"catalog"`
	Connector string `json:"connector"`
	// Against is what the bare side is.
	Against string `json:"against"`
	// Read says which columns are read.
	Read string `json:"read"`
	Rows int64  `json:"rows"`
	// Bare and Waterbear have the same number of runs, by turns.
	Bare      Side `json:"bare"`
	Waterbear Side `json:"waterbear"`
	// Wrong says what went wrong; empty: nothing.
	Wrong string `json:"wrong,omitempty"`
}

// ConnectorOptions say what is measured.
type ConnectorOptions struct {
	Sources []ConnectorSource
	Scale   float64
	Runs    int
	// Threads is how many threads DuckDB has.
	Threads int
	// Cluster is that of the server, to measure its processes; nil: they are elsewhere.
	Cluster *localcluster.Cluster
	Log     io.Writer
}

// bareReader reads tables without a cluster.
type bareReader interface {
	// name says what it is.
	name() string
	// read reads columns of all rows of a table and returns how many there are.
	read(ctx context.Context, table string, columns []string) (int64, error)
	// computes says that the source could compute the maxima by itself, from which it is to be kept.
	computes() bool
	Close() error
}

// reads are the columns of lineitem that are read: all, and few of them, of which one is a text.
var reads = []struct {
	name    string
	columns []string
}{
	{"16 columns", []string{"l_orderkey", "l_partkey", "l_suppkey", "l_linenumber", "l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_returnflag", "l_linestatus",
		"l_shipdate", "l_commitdate", "l_receiptdate", "l_shipinstruct", "l_shipmode", "l_comment"}},
	{"3 columns", []string{"l_orderkey", "l_extendedprice", "l_shipmode"}},
}

// MeasureConnectors reads lineitem from each source, which is written there first unless it is there, by turns through the cluster and barely. What the
// cluster computes of the rows is a maximum of each column, and none of it by the source.
func MeasureConnectors(ctx context.Context, s *Server, o ConnectorOptions) ([]ConnectorTiming, error) {
	var out []ConnectorTiming
	for _, src := range o.Sources {
		table, err := loadConnector(ctx, s, src, o)
		if err != nil {
			return nil, fmt.Errorf("catalog %s: %w", src.Catalog, err)
		}
		bare, err := openBare(ctx, s, src, o.Threads)
		if err != nil {
			return nil, fmt.Errorf("catalog %s: %w", src.Catalog, err)
		}
		for _, r := range reads {
			t := ConnectorTiming{Catalog: src.Catalog, Connector: src.Properties["connector.name"], Read: r.name}
			if err := t.measure(ctx, s, bare, table, r.columns, o); err != nil {
				t.Wrong = err.Error()
			}
			out = append(out, t)
		}
		if err := bare.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// loadConnector writes lineitem into a source, unless it is there.
func loadConnector(ctx context.Context, s *Server, src ConnectorSource, o ConnectorOptions) (table string, err error) {
	table = "lineitem_" + strings.ReplaceAll(sourceSchema(o.Scale), ".", "_")
	schema := src.Catalog + "." + connectorSchema
	if _, err := s.column(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		return "", err
	}
	there, err := s.column(ctx, fmt.Sprintf("SHOW TABLES FROM %s LIKE '%s'", schema, strings.ReplaceAll(table, "_", "$_")+"' ESCAPE '$"))
	if err != nil || len(there) > 0 {
		return table, err
	}
	begin := time.Now()
	rows, err := s.column(ctx, fmt.Sprintf(`CREATE TABLE %s.%s AS SELECT * FROM %s."%s".lineitem`, schema, table, sourceCatalog, sourceSchema(o.Scale)))
	if err == nil && len(rows) > 0 {
		fmt.Fprintf(o.Log, "  %s: wrote %s rows in %s\n", src.Catalog, rows[0], time.Since(begin).Round(10*time.Millisecond))
	}
	return table, err
}

// measure times both sides by turns, after a run of each that does not count.
func (t *ConnectorTiming) measure(ctx context.Context, s *Server, bare bareReader, table string, columns []string, o ConnectorOptions) error {
	session := map[string]string{}
	for name, value := range s.Session {
		session[name] = value
	}
	if bare.computes() {
		session[t.Catalog+".aggregation_pushdown_enabled"] = "false"
	}
	asked := &Server{URL: s.URL, Session: session}
	sql := "SELECT count(*), max(" + strings.Join(columns, "), max(") + ") FROM " + t.Catalog + "." + connectorSchema + "." + table
	for run := range o.Runs + 1 {
		rows, u, wall, err := metered(ownMeter(), func() (int64, error) { return bare.read(ctx, table, columns) })
		if err != nil {
			return fmt.Errorf("%s: %w", bare.name(), err)
		}
		t.Rows, t.Against = rows, bare.name()
		if run > 0 {
			t.Bare.add(wall, u)
		}
		rows, u, wall, err = metered(clusterMeter(o.Cluster), func() (int64, error) {
			a, _, err := asked.Run(ctx, sql, nil)
			if err != nil {
				return 0, err
			}
			return strconv.ParseInt(a.Rows[0][0], 10, 64)
		})
		if err != nil {
			return err
		}
		if rows != t.Rows {
			return fmt.Errorf("the cluster reads %d rows, %s %d", rows, bare.name(), t.Rows)
		}
		if run > 0 {
			t.Waterbear.add(wall, u)
		}
	}
	return nil
}

// metered runs something and measures what it used.
func metered(m *meter, do func() (int64, error)) (rows int64, u spent, wall time.Duration, err error) {
	end := m.begin()
	begin := time.Now()
	rows, err = do()
	wall = time.Since(begin)
	return rows, end(), wall, err
}

// openBare opens what a source is compared with.
func openBare(ctx context.Context, s *Server, src ConnectorSource, threads int) (bareReader, error) {
	switch name := src.Properties["connector.name"]; name {
	case "postgresql", "redshift":
		return openBarePostgreSQL(ctx, src.Properties)
	case "mysql", "mariadb":
		return openBareMySQL(src.Properties)
	case "hive", "iceberg", "delta_lake":
		return openBareFiles(ctx, s, src, threads)
	default:
		return nil, fmt.Errorf("there is nothing to compare connector %q with", name)
	}
}
