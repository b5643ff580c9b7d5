package scheduler

import "time"

// Config is what is common to all queries of a cluster.
type Config struct {
	// NoMatchingNodePeriod is how long a query waits while no node at all could take one of its tasks, before it fails
	// with NO_NODES_AVAILABLE; node-scheduler.allowed-no-matching-node-period.
	NoMatchingNodePeriod time.Duration
}

// DefaultConfig returns Trino's defaults.
func DefaultConfig() Config { return Config{NoMatchingNodePeriod: 10 * time.Minute} }
