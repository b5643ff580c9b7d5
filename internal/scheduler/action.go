package scheduler

import (
	"fmt"
	"strings"
)

// Action is something the shell must do. Actions are plain data; String gives one line.
//
// Actions share memory with the machine and with each other: they must not be changed.
//
// Every action is safe to repeat. Outcomes come back as events; an action without an outcome (CancelTask,
// DeleteOutputs, …) is best effort.
type Action interface {
	fmt.Stringer
	action()
}

// StartTask asks for one attempt to be run on a node. A node that cannot be reached is answered with NodeLost, one that
// says it is shutting down with a TaskFailed of SERVER_SHUTTING_DOWN, which costs nothing.
type StartTask struct {
	Task             TaskID
	Node             NodeID
	MemBytes         int64 // what was set aside for it; 0 for tasks that read no data to speak of
	Class            Class // those that are not Standard go first when memory is short
	OutputPartitions int
	Splits           []Split          `json:",omitempty"`
	Inputs           []InputSelection `json:",omitempty"` // one for each Stage.Inputs, in that order
}

// InputSelection is what a task reads of one input: from each of Bundles, the exchange partitions in Partitions.
type InputSelection struct {
	Stage      StageID
	Bundles    []Bundle
	Partitions []int `json:",omitempty"` // ascending; nil means all
}

// Bundle is the selected output of one partition.
type Bundle struct {
	Partition int
	Attempt   int
	Node      NodeID // where it was made, and where it is if the query is Direct; empty if it is inline
	Output    string
	Rows      int64
	Bytes     int64
}

// Task returns the id of the attempt that wrote the bundle.
func (b Bundle) Task(query QueryID, stage StageID) TaskID {
	return TaskID{Query: query, Stage: stage, Partition: b.Partition, Attempt: b.Attempt}
}

// CancelTask asks for an attempt to be stopped. Nothing is expected in return; its resources count as free.
type CancelTask struct {
	Task   TaskID
	Node   NodeID
	Reason string
}

// FindSplits asks for the next splits of a scan, skipping the first Seen ones of an enumeration that always gives
// the same splits in the same order. SplitsFound or SplitsFailed answers. One is under way per scan.
type FindSplits struct {
	Query  QueryID
	Stage  StageID
	Source int
	Seen   int
}

// StageFinished reports a stage's measured output the first time it is complete.
type StageFinished struct {
	Query QueryID
	Stage StageID
	Tasks int
	Rows  []int64 // per output partition
	Bytes []int64 // per output partition
	// Version is not 0 if the query is Adaptive: then a Replanned event with this version must answer.
	Version int
}

// QueryFinished says that the result is complete: the outputs of the root stage, by partition.
//
// It is not the end until ForgetQuery has said that the result has been read: if an output of the root is lost before
// that, with its node for example, the query goes on, and QueryFinished comes again with other attempts, or
// QueryFailed does.
type QueryFinished struct {
	Query   QueryID
	Attempt int     // number of restarts before this run (QUERY)
	Stage   StageID // the root
	Outputs []Bundle
	Rows    int64
}

// QueryFailed says that the query is over without a result.
type QueryFailed struct {
	Query   QueryID
	Failure Failure
	// Suppressed holds the last task failures before, newest last, at most 5.
	Suppressed []Failure
}

// QueryRestarted says that the distributed part of a QUERY query runs again: buffered results of earlier attempts
// must be dropped.
type QueryRestarted struct {
	Query   QueryID
	Attempt int
	Failure Failure // why
	At      Instant // when it will run
}

// DeleteOutputs asks for outputs nobody needs any more to be deleted, by name.
type DeleteOutputs struct {
	Query   QueryID
	Stage   StageID
	Outputs []Bundle
}

// DeleteQuery asks for everything the query has left in storage to be deleted: no attempt of it counts any more.
type DeleteQuery struct {
	Query QueryID
}

// NodeDrained says that a draining node runs nothing and holds nothing that is still needed: it may leave.
type NodeDrained struct {
	Node NodeID
}

// SetTimer asks for a Tick at the given time. It replaces the timer before.
type SetTimer struct {
	At Instant
}

func (StartTask) action()      {}
func (CancelTask) action()     {}
func (FindSplits) action()     {}
func (StageFinished) action()  {}
func (QueryFinished) action()  {}
func (QueryFailed) action()    {}
func (QueryRestarted) action() {}
func (DeleteOutputs) action()  {}
func (DeleteQuery) action()    {}
func (NodeDrained) action()    {}
func (SetTimer) action()       {}

// String returns the action as one line.
func (a StartTask) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "start %s %s", a.Task, a.Node)
	if a.MemBytes > 0 {
		fmt.Fprintf(&b, " mem=%s", bytesText(a.MemBytes))
	}
	if a.Class != Standard {
		fmt.Fprintf(&b, " class=%s", a.Class)
	}
	if len(a.Splits) > 0 {
		b.WriteString(" splits=(")
		for i, s := range a.Splits {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(s.ID)
		}
		b.WriteString(")")
	}
	for _, in := range a.Inputs {
		fmt.Fprintf(&b, " in=%s", in)
	}
	return b.String()
}

// String returns stage(partition.attempt …)[exchange partitions].
func (s InputSelection) String() string {
	text := fmt.Sprintf("%d(%s)", s.Stage, bundlesText(s.Bundles))
	if s.Partitions != nil {
		text += strings.ReplaceAll(fmt.Sprint(s.Partitions), " ", ",")
	}
	return text
}

// String returns the action as one line.
func (a CancelTask) String() string { return fmt.Sprintf("cancel %s %s: %s", a.Task, a.Node, a.Reason) }

// String returns the action as one line.
func (a FindSplits) String() string {
	return fmt.Sprintf("find-splits %s.%d source=%d seen=%d", a.Query, a.Stage, a.Source, a.Seen)
}

// String returns the action as one line.
func (a StageFinished) String() string {
	s := fmt.Sprintf("stage-finished %s.%d tasks=%d rows=%v bytes=%v", a.Query, a.Stage, a.Tasks, a.Rows, a.Bytes)
	if a.Version > 0 {
		s += fmt.Sprintf(" replan=%d", a.Version)
	}
	return s
}

// String returns the action as one line.
func (a QueryFinished) String() string {
	return fmt.Sprintf("query-finished %s rows=%d outputs=%d(%s)", a.Query, a.Rows, a.Stage, bundlesText(a.Outputs))
}

// String returns the action as one line.
func (a QueryFailed) String() string {
	s := fmt.Sprintf("query-failed %s %s", a.Query, a.Failure)
	if len(a.Suppressed) > 0 {
		s += fmt.Sprintf(" suppressed=%d", len(a.Suppressed))
	}
	return s
}

// String returns the action as one line.
func (a QueryRestarted) String() string {
	return fmt.Sprintf("query-restarted %s attempt=%d at=%s: %s", a.Query, a.Attempt, a.At, a.Failure.Code)
}

// String returns the action as one line.
func (a DeleteOutputs) String() string {
	return fmt.Sprintf("delete-outputs %s.%d(%s)", a.Query, a.Stage, bundlesText(a.Outputs))
}

// String returns the action as one line.
func (a DeleteQuery) String() string { return fmt.Sprintf("delete-query %s", a.Query) }

// String returns the action as one line.
func (a NodeDrained) String() string { return fmt.Sprintf("node-drained %s", a.Node) }

// String returns the action as one line.
func (a SetTimer) String() string { return fmt.Sprintf("timer %s", a.At) }

func bundlesText(bundles []Bundle) string {
	var b strings.Builder
	for i, o := range bundles {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d.%d", o.Partition, o.Attempt)
	}
	return b.String()
}

// bytesText prints a size in the largest unit that divides it.
func bytesText(n int64) string {
	switch {
	case n != 0 && n%gib == 0:
		return fmt.Sprintf("%dGB", n/gib)
	case n != 0 && n%mib == 0:
		return fmt.Sprintf("%dMB", n/mib)
	}
	return fmt.Sprintf("%dB", n)
}
