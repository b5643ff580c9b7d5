// Package fault is the registry of the faults that tests inject, by name, and the side of package faultpoint that arms
// them: a test puts a fault into a directory, waits until it strikes, and releases whom it holds.
//
// It knows nothing of clusters. Start with Registry.
package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
)

// Kind says how a fault is brought about.
type Kind string

// The kinds.
const (
	AtPoint   Kind = "point"   // a process does it to itself at a faultpoint
	ToProcess Kind = "process" // a signal to a process
	ToFile    Kind = "file"    // something done to the files of the spool or of a table
	ToDisk    Kind = "disk"    // a file system that misbehaves
)

// Fault is a thing that can go wrong.
type Fault struct {
	Name string
	Kind Kind
	// Simulated is what the simulation of the scheduler calls it; empty when it cannot happen there.
	Simulated string
	// Rule is what faults at points do.
	Rule faultpoint.Rule
	Doc  string
}

// Registry has all faults.
var Registry = append(calls(), []Fault{
	{Name: "task-begins", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Note},
		Doc: "no fault: counts the attempts that begin"},
	{Name: "task-writes", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.AfterWrite, Effect: faultpoint.Note},
		Doc: "no fault: counts the attempts whose output is complete"},
	{Name: "task-held-before-read", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Hold},
		Doc: "an attempt takes its time before it reads"},
	{Name: "task-held-before-run", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforeRun, Effect: faultpoint.Hold},
		Doc: "an attempt takes its time between reading and running"},
	{Name: "task-held-after-write", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.AfterWrite, Effect: faultpoint.Hold},
		Doc: "an attempt has written its output and does not report it"},
	{Name: "task-deaf", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforeRun, Effect: faultpoint.Deaf},
		Doc: "an attempt does not react to its cancellation"},
	{Name: "task-deaf-after-write", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.AfterWrite, Effect: faultpoint.Deaf},
		Doc: "an attempt has written its output and does not react to its cancellation"},
	{Name: "slot-crash-before-read", Kind: AtPoint, Simulated: "fail", Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Crash},
		Doc: "the slot process dies before it reads"},
	{Name: "slot-crash-before-run", Kind: AtPoint, Simulated: "fail", Rule: faultpoint.Rule{Point: faultpoint.BeforeRun, Effect: faultpoint.Crash},
		Doc: "the slot process dies between reading and running"},
	{Name: "slot-crash-after-write", Kind: AtPoint, Simulated: "fail", Rule: faultpoint.Rule{Point: faultpoint.AfterWrite, Effect: faultpoint.Crash},
		Doc: "the slot process dies with its output written and not reported"},
	{Name: "slot-grows", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforeRun, Effect: faultpoint.Grow},
		Doc: "the slot process takes more memory than its attempt may"},
	{Name: "task-fails-internal", Kind: AtPoint, Simulated: "fail",
		Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Fail, Code: "GENERIC_INTERNAL_ERROR"}, Doc: "an attempt fails of itself"},
	{Name: "task-fails-external", Kind: AtPoint, Simulated: "fail",
		Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Fail, Code: "UNSUPPORTED_TABLE_TYPE"}, Doc: "a remote system fails an attempt"},
	{Name: "task-fails-resources", Kind: AtPoint, Simulated: "fail",
		Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Fail, Code: "EXCEEDED_LOCAL_MEMORY_LIMIT"}, Doc: "an attempt wants more memory"},
	{Name: "task-fails-user", Kind: AtPoint, Simulated: "fail",
		Rule: faultpoint.Rule{Point: faultpoint.BeforeRead, Effect: faultpoint.Fail, Code: "GENERIC_USER_ERROR"}, Doc: "the user's data is to blame: never retried"},
	{Name: "task-fails-after-write", Kind: AtPoint, Simulated: "fail",
		Rule: faultpoint.Rule{Point: faultpoint.AfterWrite, Effect: faultpoint.Fail, Code: "GENERIC_INTERNAL_ERROR"}, Doc: "an attempt fails after its output is complete"},
	{Name: "task-fails-half-way", Kind: AtPoint, Simulated: "fail",
		Rule: faultpoint.Rule{Point: faultpoint.BeforeRun, Effect: faultpoint.Fail, Code: "GENERIC_INTERNAL_ERROR"}, Doc: "an attempt fails between reading and running"},
	{Name: "commit-fails-before", Kind: AtPoint,
		Rule: faultpoint.Rule{Point: faultpoint.BeforeCommit, Effect: faultpoint.Fail, Code: "GENERIC_INTERNAL_ERROR"}, Doc: "a commit fails before anything is visible"},
	{Name: "commit-fails-after", Kind: AtPoint,
		Rule: faultpoint.Rule{Point: faultpoint.AfterCommit, Effect: faultpoint.Fail, Code: "GENERIC_INTERNAL_ERROR"}, Doc: "a commit is done, but seems to have failed"},
	{Name: "commit-fails-inside", Kind: AtPoint,
		Rule: faultpoint.Rule{Point: faultpoint.InCommit, Effect: faultpoint.Fail, Code: "GENERIC_INTERNAL_ERROR"}, Doc: "a commit fails in the connector, with its files collected"},
	{Name: "commit-held-inside", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.InCommit, Effect: faultpoint.Hold},
		Doc: "a commit takes its time in the connector, with its files collected"},
	{Name: "planning-held", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforePlan, Effect: faultpoint.Hold},
		Doc: "a statement was taken, and takes its time to be planned"},
	{Name: "begin-held-after", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.AfterBegin, Effect: faultpoint.Hold},
		Doc: "a write takes its time between its begin at the connector and its first task"},
	{Name: "commit-held-after", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.AfterCommit, Effect: faultpoint.Hold},
		Doc: "a commit is done, and takes its time to say so"},
	{Name: "commit-held-before", Kind: AtPoint, Rule: faultpoint.Rule{Point: faultpoint.BeforeCommit, Effect: faultpoint.Hold},
		Doc: "a commit takes its time before anything is visible"},
	{Name: "worker-killed", Kind: ToProcess, Simulated: "crash", Doc: "kill -9 of a worker and, with it, its slots"},
	{Name: "worker-frozen", Kind: ToProcess, Simulated: "cutOff", Doc: "a worker and its slots stop for a while and then go on"},
	{Name: "worker-drained", Kind: ToProcess, Simulated: "drain", Doc: "a worker is told to leave"},
	{Name: "slot-killed", Kind: ToProcess, Simulated: "fail", Doc: "kill -9 of a slot"},
	{Name: "output-deleted", Kind: ToFile, Simulated: "loseOutput", Doc: "an object of the spool is gone"},
	{Name: "output-damaged", Kind: ToFile, Simulated: "loseOutput", Doc: "a byte of an object of the spool has changed"},
	{Name: "disk-full", Kind: ToDisk, Simulated: "fail", Doc: "the disk of the spool or of the scratch space is full"},
}...)

// calls are the faults of the calls between processes, and of the requests to stores.
func calls() (out []Fault) {
	for _, point := range []string{faultpoint.CallStart, faultpoint.CallCancel, faultpoint.CallEvents, faultpoint.CallEvent, faultpoint.CallAcknowledge,
		faultpoint.CallDeleteOutputs, faultpoint.CallRegister, faultpoint.CallBundle, faultpoint.CallBlob, faultpoint.BeforeFetch,
		faultpoint.SpoolCommit} {
		out = append(out,
			Fault{Name: point + "-fails", Kind: AtPoint, Doc: "the call is answered with an error, and does nothing",
				Rule: faultpoint.Rule{Point: point, Effect: faultpoint.Fail, Code: "UNSUPPORTED_TABLE_TYPE"}},
			Fault{Name: point + "-hangs", Kind: AtPoint, Doc: "the call does nothing and is not answered",
				Rule: faultpoint.Rule{Point: point, Effect: faultpoint.Hold}},
			Fault{Name: point + "-dropped", Kind: AtPoint, Doc: "the connection closes before the call does anything",
				Rule: faultpoint.Rule{Point: point, Effect: faultpoint.Drop}})
		switch point {
		case faultpoint.BeforeFetch, faultpoint.CallBundle, faultpoint.CallBlob: // bytes are read instead
			out = append(out,
				Fault{Name: point + "-breaks-off", Kind: AtPoint, Doc: "some bytes are read, and then the connection closes",
					Rule: faultpoint.Rule{Point: point + faultpoint.Middle, Effect: faultpoint.Drop}},
				Fault{Name: point + "-stalls", Kind: AtPoint, Doc: "some bytes are read, and then no more come",
					Rule: faultpoint.Rule{Point: point + faultpoint.Middle, Effect: faultpoint.Hold}})
		}
		switch point {
		case faultpoint.BeforeFetch, faultpoint.CallBundle:
		case faultpoint.CallEvents: // its answer are the messages
		default:
			out = append(out, Fault{Name: point + "-unanswered", Kind: AtPoint, Doc: "the call does what it should, and the connection closes without an answer",
				Rule: faultpoint.Rule{Point: point + faultpoint.Answer, Effect: faultpoint.Drop}})
		}
	}
	return out
}

// Named returns a fault of the registry; asking for another is a mistake in the test.
func Named(name string) Fault {
	i := slices.IndexFunc(Registry, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("fault: there is no %q in the registry", name))
	}
	return Registry[i]
}

// Dir is a directory of armed faults, the value of faultpoint.Env for the processes under test.
type Dir string

// Aim narrows down whom a fault strikes. The zero value is the first who comes.
type Aim struct {
	Task   string // pattern for stage.partition.attempt
	Trace  string // the query's trace token
	Parent int    // the process id of the worker in whose slots it strikes
	PID    int    // the process
	Times  int    // how often; 0: once, Always: without end; what only counts strikes always
}

// Always is an Aim's Times without end.
const Always = -1

// Armed is a fault that is ready to strike.
type Armed struct {
	root        Dir
	point, name string
}

// armings tells apart what this process arms.
var armings atomic.Int64

// Arm makes a fault of the registry ready. The same fault may be armed several times, with different aims.
func (d Dir) Arm(name string, at Aim) (*Armed, error) {
	f := Named(name)
	if f.Kind != AtPoint {
		return nil, fmt.Errorf("fault %s does not strike at a point", name)
	}
	a := &Armed{root: d, name: fmt.Sprintf("%s-%d-%d", name, os.Getpid(), armings.Add(1)), point: f.Rule.Point}
	r := f.Rule
	r.Task, r.Trace, r.Parent, r.PID, r.Always = at.Task, at.Trace, at.Parent, at.PID, at.Times == Always
	tokens := max(1, at.Times)
	if r.Effect == faultpoint.Note || r.Always {
		tokens = 0
	}
	made, err := a.make(r, tokens)
	if err != nil {
		return nil, err
	}
	for { // renamed, so that nobody sees half of it
		if err := os.MkdirAll(filepath.Dir(a.dir()), 0o700); err != nil {
			return nil, err
		}
		if err := os.Rename(made, a.dir()); !os.IsNotExist(err) { // the point's last fault was disarmed meanwhile
			return a, err
		}
	}
}

// make writes the files of a fault into a directory where nobody looks for them.
func (a *Armed) make(r faultpoint.Rule, tokens int) (dir string, err error) {
	data, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	dir = a.aside("new")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	for i := range tokens {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+faultpoint.TokenFile), nil, 0o600); err != nil {
			return "", err
		}
	}
	return dir, os.WriteFile(filepath.Join(dir, faultpoint.RuleFile), data, 0o600)
}

// dir is where processes find the fault, aside a directory of its own where they do not.
func (a *Armed) dir() string                { return faultpoint.FaultDir(string(a.root), a.point, a.name) }
func (a *Armed) aside(ending string) string { return filepath.Join(string(a.root), a.name+"."+ending) }

// Strikes tells whom the fault has struck and not released.
func (a *Armed) Strikes() ([]faultpoint.Strike, error) {
	files, err := filepath.Glob(filepath.Join(a.dir(), "*"+faultpoint.StruckFile))
	if err != nil {
		return nil, err
	}
	var out []faultpoint.Strike
	for _, f := range files {
		data, err := os.ReadFile(f)
		if os.IsNotExist(err) {
			continue
		}
		var s faultpoint.Strike
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// awaitPoll is how often Await looks.
const awaitPoll = 2 * time.Millisecond

// Await waits until the fault has struck n times.
func (a *Armed) Await(ctx context.Context, n int) ([]faultpoint.Strike, error) {
	tick := time.NewTicker(awaitPoll)
	defer tick.Stop()
	for {
		s, err := a.Strikes()
		if err != nil || len(s) >= n {
			return s, err
		}
		select {
		case <-ctx.Done():
			return s, fmt.Errorf("fault %s struck %d times instead of %d: %w", a.name, len(s), n, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// Disarm takes back what has not struck, and releases all whom the fault holds.
func (a *Armed) Disarm() error {
	// All at once: whoever looks for the rule, a token or what holds him finds it no more.
	if err := os.Rename(a.dir(), a.aside("gone")); err != nil && !os.IsNotExist(err) {
		return err
	}
	_ = os.Remove(filepath.Dir(a.dir())) // so that passing the point costs nothing; unless it has other faults
	return os.RemoveAll(a.aside("gone"))
}
