package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

const (
	measuredPrefix = "j/"
	measuredSecret = "secret"
)

// Recovery is what MeasureRecovery has measured.
type Recovery struct {
	Tasks    int // that had finished
	Events   int
	Bytes    int64 // of the journal
	Segments int
	Elapsed  time.Duration // of the takeover
}

// MeasureRecovery writes the journal of a query of which so many tasks have finished into an empty store, and measures how
// long a coordinator takes to take over: from their events, or from a snapshot and the events of the last tenth of them.
func MeasureRecovery(ctx context.Context, st store.Store, tasks int, snapshot bool) (r Recovery, err error) {
	cut := 0
	if snapshot {
		cut = 2 * tasks * 9 / 10
	}
	r.Tasks = tasks
	if r.Events, err = writeLongQuery(ctx, st, tasks, cut); err != nil {
		return r, err
	}
	if r.Bytes, r.Segments, err = journalSize(ctx, st); err != nil {
		return r, err
	}
	begun := time.Now()
	c, err := takeOverMeasured(st)
	r.Elapsed = time.Since(begun)
	if err != nil {
		return r, err
	}
	defer c.stop()
	if n := len(c.recovered); n != 1 {
		return r, fmt.Errorf("%d queries were taken up", n)
	}
	if outputs, _ := c.recovered[0].finished(); len(outputs) != tasks {
		return r, fmt.Errorf("%d of %d outputs are known", len(outputs), tasks)
	}
	return r, nil
}

// measuredPartitions is how many exchange partitions each of the tasks below has written.
const measuredPartitions = 50

// longQuery are the events of a query of which so many tasks have finished, with what goes with them: two large tables are
// scanned, and their join has just begun.
func longQuery(output exchange.Handle, finishedTasks int, each func(note) error) error {
	output.Base = "s3://exchange/"
	const id = scheduler.QueryID("20260101_000000_00000_abcde")
	at := scheduler.InstantOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	state := scheduler.New(scheduler.DefaultConfig())
	var queue []scheduler.Action
	var failure error
	step := func(n note) {
		if failure == nil {
			failure = each(n)
		}
		queue = append(queue, state.Step(n.event)...)
	}
	for i := range 100 {
		step(note{event: scheduler.NodeJoined{At: at, Node: scheduler.NodeID(fmt.Sprintf("worker-%02d", i)), Instance: "i", MemBytes: 64 << 30, Slots: 16}})
	}
	stages := []scheduler.Stage{
		{ID: 0, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: measuredPartitions},
		{ID: 1, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: measuredPartitions},
		{ID: 2, Distribution: scheduler.Hash, Inputs: []scheduler.Input{{Stage: 0}, {Stage: 1}}, OutputPartitions: 1, Root: true},
	}
	settings := scheduler.DefaultSettings()
	settings.TaskMemory = 1 << 30
	settings.Compute.Max = 1 << 30 // a task for each split
	bp := &blueprint{Stages: []stagePlan{{Graph: stages[0], SQL: "SELECT 1", Scans: []scanPlan{{Catalog: "tpch"}}},
		{Graph: stages[1], SQL: "SELECT 2", Scans: []scanPlan{{Catalog: "tpch"}}}, {Graph: stages[2], SQL: "SELECT 3"}}}
	step(note{event: scheduler.QuerySubmitted{At: at, Query: scheduler.Query{ID: id, Policy: scheduler.RetryTask, Settings: settings, Stages: stages}},
		side: side{Query: &queryRecord{Run: id, ID: id, Slug: "x", SQL: "SELECT", Policy: scheduler.RetryTask, Blueprint: bp}}})
	sizes := make([]int64, measuredPartitions)
	for i := range sizes {
		sizes[i] = int64(1_000_000 + 1000*i)
	}
	done := 0
	for ; len(queue) > 0 && failure == nil; queue = queue[1:] {
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
	step(note{event: scheduler.Tick{At: at.Add(time.Minute)}})
	if failure == nil && done != finishedTasks {
		failure = fmt.Errorf("%d tasks have finished, not %d", done, finishedTasks)
	}
	return failure
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
func someOutput(ctx context.Context, st store.Store) (exchange.Handle, error) {
	w, err := exchange.NewWriter(ctx, exchange.WriterConfig{Store: st, Prefix: exchange.AttemptPrefix("q", 0, 0, 0), Producer: "q.0.0.0", Key: exchange.NewQueryKey()})
	if err != nil {
		return exchange.Handle{}, err
	}
	for p := range measuredPartitions {
		size := 20_000 + 1000*p
		if err := w.Add(p, int64(size/100), int64(size), bytes.NewReader(make([]byte, size))); err != nil {
			return exchange.Handle{}, errors.Join(err, w.Abort())
		}
	}
	h, err := w.Close()
	h.Salt = 1 << 60 // nobody reads it: every run writes the same journal
	return h, err
}

// writeLongQuery writes a journal with the events of a long query. After so many of them, if any, a snapshot takes their place.
func writeLongQuery(ctx context.Context, st store.Store, tasks, snapshotAfter int) (events int, err error) {
	output, err := someOutput(ctx, st)
	if err != nil {
		return 0, err
	}
	log, stop, err := openLog(ctx, st)
	if err != nil {
		return 0, err
	}
	err = longQuery(output, tasks, func(n note) error {
		if s := n.side.Query; s != nil {
			if s.Key, err = rpc.Secret(measuredSecret).WrapKey(exchange.NewQueryKey(), string(s.Run)); err != nil {
				return err
			}
		}
		payload, err := encodeEntry(n)
		if err == nil {
			_, err = log.Append(ctx, payload)
		}
		if events++; err != nil || events != snapshotAfter {
			return err
		}
		if err := stop(); err != nil {
			return err
		}
		stop = func() error { return nil }
		c, err := takeOverMeasured(st)
		if err == nil {
			_, _, err = rewrite(ctx, c)
			c.stop()
		}
		if err != nil {
			return err
		}
		log, stop, err = openLog(ctx, st)
		return err
	})
	return events, errors.Join(err, stop())
}

// openLog opens a journal to write to; stop waits until all is written.
func openLog(ctx context.Context, st store.Store) (log *journal.Journal, stop func() error, err error) {
	log, err = journal.Open(ctx, journalStore{st}, measuredPrefix, journal.Config{}, func(journal.Entry) error { return nil })
	if err != nil {
		return nil, func() error { return nil }, err
	}
	return log, runLog(log), nil
}

// runLog writes a journal until the function that it returns is called.
func runLog(log *journal.Journal) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- log.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// journalSize is the size of a journal, and of how many objects it consists.
func journalSize(ctx context.Context, st store.Store) (bytes int64, segments int, err error) {
	err = st.List(ctx, measuredPrefix, func(o store.Object) error {
		bytes += o.Size
		segments++
		return nil
	})
	return bytes, segments, err
}

// takeOverMeasured is a coordinator that takes over, and does not run.
func takeOverMeasured(st store.Store) (*Coordinator, error) {
	defaults := config.Defaults(config.Host{MemoryBytes: 8 << 30})
	return New(Config{NodeID: "c", Version: "v", Environment: "test", URL: "http://c", Secret: measuredSecret, Catalogs: map[string]connector.Connector{},
		Stores: &store.Registry{}, Encrypt: true, Session: defaults.Session, Scheduling: defaults.Scheduling, Query: defaults.Query,
		Communication: defaults.Communication, Journal: &JournalConfig{Store: st, Prefix: measuredPrefix}, Log: slog.New(slog.DiscardHandler)})
}

// rewrite replaces the journal of a coordinator that does not run by a snapshot, and returns its size.
func rewrite(ctx context.Context, c *Coordinator) (whole, packed int, err error) {
	parts, whole, err := c.snapshot(c.loop.state)
	if err != nil {
		return 0, 0, err
	}
	for _, p := range parts {
		packed += len(p)
	}
	stop := runLog(c.recorder.log)
	first, _, err := c.recorder.log.Snapshot(parts...)
	if err = errors.Join(err, stop()); err == nil {
		err = c.recorder.log.Truncate(ctx, first)
	}
	return whole, packed, err
}
