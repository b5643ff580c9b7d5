//go:build e2e

package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/testbinary"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(testbinary.Main(func(path string) int {
		binary = path
		return m.Run()
	}))
}

// cluster returns the URL of the running server that WATERBEAR_URL names, or of a cluster that lives as long as the test:
// metadata is nothing for canned answers.
func cluster(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("WATERBEAR_URL"); url != "" {
		return strings.TrimSuffix(url, "/")
	}
	c, err := localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: t.TempDir(), Workers: 1, MemoryBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.URL()
}

// What the JDBC driver tells of catalogs, schemas, tables, columns and types is what it tells of a Trino 476, where
// testdata/metadata.txt was recorded with the same program.
func TestJDBCMetadata(t *testing.T) {
	url := strings.Replace(cluster(t), "http:", "jdbc:trino:", 1)
	jar := filepath.Join(clientDir(t), "trino-jdbc.jar")
	stdout, stderr, err := newStatements(t).command(t, "java", "-cp", jar, "programs/Metadata.java", url, "x")
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	want, err := os.ReadFile("testdata/metadata.txt")
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, stdout, string(want))
}
