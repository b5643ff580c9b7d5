package jdbc

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// DynamicFilters has scans wait for the keys of the joins that their rows are for: then the database is asked for those rows only.
func (c *Connector) DynamicFilters(ctx context.Context) connector.DynamicFilters {
	s := c.SettingsFor(ctx)
	return connector.DynamicFilters{Enabled: s.DynamicFiltering, Wait: s.DynamicFilteringWait}
}

// Momentary says that the parts of a table are others when it is looked at again.
func (s *splitSource) Momentary() {}
