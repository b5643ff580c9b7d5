package scheduler

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// QueryID names a query, in Trino's form "20260131_121314_00001_abcde". It must not contain a dot.
type QueryID string

// StageID numbers a stage within its query.
type StageID int

// NodeID names a node. A node that restarts keeps its NodeID and changes its instance.
type NodeID string

// TaskID identifies one attempt: query.stage.partition.attempt.
//
// Under QUERY the attempt is the number of the query's attempt. Under TASK attempts of a partition are numbered
// from 0 without gaps and no number is ever used twice.
type TaskID struct {
	Query     QueryID
	Stage     StageID
	Partition int
	Attempt   int
}

// String returns query.stage.partition.attempt.
func (t TaskID) String() string {
	b := make([]byte, 0, len(t.Query)+16)
	b = append(append(b, t.Query...), '.')
	b = append(strconv.AppendInt(b, int64(t.Stage), 10), '.')
	b = append(strconv.AppendInt(b, int64(t.Partition), 10), '.')
	return string(strconv.AppendInt(b, int64(t.Attempt), 10))
}

// ParseTaskID is the inverse of TaskID.String.
func ParseTaskID(s string) (TaskID, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] == "" {
		return TaskID{}, fmt.Errorf("task id %q is not query.stage.partition.attempt", s)
	}
	var n [3]int
	for i, p := range parts[1:] {
		v, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return TaskID{}, fmt.Errorf("task id %q: %w", s, err)
		}
		n[i] = int(v)
	}
	return TaskID{Query: QueryID(parts[0]), Stage: StageID(n[0]), Partition: n[1], Attempt: n[2]}, nil
}

// Instant is a point in time: nanoseconds since the Unix epoch. It is a number, not a time.Time, so that it has one
// encoding and no location or monotonic part. The zero Instant means "never" where a time is optional.
type Instant int64

// InstantOf converts a time.Time.
func InstantOf(t time.Time) Instant { return Instant(t.UnixNano()) }

// Time converts to a time.Time in UTC.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)).UTC() }

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// String returns the time since the epoch as a duration: short in simulations, which start at zero.
func (i Instant) String() string { return time.Duration(i).String() }
