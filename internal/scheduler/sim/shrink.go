package sim

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Shrink returns a violation with fewer events that still break a rule: it leaves out ever smaller runs of events as
// long as what remains breaks one. A rule about the end of a run cannot be shrunk.
func Shrink(v *Violation) *Violation {
	if v.Final {
		return v
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

// Check steps a machine through the events and returns the rule that was broken, or "", and how many events that
// took.
func Check(events []scheduler.Event) (rule string, n int) {
	state, check := scheduler.New(scheduler.DefaultConfig()), newChecker()
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
