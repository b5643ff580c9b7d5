package engine

import (
	"time"

	duckdb "github.com/duckdb/duckdb-go-bindings"
	"golang.org/x/sys/unix"
)

// How long the calling thread sleeps when DuckDB's own threads have all the work: at first, and at most.
const (
	firstIdle   = 20 * time.Microsecond
	longestIdle = time.Millisecond
)

// drive works on a statement until its result is there, or more of it than DuckDB buffers. It reports false when the statement has
// failed.
//
// DuckDB's own loop never sleeps: while other threads have all the work, it asks for more as fast as it can, and computes how far
// the statement is each time. A statement with one long pipeline so keeps two cores busy, or takes one from another slot.
func drive(p duckdb.PendingResult) bool {
	idle := firstIdle
	for {
		switch duckdb.PendingExecuteTask(p) {
		case duckdb.PendingStateResultReady:
			return true
		case duckdb.PendingStateError:
			return false
		case duckdb.PendingStateResultNotReady:
			idle = firstIdle
		default: // others work
			// A timer of Go's would be rounded up to a millisecond. An interrupted sleep is a short one.
			_ = unix.Nanosleep(&unix.Timespec{Nsec: int64(idle)}, nil)
			idle = min(2*idle, longestIdle)
		}
	}
}
