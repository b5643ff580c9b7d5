package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// handleOf is the handle of a task's bundle with so many partitions of about 20 kB.
func handleOf(id scheduler.TaskID, partitions int, encrypted bool) *exchange.Handle {
	h := &exchange.Handle{Producer: id.String(), Base: "s3://bucket/spool/", Encrypted: encrypted,
		Salt: uint64(id.Partition+1) * 0x9E3779B97F4A7C15}
	at := int64(8)
	for p := range partitions {
		bytes := int64(20_000 + (id.Partition*7919+p*104_729)%5_000)
		length := bytes + 8
		if encrypted {
			length = bytes + (bytes+65_535)/65_536*32
		}
		h.Segments = append(h.Segments, exchange.Segment{Kind: exchange.ParquetFile, Partition: p, Offset: at, Length: length, Rows: bytes / 13, Bytes: bytes})
		at += length
	}
	h.Objects = []exchange.Object{{Key: prefixOf(id) + "0.bundle", Size: at + 600}}
	return h
}

// splitOf is a split as a connector for files makes them.
func splitOf(n int) []byte {
	raw, err := json.Marshal(connector.Split{Bytes: 64 << 20, Handle: fmt.Appendf(nil,
		`{"path":"s3://warehouse/sales.db/orders/dt=2026-01-%02d/part-%05d-1e8a6b1c-9d2f-4e2e-9f07-33c5f2f1c0de.c000.snappy.parquet","start":%d,"length":67108864,"fileSize":1073741824}`,
		n%28+1, n/16, n%16<<26)})
	if err != nil {
		panic(err)
	}
	return raw
}

// TestKept: what is remembered of attempts comes back.
func TestKept(t *testing.T) {
	c := &Coordinator{descriptors: newDescriptors(1<<30, 1<<30, 1<<30, nil)}
	q := &query{c: c, sid: "q-2", kept: newKept(c.descriptors.shelf("q-2")), ctx: t.Context()}
	for _, partitions := range []int{0, 1, 50} {
		for _, encrypted := range []bool{true, false} {
			id := scheduler.TaskID{Query: "q-2", Stage: 300, Partition: 1_000_000 + partitions, Attempt: 126}
			h := handleOf(id, partitions, encrypted)
			for range 2 { // said twice, it is kept once
				q.kept.keep(id, h)
			}
			if back, err := q.handle(t.Context(), id); err != nil || !reflect.DeepEqual(back, h) {
				t.Errorf("%+v became %+v, %v", h, back, err)
			}
			outputs, _ := q.finished()
			if len(outputs) != 1 || outputs[0] != id {
				t.Errorf("kept: %v", outputs)
			}
			if !q.kept.forget(id) || q.kept.forget(id) {
				t.Error("it had objects, once")
			}
			if _, err := q.handle(t.Context(), id); err != errUnknown {
				t.Errorf("after it was forgotten: %v", err)
			}
		}
	}
	id := scheduler.TaskID{Query: "q-2", Stage: 1, Partition: 2}
	q.kept.keepFragment(id, []byte("fragment"))
	if f, err := q.fragment(t.Context(), id); err != nil || string(f) != "fragment" {
		t.Errorf("%s, %v", f, err)
	}
}

// TestDescriptorsInStorage12493 runs queries whose coordinator has no memory for descriptors at all, also over a restart.
func TestDescriptorsInStorage12493(t *testing.T) {
	for _, spooled := range []bool{true, false} {
		t.Run(fmt.Sprintf("exchange manager %t", spooled), func(t *testing.T) {
			h := newHolding(t, func(c *Config) {
				c.Session.RetryPolicy = "TASK"
				c.Query.DescriptorMaxMemory, c.Query.DescriptorHighWaterMark, c.Query.DescriptorLowWaterMark = 1, 1, 1
				if !spooled {
					c.SpoolURIs = nil
				}
			})
			place, other := h.spool, h.scratch
			if !spooled {
				place, other = h.scratch, h.spool
			}
			w := join(t, h.Coordinator, "w")
			q := submit(t, h.Coordinator, anyQuery)
			task := w.next()
			if table := task.Inputs[0].GetTable(); len(table.GetSplits()) == 0 {
				t.Error("the task got no splits")
			}
			w.finish(task, h.disk, "[1]", "[2]")
			until(t, "descriptors are in storage", func() bool {
				u := h.DescriptorUsage()
				return u.Memory() == 0 && u.Spilled > 0
			})
			stored := found(t, place)
			if len(stored) == 0 || !strings.Contains(stored[0], "/"+string(q.id)+"/descriptors/") || len(found(t, other)) > 0 {
				t.Errorf("stored: %v, elsewhere %v", stored, found(t, other))
			}
			if got, err := result(t, q); err != nil || got != "[1],[2]" {
				t.Errorf("%s, %v", got, err)
			}
			h.clear(t, q)
			if u := h.DescriptorUsage(); u != (DescriptorUsage{}) {
				t.Errorf("left: %+v", u)
			}
		})
	}
}

// manyTasks returns a query with so many finished tasks of one split and 50 output partitions each, and its scan.
func manyTasks(ctx context.Context, c *Coordinator, tasks int, encrypted bool) (*query, *tableScan) {
	d := c.descriptors
	q := &query{c: c, sid: "20260131_121314_00001_abcde", inputs: map[attemptKey]input{}, ctx: ctx}
	q.kept = newKept(d.shelf(q.sid))
	scan := &tableScan{shelf: q.kept.shelf}
	for n := range tasks {
		id := scheduler.TaskID{Query: q.sid, Partition: n}
		scan.splits = append(scan.splits, scan.shelf.put(keptSplit(64<<20, splitOf(n))))
		q.kept.keep(id, handleOf(id, 50, encrypted))
		q.inputs[keyOf(id)] = input{1000, 64 << 20}
		if n%1000 == 0 || n == tasks-1 {
			for d.compress(); d.move(ctx); d.compress() {
			}
		}
	}
	return q, scan
}

// TestMemoryPerTask: a finished task with 50 output partitions takes less than 700 bytes of the coordinator's memory, encrypted or not.
// The scheduler's part, of which sim.TestScale says that it is at most 300, makes that less than a kilobyte.
func TestMemoryPerTask(t *testing.T) {
	const tasks = 30_000
	for _, encrypted := range []bool{true, false} {
		c := &Coordinator{descriptors: newDescriptors(1<<40, 1<<40, 1<<40, nil)}
		before := heap()
		q, scan := manyTasks(t.Context(), c, tasks, encrypted)
		per := (heap() - before) / tasks
		t.Logf("encrypted=%t: %d bytes per task", encrypted, per)
		if per > 700 || c.DescriptorUsage().Memory() < tasks*100 {
			t.Errorf("encrypted=%t: %d bytes per task, %+v", encrypted, per, c.DescriptorUsage())
		}
		runtime.KeepAlive(scan)
		runtime.KeepAlive(q)
	}
}

// BenchmarkDescriptors fills a query with 100,000 finished tasks of one split and 50 output partitions each, and reports what
// the coordinator's side of a task takes of its memory at rest.
func BenchmarkDescriptors(b *testing.B) {
	const tasks = 100_000
	for _, v := range []struct {
		name           string
		encrypted      bool
		max, high, low int64
	}{
		{"encrypted", true, 1 << 40, 1 << 40, 1 << 40},
		{"checksums", false, 1 << 40, 1 << 40, 1 << 40},
		{"encrypted/compressed", true, 1 << 40, 1, 1},
		{"checksums/compressed", false, 1 << 40, 1, 1},
		{"encrypted/stored", true, 4 << 20, 1, 1},
	} {
		b.Run(v.name, func(b *testing.B) {
			for range b.N {
				st, err := local.New(b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				d := newDescriptors(v.max, v.high, v.low, []store.Store{st})
				c := &Coordinator{descriptors: d}
				before := heap()
				q, scan := manyTasks(b.Context(), c, tasks, v.encrypted)
				b.ReportMetric(float64(heap()-before)/tasks, "B/task")
				u := d.Usage()
				b.ReportMetric(float64(u.Memory())/tasks, "descriptor-B/task")
				b.ReportMetric(float64(u.Spilled)/tasks, "stored-B/task")
				runtime.KeepAlive(scan)
				q.kept.shelf.drop(func(st store.Store, prefix string) { _ = st.DeletePrefix(b.Context(), prefix) })
			}
		})
	}
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
