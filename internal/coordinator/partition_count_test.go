package coordinator

import (
	"regexp"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

var partitionCount = regexp.MustCompile(`into (\d+) partitions`)

// The number of partitions follows from the estimated size of the data (16,500 rows, some 360 kB), from
// the cluster (2 slots), and from limits that depend on the policy. Where nothing is estimated it is the maximum.
func TestPartitionCounts(t *testing.T) {
	const read = "SELECT orderkey FROM orders o JOIN customer c ON o.custkey = c.custkey"
	c, _ := testCoordinator(t, nil)
	join(t, c, "w")
	for _, test := range []struct{ name, properties, want string }{
		{"the least of TASK", "", "4"},
		{"another least", "fault_tolerant_execution_min_partition_count=7", "7"},
		{"by rows", "min_input_rows_per_task=1000", "17"},
		{"by rows, up to the most", "min_input_rows_per_task=1", "50"},
		{"another most", "min_input_rows_per_task=1 fault_tolerant_execution_max_partition_count=20", "20"},
		{"by size", "min_input_size_per_task=10kB", "36"},
		{"by memory of a node", "query_max_memory_per_node=20kB", "36"},
		{"no estimate by size", "min_input_size_per_task=0B", "50"},
		{"no estimate by rows", "min_input_rows_per_task=0", "50"},
		{"the least of the other policies", "retry_policy=NONE min_hash_partition_count=9", "9"},
		{"the most of the other policies", "retry_policy=QUERY min_input_rows_per_task=1", "100"},
		{"another most of the other policies", "retry_policy=NONE min_input_rows_per_task=1 max_hash_partition_count=30", "30"},
	} {
		properties := append(strings.Fields(test.properties), "waterbear_single_task_input_size=0B", "join_distribution_type=PARTITIONED")
		text, err := result(t, submit(t, c, "EXPLAIN (TYPE DISTRIBUTED) "+read, properties...))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if m := partitionCount.FindStringSubmatch(text); m == nil || m[1] != test.want {
			t.Errorf("%s: %v instead of %s: %s", test.name, m, test.want, text)
		}
	}
}

// Queries that write get the maximum, unless query.determine-partition-count-for-write-enabled says otherwise.
func TestPartitionCountsOfWrites(t *testing.T) {
	s := Settings{}
	s.MaxPartitionCount, s.MinPartitionCount, s.MinPartitionCountForWrite = 40, 4, 30
	s.MaxHashPartitionCount, s.MinHashPartitionCount, s.MinHashPartitionCountForWrite = 90, 5, 60
	for _, test := range []struct {
		task, writes bool
		want         partitionLimits
	}{
		{true, false, partitionLimits{4, 40}}, {true, true, partitionLimits{30, 40}},
		{false, false, partitionLimits{5, 90}}, {false, true, partitionLimits{60, 90}},
	} {
		s.RetryPolicy = 0
		if test.task {
			s.RetryPolicy = scheduler.RetryTask
		}
		if got := s.partitionLimits(test.writes); got != test.want {
			t.Errorf("task %t, writes %t: %v", test.task, test.writes, got)
		}
	}
}

// A minimum above the maximum is an error, as in Trino; that of writes only where it is used.
func TestPartitionLimitsContradict(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	join(t, c, "w")
	for _, test := range []struct{ properties, want string }{
		{"fault_tolerant_execution_max_partition_count=3", "minPartitionCount 4 larger than maxPartitionCount 3"},
		{"retry_policy=NONE min_hash_partition_count=200", "minPartitionCount 200 larger than maxPartitionCount 100"},
		{"fault_tolerant_execution_min_partition_count_for_write=60", ""},
		{"fault_tolerant_execution_min_partition_count_for_write=60 determine_partition_count_for_write_enabled=true",
			"minPartitionCount 60 larger than maxPartitionCount 50"},
	} {
		_, err := result(t, submit(t, c, "EXPLAIN "+anyQuery, strings.Fields(test.properties)...))
		switch {
		case test.want == "" && err != nil, test.want != "" && (err == nil || err.Error() != test.want || err.Code != trinoerr.GenericInternalError):
			t.Errorf("%s: %v", test.properties, err)
		}
	}
}

// exchange.max-output-partition-count: a query whose exchanges need more partitions than the exchange manager allows says so.
func TestPartitionsOfExchangeManager23756(t *testing.T) {
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.MaxPartitions = 10 })
	w := join(t, c, "w")
	const sql = "SELECT orderkey FROM orders o JOIN customer c ON o.custkey = c.custkey"
	properties := []string{"waterbear_single_task_input_size=0B", "join_distribution_type=PARTITIONED", "fault_tolerant_execution_min_partition_count=11"}
	q := submit(t, c, sql, properties...)
	_, err := result(t, q)
	want := "Max number of output partitions exceeded for exchange 'external-exchange-" + string(q.id) + ".0'. Allowed: 10. Requested: 11."
	if err == nil || err.Code != trinoerr.MaxOutputPartitionCountExceeded || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	submit(t, c, sql, append(properties, "retry_policy=NONE")...) // whose exchanges are the workers' own
	w.next()
}
