package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSchemeOfDirectories25448 gives the manager `hdfs` base directories with other schemes: each is in the storage of its scheme,
// not in the default file system of the manager, as in Trino's issue 25448.
func TestSchemeOfDirectories25448(t *testing.T) {
	for dir, storage := range map[string]func(x *Exchange) bool{
		"gs://bucket/a":   func(x *Exchange) bool { return x.GCS != nil },
		"s3://bucket/a":   func(x *Exchange) bool { return x.S3 != nil },
		"hdfs://prod/a":   func(x *Exchange) bool { return x.HDFS != nil },
		"file:///spool/a": func(x *Exchange) bool { return x.GCS == nil && x.S3 == nil && x.HDFS == nil },
	} {
		text := "exchange-manager.name=hdfs\nexchange.hdfs.skip-directory-scheme-validation=true\nexchange.base-directories=" + dir + "\n"
		if dir == "s3://bucket/a" {
			text += "exchange.s3.region=eu-central-1\n"
		}
		etc := t.TempDir()
		for name, content := range map[string]string{"config.properties": "", "node.properties": "node.environment=test\n", "exchange-manager.properties": text} {
			if err := os.WriteFile(filepath.Join(etc, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Load(etc, testHost())
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		if !storage(c.Exchange) {
			t.Errorf("%s: %+v", dir, c.Exchange)
		}
	}
}
