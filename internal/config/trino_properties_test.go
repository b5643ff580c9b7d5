package config

import (
	"slices"
	"strings"
	"testing"
)

// trinoProperties are the properties of fault-tolerant execution that Trino has: name, default, session property (with * when
// SHOW SESSION does not list it; the name with _ when it is only *), other names, and values that are refused. A
// Waterbear that drops or renames one, or changes its default, is noticed here.
const trinoProperties = `
retry-policy | NONE | retry_policy* | | ONE
retry-policy.allowed | NONE,QUERY,TASK | | | ONE
external-exchange-encryption-enabled | true | | fault-tolerant-execution-exchange-encryption-enabled fault-tolerant-execution.exchange-encryption-enabled | yes
exchange.compression-codec | NONE | exchange_compression_codec | | GZIP
task.concurrency | 8 | task_concurrency | | 0 3
query-retry-attempts | 4 | query_retry_attempts | | -1
task-retry-attempts-per-task | 4 | task_retry_attempts_per_task | | -1 127
retry-initial-delay | 10.00s | retry_initial_delay | | 10
retry-max-delay | 1.00m | retry_max_delay | | 10
retry-delay-scale-factor | 2.0 | retry_delay_scale_factor | | 0.9
query.max-run-time | 100.00d | query_max_run_time | | 100
query.max-execution-time | 100.00d | query_max_execution_time | | 100
query.max-planning-time | 10.00m | query_max_planning_time | | 10
query.max-cpu-time | 1000000000.00d | query_max_cpu_time | | 10 x
query.max-scan-physical-bytes | | query_max_scan_physical_bytes | | 10
query.max-stage-count | 150 | query_max_stage_count | | 0
query-manager.required-workers | 1 | required_workers_count | | -1
query-manager.required-workers-max-wait | 5.00m | required_workers_max_wait_time | | 5
fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-growth-period | 64 | * | | x
fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-growth-factor | 1.26 | * | | 0.9
fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min | 512MB | * | | 512
fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-max | 50GB | * | | 50
fault-tolerant-execution-arbitrary-distribution-write-task-target-size-growth-period | 64 | * | | x
fault-tolerant-execution-arbitrary-distribution-write-task-target-size-growth-factor | 1.26 | * | | 0.9
fault-tolerant-execution-arbitrary-distribution-write-task-target-size-min | 4GB | * | | 4
fault-tolerant-execution-arbitrary-distribution-write-task-target-size-max | 50GB | * | | 50
fault-tolerant-execution-hash-distribution-compute-task-target-size | 512MB | * | | 512
fault-tolerant-execution-hash-distribution-compute-task-to-node-min-ratio | 2.0 | * | | -1
fault-tolerant-execution-hash-distribution-write-task-target-size | 4GB | * | | 4
fault-tolerant-execution-hash-distribution-write-task-to-node-min-ratio | 2.0 | * | | -1
fault-tolerant-execution-hash-distribution-write-task-target-max-count | 2000 | * | | 0
scale-writers | true | scale_writers | | 1
fault-tolerant-execution-standard-split-size | 64MB | * | | 1kB
fault-tolerant-execution-max-task-split-count | 2048 | * | | 0
query.max-concurrent-queries | 1000 | | | 0
query.max-queued-queries | 5000 | | | 0
query.schedule-split-batch-size | 1000 | | | 0
fault-tolerant-execution-max-partition-count | 50 | * | fault-tolerant-execution-partition-count | 0 1001
fault-tolerant-execution-min-partition-count | 4 | * | | 0 1001
fault-tolerant-execution-min-partition-count-for-write | 50 | * | | 0 1001
query.max-hash-partition-count | 100 | max_hash_partition_count | query.hash-partition-count | 0
query.min-hash-partition-count | 4 | min_hash_partition_count | | 0
query.min-hash-partition-count-for-write | 50 | min_hash_partition_count_for_write | | 0
query.determine-partition-count-for-write-enabled | false | determine_partition_count_for_write_enabled | | 1
optimizer.min-input-size-per-task | 5GB | min_input_size_per_task | | 5
optimizer.min-input-rows-per-task | 10000000 | min_input_rows_per_task | | -1
fault-tolerant-execution-task-memory | 5GB | * | | 5
fault-tolerant-execution-coordinator-task-memory | 2GB | * | | 2
fault-tolerant-execution-task-memory-growth-factor | 3.0 | * | | 0.9
fault-tolerant-execution-task-memory-estimation-quantile | 0.9 | * | | 1.1 -0.1
fault-tolerant-execution-task-runtime-memory-estimation-overhead | 1GB | | | 1
fault-tolerant-execution-memory-requirement-increase-on-worker-crash-enabled | true | | fault-tolerant-execution.memory-requirement-increase-on-worker-crash-enabled | 1
fault-tolerant-execution-eager-speculative-tasks-node-memory-overcommit | 20GB | | fault-tolerant-execution-eager-speculative-tasks-node_memory-overcommit | 1
max-tasks-waiting-for-node-per-query | 50 | max_tasks_waiting_for_node_per_query | max-tasks-waiting-for-node-per-stage | 0
max-tasks-waiting-for-execution-per-query | 10 | max_tasks_waiting_for_execution_per_query | | 0
node-scheduler.allowed-no-matching-node-period | 10.00m | | | 10
node-scheduler.exhausted-node-wait-period | 2.00m | | | 2
node-scheduler.optimized-local-scheduling | true | | | 1
node-scheduler.include-coordinator | true | | | 1
memory.heap-headroom-per-node | 0B | | | 101% x
query.max-memory | 20GB | query_max_memory* | | 0B
query.max-total-memory | 40GB | query_max_total_memory* | | 0B
query.max-memory-per-node | 30% | query_max_memory_per_node* | | 0% 200%
fault-tolerant-execution-min-source-stage-progress | 0.2 | * | | x
fault-tolerant-execution-small-stage-estimation-enabled | true | * | | 1
fault-tolerant-execution-small-stage-estimation-threshold | 20GB | * | | 20
fault-tolerant-execution-small-stage-source-size-multiplier | 1.2 | * | | 0.9
fault-tolerant-execution-small-stage-require-no-more-partitions | false | * | | 1
fault-tolerant-execution-stage-estimation-for-eager-parent-enabled | true | * | | 1
fault-tolerant-execution-adaptive-query-planning-enabled | true | fault_tolerant_execution_adaptive_query_planning_enabled | | 1
fault-tolerant-execution-adaptive-join-reordering-enabled | true | fault_tolerant_execution_adaptive_join_reordering_enabled | | 1
fault-tolerant-execution-adaptive-join-reordering-size-difference-ratio | 1.5 | * | | 0.9
fault-tolerant-execution-adaptive-join-reordering-min-size-threshold | 5GB | * | | 5
fault-tolerant-execution-runtime-adaptive-partitioning-enabled | false | * | | 1
fault-tolerant-execution-runtime-adaptive-partitioning-partition-count | 1000 | * | | 0 1001
fault-tolerant-execution-runtime-adaptive-partitioning-max-task-size | 12GB | * | | 12
 | false | debug_adaptive_planner* | | 1
fault-tolerant-execution-task-descriptor-storage-max-memory | 1228MB | | | x
fault-tolerant-execution-task-descriptor-storage-high-water-mark | 737MB | | | x
fault-tolerant-execution-task-descriptor-storage-low-water-mark | 491MB | | | x
query.remote-task.max-error-duration | 1.00m | | | 100ms
exchange.max-error-duration | 1.00m | | | 1us
query.client.timeout | 5.00m | | | 100ms
query.remote-task.enable-adaptive-request-size | true | remote_task_adaptive_update_request_size_enabled | | 1
query.remote-task.max-request-size | 8MB | remote_task_max_request_size | | 8
query.remote-task.request-size-headroom | 2MB | remote_task_request_size_headroom | | 2
query.remote-task.guaranteed-splits-per-task | 3 | remote_task_guaranteed_splits_per_request | | 0
exchange.deduplication-buffer-size | 32MB | | | 32
task.low-memory-killer.policy | total-reservation-on-blocked-nodes | | | total-reservation
query.low-memory-killer.policy | total-reservation-on-blocked-nodes | | | least-waste
failure-injection.expiration-period | 10.00m | | | 10
failure-injection.request-timeout | 2.00m | | | 2
exchange.max-output-partition-count | 50 | | | 0
exchange.sink-max-file-size | 1GB | | | 1
exchange.max-page-storage-size | 16MB | | | 0
exchange.sink-buffer-pool-min-size | 10 | | | -1
exchange.sink-buffers-per-partition | 2 | | | 1
exchange.source-concurrent-readers | 4 | | | 0
exchange.source-max-files-per-reader | 25 | | | 0
exchange.source-handle-target-data-size | 256MB | | | 0
exchange.file-listing-parallelism | 50 | | | 0
`

// trinoStorageProperties are those of exchange storages, which have a guide of their own (docs/exchange-storage.md).
const trinoStorageProperties = `
exchange.s3.aws-access-key | | | |
exchange.s3.aws-secret-key | | | |
exchange.s3.iam-role | | | |
exchange.s3.external-id | | | |
exchange.s3.region | | | |
exchange.s3.endpoint | | | | s3.example.com ftp://a http://
exchange.s3.path-style-access | false | | | yes
exchange.s3.max-error-retries | 10 | | | -1
exchange.s3.retry-mode | ADAPTIVE_V2 | | | LEGACY
exchange.s3.upload.part-size | 5MB | | | 4MB 257MB
exchange.s3.storage-class | STANDARD | | | GLACIER DEEP_ARCHIVE
exchange.s3.async-client-concurrency | 100 | | | 0
exchange.s3.async-client-max-pending-connection-acquires | 10000 | | | 0
exchange.s3.async-client-connection-acquisition-timeout | 1.00m | | | 1
exchange.s3.sse.type | NONE | | | AES
exchange.s3.sse.kms-key-id | | | |
exchange.azure.connection-string | | | |
exchange.azure.endpoint | | | | account http://account.blob.core.windows.net https://
exchange.azure.block-size | 4MB | | | 3MB 257MB
exchange.azure.max-error-retries | 10 | | | -1
exchange.azure.max-connections | 500 | | | 0
exchange.azure.pending-acquire-max-count | 1000 | | | 0
exchange.azure.connection-acquisition-timeout | 1.00m | | | 1
exchange.gcs.json-key-file-path | | | |
exchange.gcs.json-key | | | |
exchange.hdfs.block-size | 4MB | | | 3MB 257MB
exchange.hdfs.skip-directory-scheme-validation | false | | | yes
hdfs.config.resources | | | | /no/such/core-site.xml
`

// trinoDefunct are names that Trino refuses.
var trinoDefunct = []string{"retry-attempts", "fault-tolerant-execution-target-task-input-size", "fault-tolerant-execution-target-task-split-count",
	"experimental.fault-tolerant-execution-force-preferred-write-partitioning-enabled", "query.low-memory-killer.delay", "exchange.encryption-enabled"}

// described is what a table says about a property.
type described struct {
	value    string // of the defaults
	session  string
	hidden   bool
	aliases  []string
	accepts  func(text string) bool
	describe bool // has a Doc
}

func TestTrinoProperties(t *testing.T) {
	c := Defaults(testHost())
	c.Exchange = new(Exchange)
	*c.Exchange = ExchangeTable.Defaults(testHost())
	known := map[string]described{}
	describeTable(known, &ServerTable, &c.Server)
	describeTable(known, &QueryTable, &c.Query)
	describeTable(known, &SessionTable, &c.Session)
	describeTable(known, &SchedulingTable, &c.Scheduling)
	describeTable(known, &CommunicationTable, &c.Communication)
	describeTable(known, &SpoolingTable, &c.Spooling)
	describeTable(known, &ResourcesTable, &c.Resources)
	describeTable(known, &ExchangeTable, c.Exchange)
	s3 := ExchangeS3Table.Defaults(testHost())
	describeTable(known, &ExchangeS3Table, &s3)
	azure := ExchangeAzureTable.Defaults(testHost())
	describeTable(known, &ExchangeAzureTable, &azure)
	gcs := ExchangeGCSTable.Defaults(testHost())
	describeTable(known, &ExchangeGCSTable, &gcs)
	hdfs := ExchangeHDFSTable.Defaults(testHost())
	describeTable(known, &ExchangeHDFSTable, &hdfs)
	for line := range strings.Lines(strings.TrimSpace(trinoProperties) + trinoStorageProperties) {
		cell := strings.Split(line, "|")
		for i := range cell {
			cell[i] = strings.TrimSpace(cell[i])
		}
		session, hidden := strings.CutSuffix(cell[2], "*")
		if hidden && session == "" {
			session = strings.ReplaceAll(cell[0], "-", "_")
		}
		name := cell[0]
		if name == "" {
			name = "session " + session
		}
		p, ok := known[name]
		switch {
		case !ok:
			t.Errorf("%s is missing", name)
			continue
		case roughly(p.value) != cell[1]:
			t.Errorf("%s is %s by default, want %s", name, p.value, cell[1])
		case p.session != session || p.hidden != hidden:
			t.Errorf("%s: session property %q, hidden %t", name, p.session, p.hidden)
		case !slices.Equal(p.aliases, strings.Fields(cell[3])):
			t.Errorf("%s is also %v", name, p.aliases)
		case !p.describe:
			t.Errorf("%s is not described", name)
		case p.value != "" && !p.accepts(p.value):
			t.Errorf("%s does not take its default", name)
		}
		for _, bad := range strings.Fields(cell[4]) {
			if p.accepts(bad) {
				t.Errorf("%s takes %s", name, bad)
			}
		}
	}
	for _, name := range trinoDefunct {
		f, _ := ParseProperties("f", name+"=1", env)
		target := []Section{SchedulingTable.Into(new(Scheduling))}
		if strings.HasPrefix(name, "exchange.") {
			target = []Section{ExchangeTable.Into(new(Exchange))}
		}
		if err := Read(f, testHost(), target...); !strings.Contains(message(err), "property '"+name+"' is defunct: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// roughly writes sizes that are no whole number of megabytes as if they were.
func roughly(value string) string {
	if bytes, err := ParseSize(value); err == nil && bytes > 100<<20 && bytes%(1<<20) != 0 {
		return FormatSize(bytes >> 20 << 20)
	}
	return value
}

func describeTable[C any](known map[string]described, table *Table[C], defaults *C) {
	for i := range table.Properties {
		p := &table.Properties[i]
		d := described{value: p.Value.text(defaults), aliases: p.Aliases, describe: p.Doc != "",
			accepts: func(text string) bool { return p.Value.set(new(C), text) == nil }}
		name := p.Name
		if p.Session != nil {
			d.session, d.hidden = p.Session.Name, p.Session.Hidden
			if name == "" {
				name = "session " + d.session
			}
		}
		known[name] = d
	}
}
