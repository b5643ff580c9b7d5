package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
)

// TestReference reads tables of files, and renders every type that answers have.
func TestReference(t *testing.T) {
	dir, scratch := t.TempDir(), t.TempDir()
	writer, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: scratch})
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	for _, table := range Tables {
		files, err := writer.WriteParquet(t.Context(), `SELECT 1::INTEGER AS i, -5::BIGINT AS b, 1234.50::DECIMAL(12,2) AS d, 0.1::DOUBLE AS f,
			'é' AS s, DATE '1960-02-29' AS day, NULL::VARCHAR AS n`, filepath.Join(scratch, table), engine.ParquetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, table), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(files[0].Path, filepath.Join(dir, table, "data")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, table, ".hidden"), []byte("no Parquet"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := OpenReference(t.Context(), ReferenceConfig{Threads: 1, MemoryBytes: 64 << 20, TableDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a, took, err := r.Run(t.Context(), "SELECT *, sum(b) OVER () AS total FROM orders")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1", "-5", "1234.50", "0.1", "é", "1960-02-29", null, "-5"}
	if len(a.Rows) != 1 || strings.Join(a.Rows[0], "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", a.Rows, want)
	}
	if took <= 0 {
		t.Errorf("took %s", took)
	}
	if _, _, err := r.Run(t.Context(), "SELECT [1] AS list"); err == nil || !strings.Contains(err.Error(), "column list") {
		t.Errorf("a list: got %v", err)
	}
}

func TestReferenceWithoutFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenReference(t.Context(), ReferenceConfig{Threads: 1, MemoryBytes: 64 << 20, TableDir: filepath.Join(dir, "missing")}); err == nil {
		t.Error("a missing directory is accepted")
	}
	if err := os.Mkdir(filepath.Join(dir, "lineitem"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := OpenReference(t.Context(), ReferenceConfig{Threads: 1, MemoryBytes: 64 << 20, TableDir: dir})
	if err == nil || !strings.Contains(err.Error(), "table lineitem: no files in ") {
		t.Errorf("an empty directory: got %v", err)
	}
}
