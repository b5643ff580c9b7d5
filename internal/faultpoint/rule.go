package faultpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
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

// A fault is a directory of its name below that of its point, see FaultDir: RuleFile has the rule, N + TokenFile is one permission to
// strike, which becomes N + StruckFile with the Strike. Removing that releases whom it holds.
//
// The directory appears as a whole, under a name that no other fault ever has, and its rule never changes: so what a process
// has read once is true for as long as it finds the name, and the names at one point are all that it has to look at.
const (
	RuleFile   = "rule"
	TokenFile  = ".token"
	StruckFile = ".struck"

	takenFile = ".taken" // between the two, while it is being written

	// namesDir has, for each query with a trace token, a file of its id with the token.
	namesDir = "names"
)

// FaultDir is the directory of a fault.
func FaultDir(dir, point, name string) string { return filepath.Join(dir, point, name) }

// armed is a fault as its directory says it.
type armed struct {
	dir  string
	rule Rule
	made time.Time
}

// armedAt lists the faults at a point, in the order of their names.
func (p *Points) armedAt(point string) ([]armed, error) {
	names, err := namesIn(filepath.Join(p.dir, point))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(names) == 0 {
		delete(p.known, point)
		return nil, nil
	}
	now := make(map[string]armed, len(names))
	out := make([]armed, 0, len(names))
	for _, name := range names {
		a, ok := p.known[point][name]
		if !ok {
			a, err = readFault(FaultDir(p.dir, point, name))
			if errors.Is(err, fs.ErrNotExist) { // disarmed
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		now[name] = a
		out = append(out, a)
	}
	if p.known == nil {
		p.known = map[string]map[string]armed{}
	}
	p.known[point] = now
	return out, nil
}

// namesIn lists the names in a directory in their order; none when it is not there.
func namesIn(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if errors.Is(err, fs.ErrNotExist) { // it is no more
		return nil, nil
	}
	slices.Sort(names)
	return names, err
}

func readFault(dir string) (armed, error) {
	a := armed{dir: dir}
	file := filepath.Join(dir, RuleFile)
	info, err := os.Stat(file)
	if err != nil {
		return a, err
	}
	a.made = info.ModTime()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &a.rule)
	}
	if err != nil {
		err = fmt.Errorf("fault %s: %w", filepath.Base(dir), err)
	}
	return a, err
}

// matches reports whether the rule is aimed at a task in this process.
func (r Rule) matches(task string) bool {
	if r.Parent != 0 && r.Parent != os.Getppid() || r.PID != 0 && r.PID != os.Getpid() {
		return false
	}
	if r.Task == "" {
		return true
	}
	_, attempt, _ := strings.Cut(task, ".")
	ok, err := path.Match(r.Task, attempt)
	return ok && err == nil
}
