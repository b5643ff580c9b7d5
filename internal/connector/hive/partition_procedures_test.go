package hive

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// callOn calls a procedure on table s.t.
func callOn(t *testing.T, c *Connector, procedure, table string, args ...any) error {
	t.Helper()
	for _, p := range c.Procedures() {
		if p.Name.Table == procedure {
			all := append([]any{"S", table}, args...)
			for len(all) < len(p.Arguments) {
				all = append(all, p.Arguments[len(all)].Default)
			}
			return p.Run(t.Context(), all)
		}
	}
	t.Fatalf("there is no procedure %s", procedure)
	return nil
}

func TestPartitionProcedures(t *testing.T) {
	c, root := open(t, "hive.allow-register-partition-procedure=true")
	for _, def := range []*connector.Table{definition("t", "a varchar, k varchar, n integer", map[string]any{"format": "CSV", "partitioned_by": []string{"k"}}), definition("plain", "a varchar", nil)} {
		if def.Name.Table == "t" {
			def.Columns = slices.Delete(def.Columns, 2, 3)
		}
		if err := c.CreateTable(t.Context(), def); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(root, "elsewhere")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	k := func(v any) []any { return []any{[]any{"k"}, []any{v}} }
	for _, step := range []struct {
		procedure, table string
		args             []any
		code             *trinoerr.Code
		want             string
	}{
		{"create_empty_partition", "t", k("p"), nil, "k=p"},
		{"create_empty_partition", "t", k("p"), trinoerr.AlreadyExists, "Partition already exists"},
		{"create_empty_partition", "t", k(nil), nil, "k=__HIVE_DEFAULT_PARTITION__ k=p"},
		{"create_empty_partition", "t", []any{[]any{"x"}, []any{"p"}}, trinoerr.InvalidProcedureArgument, "Provided partition column names do not match actual partition column names: [k]"},
		{"create_empty_partition", "plain", k("p"), trinoerr.InvalidProcedureArgument, "Table is not partitioned: s.plain"},
		{"create_empty_partition", "none", k("p"), trinoerr.TableNotFound, "does not exist"},
		{"register_partition", "t", append(k("q"), "local:///elsewhere"), nil, "k=__HIVE_DEFAULT_PARTITION__ k=p k=q"},
		{"register_partition", "t", append(k("q"), "local:///elsewhere"), trinoerr.AlreadyExists, "Partition [k=q] is already registered with location local:///elsewhere"},
		{"register_partition", "t", append(k("r"), "local:///nowhere"), trinoerr.InvalidProcedureArgument, "Partition location does not exist: local:///nowhere"},
		{"register_partition", "t", append(k("r"), "s3://b/x"), trinoerr.NotSupported, "No factory for location: s3://b/x"},
		{"drop_stats", "t", nil, nil, "k=__HIVE_DEFAULT_PARTITION__ k=p k=q"},
		{"drop_stats", "t", []any{[]any{[]any{"zz"}}}, trinoerr.InvalidProcedureArgument, "No partition found for name: k=zz"},
		{"drop_stats", "plain", nil, nil, "k=__HIVE_DEFAULT_PARTITION__ k=p k=q"},
		{"unregister_partition", "t", k("p"), nil, "k=__HIVE_DEFAULT_PARTITION__ k=q"},
		{"unregister_partition", "t", k("p"), trinoerr.NotFound, "Partition 'k=p' does not exist"},
	} {
		err := callOn(t, c, step.procedure, step.table, step.args...)
		if step.code != nil {
			if err == nil || trinoerr.CodeOf(err) != step.code || !strings.Contains(err.Error(), step.want) {
				t.Errorf("%s(%v): %v, want %s", step.procedure, step.args, err, step.want)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s(%v): %v", step.procedure, step.args, err)
		}
		names, err := c.store.PartitionNames(t.Context(), definitionMeta(t, c))
		if got := strings.Join(names, " "); err != nil || got != step.want {
			t.Errorf("%s(%v): partitions %s, %v; want %s", step.procedure, step.args, got, err, step.want)
		}
	}
	table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := scanLines(t, c, table, "k", "a"); !slices.Equal(rows, []string{"q|x"}) {
		t.Errorf("rows: %q", rows)
	}
	p, err := c.partitionOf(t.Context(), definitionMeta(t, c), "k=q")
	if _, known := p.Parameters[paramRows]; err != nil || known {
		t.Errorf("statistics were not dropped: %v, %v", p.Parameters, err)
	}
	closed, _ := open(t)
	if err := callOn(t, closed, "register_partition", "t", k("q")...); err == nil || trinoerr.CodeOf(err) != trinoerr.PermissionDenied {
		t.Errorf("register_partition is not disabled: %v", err)
	}
}
