//go:build e2e

package matrix

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/test/fault"
)

// armed are the faults of a cell: what strikes, and what brings that about.
type armed struct{ first, fault *fault.Armed }

// leading is the fault that strikes first.
func (a *armed) leading() *fault.Armed {
	if a.first != nil {
		return a.first
	}
	return a.fault
}

// arm makes the cell's faults ready for its query.
func (r *runner) arm(t *testing.T, in *Injection, u *undisturbed, trace string) *armed {
	t.Helper()
	a := &armed{}
	if in.Fault == "" {
		return a
	}
	at := fault.Aim{Trace: trace, Times: in.Times}
	if stage := u.stages[in.Place]; stage != "" {
		attempts := in.Attempts
		if attempts == "" {
			attempts = "0"
		}
		partition := "0"
		if in.Huge { // whichever is read from another worker
			partition = "*"
		}
		if in.Blobs { // only the last stage uploads; its number depends on how the plan changes, and which of its tasks have rows on their inputs
			stage, partition = "*", "*"
		}
		at.Task = stage + "." + partition + "." + attempts
	}
	switch {
	case in.Do == BreakStream: // once the worker is known
	case in.Anybody:
		a.fault = r.armOne(t, in.Fault, fault.Aim{Times: in.Times})
	default:
		a.fault = r.armOne(t, in.Fault, at)
	}
	if in.First != "" {
		a.first = r.armOne(t, in.First, at)
	}
	return a
}

// armOne makes a fault ready until the end of the test.
func (r *runner) armOne(t *testing.T, name string, at fault.Aim) *fault.Armed {
	t.Helper()
	a, err := r.faults.Arm(name, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Disarm(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// hasStruck reports whether the fault has struck.
func (r *runner) hasStruck(t *testing.T, a *fault.Armed) bool {
	t.Helper()
	strikes, err := a.Strikes()
	if err != nil {
		t.Fatal(err)
	}
	return len(strikes) > 0
}

// struck checks that the fault has struck: otherwise the run shows nothing.
func (r *runner) struck(t *testing.T, a *fault.Armed) {
	t.Helper()
	if a == nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience) // what follows a query may come a moment later
	defer cancel()
	if _, err := a.Await(ctx, 1); err != nil {
		t.Error(err)
	}
}
