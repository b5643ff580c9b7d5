package coordinator

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// exchange.compression-codec and task.concurrency reach the tasks.
func TestTasksFollowSession(t *testing.T) {
	for _, test := range []struct {
		properties  []string
		compression string
		threads     int32
	}{
		{nil, "LZ4", 8},
		{[]string{"exchange_compression_codec=ZSTD", "task_concurrency=2"}, "ZSTD", 2},
		{[]string{"exchange_compression_codec=NONE", "task_concurrency=16"}, "NONE", 16},
	} {
		c, _ := testCoordinator(t, func(cfg *Config) { cfg.Session.Compression, cfg.Session.TaskConcurrency = config.CompressionLZ4, 8 })
		w := join(t, c, "w")
		submit(t, c, "SELECT orderkey FROM orders o JOIN customer c ON o.custkey = c.custkey",
			append(test.properties, "waterbear_single_task_input_size=0B", "join_distribution_type=PARTITIONED")...)
		task := w.next()
		if got := task.GetExchange().GetCompression(); got != test.compression || task.Threads != test.threads {
			t.Errorf("%v: compression %q, %d threads", test.properties, got, task.Threads)
		}
	}
}

// countingSplits is a table of many splits of a byte.
type countingSplits struct {
	connector.Connector
	batches []int
	left    int
}

func (c *countingSplits) Splits(context.Context, connector.Scan) (connector.SplitSource, error) {
	return c, nil
}

func (c *countingSplits) Next(_ context.Context, n int) ([]connector.Split, error) {
	c.batches = append(c.batches, n)
	n = min(n, c.left)
	c.left -= n
	out := make([]connector.Split, n)
	for i := range out {
		out[i] = connector.Split{Bytes: 1}
	}
	return out, nil
}

func (c *countingSplits) Close() error { return nil }

// query.schedule-split-batch-size, and waterbear.minimum-split-size: tiny splits do not make tiny tasks, nor huge ones.
func TestSplits16805(t *testing.T) {
	table := &countingSplits{left: 25}
	scan := tableScan{shelf: newDescriptors(1<<20, 1<<20, 1<<20, nil).shelf("q"), connector: table, batch: 10, least: 1 << 20}
	found, done := 0, false
	for !done {
		splits, _, noMore, err := scan.find(t.Context(), 0, found)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range splits {
			if s.Bytes != 1<<20 {
				t.Fatalf("a split of %d bytes", s.Bytes)
			}
		}
		found, done = found+len(splits), noMore
	}
	if found != 25 || len(table.batches) != 4 || table.batches[0] != 10 {
		t.Errorf("%d splits in batches of %v", found, table.batches)
	}
}
