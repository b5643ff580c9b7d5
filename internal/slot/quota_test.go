package slot

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// What inputs take of the disk DuckDB cannot spill: each of them alone has room in the quota, but not both.
func TestQuotaIsShared(t *testing.T) {
	f := begin(t, nil)
	made, failed := f.run(f.writing("q.0.0.0", large, 7))
	if failed != nil {
		t.Fatal(failed)
	}
	input := reading(t, []int32{0, 1, 2, 3, 4, 5, 6}, made)
	small := func(quota int64) *fixture {
		other := begin(t, func(c *Config) { c.MemoryBytes, c.ScratchQuota = 32<<20, quota })
		other.spool = f.spool
		return other
	}
	run := func(f *fixture) *rpcv1.SlotMessage {
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: f.writing("q.1.0.0", "SELECT key AS k FROM in0 WHERE key % 2 = 0 ORDER BY hash(key)", 1, input)}})
		m := f.end()
		f.idle()
		return m
	}
	spilled := run(small(0)).GetFinished().GetStats().GetSpilledBytes()
	a := &attempt{slot: &slot{cfg: Config{MemoryBytes: 32 << 20}}, task: &rpcv1.Task{Inputs: []*rpcv1.Input{input}}}
	if err := a.weighInputs(); err != nil {
		t.Fatal(err)
	}
	disk, err := a.inputsOnDisk()
	if err != nil || disk < 16<<20 || spilled < 8<<20 || spilled > disk {
		t.Fatalf("inputs take %d bytes of the disk, %d are spilled, %v", disk, spilled, err)
	}
	if got := run(small(disk + spilled/4)).GetFailed().GetFailure().GetCode(); got != "EXCEEDED_SPILL_LIMIT" {
		t.Errorf("with room for one of both: %q", got)
	}
	if m := run(small(disk + 4*spilled)); m.GetFinished() == nil {
		t.Errorf("with room for both: %v", m)
	}
}

// An output larger than the quota is held back until there is room.
func TestQuotaHoldsOutputBack(t *testing.T) {
	dir := t.TempDir()
	f := begin(t, func(c *Config) {
		c.MemoryBytes, c.ScratchQuota = 256<<20, 16<<20
		c.Stores.Openers["slow"] = slow(dir, time.Millisecond, nil)
	})
	task := f.writing("q.0.0.0", large, 1)
	task.Output.(*rpcv1.Task_Exchange).Exchange.Store = "slow://x"
	made, failed := f.run(task)
	if failed != nil || made.StoredBytes() < 32<<20 {
		t.Errorf("%v, %v", made, failed)
	}
	f.idle()
}

// taking is a catalog whose tables take all files, and delete them.
type taking struct {
	connector.Connector
	connector.Writer
}

func (taking) Sink(context.Context, json.RawMessage, string) (connector.Sink, error) {
	return takingSink{}, nil
}

type takingSink struct{}

func (takingSink) PartitionColumns() []string     { return nil }
func (takingSink) Options() connector.FileOptions { return connector.FileOptions{} }
func (takingSink) Add(_ context.Context, path string, _ []*string, _, _ int64) error {
	return os.Remove(path)
}
func (takingSink) Finish(context.Context) ([]byte, error) { return nil, nil }
func (takingSink) Abort(context.Context) error            { return nil }

// An output that cannot be sent before its end, that of a table, has to have room.
func TestQuotaOfTable(t *testing.T) {
	for quota, want := range map[int64]string{0: "", 16 << 20: "EXCEEDED_SPILL_LIMIT", 1 << 30: ""} {
		f := begin(t, func(c *Config) {
			c.MemoryBytes, c.ScratchQuota = 256<<20, quota
			c.Catalogs["taking"] = taking{}
		})
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: &rpcv1.Task{Id: "q.0.0.0", Sql: large, Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: "taking"}}}}})
		if m := f.end(); m.GetFailed().GetFailure().GetCode() != want {
			t.Errorf("with a quota of %d: %v", quota, m)
		}
		f.idle()
	}
}

func TestScratchRoom(t *testing.T) {
	for _, c := range []struct{ quota, others, want int64 }{{0, 0, 1000}, {10000, 0, 1000}, {1000, 0, 500}, {1000, 700, 150}, {1000, 990, 100}} {
		var s *scratch
		if c.quota > 0 {
			s = &scratch{quota: c.quota}
			s.others.Store(c.others)
		}
		if got := s.room(1000, 100); got != c.want {
			t.Errorf("%d of a quota of %d are taken: room for %d, want %d", c.others, c.quota, got, c.want)
		}
	}
}

// The sizes of files are known before they are read.
func TestInputsOnDisk(t *testing.T) {
	h := &exchange.Handle{Segments: []exchange.Segment{
		{Kind: exchange.ParquetFile, Partition: 1, Bytes: 600, Length: 608, Offset: 8}, {Kind: exchange.ParquetFile, Partition: 1, Bytes: 500, Length: 508, Offset: 616},
		{Kind: exchange.ParquetFile, Partition: 2, Bytes: 5000, Length: 5008, Offset: 1124}, {Kind: exchange.ParquetFile, Partition: 1, Bytes: 300, Length: 308, Offset: 6132}}}
	a := &attempt{slot: &slot{}, task: &rpcv1.Task{MemoryBytes: 4000, Inputs: []*rpcv1.Input{reading(t, []int32{1}, h)}}}
	if err := a.weighInputs(); err != nil {
		t.Fatal(err)
	}
	if disk, err := a.inputsOnDisk(); disk != 500 || err != nil {
		t.Errorf("%d bytes, %v", disk, err)
	}
}
