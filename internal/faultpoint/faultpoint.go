// Package faultpoint is the hook by which tests make one thing go wrong at one moment: code that matters when a cluster
// fails passes a named point, and what happens there is decided by files in a directory that only a test sets up. Without
// the directory a point costs a nil check.
//
// A fault is bounded, by tokens on disk that are used up, and aimed, at a point and at attempts. It knows nothing of what
// passes the points. Start with Points; package test/fault has the other side, which arms faults and waits for them to
// strike, and the registry of all faults by name.
package faultpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
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

// Effect is what happens at a point.
type Effect string

// The effects.
const (
	Note  Effect = "note"  // nothing, but the strike is there to be counted; it takes no token
	Hold  Effect = "hold"  // wait until the strike is released, or the attempt cancelled
	Deaf  Effect = "deaf"  // wait until the strike is released, whatever is cancelled
	Crash Effect = "crash" // the process dies as by kill -9
	Fail  Effect = "fail"  // an error with the rule's code; of a call: HTTP status 500
	Drop  Effect = "drop"  // of a call: the connection closes without an answer
	Grow  Effect = "grow"  // the process takes memory, up to growLimit, until it is stopped
)

// Rule says where a fault strikes. Its tokens say how often.
type Rule struct {
	Point  string `json:"point"`
	Effect Effect `json:"effect"`
	// Task is a pattern, as of path.Match, for stage.partition.attempt; empty: any. Commits have the empty task.
	Task string `json:"task,omitempty"`
	// Trace is the trace token that the client gave to the query, see Points.Named; empty: any.
	Trace string `json:"trace,omitempty"`
	// Parent is the process id of the worker whose slots the fault strikes in, PID that of the process; zero: any.
	Parent int `json:"parent,omitempty"`
	PID    int `json:"pid,omitempty"`
	// Always says that it strikes without end and takes no tokens.
	Always bool `json:"always,omitempty"`
	// Code is the name of the error of Fail.
	Code string `json:"code,omitempty"`
}

// Strike tells a test whom a fault has struck.
type Strike struct {
	Task   string `json:"task"` // query.stage.partition.attempt, or the query of a commit
	PID    int    `json:"pid"`
	Parent int    `json:"parent"`
}

// Message is the text of injected errors.
const Message = "This error is injected by the failure injection service"

// ErrDrop is what Reach gives to a call whose connection is to be closed.
var ErrDrop = errors.New("fault: no answer")

// Files of a fault: NAME + RuleFile has the rule, NAME.N + TokenFile is one permission to strike, which becomes NAME.N +
// StruckFile with the Strike. Removing this releases whom it holds.
const (
	RuleFile   = ".rule"
	TokenFile  = ".token"
	StruckFile = ".struck"

	takenFile = ".taken" // between the two, while it is being written

	// namesDir has, for each query with a trace token, a file of its id with the token.
	namesDir = "names"
)

// releasePoll is how often somebody who is held looks whether it is released.
const releasePoll = 2 * time.Millisecond

// Points are the points of a process. Nil is one without faults.
type Points struct {
	dir      string
	lifetime time.Duration // of a rule; zero: until it is disarmed
	hold     time.Duration // how long Hold and Deaf last; zero: until they are released
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

// expired reports whether a rule's file is older than its lifetime.
func (p *Points) expired(file string) bool {
	info, err := os.Stat(file)
	return p.lifetime > 0 && err == nil && time.Since(info.ModTime()) > p.lifetime
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
	rules, err := filepath.Glob(filepath.Join(p.dir, "*"+RuleFile))
	if err != nil {
		return err
	}
	var harmful []func() error
	for _, file := range rules {
		r, err := readRule(file)
		if err != nil {
			return err
		}
		if !r.matches(point, task) || p.expired(file) || r.Trace != "" && r.Trace != p.traceOf(task) {
			continue
		}
		fault := strings.TrimSuffix(file, RuleFile)
		if r.Effect != Note {
			harmful = append(harmful, func() error { return r.strike(ctx, fault, task, p.hold) })
		} else if err := note(fault, task); err != nil {
			return err
		}
	}
	for _, strike := range harmful { // last: the process may not survive it
		if err := strike(); err != nil {
			return err
		}
	}
	return nil
}

func readRule(file string) (Rule, error) {
	var r Rule
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) { // disarmed
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		err = fmt.Errorf("fault %s: %w", filepath.Base(file), err)
	}
	return r, err
}

func (r Rule) matches(point, task string) bool {
	if r.Point != point || r.Parent != 0 && r.Parent != os.Getppid() || r.PID != 0 && r.PID != os.Getpid() {
		return false
	}
	if r.Task == "" {
		return true
	}
	_, attempt, _ := strings.Cut(task, ".")
	ok, err := path.Match(r.Task, attempt)
	return ok && err == nil
}

// claim uses up a token of the fault, unless it strikes always, and returns the file of its strike; "" when none is left.
func (r Rule) claim(fault, task string) (struck string, err error) {
	if r.Always {
		name := untaken(fault)
		return name + StruckFile, tell(name, task)
	}
	tokens, err := filepath.Glob(fault + ".*" + TokenFile)
	if err != nil {
		return "", err
	}
	for _, token := range tokens {
		name := strings.TrimSuffix(token, TokenFile)
		if os.Rename(token, name+takenFile) != nil {
			continue // somebody was faster
		}
		return name + StruckFile, tell(name, task)
	}
	return "", nil
}

// note leaves a strike without a token.
func note(fault, task string) error { return tell(untaken(fault), task) }

// untaken names a strike that no token stands for.
func untaken(fault string) string {
	return fmt.Sprintf("%s.%d-%d", fault, os.Getpid(), time.Now().UnixNano())
}

// tell writes down a strike; name is the file's without its ending. It appears as a whole.
func tell(name, task string) error {
	data, err := json.Marshal(Strike{Task: task, PID: os.Getpid(), Parent: os.Getppid()})
	if err == nil {
		err = os.WriteFile(name+takenFile, data, 0o600)
	}
	if err == nil {
		err = os.Rename(name+takenFile, name+StruckFile)
	}
	return err
}

// strike does to the process what the rule says, if there is a token left.
func (r Rule) strike(ctx context.Context, fault, task string, hold time.Duration) error {
	struck, err := r.claim(fault, task)
	if err != nil || struck == "" {
		return err
	}
	switch r.Effect {
	case Hold:
		return held(ctx, struck, hold)
	case Deaf:
		return held(context.WithoutCancel(ctx), struck, hold)
	case Crash:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case Drop:
		return ErrDrop
	case Fail:
		code := trinoerr.ByName(r.Code)
		if code == nil {
			return fmt.Errorf("fault: unknown error %q", r.Code)
		}
		return trinoerr.New(code, Message)
	case Grow:
		return grow(ctx)
	}
	return fmt.Errorf("fault: unknown effect %q", r.Effect)
}

// held waits until the file of the strike is removed, or for as long as limit, unless that is zero.
func held(ctx context.Context, struck string, limit time.Duration) error {
	var over <-chan time.Time
	if limit > 0 {
		over = time.After(limit)
	}
	tick := time.NewTicker(releasePoll)
	defer tick.Stop()
	for {
		if _, err := os.Stat(struck); err != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-over:
			return nil
		case <-tick.C:
		}
	}
}

// growLimit bounds what Grow takes when nobody stops it, growStep is how much at a time.
const (
	growLimit = 4 << 30
	growStep  = 32 << 20
)

func grow(ctx context.Context) error {
	var taken [][]byte
	for len(taken) < growLimit/growStep {
		step := make([]byte, growStep)
		for i := 0; i < len(step); i += os.Getpagesize() {
			step[i] = 1
		}
		taken = append(taken, step)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(releasePoll):
		}
	}
	return fmt.Errorf("fault: took %d MiB and nobody minded", len(taken)*growStep>>20)
}
