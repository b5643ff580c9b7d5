package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// partitions is how many exchange partitions each of the tasks below has written.
const partitions = 50

// longQuery are the events of a query of which so many tasks have finished, with what goes with them: two large tables are
// scanned, and their join has just begun.
func longQuery(t testing.TB, finishedTasks int, each func(note)) {
	output := someOutput(t)
	output.Base = "s3://exchange/"
	const id = scheduler.QueryID("20260101_000000_00000_abcde")
	at := scheduler.InstantOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	state := scheduler.New(scheduler.DefaultConfig())
	var queue []scheduler.Action
	step := func(n note) {
		each(n)
		queue = append(queue, state.Step(n.event)...)
	}
	for i := range 100 {
		step(note{event: scheduler.NodeJoined{At: at, Node: scheduler.NodeID(fmt.Sprintf("worker-%02d", i)), Instance: "i", MemBytes: 64 << 30, Slots: 16}})
	}
	stages := []scheduler.Stage{
		{ID: 0, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: partitions},
		{ID: 1, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: partitions},
		{ID: 2, Distribution: scheduler.Hash, Inputs: []scheduler.Input{{Stage: 0}, {Stage: 1}}, OutputPartitions: 1, Root: true},
	}
	settings := scheduler.DefaultSettings()
	settings.TaskMemory = 1 << 30
	settings.Compute.Max = 1 << 30 // a task for each split
	bp := &blueprint{Stages: []stagePlan{{Graph: stages[0], SQL: "SELECT 1", Scans: []scanPlan{{Catalog: "tpch"}}},
		{Graph: stages[1], SQL: "SELECT 2", Scans: []scanPlan{{Catalog: "tpch"}}}, {Graph: stages[2], SQL: "SELECT 3"}}}
	step(note{event: scheduler.QuerySubmitted{At: at, Query: scheduler.Query{ID: id, Policy: scheduler.RetryTask, Settings: settings, Stages: stages}},
		side: side{Query: &queryRecord{Run: id, ID: id, Slug: "x", SQL: "SELECT", Policy: scheduler.RetryTask, Blueprint: bp}}})
	sizes := make([]int64, partitions)
	for i := range sizes {
		sizes[i] = int64(1_000_000 + 1000*i)
	}
	done := 0
	for ; len(queue) > 0; queue = queue[1:] {
		switch a := queue[0].(type) {
		case scheduler.FindSplits:
			at = at.Add(time.Minute)
			step(note{event: scheduler.Tick{At: at}})
			step(someSplits(at, a, finishedTasks/2))
		case scheduler.StartTask:
			at = at.Add(time.Millisecond)
			step(note{event: scheduler.TaskStarted{At: at, Task: a.Task}})
			if a.Task.Stage == 2 {
				break
			}
			h := output
			h.Producer, h.Objects = a.Task.String(), []exchange.Object{{Key: prefixOf(a.Task) + "0.bundle", Size: output.Objects[0].Size}}
			step(note{event: scheduler.TaskFinished{At: at, Task: a.Task, Rows: sizes, Bytes: sizes, PeakMemory: 1 << 30, CPU: time.Second, Wall: time.Second},
				side: side{Output: packHandle(a.Task, &h), Figures: &figures{CPUMillis: 1000, WallMillis: 1000, InputRows: 1000, InputBytes: 1 << 20}}})
			done++
		}
	}
	if done != finishedTasks {
		t.Fatalf("%d tasks have finished, not %d", done, finishedTasks)
	}
	step(note{event: scheduler.Tick{At: at.Add(time.Minute)}})
}

// someSplits are the next splits of a scan of so many, each large enough for a task.
func someSplits(at scheduler.Instant, a scheduler.FindSplits, all int) note {
	found := scheduler.SplitsFound{At: at, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen}
	var s side
	for i := a.Seen; i < min(a.Seen+1000, all); i++ {
		found.Splits = append(found.Splits, scheduler.Split{ID: strconv.Itoa(i), Bytes: 1 << 30})
		s.Splits = append(s.Splits, fmt.Appendf(nil, `{"Data":{"path":"s3://warehouse/sales-%d/day=%d/part-%d.parquet","start":0,"end":%d},"Bytes":%d}`,
			a.Stage, i%1000, i, 1<<30, 1<<30))
	}
	found.NoMore = a.Seen+len(found.Splits) == all
	return note{event: found, side: s}
}

// someOutput is the output of a task as it is written to the exchange.
func someOutput(t testing.TB) exchange.Handle {
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := exchange.NewWriter(t.Context(), exchange.WriterConfig{Store: st, Prefix: exchange.AttemptPrefix("q", 0, 0, 0), Producer: "q.0.0.0", Key: exchange.NewQueryKey()})
	if err != nil {
		t.Fatal(err)
	}
	for p := range partitions {
		size := 20_000 + 1000*p
		if err := w.Add(p, int64(size/100), int64(size), bytes.NewReader(make([]byte, size))); err != nil {
			t.Fatal(err)
		}
	}
	h, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// writeLongQuery writes a journal with the events of a long query. After so many of them, if any, a snapshot takes their place.
func writeLongQuery(t testing.TB, st store.Store, tasks, snapshotAfter int) (events int) {
	log, stop := openLog(t, st)
	longQuery(t, tasks, func(n note) {
		var err error
		if s := n.side.Query; s != nil {
			if s.Key, err = rpc.Secret("secret").WrapKey(exchange.NewQueryKey(), string(s.Run)); err != nil {
				t.Fatal(err)
			}
		}
		payload, err := encodeEntry(n)
		if err == nil {
			_, err = log.Append(t.Context(), payload)
		}
		if err != nil {
			t.Fatal(err)
		}
		if events++; events == snapshotAfter {
			stop()
			rewrite(t, successor(t, st))
			log, stop = openLog(t, st)
		}
	})
	stop()
	return events
}

// openLog opens a journal to write to; stop waits until all is written.
func openLog(t testing.TB, st store.Store) (log *journal.Journal, stop func()) {
	log, err := journal.Open(t.Context(), journalStore{st}, "j/", journal.Config{}, func(journal.Entry) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- log.Run(ctx) }()
	return log, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}

// journalSize is the size of a journal, and of how many objects it consists.
func journalSize(t testing.TB, st store.Store) (bytes int64, segments int) {
	err := st.List(t.Context(), "j/", func(o store.Object) error {
		bytes += o.Size
		segments++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes, segments
}

// successor is a coordinator that takes over, and does not run yet.
func successor(t testing.TB, st store.Store) *Coordinator {
	defaults := config.Defaults(config.Host{MemoryBytes: 8 << 30})
	c, err := New(Config{NodeID: "c", Version: "v", Environment: "test", URL: "http://c", Secret: "secret", Catalogs: map[string]connector.Connector{},
		Stores: &store.Registry{Openers: map[string]store.Opener{"file": local.Open, "": local.Open}}, SpoolURIs: []string{t.TempDir()}, Encrypt: true,
		Session: defaults.Session, Scheduling: defaults.Scheduling, Query: defaults.Query, Communication: defaults.Communication,
		Journal: &JournalConfig{Store: st, Prefix: "j/"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	return c
}

// rewrite replaces the journal of a coordinator that does not run by a snapshot, and returns its size.
func rewrite(t testing.TB, c *Coordinator) (whole, packed int) {
	parts, whole, err := c.snapshot(c.loop.state)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		packed += len(p)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.recorder.log.Run(ctx) }()
	first, _, err := c.recorder.log.Snapshot(parts...)
	stop()
	err = errors.Join(err, <-ended)
	if err == nil {
		err = c.recorder.log.Truncate(t.Context(), first)
	}
	if err != nil {
		t.Fatal(err)
	}
	return whole, packed
}

// A coordinator that takes over a query with many finished tasks knows all of them, from their events and from a snapshot,
// which is not much larger than what there is to know.
func TestRecoverManyTasks18851(t *testing.T) {
	const tasks = 500
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	writeLongQuery(t, st, tasks, 0)
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
		if err != nil || len(h.Segments) != partitions || h.Base == "" || h.Producer != outputs[7].String() {
			t.Errorf("from %s: handle %+v, %v", from, h, err)
		}
		whole, packed := rewrite(t, c)
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
		if n := writeLongQuery(t, journaled, tasks, cut); n < events {
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
			events := writeLongQuery(b, st, tasks, cut)
			size, segments := journalSize(b, st)
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
	longQuery(b, 100, func(n note) {
		if _, ok := n.event.(scheduler.TaskFinished); ok {
			ends = append(ends, n)
		}
	})
	for i := 0; b.Loop(); i++ {
		if _, err := encodeEntry(ends[i%len(ends)]); err != nil {
			b.Fatal(err)
		}
	}
}
