package sim

import (
	"errors"
	"flag"
	"runtime"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

var (
	seeds = flag.Int64("seeds", 10_000, "number of seeds to simulate")
	first = flag.Int64("first", 0, "first seed")
	trace = flag.Bool("trace", false, "print the actions of a failed run")
)

// TestSeeds plays many seeds. A failure prints the seed and the shortest list of events found that breaks the rule.
func TestSeeds(t *testing.T) {
	sum, err := RunSeeds(t.Context(), *first, *seeds, runtime.GOMAXPROCS(0), nil)
	if v, ok := errors.AsType[*Violation](err); ok && *trace {
		t.Log(Trace(v.Events))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Log(sum)
	if sum.Seeds != *seeds {
		t.Errorf("only %d of %d seeds were played", sum.Seeds, *seeds)
	}
	if sum.Finished < sum.Failed {
		t.Errorf("only %d of %d queries finished: the faults hide what they should test", sum.Finished, sum.Finished+sum.Failed)
	}
	if sum.Restarts < sum.Seeds/4 {
		t.Errorf("only %d coordinators were killed in %d runs", sum.Restarts, sum.Seeds)
	}
}

// TestSame plays a seed twice: everything follows from it.
func TestSame(t *testing.T) {
	for seed := range int64(20) {
		a, err := Run(seed)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Run(seed)
		if err != nil {
			t.Fatal(err)
		}
		if Trace(a.Events) != Trace(b.Events) || a.Dump != b.Dump {
			t.Fatalf("seed %d gives two runs", seed)
		}
	}
}

// TestShrink breaks a rule by a list of events of which only a few matter: what is left must be those, and break the
// same rule.
func TestShrink(t *testing.T) {
	res, err := Run(7)
	if err != nil {
		t.Fatal(err)
	}
	bad := append(res.Events[:len(res.Events):len(res.Events)], scheduler.TaskFailed{Task: scheduler.TaskID{Query: "nobody"}, Lost: make([]scheduler.OutputRef, 1)},
		unknown{})
	rule, n := Check(bad)
	if !strings.Contains(rule, "unknown event") {
		t.Fatalf("rule %q after %d events", rule, n)
	}
	v := Shrink(&Violation{Seed: 7, Rule: rule, Events: bad[:n]})
	if len(v.Events) != 1 || v.Rule != rule {
		t.Errorf("%d events are left of %d, which break: %s", len(v.Events), n, v.Rule)
	}
	if !strings.Contains(v.Error(), "--from 7 --seeds 1") {
		t.Errorf("no command to repeat it in %q", v.Error())
	}
}

// unknown is an event that the machine does not know.
type unknown struct{ scheduler.Tick }
