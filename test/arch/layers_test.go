package arch

import (
	"slices"
	"testing"
)

// layer says which packages of this module a package may import. Tests are not bound by it, but see linked_test.go.
type layer struct {
	pkg string // with /...: and those below it
	may []string
}

// Groups that layers are made of.
var (
	// ground is what everybody may import: types and errors.
	ground = []string{"internal/trinoerr", "internal/types", "internal/types/wire"}
	// messages are how processes of a cluster talk.
	messages = []string{"internal/rpc", "internal/rpc/rpcv1/..."}
)

// layers is the map of the house, from the ground up: the first line that names a package counts.
var layers = []layer{
	{"internal/trinoerr", nil},
	{"internal/types/wire", nil},
	{"internal/types", []string{"internal/trinoerr", "internal/types/wire"}},

	// The language: text to tree to plan. It reaches connectors for metadata and nothing else.
	{"internal/sql/ast", []string{"internal/trinoerr"}},
	{"internal/sql/parser", []string{"internal/trinoerr", "internal/sql/ast"}},
	{"internal/sql/format", []string{"internal/sql/ast", "internal/sql/parser"}},
	{"internal/sql/jsonpath", ground},
	{"internal/sql/sqljson", with(ground, "internal/sql/jsonpath")},
	{"internal/rowpattern", ground},
	{"internal/hivehash", nil},
	{"internal/sketch/setdigest", []string{"internal/sketch/hll", "internal/sketch/murmur3"}},
	{"internal/sketch/facts", []string{"internal/sketch/hll", "internal/trinoerr"}},
	{"internal/sketch/...", nil},
	{"internal/metrics", nil},
	{"internal/sql/functions/native/clockformat", ground},
	{"internal/sql/functions/native/formatter", nil},
	{"internal/sql/functions/native/regex", nil},
	{"internal/sql/functions/native", with(ground, "internal/hivehash", "internal/sketch/...", "internal/rowpattern", "internal/sql/functions/native/...", "internal/sql/sqljson")},
	{"internal/sql/functions", ground},
	{"internal/sql/compat/...", with(ground, "internal/sql/compat", "internal/sql/functions")},
	{"internal/sql/binder", with(ground, "internal/connector", "internal/plan", "internal/sql/ast", "internal/sql/parser", "internal/sql/format", "internal/sql/functions",
		"internal/sql/jsonpath", "internal/sql/sqljson", "internal/rowpattern")},

	// The plan and what is done with it, up to SQL for DuckDB. It knows no tasks.
	{"internal/plan", with(ground, "internal/connector", "internal/rowpattern")},
	{"internal/plan/stats", with(ground, "internal/connector", "internal/plan", "internal/sketch/facts")},
	{"internal/plan/rules", with(ground, "internal/connector", "internal/plan", "internal/plan/stats", "internal/sql/functions")},
	{"internal/plan/stages/distributedtest", nil},
	{"internal/plan/duck/ducktest", nil},
	{"internal/plan/plantest", with(ground, "internal/config", "internal/connector", "internal/connector/tpch", "internal/plan/...", "internal/sql/binder", "internal/sql/parser")},
	{"internal/plan/adaptive", with(ground, "internal/connector", "internal/plan", "internal/plan/rules", "internal/plan/stages", "internal/plan/stats", "internal/sketch/facts")},
	{"internal/plan/stages", with(ground, "internal/connector", "internal/plan", "internal/plan/stats", "internal/sketch/facts", "internal/sql/functions")},
	{"internal/plan/duck", with(ground, "internal/plan", "internal/rowpattern", "internal/sql/functions")},

	// The scheduler and the journal know nobody: stages are a graph of the scheduler's own, payloads are bytes.
	{"internal/scheduler/sim", []string{"internal/scheduler", "internal/trinoerr"}},
	{"internal/scheduler/reference", []string{"internal/scheduler"}},
	{"internal/scheduler", []string{"internal/trinoerr"}},
	{"internal/journal", nil},

	// Running and moving data: no plans, no scheduling.
	{"internal/engine", with(ground, "internal/connector", "internal/sketch/facts", "internal/sql/functions/native")},
	{"internal/exchange/store/faulty", []string{"internal/exchange/store", "internal/faultpoint"}},
	{"internal/exchange/store/multipart", []string{"internal/trinoerr", "internal/exchange/store", "internal/exchange/store/retry", "internal/exchange/store/transport"}},
	{"internal/exchange/store/transport", nil},
	{"internal/exchange/store/...", []string{"internal/trinoerr", "internal/exchange/store", "internal/exchange/store/multipart", "internal/exchange/store/transport"}},
	{"internal/exchange", []string{"internal/trinoerr", "internal/exchange/store"}},
	{"internal/filesystem", with(ground, "internal/config", "internal/exchange/store/...")},
	{"internal/connector", with(ground, "internal/config")},
	// The suite plays the engine: it plans statements and runs their tasks in slots.
	{"internal/connector/connectortest", with(ground, "internal/config", "internal/connector", "internal/exchange", "internal/exchange/store", "internal/exchange/store/local",
		"internal/plan", "internal/plan/duck", "internal/plan/rules", "internal/plan/stages", "internal/plan/stats", "internal/rpc", "internal/rpc/rpcv1/...", "internal/slot",
		"internal/sql/binder", "internal/sql/parser")},
	{"internal/connector/tablemap", with(ground, "internal/connector")},
	{"internal/connector/memory", with(ground, "internal/config", "internal/connector", "internal/connector/tablemap")},
	{"internal/connector/blackhole", with(ground, "internal/config", "internal/connector", "internal/connector/tablemap")},
	{"internal/connector/faker", with(ground, "internal/config", "internal/connector", "internal/connector/tablemap")},
	{"internal/connector/tpch/dbgen", nil},
	{"internal/connector/tpcds/dsdgen", nil},
	{"internal/connector/tpcds", with(ground, "internal/config", "internal/connector", "internal/connector/tpcds/dsdgen")},
	{"internal/connector/tpch", with(ground, "internal/config", "internal/connector", "internal/connector/tpch/dbgen")},
	{"internal/connector/delta", with(ground, "internal/config", "internal/connector", "internal/connector/delta/deltalog", "internal/connector/lake", "internal/connector/metastore",
		"internal/filesystem")},
	{"internal/connector/lake", with(ground, "internal/connector", "internal/filesystem")},
	{"internal/connector/jdbc/jdbctest", with(ground, "internal/config", "internal/connector", "internal/connector/jdbc")},
	{"internal/connector/jdbc", with(ground, "internal/config", "internal/connector")},
	{"internal/connector/jdbc/...", with(ground, "internal/config", "internal/connector", "internal/connector/jdbc", "internal/connector/jdbc/mysql", "internal/connector/jdbc/postgresql")},
	{"internal/connector/hive/lines", with(ground, "internal/connector")},
	{"internal/connector/hive", with(ground, "internal/config", "internal/connector", "internal/connector/hive/lines", "internal/connector/lake", "internal/connector/metastore", "internal/filesystem",
		"internal/hivehash")},
	{"internal/connector/iceberg", with(ground, "internal/config", "internal/connector", "internal/connector/iceberg/glue", "internal/connector/lake", "internal/connector/metastore", "internal/filesystem", "internal/sketch/theta")},
	{"internal/connector/...", with(ground, "internal/config", "internal/connector", "internal/connector/lake", "internal/connector/metastore", "internal/filesystem")},

	// The processes' insides. A worker knows no SQL and no DuckDB, a slot no plans and no other attempts.
	{"internal/config/...", with(ground, "internal/config")},
	{"internal/faultpoint", []string{"internal/trinoerr"}},
	{"internal/resourcegroups", with(ground, "internal/config", "internal/sql/functions/native/regex")},
	{"internal/rpc/rpcv1/...", []string{"internal/rpc/rpcv1"}},
	{"internal/rpc/blob", []string{"internal/faultpoint", "internal/rpc", "internal/trinoerr"}},
	{"internal/rpc/...", []string{"internal/exchange", "internal/faultpoint", "internal/rpc/rpcv1/...", "internal/trinoerr"}},
	{"internal/slot", slices.Concat(ground, messages, []string{"internal/connector", "internal/engine", "internal/exchange", "internal/exchange/store",
		"internal/faultpoint", "internal/sketch/facts"})},
	{"internal/worker", slices.Concat([]string{"internal/trinoerr", "internal/exchange/store/local", "internal/faultpoint", "internal/metrics"}, messages)},
	{"internal/protocol/protocoltest", with(ground, "internal/protocol")},
	{"internal/protocol", ground},
	{"internal/coordinator", slices.Concat(ground, messages, []string{"internal/config", "internal/connector", "internal/exchange", "internal/exchange/store",
		"internal/faultpoint", "internal/journal", "internal/metrics", "internal/plan/...", "internal/protocol", "internal/resourcegroups", "internal/rpc/blob", "internal/scheduler", "internal/sketch/facts", "internal/sql/..."})},

	// Programs that stand outside of a cluster and know it by its files, processes and HTTP alone.
	{"internal/cli/format", nil},
	{"internal/cli/client", []string{"internal/cli/format", "internal/protocol"}},
	{"internal/cli", []string{"internal/cli/client", "internal/cli/format"}},
	{"internal/systemd", nil},
	{"internal/keeper", []string{"internal/systemd"}},
	{"internal/localcluster", []string{"internal/config"}},
	{"internal/demo", []string{"internal/bench", "internal/cli/client", "internal/engine", "internal/localcluster", "internal/protocol"}},
	{"internal/bench", with(ground, "internal/cli/client", "internal/config", "internal/connector", "internal/connector/tpch", "internal/engine", "internal/exchange",
		"internal/exchange/store", "internal/filesystem", "internal/localcluster", "internal/exchange/store/transport")},

	// What plans cost at sizes that nobody has: planning and scheduling together, without processes and data.
	{"internal/scaling", with(ground, "internal/config", "internal/connector", "internal/connector/tpch", "internal/coordinator", "internal/scheduler", "internal/scheduler/sim")},

	// Only the command knows everybody.
	{"cmd/...", []string{"internal/..."}},
	{"test/...", []string{"internal/...", "test/..."}},
}

func with(group []string, more ...string) []string { return slices.Concat(group, more) }

func layerOf(path string) *layer {
	for i := range layers {
		if within(path, layers[i].pkg) {
			return &layers[i]
		}
	}
	return nil
}

func TestLayers(t *testing.T) {
	for _, p := range packages(t) {
		l := layerOf(p.path())
		if l == nil {
			t.Errorf("%s stands in no layer: add it to layers, with what it may import, and to docs/architecture.md", p.path())
			continue
		}
		for _, imp := range ours(p.Imports) {
			if !slices.ContainsFunc(l.may, func(pattern string) bool { return within(imp, pattern) }) {
				t.Errorf("%s must not import %s", p.path(), imp)
			}
		}
	}
}

// A line that names no package is a wall around nothing.
func TestLayersExist(t *testing.T) {
	for _, l := range layers {
		if !slices.ContainsFunc(packages(t), func(p *pkg) bool { return layerOf(p.path()) != nil && within(p.path(), l.pkg) }) {
			t.Errorf("the layer %s names no package", l.pkg)
		}
	}
}

// Packages are named for what they provide.
func TestNames(t *testing.T) {
	drawers := []string{"util", "utils", "common", "misc", "base", "helpers", "shared", "lib"}
	for _, p := range packages(t) {
		if slices.Contains(drawers, p.Name) {
			t.Errorf("%s: %q names a drawer, not what the package provides", p.path(), p.Name)
		}
	}
}
