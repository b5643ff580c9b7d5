// Package faultpoint is the hook by which tests make one thing go wrong at one moment: code that matters when a cluster
// fails passes a named point, and what happens there is decided by files in a directory that only a test sets up. Without
// the directory a point costs a nil check, and one at which no fault is armed costs one look for a directory of its name.
//
// A fault is bounded, by tokens on disk that are used up, and aimed, at a point and at attempts. It knows nothing of what
// passes the points. Start with Points; package test/fault has the other side, which arms faults and waits for them to
// strike, and the registry of all faults by name.
package faultpoint

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Env is the environment variable with the directory of faults. Nodes pass it on to their slots.
const Env = "WATERBEAR_FAULT_DIR"

// The points. Those of attempts are passed in slots, those of commits on the coordinator.
const (
	BeforeRead   = "before-read"   // an attempt has begun; it has touched none of its inputs
	BeforeRun    = "before-run"    // its inputs are there; its statement has not begun
	AfterWrite   = "after-write"   // its output is complete; nobody has been told
	BeforeFetch  = "before-fetch"  // an object of an earlier stage's output is about to be opened; the task is the output's. With Middle: some is read
	SpoolCommit  = "spool-commit"  // an object of an output is about to be committed; with Answer: it is, and nobody has been told
	BeforePlan   = "before-plan"   // a statement was taken; nothing is known of it but its text
	AfterBegin   = "after-begin"   // the connector knows of a write; nothing of it has begun
	BeforeCommit = "before-commit" // all attempts of a write have finished; nothing is visible
	InCommit     = "in-commit"     // the connector knows the files of the write; some of them may be in place
	AfterCommit  = "after-commit"  // the write is visible; the query does not know
)

// Points of the calls between processes, passed by the one that is called: before it does what it is asked to, and, with
// Answer added, when that is done and not answered yet.
const (
	CallStart         = "call-start"
	CallCancel        = "call-cancel"
	CallEvents        = "call-events"
	CallAcknowledge   = "call-acknowledge"
	CallDeleteOutputs = "call-delete-outputs"
	CallRegister      = "call-register"
	CallEvent         = "call-event"  // a message of the stream of events: an attempt's end
	CallBundle        = "call-bundle" // reading of an output on a worker's disk; the task is the output's
	CallBlob          = "call-blob"   // bytes in the coordinator's memory

	Answer = "-answer"
	Middle = "-middle" // added where bytes are read: some have been, not all
)

// Points are the points of a process. Nil is one without faults.
type Points struct {
	dir      string
	lifetime time.Duration // of a rule; zero: until it is disarmed
	hold     time.Duration // how long Hold and Deaf last; zero: until they are released

	mu    sync.Mutex
	known map[string]map[string]armed // by point and fault: what was armed when the point was last passed
}

// Open returns the points that a directory decides on; nil for the empty one.
func Open(dir string) *Points {
	if dir == "" {
		return nil
	}
	return &Points{dir: dir}
}

// Limit ends rules that were made so long ago, and lets nobody be held for longer than hold. It returns the points.
func (p *Points) Limit(lifetime, hold time.Duration) *Points {
	if p != nil {
		p.lifetime, p.hold = lifetime, hold
	}
	return p
}

// Named tells the points which trace token a client has given to a query, so that rules can be aimed at a query whose id nobody
// knows beforehand. It has to come before any point that is passed on the query's behalf.
func (p *Points) Named(query, trace string) error {
	if p == nil || trace == "" {
		return nil
	}
	dir := filepath.Join(p.dir, namesDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, query), []byte(trace), 0o600)
}

// traceOf is the trace token of a task's query.
func (p *Points) traceOf(task string) string {
	query, _, _ := strings.Cut(task, ".")
	if query == "" || strings.ContainsRune(query, filepath.Separator) {
		return ""
	}
	trace, err := os.ReadFile(filepath.Join(p.dir, namesDir, query))
	if err != nil { // it has none
		return ""
	}
	return string(trace)
}

// Reach passes a point on behalf of a task, query.stage.partition.attempt, or, for a commit, of a query. Its error is to be
// taken as the caller's own.
func (p *Points) Reach(ctx context.Context, point, task string) error {
	if p == nil {
		return nil
	}
	faults, err := p.armedAt(point)
	if err != nil || len(faults) == 0 {
		return err
	}
	trace := sync.OnceValue(func() string { return p.traceOf(task) })
	var harmful []armed
	for _, a := range faults {
		switch {
		case !a.rule.matches(task), p.lifetime > 0 && time.Since(a.made) > p.lifetime, a.rule.Trace != "" && a.rule.Trace != trace():
		case a.rule.Effect != Note:
			harmful = append(harmful, a)
		default:
			if _, err := tell(a.untaken(), task); err != nil {
				return err
			}
		}
	}
	for _, a := range harmful { // last: the process may not survive it
		if err := a.strike(ctx, task, p.hold); err != nil {
			return err
		}
	}
	return nil
}
