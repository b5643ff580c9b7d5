package coordinator

import (
	"fmt"
	"maps"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// successor is a coordinator that takes over, and does not run yet.
func successor(t testing.TB, st store.Store) *Coordinator {
	t.Helper()
	c, err := takeOverMeasured(st)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	return c
}

// mustLongQuery is writeLongQuery.
func mustLongQuery(t testing.TB, st store.Store, tasks, snapshotAfter int) (events int) {
	t.Helper()
	events, err := writeLongQuery(t.Context(), st, tasks, snapshotAfter)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// A coordinator that takes over a query with many finished tasks knows all of them, from their events and from a snapshot,
// which is not much larger than what there is to know.
func TestRecoverManyTasks18851(t *testing.T) {
	const tasks = 500
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	mustLongQuery(t, st, tasks, 0)
	for _, from := range []string{"events", "a snapshot"} {
		c := successor(t, st)
		q := c.Recovered()[0].(*query)
		outputs, _ := q.finished()
		info, _ := c.loop.state.Query(q.sid)
		if len(outputs) != tasks || info.Stages[0].Finished+info.Stages[1].Finished != tasks {
			t.Errorf("from %s: %d outputs of %d tasks", from, len(outputs), info.Stages[0].Finished+info.Stages[1].Finished)
		}
		if got := q.totals; got.CPU != tasks*time.Second || got.InputRows != tasks*1000 {
			t.Errorf("from %s: figures %+v", from, got)
		}
		h, err := q.handle(t.Context(), outputs[7])
		if err != nil || len(h.Segments) != measuredPartitions || h.Base == "" || h.Producer != outputs[7].String() {
			t.Errorf("from %s: handle %+v, %v", from, h, err)
		}
		whole, packed, err := rewrite(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("from %s: a snapshot of %d bytes for each task, %d compressed", from, whole/tasks, packed/tasks)
		if whole/tasks > 5000 || packed/tasks > 1000 {
			t.Errorf("a snapshot of %d bytes, %d compressed", whole, packed)
		}
	}
}

// What a coordinator knows after a takeover is what the events say, one after the other, whether there is a snapshot or not.
func TestRecoveredStateIsThatOfTheEvents(t *testing.T) {
	const tasks, events = 500, 1000
	st := map[bool]store.Store{}
	var outputs, splits [2]map[string]string
	var dumps [2]string
	for i, cut := range []int{0, events / 2} {
		journaled, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		st[cut > 0] = journaled
		if n := mustLongQuery(t, journaled, tasks, cut); n < events {
			t.Fatalf("%d events", n)
		}
		c := successor(t, journaled)
		dumps[i] = c.loop.state.Dump()
		q := c.Recovered()[0].(*query)
		kept, err := q.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		outputs[i], splits[i] = map[string]string{}, map[string]string{}
		for task, h := range kept.Outputs {
			outputs[i][task] = h.Base + " " + string(h.Data)
		}
		for scan, found := range kept.Splits {
			splits[i][scan] = fmt.Sprintf("%s", found)
		}
		if len(outputs[i]) != tasks || len(splits[i]) != 2 || len(kept.Inputs) != tasks {
			t.Errorf("snapshot after %d events: %d outputs, %d inputs, splits of %d scans", cut, len(outputs[i]), len(kept.Inputs), len(splits[i]))
		}
	}
	if !maps.Equal(outputs[0], outputs[1]) || !maps.Equal(splits[0], splits[1]) {
		t.Error("outputs or splits differ")
	}
	state := scheduler.New(scheduler.DefaultConfig())
	for e, err := range journal.Replay(t.Context(), journalStore{st[false]}, "j/") {
		if err != nil {
			t.Fatal(err)
		}
		ev, err := scheduler.DecodeEvent(e.Payload)
		if err != nil {
			t.Fatal(err)
		}
		state.Step(ev)
	}
	for i, got := range dumps {
		if want := state.Dump(); got != want {
			t.Errorf("form %d: the state is not that of the events:\n%.2000s\nwant\n%.2000s", i, got, want)
		}
	}
}

// What waterbear bench recovery shows is measured, from events and from a snapshot.
func TestMeasureRecovery(t *testing.T) {
	for _, snapshot := range []bool{false, true} {
		st, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		r, err := MeasureRecovery(t.Context(), st, 200, snapshot)
		if err != nil || r.Tasks != 200 || r.Events < 400 || r.Bytes == 0 || r.Segments == 0 || r.Elapsed <= 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

// BenchmarkRecover takes over a query of which 100,000 tasks have finished: from their events, or from a snapshot and the
// events of the last tenth of its tasks. Only the takeover is timed.
func BenchmarkRecover(b *testing.B) {
	const tasks = 100_000
	for _, from := range []string{"events", "snapshot"} {
		b.Run(from, func(b *testing.B) {
			st, err := local.New(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			cut := 0
			if from == "snapshot" {
				cut = 2 * tasks * 9 / 10
			}
			events := mustLongQuery(b, st, tasks, cut)
			size, segments, err := journalSize(b.Context(), st)
			if err != nil {
				b.Fatal(err)
			}
			runtime.GC()
			var before, after syscall.Rusage
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
			b.ResetTimer()
			for b.Loop() {
				successor(b, st)
			}
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
			b.ReportMetric(float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano())/1e9/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(size)/tasks, "B/task")
			b.ReportMetric(float64(segments), "segments")
			b.ReportMetric(float64(events), "events")
		})
	}
}

// BenchmarkRecord encodes the end of a task for the journal.
func BenchmarkRecord(b *testing.B) {
	var ends []note
	st, err := local.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	output, err := someOutput(b.Context(), st)
	if err == nil {
		err = longQuery(output, 100, func(n note) error {
			if _, ok := n.event.(scheduler.TaskFinished); ok {
				ends = append(ends, n)
			}
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := encodeEntry(ends[i%len(ends)]); err != nil {
			b.Fatal(err)
		}
	}
}
