package servers

import (
	"fmt"
	"testing"
)

// StartGlue starts a server that answers as AWS Glue does: moto's. Its URL is what hive.metastore.glue.endpoint-url wants, and it takes any
// credentials.
func StartGlue(t testing.TB) *Server {
	t.Helper()
	return start(t, program{
		name: "moto", script: "install-connectors.sh", ready: "/moto-api/",
		args: func(s *Server) []string { return []string{"-H", "127.0.0.1", "-p", fmt.Sprint(s.port)} },
	})
}
