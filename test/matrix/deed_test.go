//go:build e2e

package matrix

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// deed does what an injection says as soon as its fault has struck. The returned function, for the end of the statement, waits for
// that and brings the cluster back to its size.
func (r *runner) deed(t *testing.T, in *Injection, armed *fault.Armed) (end func()) {
	t.Helper()
	if in.Do == NoDeed {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	var after func()
	var done sync.WaitGroup
	done.Go(func() {
		s, err := armed.Await(ctx, 1)
		if err != nil {
			t.Error(err)
			return
		}
		after = r.do(t, in.Do, s[0])
	})
	return func() {
		done.Wait()
		cancel()
		if after != nil {
			after()
		}
	}
}

// do does it, to the process that a fault holds, and returns what undoes it.
func (r *runner) do(t *testing.T, d Deed, s faultpoint.Strike) (undo func()) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	switch d {
	case KillSlot:
		check(syscall.Kill(s.PID, syscall.SIGKILL))
	case FreezeSlot:
		check(syscall.Kill(s.PID, syscall.SIGSTOP))
	case KillWorker:
		i := r.workerOf(t, s)
		r.KillWorker(i)
		return func() { check(r.RestartWorker(t.Context(), i)) } // whose disk has what the dead one had
	case FreezeWorker:
		i := r.workerOf(t, s)
		check(r.PauseWorker(i))
		return func() { check(r.ResumeWorker(i)) }
	}
	return nil
}

// workerOf is the index of the worker in whose slot a fault has struck.
func (r *runner) workerOf(t *testing.T, s faultpoint.Strike) int {
	t.Helper()
	i := slices.Index(r.WorkerPIDs(), s.Parent)
	if i < 0 {
		t.Fatalf("%+v is on none of the workers %v", s, r.WorkerPIDs())
	}
	return i
}
