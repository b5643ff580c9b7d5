package metastore

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// A file of Trino's keeps what this package does not know of when it is written again.
func TestFileKeepsUnknownMembers(t *testing.T) {
	const text = `{"writerVersion":"480","owner":"alice","tableType":"MANAGED_TABLE","dataColumns":[{"name":"a","type":"int","properties":{}}],` +
		`"partitionColumns":[],"parameters":{"numRows":"1"},"storageFormat":"PARQUET","serdeParameters":{},"columnStatistics":{"a":{"nullsCount":0}},"new":[1]}`
	dir := t.TempDir()
	file := filepath.Join(dir, "s", "t", metadataFile)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	m := OpenFile("h", "local:///m", LocalTree{Dir: dir})
	table, err := m.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"})
	if err != nil || table == nil || table.Storage.Location != "local:///m/s/t" || table.Storage.Format.Name() != "PARQUET" {
		t.Fatal(table, err)
	}
	table.Parameters["comment"] = "<x>"
	if err := m.ReplaceTable(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got["owner"] != "alice" || got["writerVersion"] != "480" || fmt.Sprint(got["new"]) != "[1]" || !strings.Contains(string(out), `"<x>"`) ||
		!strings.Contains(string(out), `"nullsCount": 0`) || got["storageFormat"] != "PARQUET" || got["externalLocation"] != nil {
		t.Errorf("got %s", out)
	}
}

func TestFileTree(t *testing.T) {
	Run(t, func(t *testing.T) (Metastore, string) {
		files := filesystem.New(filesystem.Config{Local: filesystem.Local{Enabled: true, Location: t.TempDir()}}, filesystem.Options{})
		t.Cleanup(func() { _ = files.Close() })
		return OpenFile("h", "local:///m", FileTree(files, "local:///m")), "local:///m"
	})
}

func TestFile(t *testing.T) {
	Run(t, func(t *testing.T) (Metastore, string) {
		return OpenFile("h", "local:///m", LocalTree{Dir: t.TempDir()}), "local:///m"
	})
}
