package system

import "context"

// runtimeTables show what the cluster is doing. Their rows are the coordinator's.
var runtimeTables = []table{
	define("runtime", "nodes", "node_id, http_uri, node_version, coordinator boolean, state", ofCluster("nodes")),
	define("runtime", "queries", "query_id, state, user, source, query, resource_group_id array(varchar), queued_time_ms bigint, "+
		"analysis_time_ms bigint, planning_time_ms bigint, created timestamp(3) with time zone, started timestamp(3) with time zone, "+
		"last_heartbeat timestamp(3) with time zone, end timestamp(3) with time zone, error_type, error_code", ofCluster("queries")),
	define("runtime", "tasks", "node_id, task_id, stage_id, query_id, state, splits bigint, queued_splits bigint, running_splits bigint, "+
		"completed_splits bigint, split_scheduled_time_ms bigint, split_cpu_time_ms bigint, split_blocked_time_ms bigint, "+
		"raw_input_bytes bigint, raw_input_rows bigint, processed_input_bytes bigint, processed_input_rows bigint, output_bytes bigint, "+
		"output_rows bigint, physical_input_bytes bigint, physical_written_bytes bigint, created timestamp(3) with time zone, "+
		"start timestamp(3) with time zone, last_heartbeat timestamp(3) with time zone, end timestamp(3) with time zone, "+
		// What Trino does not have comes after what it has.
		"attempt bigint, execution_class, requested_memory_bytes bigint, peak_memory_bytes bigint, error_code", ofCluster("tasks")),
	define("runtime", "transactions", "transaction_id, isolation_level, read_only boolean, auto_commit_context boolean, "+
		"create_time timestamp(3) with time zone, idle_time_secs bigint, written_catalog, catalogs array(varchar)", ofCluster("transactions")),
}

func ofCluster(table string) func(context.Context, *Connector, filter) ([][]any, error) {
	return func(ctx context.Context, c *Connector, _ filter) ([][]any, error) { return c.system.Rows(ctx, table) }
}
