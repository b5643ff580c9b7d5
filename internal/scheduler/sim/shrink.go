package sim

import (
	"errors"
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Shrink returns a violation with fewer events that still breaks a rule. A rule about the end of a run says nothing of
// shorter lists of events; there it is queries and faults that are left out of the run.
func Shrink(v *Violation) *Violation {
	if v.Final {
		return shrinkRun(v)
	}
	best := v
	for size := len(v.Events) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(best.Events); {
			list := append(append([]scheduler.Event{}, best.Events[:from]...), best.Events[from+size:]...)
			if rule, n := Check(list); rule != "" {
				best = &Violation{Seed: v.Seed, Rule: rule, Events: list[:n]}
			} else {
				from += size
			}
		}
	}
	return best
}

// maxTroubles bounds the queries and faults of a run.
const maxTroubles = 32

// shrinkRun leaves out queries and faults as long as what remains goes wrong.
func shrinkRun(v *Violation) *Violation {
	best, spared := v, map[int]bool{}
	for i := range maxTroubles {
		spared[i] = true
		_, err := run(v.Seed, spared)
		if found, ok := errors.AsType[*Violation](err); ok && found.Final {
			best = found
		} else {
			delete(spared, i)
		}
	}
	return best
}

// Check steps a machine through the events and returns the rule that was broken, or "", and how many events that
// took.
func Check(events []scheduler.Event) (rule string, n int) {
	state, check := scheduler.New(scheduler.DefaultConfig()), newChecker()
	check.verifyEvery = 1
	for i, ev := range events {
		if _, rule := check.step(state, ev); rule != "" {
			return rule, i + 1
		}
	}
	return "", len(events)
}

// Trace returns the events with the actions that each gave: the run as a text.
func Trace(events []scheduler.Event) string {
	var b strings.Builder
	state := scheduler.New(scheduler.DefaultConfig())
	for _, ev := range events {
		fmt.Fprintf(&b, "%s\n", ev)
		for _, a := range state.Step(ev) {
			fmt.Fprintf(&b, "\t%s\n", a)
		}
	}
	return b.String()
}
