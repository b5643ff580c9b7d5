package blackhole

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestProperties(t *testing.T) {
	tests := []struct {
		name  string
		props map[string]any
		want  string
	}{
		{"none", nil, ""},
		{"all", map[string]any{"split_count": int64(1), "pages_per_split": int64(2), "rows_per_page": int64(3)}, ""},
		{"one of three", map[string]any{"split_count": int64(1)},
			"All properties [split_count, pages_per_split, rows_per_page] must be set if any are set"},
		{"negative", map[string]any{"split_count": int64(-1)}, "split_count property is negative"},
		{"negative length", map[string]any{"field_length": int64(-1)}, "field_length property is negative"},
		{"delay", map[string]any{"page_processing_delay": "2 parsecs"}, "page_processing_delay property: Unknown time unit: parsecs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if _, err := rowsOf(tt.props); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A table gives splits × pages × rows, in batches that the engine's size limits.
func TestRows(t *testing.T) {
	c, err := New(connector.CatalogConfig{Catalog: "blackhole"})
	if err != nil {
		t.Fatal(err)
	}
	name := connector.SchemaTable{Schema: "default", Table: "t"}
	def := &connector.Table{Name: name,
		Columns:    []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}, {Name: "b", Type: types.VarcharN(3)}},
		Properties: map[string]any{"split_count": int64(2), "pages_per_split": int64(3), "rows_per_page": int64(5), "page_processing_delay": "1ms"}}
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	table, err := c.Table(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	scan := connector.Scan{Table: name, Handle: table.Handle, Columns: table.Columns}
	list, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	splits, err := list.Next(t.Context(), 10)
	if err != nil || len(splits) != 2 || splits[0].Rows != 15 {
		t.Fatalf("splits are %v, %v", splits, err)
	}
	src, err := c.Source(t.Context(), scan, splits)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for p := range src.Batches.Partitions() {
		r, err := src.Batches.Open(t.Context(), p, []int{1})
		if err != nil {
			t.Fatal(err)
		}
		var b connector.Batch
		for {
			n, err := r.Next(&b, 4)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			if n > 4 || len(b.Columns) != 1 || string(b.Columns[0].Data[:3]) != "***" || b.Columns[0].Offsets[n] != uint32(3*n) {
				t.Fatalf("batch of %d rows: %+v", n, b)
			}
			rows += n
		}
	}
	if rows != 30 {
		t.Errorf("%d rows, want 30", rows)
	}
}

func TestUnsupportedType(t *testing.T) {
	c, _ := New(connector.CatalogConfig{})
	_, err := c.Source(t.Context(), connector.Scan{Handle: []byte("{}"), Columns: []connector.Column{{Name: "a", Type: types.CharN(4)}}}, nil)
	if err == nil || err.Error() != "Unsupported type [char(4)]" {
		t.Errorf("got %v", err)
	}
}
