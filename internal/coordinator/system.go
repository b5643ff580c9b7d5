package coordinator

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// System shows the cluster's own state to the system connector. It exists before the coordinator does, because the
// coordinator needs the connectors.
type System struct {
	c *Coordinator
}

// Serve sets the coordinator whose state is shown.
func (s *System) Serve(c *Coordinator) { s.c = c }

// Catalogs implements connector.System.
func (s *System) Catalogs() []connector.CatalogInfo { return nil }

// Rows implements connector.System.
func (s *System) Rows(context.Context, string) ([][]any, error) { return nil, nil }

// KillQuery implements connector.System.
func (s *System) KillQuery(context.Context, string, string) error { return nil }
