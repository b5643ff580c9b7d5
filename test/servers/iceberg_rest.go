package servers

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
)

// IcebergREST is a REST catalog of Iceberg tables.
type IcebergREST struct {
	*Server
	// Warehouse is a directory of this machine in which tables lie.
	Warehouse string
}

// StartIcebergREST starts a REST catalog without tables. Its URL is what iceberg.rest-catalog.uri wants.
func StartIcebergREST(t testing.TB) *IcebergREST {
	t.Helper()
	c := &IcebergREST{Warehouse: t.TempDir()}
	c.Server = start(t, program{
		name: "iceberg-rest", script: "install-connectors.sh",
		args: func(s *Server) []string {
			return []string{fmt.Sprint(s.port), "jdbc:sqlite:" + filepath.Join(s.Dir, "catalog.db"), "file://" + c.Warehouse}
		},
		answers: func(ctx context.Context, s *Server) bool {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/v1/config", s.port), nil)
			if err != nil {
				return false
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return false
			}
			return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
		},
	})
	c.URL = fmt.Sprintf("http://127.0.0.1:%d", c.port)
	return c
}
