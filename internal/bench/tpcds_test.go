package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTPCDS(t *testing.T) {
	from := t.TempDir()
	if _, err := TPCDS(0.5, from, ""); err == nil || !strings.Contains(err.Error(), "make tpcds-data SCALE=0.5") {
		t.Errorf("without data: %v", err)
	}
	for name, text := range map[string]string{
		"tables/item/part.parquet": "x",
		"queries/01.sql":           "SELECT 1;\n",
		"queries/72.sql":           "WHERE d3.d_date > d1.d_date + 5;\n",
		"queries/16.sql":           "SELECT 16",
	} {
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := TPCDS(0.5, from, "")
	if err != nil {
		t.Fatal(err)
	}
	if w.Schema != "tpcds_sf0_5" || len(w.Tables) != 1 || w.Tables[0] != "item" {
		t.Errorf("schema %s, tables %v", w.Schema, w.Tables)
	}
	if sql, err := w.Query(1); sql != "SELECT 1" || err != nil {
		t.Errorf("query 1: %q, %v", sql, err)
	}
	if sql, err := w.Query(72); !strings.HasSuffix(sql, "INTERVAL '5' DAY") || err != nil {
		t.Errorf("query 72: %q, %v", sql, err)
	}
	if _, err := w.Query(16); err == nil {
		t.Error("a text is adapted that is not the one that is known")
	}
	if all, err := w.ParseQueries(""); len(all) != 99 || err != nil {
		t.Errorf("%d queries, %v", len(all), err)
	}
	to := filepath.Join(t.TempDir(), "item")
	for range 2 {
		if err := link(filepath.Join(from, "tables", "item"), to); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(to, "part.parquet")); string(text) != "x" || err != nil {
		t.Errorf("linked: %q, %v", text, err)
	}
}
