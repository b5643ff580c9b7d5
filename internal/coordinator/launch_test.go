package coordinator

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	systemconnector "github.com/waterbear-sql/waterbear/internal/connector/system"
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
	hosts   []string
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
		out[i] = connector.Split{Bytes: 1, Hosts: c.hosts}
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

// The scheduler learns of a stage what lets it end early, and what it is to ask for.
func TestStagesForScheduler(t *testing.T) {
	shown := &System{}
	c, _ := testCoordinator(t, func(cfg *Config) {
		system, err := systemconnector.New(connector.CatalogConfig{Catalog: "system", Env: connector.Env{Coordinator: true, System: shown}})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Catalogs["system"] = system
	})
	shown.Serve(c)
	w := join(t, c, "w")
	q := submit(t, c, "SELECT orderkey FROM orders LIMIT 7", "waterbear_single_task_input_size=0B")
	w.next()
	if first := q.exec.Stages[0].Graph; first.RowLimit != 7 || first.Root {
		t.Errorf("the scan below LIMIT 7: %+v", first)
	}
	sorted := submit(t, c, "SELECT orderkey FROM orders ORDER BY orderkey LIMIT 7", "waterbear_single_task_input_size=0B")
	w.next()
	for _, st := range sorted.exec.Stages {
		if st.Graph.RowLimit != 0 {
			t.Errorf("a stage below ORDER BY ends after %d rows", st.Graph.RowLimit)
		}
	}
	w = join(t, c, "another")
	nodes := submit(t, c, "SELECT * FROM system.runtime.nodes", "fault_tolerant_execution_coordinator_task_memory=3MB")
	if task := w.next(); task.MemoryBytes != 3<<20 || !task.Light || !nodes.exec.Stages[0].Graph.NoMemory {
		t.Errorf("a task that reads a system table: light %t, %d bytes", task.Light, task.MemoryBytes)
	}
}

// node-scheduler.optimized-local-scheduling: where splits are read best goes to the scheduler with them.
func TestSplitHosts(t *testing.T) {
	scan := tableScan{shelf: newDescriptors(1<<20, 1<<20, 1<<20, nil).shelf("q"), connector: &countingSplits{left: 1, hosts: []string{"h1"}}}
	splits, _, _, err := scan.find(t.Context(), 0, 0)
	if err != nil || len(splits) != 1 || len(splits[0].Hosts) != 1 || splits[0].Hosts[0] != "h1" {
		t.Errorf("%+v, %v", splits, err)
	}
}
