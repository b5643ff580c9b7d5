package sim

import (
	"errors"
	"flag"
	"testing"
)

var (
	seeds = flag.Int64("seeds", 2000, "number of seeds to simulate")
	first = flag.Int64("first", 0, "first seed")
	trace = flag.Bool("trace", false, "print the actions of a failed run")
)

// TestSeeds plays many seeds. A failure prints the seed and the shortest list of events found that breaks the rule.
func TestSeeds(t *testing.T) {
	finished, failed, events := 0, 0, 0
	for seed := *first; seed < *first+*seeds; seed++ {
		res, err := Run(seed)
		if v, ok := errors.AsType[*Violation](err); ok {
			v = Shrink(v)
			if *trace {
				t.Log(Trace(v.Events))
			}
			t.Fatal(v)
		}
		if err != nil {
			t.Fatal(err)
		}
		finished += res.Finished
		failed += res.Failed
		events += len(res.Events)
	}
	t.Logf("%d queries finished, %d failed, %d events", finished, failed, events)
	if finished < failed {
		t.Errorf("only %d of %d queries finished: the faults hide what they should test", finished, finished+failed)
	}
}
