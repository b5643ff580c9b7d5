package slot

import (
	"encoding/json"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestPoolBytes(t *testing.T) {
	for _, c := range []struct {
		name       string
		x          Exchange
		partitions int32
		want       int64
	}{
		{"one partition has the least number of buffers", Exchange{}, 1, 10 * 4 << 20},
		{"fifty have two each", Exchange{}, 50, 100 * 4 << 20},
		{"of the storage's size", Exchange{BufferBytes: 5 << 20}, 50, 100 * 5 << 20},
		{"more for each", Exchange{BuffersPerPartition: 3}, 50, 150 * 4 << 20},
		{"a larger least number", Exchange{MinBuffers: 200}, 50, 200 * 4 << 20},
		{"never less than what cannot be sent yet", Exchange{BufferBytes: 1}, 50, 50 * 4 * streamStep},
	} {
		if got, _ := c.x.poolBytes(c.partitions); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// A row that is larger than a page may be fails with Trino's error; what is smaller does not.
func TestMaxPage(t *testing.T) {
	f := begin(t, func(c *Config) { c.Exchange.MaxPageBytes = 1000 })
	columns, err := json.Marshal([]types.Type{types.MustParse("varchar")})
	if err != nil {
		t.Fatal(err)
	}
	for sql, fails := range map[string]bool{"SELECT repeat('x', 900)": false, "SELECT repeat('x', 1100)": true} {
		task := &rpcv1.Task{Id: "q.0.0.0", Sql: sql, Output: &rpcv1.Task_Rows{Rows: &rpcv1.RowsOutput{Types: columns, Store: f.spool.URI(), Prefix: "q/0/0.0/"}}}
		_, failed := f.run(task)
		if fails && (failed.GetCode() != "NOT_SUPPORTED" || failed.GetMessage() != "Max row size of 1000B exceeded: 1104B") || !fails && failed != nil {
			t.Errorf("%s: %v", sql, failed)
		}
	}
}

// Decrypted inputs are part of the attempt's memory: what they take DuckDB does not get, and what they do not get goes to the disk.
func TestInputMemory(t *testing.T) {
	const memory = 64 << 20
	for _, c := range []struct {
		name          string
		bytes         int64
		input, engine int64
	}{
		{"none", 0, 0, memory / 8 * 7},
		{"small", memory / 8, memory / 8, memory / 8 * 7},
		{"some", memory / 6, memory / 6, memory / 8 * 5},
		{"more than there is", memory * 2, memory / 4, memory / 8 * 5},
	} {
		h := &exchange.Handle{Segments: []exchange.Segment{{Kind: exchange.ParquetFile, Partition: 1, Bytes: c.bytes}, {Kind: exchange.ParquetFile, Partition: 2, Bytes: 1 << 40}}}
		a := &attempt{slot: &slot{}, task: &rpcv1.Task{MemoryBytes: memory, Inputs: []*rpcv1.Input{reading(t, []int32{1}, h)}}}
		if err := a.weighInputs(); err != nil {
			t.Fatal(err)
		}
		if a.inputMemory != c.input || a.engineMemory() != c.engine {
			t.Errorf("%s: %d for inputs, %d for DuckDB", c.name, a.inputMemory, a.engineMemory())
		}
	}
}

// What is around DuckDB is a share of a small memory, and depends on the size of parts in a large one.
func TestMemoryAround(t *testing.T) {
	for _, c := range []struct {
		memory, buffer, want int64
	}{{64 << 20, 0, 8 << 20}, {512 << 20, 0, 48 << 20}, {512 << 20, 5 << 20, 52 << 20}, {512 << 20, 100 << 20, 64 << 20}, {8 << 30, 100 << 20, 432 << 20}} {
		if got := (Exchange{BufferBytes: c.buffer}).around(c.memory); got != c.want {
			t.Errorf("of %d with buffers of %d: %d, want %d", c.memory, c.buffer, got, c.want)
		}
	}
	a := &attempt{slot: &slot{cfg: Config{MemoryBytes: 512 << 20}}, task: &rpcv1.Task{}}
	for output, want := range map[int64]int64{0: 1000, 1 << 10: 1000 + 1<<10, 1 << 30: 1000 + 48<<20} {
		if a.stats.OutputBytes = output; a.peakMemory(1000) != want {
			t.Errorf("with an output of %d bytes the peak is %d, want %d", output, a.peakMemory(1000), want)
		}
	}
}

// The scratch quota holds for inputs that memory has no room for.
func TestInputQuota(t *testing.T) {
	f := begin(t, nil)
	made, failed := f.run(f.writing("q.0.0.0", large, 7))
	if failed != nil {
		t.Fatal(failed)
	}
	tight := begin(t, func(c *Config) { c.MemoryBytes, c.ScratchQuota = 32<<20, 1<<20 })
	tight.spool = f.spool
	_, failed = tight.run(tight.writing("q.1.0.0", "SELECT max(key) AS k FROM in0", 1, reading(t, []int32{0, 1, 2, 3}, made)))
	if failed.GetCode() != "EXCEEDED_SPILL_LIMIT" {
		t.Errorf("%v", failed)
	}
	tight.idle()
}

// The query's key is destroyed in the slot when the attempt ends.
func TestKeyIsWiped(t *testing.T) {
	key := exchange.NewQueryKey()
	a := &attempt{key: key, slot: &slot{cfg: Config{ScratchDir: t.TempDir()}}}
	if err := a.cleanUp(); err != nil || *key != (exchange.QueryKey{}) {
		t.Errorf("%v, %v", key, err)
	}
}
