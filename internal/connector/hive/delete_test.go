package hive

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A DELETE that asks for whole table partitions removes these and no others; what else it asks for is refused as in Trino.
func TestDeletePartitions(t *testing.T) {
	is := func(values ...any) connector.Domain { return connector.Domain{Column: "k", Values: values} }
	null := connector.Domain{Column: "k", Values: []any{}, NullAllowed: true}
	for _, tt := range []struct {
		name       string
		constraint []connector.Domain
		can        bool
		left       string
	}{
		{"all", nil, true, ""},
		{"one", []connector.Domain{is("a")}, true, "NULL/2 b/1 b/2"},
		{"several", []connector.Domain{is("a", "b")}, true, "NULL/2"},
		{"NULL", []connector.Domain{null}, true, "a/1 b/1 b/2"},
		{"not NULL", []connector.Domain{{Column: "k"}}, true, "NULL/2"},
		{"a range", []connector.Domain{{Column: "k", Low: &connector.Bound{Value: "a"}}}, true, "NULL/2 a/1"},
		{"both columns", []connector.Domain{is("b"), {Column: "n", High: &connector.Bound{Value: int64(2)}}}, true, "NULL/2 a/1 b/2"},
		{"none", []connector.Domain{is("c")}, true, "NULL/2 a/1 b/1 b/2"},
		{"no partition column", []connector.Domain{{Column: "id", Values: []any{int64(1)}}}, false, ""},
		{"a column of doubles", []connector.Domain{{Column: "d", Values: []any{1.5}}}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t)
			def := definition("t", "id bigint, k varchar, n integer, d double", map[string]any{propPartitionedBy: []string{"k", "n", "d"}})
			if err := c.CreateTable(t.Context(), def); err != nil {
				t.Fatal(err)
			}
			handle, err := c.BeginWrite(t.Context(), describe(t, c, def.Name), false, connector.RetriesEnabled, "q1")
			if err != nil {
				t.Fatal(err)
			}
			var fragments [][]byte
			for _, p := range []string{"a/1", "b/1", "b/2", "NULL/2"} {
				k, n, _ := strings.Cut(p, "/")
				if k == "NULL" {
					k = ""
				}
				fragments = append(fragments, stage(t, c, handle, strings.ReplaceAll(p, "/", "_"), k, n, "1.5"))
			}
			if err := c.FinishWrite(t.Context(), handle, fragments); err != nil {
				t.Fatal(err)
			}
			table := describe(t, c, def.Name)
			can, err := c.CanDelete(t.Context(), table, tt.constraint)
			if err != nil || can != tt.can {
				t.Fatalf("CanDelete = %t, %v", can, err)
			}
			if !can {
				_, err := c.RowID(t.Context(), table)
				if trinoerr.CodeOf(err) != trinoerr.NotSupported || err.Error() != "Modifying Hive table rows is only supported for transactional tables" {
					t.Errorf("refused with %v", err)
				}
				return
			}
			if n, err := c.Delete(t.Context(), table, tt.constraint); err != nil || n != -1 {
				t.Fatalf("Delete = %d, %v", n, err)
			}
			if left := partitionsOf(t, c, table); left != tt.left {
				t.Errorf("partitions %q are left, want %q", left, tt.left)
			}
		})
	}
}

// partitionsOf lists the table partitions by their first two values.
func partitionsOf(t *testing.T, c *Connector, table *connector.Table) string {
	t.Helper()
	made, err := c.store.Table(t.Context(), table.Name)
	if err != nil {
		t.Fatal(err)
	}
	names, err := c.store.PartitionNames(t.Context(), made)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range names {
		parts := strings.Split(n, "/")
		k, n := strings.TrimPrefix(parts[0], "k="), strings.TrimPrefix(parts[1], "n=")
		if k == metastore.NullPartition {
			k = "NULL"
		}
		out = append(out, k+"/"+n)
	}
	return strings.Join(out, " ")
}
