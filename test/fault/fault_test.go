package fault

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func arm(t *testing.T, d Dir, name string, at Aim) *Armed {
	t.Helper()
	a, err := d.Arm(name, at)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Registry {
		if seen[f.Name] || f.Doc == "" || f.Kind == "" {
			t.Errorf("%s: named twice or not described", f.Name)
		}
		seen[f.Name] = true
		if (f.Kind == AtPoint) != (f.Rule.Point != "" && f.Rule.Effect != "") {
			t.Errorf("%s: of kind %s, with the rule %+v", f.Name, f.Kind, f.Rule)
		}
		if f.Rule.Effect == faultpoint.Fail && trinoerr.ByName(f.Rule.Code) == nil {
			t.Errorf("%s: unknown code %q", f.Name, f.Rule.Code)
		}
	}
	if _, err := Dir(t.TempDir()).Arm("worker-killed", Aim{}); err == nil {
		t.Error("a fault of processes was armed at a point")
	}
}

// Without a directory, and at points and tasks that nobody aims at, nothing happens.
func TestUnarmed(t *testing.T) {
	ctx := t.Context()
	if err := faultpoint.Open("").Reach(ctx, faultpoint.BeforeRead, "q.0.0.0"); err != nil {
		t.Error(err)
	}
	d := Dir(t.TempDir())
	p := faultpoint.Open(string(d))
	arm(t, d, "task-fails-internal", Aim{Task: "1.*.0"})
	for _, miss := range []struct{ point, task string }{
		{faultpoint.AfterWrite, "q.1.0.0"}, {faultpoint.BeforeRead, "q.0.0.0"}, {faultpoint.BeforeRead, "q.1.0.1"},
	} {
		if err := p.Reach(ctx, miss.point, miss.task); err != nil {
			t.Errorf("%v: %v", miss, err)
		}
	}
	arm(t, d, "task-fails-internal", Aim{Parent: os.Getpid()})
	if err := p.Reach(ctx, faultpoint.BeforeRead, "q.2.0.0"); err != nil {
		t.Errorf("struck a process of another parent: %v", err)
	}
}

func TestFailsAsOftenAsItMay(t *testing.T) {
	d := Dir(t.TempDir())
	p := faultpoint.Open(string(d))
	a := arm(t, d, "task-fails-external", Aim{Task: "1.*.*", Times: 2})
	for i, want := range []*trinoerr.Code{trinoerr.UnsupportedTableType, trinoerr.UnsupportedTableType, nil} {
		err := p.Reach(t.Context(), faultpoint.BeforeRead, "q.1.0.0")
		if want == nil && err != nil || want != nil && (err == nil || trinoerr.CodeOf(err) != want) {
			t.Errorf("time %d: %v", i, err)
		}
	}
	s, err := a.Strikes()
	if err != nil || len(s) != 2 || s[0] != (faultpoint.Strike{Task: "q.1.0.0", PID: os.Getpid(), Parent: os.Getppid()}) {
		t.Errorf("strikes %+v, %v", s, err)
	}
}

// A fault that strikes always strikes until it is disarmed.
func TestAlways(t *testing.T) {
	d := Dir(t.TempDir())
	p := faultpoint.Open(string(d))
	a := arm(t, d, "task-fails-internal", Aim{Times: Always})
	for i := range 3 {
		if p.Reach(t.Context(), faultpoint.BeforeRead, "q.1.0.0") == nil {
			t.Errorf("time %d: it has not struck", i)
		}
	}
	if s, err := a.Strikes(); err != nil || len(s) != 3 {
		t.Errorf("strikes %+v, %v", s, err)
	}
	if err := a.Disarm(); err != nil {
		t.Fatal(err)
	}
	if err := p.Reach(t.Context(), faultpoint.BeforeRead, "q.1.0.0"); err != nil {
		t.Error(err)
	}
}

// A rule with a trace token strikes the queries of that token.
func TestTrace(t *testing.T) {
	d := Dir(t.TempDir())
	p := faultpoint.Open(string(d))
	arm(t, d, "task-fails-internal", Aim{Trace: "mine", Times: Always})
	for query, trace := range map[string]string{"a": "mine", "b": "other", "c": ""} {
		if err := p.Named(query, trace); err != nil {
			t.Fatal(err)
		}
		if err := p.Reach(t.Context(), faultpoint.BeforeRead, query+".0.0.0"); (err != nil) != (trace == "mine") {
			t.Errorf("query %s: %v", query, err)
		}
	}
}

func TestHeld(t *testing.T) {
	d := Dir(t.TempDir())
	p := faultpoint.Open(string(d))
	for _, name := range []string{"task-held-before-run", "task-deaf"} {
		a := arm(t, d, name, Aim{})
		passed := make(chan error, 1)
		go func() { passed <- p.Reach(t.Context(), faultpoint.BeforeRun, "q.0.0.0") }()
		if _, err := a.Await(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-passed:
			t.Errorf("%s: not held: %v", name, err)
		case <-time.After(20 * time.Millisecond):
		}
		if err := a.Disarm(); err != nil {
			t.Error(err)
		}
		if err := <-passed; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	left, err := os.ReadDir(string(d))
	if err != nil || len(left) > 0 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}

func TestHeldIsCancelled(t *testing.T) {
	d := Dir(t.TempDir())
	arm(t, d, "task-held-before-read", Aim{})
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := faultpoint.Open(string(d)).Reach(ctx, faultpoint.BeforeRead, "q.0.0.0"); err != cause {
		t.Errorf("got %v", err)
	}
}

func TestAwaitGivesUp(t *testing.T) {
	a := arm(t, Dir(t.TempDir()), "slot-crash-before-run", Aim{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := a.Await(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
