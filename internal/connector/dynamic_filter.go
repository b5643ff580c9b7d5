package connector

import (
	"context"
	"time"
)

// DynamicFiltering is a connector whose scans are dear: what is read of the remote system and then not joined costs more than some waiting. Of other
// connectors scans are told of keys too, where estimates say that this pays.
//
// The keys come as a Scan's Constraint when splits are enumerated.
type DynamicFiltering interface {
	// DynamicFilters is asked when a query is planned.
	DynamicFilters(ctx context.Context) DynamicFilters
}

// DynamicFilters says what becomes of the keys that joins will find in rows of other tables.
type DynamicFilters struct {
	// Enabled lets scans be told of keys.
	Enabled bool
	// Wait is how long a scan waits for them before it starts, unless estimates say that they leave most of its rows; 0: not at all.
	Wait time.Duration
}
