package worker

import (
	"fmt"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

func part(id string, n, of int32, splits ...string) *rpcv1.StartRequest {
	table := &rpcv1.TableSplits{}
	for _, s := range splits {
		table.Splits = append(table.Splits, []byte(s))
	}
	return &rpcv1.StartRequest{Part: n, Parts: of, Task: &rpcv1.Task{Id: id, Inputs: []*rpcv1.Input{{Source: &rpcv1.Input_Table{Table: table}}}}}
}

// Parts are put together in order, and once, whatever is sent twice.
func TestAssembly(t *testing.T) {
	a := assembly{patience: time.Hour}
	running := map[string]bool{}
	for i, step := range []struct {
		req  *rpcv1.StartRequest
		want string // the splits of the task that is complete; "-": none is; "!": refused
	}{
		{part("whole", 0, 0, "a"), "[a]"},
		{part("x", 0, 3, "a", "b"), "-"},
		{part("x", 0, 3, "a", "b"), "-"}, // its answer was lost
		{part("x", 2, 3, "d"), "!"},
		{part("y", 1, 2, "d"), "!"},
		{part("x", 1, 3, "c"), "-"},
		{part("x", 1, 3, "c"), "-"},
		{part("x", 2, 3, "d"), "[a b c d]"},
		{part("x", 2, 3, "d"), "-"}, // it runs by now
		{part("x", 0, 3, "a"), "-"},
	} {
		id := step.req.Task.Id
		task, err := a.add(step.req, func() bool { return running[id] })
		got := "-"
		switch {
		case err != nil:
			got = "!"
		case task != nil:
			got, running[id] = fmt.Sprintf("%s", task.Inputs[0].GetTable().Splits), true
		}
		if got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
	if len(a.partial) != 0 {
		t.Errorf("left: %v", a.partial)
	}
}

// What is never completed is forgotten.
func TestAssemblyForgets(t *testing.T) {
	a := assembly{patience: time.Millisecond}
	never := func() bool { return false }
	for i := range 10 {
		if _, err := a.add(part(fmt.Sprint(i), 0, 2), never); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
	}
	if len(a.partial) != 1 {
		t.Errorf("%d tasks are kept", len(a.partial))
	}
	a.drop("9")
	if len(a.partial) != 0 {
		t.Error("a dropped task is kept")
	}
}

// A large task runs when its last part has come.
func TestStartInParts(t *testing.T) {
	_, r, client, _ := testWorker(t)
	whole := task("q.0.0.0", "sleep")
	for n := range int32(2) {
		if _, err := client.Start(t.Context(), &rpcv1.StartRequest{Task: whole, Part: n, Parts: 2}); err != nil {
			t.Fatal(err)
		}
	}
	r.until(t, "the task runs", func(req *rpcv1.RegisterRequest) bool { return len(req.Tasks) == 1 })
}
