//go:build e2e

package matrix

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// deed does what an injection says as soon as its fault has struck. The returned function, for the end of the statement, waits for
// that and brings the cluster back to its size.
func (r *runner) deed(t *testing.T, in *Injection, armed *armed) (end func()) {
	t.Helper()
	if in.Do == NoDeed {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	var after func()
	var done sync.WaitGroup
	done.Go(func() {
		s, err := armed.leading().Await(ctx, 1)
		if err != nil {
			t.Error(err)
			return
		}
		after = r.do(t, in, armed, s[0])
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
func (r *runner) do(t *testing.T, in *Injection, armed *armed, s faultpoint.Strike) (undo func()) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	switch in.Do {
	case KillSlot:
		check(syscall.Kill(s.PID, syscall.SIGKILL))
	case FreezeSlot:
		check(syscall.Kill(s.PID, syscall.SIGSTOP))
	case CancelQuery:
		query, _, _ := strings.Cut(s.Task, ".")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, r.URL()+"/v1/query/"+query, nil)
		check(err)
		req.Header.Set("X-Trino-User", "matrix")
		res, err := http.DefaultClient.Do(req)
		check(err)
		if err == nil {
			res.Body.Close()
		}
	case BreakStream: // with the report of the attempt's end, which comes now
		armed.fault = r.armOne(t, in.Fault, fault.Aim{PID: s.Parent})
		r.armOne(t, "call-event-dropped", fault.Aim{PID: s.Parent})
		check(armed.first.Disarm())
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
