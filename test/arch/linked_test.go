package arch

import (
	"slices"
	"strings"
	"testing"
)

// driver is DuckDB: minutes of linking, and cgo.
const driver = "github.com/duckdb/"

// Only the engine imports the driver, tests included: everybody else runs SQL through it.
func TestOnlyEngineImportsDuckDB(t *testing.T) {
	for _, p := range packages(t) {
		if p.path() == "internal/engine" {
			continue
		}
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imp, driver) {
				t.Errorf("%s imports %s; internal/engine is the only one that does", p.path(), imp)
			}
		}
	}
}

// withDuckDB are the packages whose own code needs an embedded DuckDB. All the rest, the whole coordinator included, is
// built, linked and tested without it.
var withDuckDB = []string{"internal/engine", "internal/slot", "internal/connector/connectortest", "internal/bench", "internal/demo",
	"cmd/waterbear"}

// testsWithDuckDB are packages whose tests alone run SQL.
var testsWithDuckDB = exemptions{
	"internal/plan/duck/ducktest":          "runs what package duck writes; a package of its own so that duck's own tests stay quick",
	"internal/plan/stages/distributedtest": "runs plans in stages and in one piece",
	"internal/connector/...":               "connectors prove their sources and sinks against a real engine",
	"internal/sql/functions/...":           "the examples of functions are run",
	"test/...":                             "whole programs",
}

func TestDuckDBIsLinkedWhereNeeded(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		if slices.Contains(withDuckDB, p.path()) {
			continue
		}
		if slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, driver) }) {
			t.Errorf("%s links DuckDB", p.path())
		}
		allowed := false
		for pattern := range testsWithDuckDB {
			if within(p.path(), pattern) {
				allowed, used[pattern] = true, true
			}
		}
		if allowed {
			continue
		}
		for _, imp := range ours(p.TestImports, p.XTestImports) {
			if slices.Contains(withDuckDB, imp) {
				t.Errorf("the tests of %s import %s, which links DuckDB", p.path(), imp)
			}
		}
	}
	testsWithDuckDB.check(t, used)
}

// Other modules that stay in one place.
var fenced = []struct {
	module string
	where  []string
	why    string
}{
	{"connectrpc.com/connect", []string{"internal/rpc/...", "internal/coordinator", "internal/worker"}, "only the ends of a wire know how it works"},
	{"google.golang.org/protobuf", []string{"internal/rpc/...", "internal/exchange/store/hdfs"}, "messages are made of generated structs, or are Hadoop's"},
	{"github.com/minio/sio", []string{"internal/exchange"}, "bundles are all that is encrypted"},
	{"github.com/aws/aws-sdk-go-v2", []string{"internal/exchange/store/s3", "internal/connector/iceberg/glue", "test/servers"}, "only a driver knows its storage's SDK"},
	{"github.com/Azure/azure-sdk-for-go", []string{"internal/exchange/store/azure", "test/servers"}, "only a driver knows its storage's SDK"},
	{"cloud.google.com/go", []string{"internal/exchange/store/gcs", "internal/connector/bigquery"}, "only a driver knows its storage's SDK"},
	{"github.com/colinmarc/hdfs", []string{"internal/exchange/store/hdfs", "test/servers"}, "only a driver knows its storage's SDK"},
	{"github.com/jcmturner/gokrb5", []string{"internal/exchange/store/hdfs", "test/servers"}, "only HDFS wants Kerberos"},
	{"google.golang.org/api", []string{"internal/exchange/store/gcs", "internal/connector/bigquery"}, "only a driver knows its storage's SDK"},
	{"github.com/peterh/liner", []string{"internal/cli"}, "the only terminal"},
	{"log", nil, "log/slog, passed in"},
	{"github.com/stretchr/testify", nil, "plain comparisons, got and want in the message"},
}

func TestFences(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for _, f := range fenced {
				if imp != f.module && !strings.HasPrefix(imp, f.module+"/") || imp == "log/slog" {
					continue
				}
				if !slices.ContainsFunc(f.where, func(pattern string) bool { return within(p.path(), pattern) }) {
					t.Errorf("%s imports %s: %s", p.path(), imp, f.why)
				}
			}
		}
	}
}
