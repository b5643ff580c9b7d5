package scheduler

import (
	"fmt"
	"time"
)

// Event is something that happened. Events are plain data, encoded by EncodeEvent; String gives one line.
//
// Events may arrive late, twice or out of order: one that no longer applies (an unknown query, an attempt that is
// over) changes nothing. Times must not run backwards from one Step to the next; an earlier time counts as the last.
type Event interface {
	fmt.Stringer
	// when is the time of the event, the only clock there is.
	when() Instant
	// query is whom the event concerns; empty: whatever depends on the cluster, so all.
	query() QueryID
}

// NodeJoined announces a node, or changes what is known of one. The same node with another instance has restarted:
// everything that ran there is lost.
type NodeJoined struct {
	At          Instant
	Node        NodeID
	Instance    string
	MemBytes    int64 // memory for tasks
	Slots       int   // attempts at a time; 0 means the node runs no ordinary tasks
	Host        string
	Coordinator bool // runs CoordinatorOnly stages
}

// NodeDraining says that the node finishes what it runs and takes nothing new. NodeDrained answers when it is idle.
type NodeDraining struct {
	At   Instant
	Node NodeID
}

// NodeLost says that the node is gone without warning.
type NodeLost struct {
	At       Instant
	Node     NodeID
	Instance string // ignored when empty; otherwise the event applies to that instance only
	Message  string // shown to the user when the query fails for it; empty: Trino's text
}

// NodeLeft says that the node has left as announced: its attempts run again elsewhere and that costs them nothing.
type NodeLeft struct {
	At       Instant
	Node     NodeID
	Instance string
}

// QuerySubmitted starts a query. An id is never used again.
type QuerySubmitted struct {
	At    Instant
	Query Query
}

// SplitsFound answers FindSplits.
type SplitsFound struct {
	At     Instant
	Query  QueryID
	Stage  StageID
	Source int
	Seen   int // FindSplits.Seen of the question; an answer to an old question is ignored
	Splits []Split
	NoMore bool
}

// SplitsFailed answers FindSplits when the listing failed. It is retried like a task.
type SplitsFailed struct {
	At      Instant
	Query   QueryID
	Stage   StageID
	Source  int
	Seen    int
	Failure Failure
}

// TaskStarted says that the node has begun the attempt.
type TaskStarted struct {
	At   Instant
	Task TaskID
}

// TaskFinished says that the attempt has produced its output.
type TaskFinished struct {
	At         Instant
	Task       TaskID
	Rows       []int64 // per output partition
	Bytes      []int64 // per output partition
	PeakMemory int64
	CPU, Wall  time.Duration
	// Output says where the output is, for readers. The machine keeps it until the output is deleted and never looks
	// inside: keep it short (a key of inline data, not the data).
	Output string
	// Inline says that the output came with this report and is kept with the journal: it does not die with its node.
	Inline bool `json:",omitempty"`
}

// TaskFailed says that the attempt has ended without a result.
type TaskFailed struct {
	At         Instant
	Task       TaskID
	Failure    Failure
	PeakMemory int64
	// Lost names outputs the attempt could not read: they are made again, and the attempt waits for them instead of
	// paying for it.
	Lost []OutputRef
}

// OutputRef names one attempt's output.
type OutputRef struct {
	Stage     StageID
	Partition int
	Attempt   int
}

// String returns stage.partition.attempt.
func (o OutputRef) String() string { return fmt.Sprintf("%d.%d.%d", o.Stage, o.Partition, o.Attempt) }

// OutputLost says that an output cannot be read any more, found out otherwise than by a task (a root output that the
// coordinator could not read, for example).
type OutputLost struct {
	At     Instant
	Query  QueryID
	Output OutputRef
	Reason string
}

// Replanned answers a StageFinished of an Adaptive query. Stages replaces all stages that have not started; nil
// leaves the graph as it is.
type Replanned struct {
	At      Instant
	Query   QueryID
	Version int // StageFinished.Version of the question
	Stages  []Stage
}

// CancelQuery ends a query on its user's behalf.
type CancelQuery struct {
	At    Instant
	Query QueryID
}

// FailQuery ends a query for a reason outside its tasks (a time limit, an administrator).
type FailQuery struct {
	At      Instant
	Query   QueryID
	Failure Failure
}

// ForgetQuery says that nobody will ask for the query or read its result any more. A query that has not ended is
// ended without a further word.
type ForgetQuery struct {
	At    Instant
	Query QueryID
}

// Tick says what time it is; due at the time of the last SetTimer.
type Tick struct {
	At Instant
}

func (e NodeJoined) when() Instant     { return e.At }
func (e NodeDraining) when() Instant   { return e.At }
func (e NodeLost) when() Instant       { return e.At }
func (e NodeLeft) when() Instant       { return e.At }
func (e QuerySubmitted) when() Instant { return e.At }
func (e SplitsFound) when() Instant    { return e.At }
func (e SplitsFailed) when() Instant   { return e.At }
func (e TaskStarted) when() Instant    { return e.At }
func (e TaskFinished) when() Instant   { return e.At }
func (e TaskFailed) when() Instant     { return e.At }
func (e OutputLost) when() Instant     { return e.At }
func (e Replanned) when() Instant      { return e.At }
func (e CancelQuery) when() Instant    { return e.At }
func (e FailQuery) when() Instant      { return e.At }
func (e ForgetQuery) when() Instant    { return e.At }
func (e Tick) when() Instant           { return e.At }

func (e NodeJoined) query() QueryID     { return "" }
func (e NodeDraining) query() QueryID   { return "" }
func (e NodeLost) query() QueryID       { return "" }
func (e NodeLeft) query() QueryID       { return "" }
func (e QuerySubmitted) query() QueryID { return e.Query.ID }
func (e SplitsFound) query() QueryID    { return e.Query }
func (e SplitsFailed) query() QueryID   { return e.Query }
func (e TaskStarted) query() QueryID    { return e.Task.Query }
func (e TaskFinished) query() QueryID   { return e.Task.Query }
func (e TaskFailed) query() QueryID     { return e.Task.Query }
func (e OutputLost) query() QueryID     { return e.Query }
func (e Replanned) query() QueryID      { return e.Query }
func (e CancelQuery) query() QueryID    { return e.Query }
func (e FailQuery) query() QueryID      { return e.Query }
func (e ForgetQuery) query() QueryID    { return "" } // others go on where it was in the way
func (e Tick) query() QueryID           { return "" }
