package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tables are the tables of TPC-H, the largest first.
var Tables = []string{"lineitem", "orders", "partsupp", "part", "customer", "supplier", "nation", "region"}

// Catalogs of the cluster that the benchmark works with: where the data is generated, and where it is kept.
const (
	sourceCatalog = "tpch"
	targetCatalog = "hive"
)

// SourceCatalog are the properties that the catalog tpch must have: the queries are written for the names and types of the
// specification.
func SourceCatalog() map[string]string {
	return map[string]string{"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"}
}

// SchemaOf is the schema of catalog hive that has the tables of a scale factor: tpch_sf1, tpch_sf0_1.
func SchemaOf(scale float64) string {
	return "tpch_" + strings.ReplaceAll(sourceSchema(scale), ".", "_")
}

// sourceSchema is the schema of catalog tpch.
func sourceSchema(scale float64) string { return "sf" + strconv.FormatFloat(scale, 'f', -1, 64) }

// Load creates the tables of a scale factor in catalog hive, those that are not there yet. Each is written by one
// statement and is there when that has succeeded, so an interrupted load is simply gone on with.
func Load(ctx context.Context, s *Server, scale float64, log io.Writer) error {
	if err := checkSource(ctx, s, scale); err != nil {
		return err
	}
	schema := SchemaOf(scale)
	if _, err := s.column(ctx, fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %s.%s", targetCatalog, schema)); err != nil {
		return err
	}
	there, err := s.column(ctx, fmt.Sprintf("SHOW TABLES FROM %s.%s", targetCatalog, schema))
	if err != nil {
		return err
	}
	for _, table := range Tables {
		if slices.Contains(there, table) {
			continue
		}
		begin := time.Now()
		counts, err := s.column(ctx, fmt.Sprintf(`CREATE TABLE %s.%s.%s AS SELECT * FROM %s."%s".%s`,
			targetCatalog, schema, table, sourceCatalog, sourceSchema(scale), table))
		if err != nil {
			return err
		}
		if len(counts) > 0 {
			fmt.Fprintf(log, "  loaded %s: %s rows in %s\n", table, counts[0], time.Since(begin).Round(10*time.Millisecond))
		}
	}
	return nil
}

// checkSource reports a source that does not have the names and types of the specification.
func checkSource(ctx context.Context, s *Server, scale float64) error {
	a, _, err := s.Run(ctx, fmt.Sprintf(`DESCRIBE %s."%s".orders`, sourceCatalog, sourceSchema(scale)), nil)
	if err != nil {
		return fmt.Errorf("the benchmark's data come from catalog %s: %w", sourceCatalog, err)
	}
	for _, row := range a.Rows {
		if row[0] == "o_totalprice" && strings.HasPrefix(row[1], "decimal") {
			return nil
		}
	}
	return fmt.Errorf("catalog %s needs tpch.column-naming=STANDARD and tpch.double-type-mapping=DECIMAL, for the names and types of "+
		"the specification", sourceCatalog)
}
