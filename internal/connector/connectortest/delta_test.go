package connectortest

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta"
)

// Delta Lake's types: texts have no length, and what it has no name for cannot be stored.
var deltaTypes = map[string]string{
	"varchar(3)": "varchar", "varchar(10)": "varchar", "varchar(20)": "varchar", "timestamp(0)": "timestamp(6)", "timestamp(3)": "timestamp(6)", "timestamp(9)": "timestamp(6)", "timestamp(12)": "timestamp(6)",
	"char(3)": "", "time(0)": "", "time(3)": "", "time(6)": "", "timestamp(6) with time zone": "", "uuid": "", "json": "",
}

func TestDelta(t *testing.T) {
	for name, vectors := range map[string]string{"vectors": "true", "copies": "false"} {
		t.Run(name, func(t *testing.T) {
			var root string
			Run(t, Harness{
				New: func(t *testing.T) connector.Connector {
					root = t.TempDir()
					text := "hive.metastore=file\nhive.metastore.catalog.dir=local:///metastore\nfs.native-local.enabled=true\nlocal.location=" + root +
						"\ndelta.deletion-vectors-enabled=" + vectors
					c, err := delta.New(configure(t, "delta", text, connector.Env{Coordinator: true}))
					must(t, err)
					must(t, c.CreateSchema(t.Context(), "default", nil))
					return c
				},
				Schema:      "default",
				Types:       deltaTypes,
				Partitioned: true,
				Traces: func() (list []string) {
					dir := filepath.Join(root, "metastore", "default")
					must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
						if path != dir {
							list = append(list, strings.TrimPrefix(path, dir))
						}
						if errors.Is(err, fs.ErrNotExist) {
							err = nil // nothing was ever made in it
						}
						return err
					}))
					return list
				},
			})
		})
	}
}
