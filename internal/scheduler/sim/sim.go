// Package sim runs the scheduler on a simulated cluster: nodes that crash, are cut off, drain and come back, tasks that
// fail in every way, outputs that vanish, events that come late, twice or out of order. Everything follows from a
// seed, so that a failure is a number that can be run again.
//
// Run plays one seed. The world (world.go) invents what happens and feeds the machine; the checker (check.go) only sees
// events and actions, and holds what must always be true: in particular it follows every row from the splits to the
// result and so notices one that is lost or doubled. That is why a list of events can be checked without the world,
// and shrunk (shrink.go).
//
// It knows the scheduler's exported interface and nothing else.
package sim

import (
	"bytes"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Result is what a simulation gave.
type Result struct {
	Seed     int64
	Events   []scheduler.Event
	Finished int            // queries with a result
	Failed   int            // queries without
	Restarts int            // of the coordinator
	Faults   map[string]int // how often each kind has happened
	Dump     string         // the machine's final state
}

// Violation is a broken invariant.
type Violation struct {
	Seed   int64
	Rule   string
	Events []scheduler.Event // up to the one that broke it
	// Final says that the rule is about the end of the run, so that shorter lists break it for other reasons.
	Final bool
}

// Error returns the rule, the seed and the events.
func (v *Violation) Error() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "seed %d: %s\nagain by: waterbear chaos sim --from %d --seeds 1\n", v.Seed, v.Rule, v.Seed)
	for _, ev := range v.Events {
		fmt.Fprintf(&b, "  %s\n", ev)
	}
	return b.String()
}

// Run plays the seed and returns what came of it; the error is a *Violation.
func Run(seed int64) (*Result, error) { return run(seed, nil) }

// run plays the seed without the troubles that are spared.
func run(seed int64, spared map[int]bool) (*Result, error) {
	w := newWorld(seed)
	w.spared = spared
	if err := w.run(); err != nil {
		return nil, err
	}
	res := &Result{Seed: seed, Events: w.events, Finished: w.check.finished, Failed: w.check.failed, Restarts: w.journal.life, Faults: w.seen, Dump: w.state.Dump()}
	return res, w.replay(res.Dump)
}

// replay steps a fresh machine through the events, encoded and decoded for some seeds: it must give the same actions and
// reach the state of the dump, byte for byte.
func (w *world) replay(dump string) error {
	state := scheduler.New(scheduler.DefaultConfig())
	for i, ev := range w.events {
		if w.seed%16 == 1 {
			data, err := scheduler.EncodeEvent(ev)
			if err != nil {
				return err
			}
			if ev, err = scheduler.DecodeEvent(data); err != nil {
				return err
			}
		}
		if got := state.Step(ev); fingerprint(got) != w.actions[i] {
			return &Violation{Seed: w.seed, Rule: fmt.Sprintf("replay gave other actions: %v", got), Events: w.events[:i+1]}
		}
	}
	if state.Dump() != dump {
		return &Violation{Seed: w.seed, Rule: "replay reached another state", Events: w.events}
	}
	return nil
}
