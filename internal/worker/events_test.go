package worker

import (
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

func TestEventLog(t *testing.T) {
	l := newEventLog()
	numbers := func(after int64) string {
		ends, _ := l.after(after)
		var out []int64
		for _, e := range ends {
			out = append(out, e.Sequence)
		}
		return fmt.Sprint(out)
	}
	check := func(step string, after int64, want string) {
		t.Helper()
		if got := numbers(after); got != want {
			t.Errorf("%s: after %d come %s, want %s", step, after, got, want)
		}
	}
	check("empty", 0, "[]")
	_, changed := l.after(0)
	l.finished(&rpcv1.Finished{Task: "q.0.0.0"})
	select {
	case <-changed:
	default:
		t.Error("nobody was woken")
	}
	l.failed(&rpcv1.Failed{Task: "q.0.1.0"})
	l.finished(&rpcv1.Finished{Task: "q.0.2.0"})
	check("three", 0, "[1 2 3]")
	check("three", 2, "[3]")
	check("three", 9, "[]")
	l.acknowledge(2)
	check("two acknowledged", 0, "[3]")
	l.acknowledge(1)
	check("an old acknowledgement", 0, "[3]")
	l.acknowledge(99)
	check("more acknowledged than there is", 0, "[]")
	l.finished(&rpcv1.Finished{Task: "q.0.3.0"})
	check("numbers go on", 0, "[4]")
}

// Progress of an attempt is told once, its newest only, and never after its end.
func TestProgress(t *testing.T) {
	l := newEventLog()
	l.progressed(&rpcv1.Progress{Task: "a", InputRows: 1})
	l.progressed(&rpcv1.Progress{Task: "a", InputRows: 2})
	l.progressed(&rpcv1.Progress{Task: "b"})
	l.finished(&rpcv1.Finished{Task: "b"})
	if p := l.takeProgress(); len(p) != 1 || p[0].InputRows != 2 {
		t.Errorf("got %v", p)
	}
	if p := l.takeProgress(); len(p) != 0 {
		t.Errorf("told again: %v", p)
	}
}
