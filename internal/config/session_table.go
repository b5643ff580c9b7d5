package config

import (
	"slices"
	"time"
)

// SessionTable lists the properties that fill Session: those of config.properties, most of which sessions can change,
// and a few that only sessions have. Descriptions are those that Trino lists.
var SessionTable = Table[Session]{
	Title: "Queries, changeable by sessions",
	Properties: slices.Concat(retryProperties, limitProperties, memoryProperties, taskSizeProperties, partitionProperties, backupProperties, speculationProperties,
		adaptiveProperties, executionProperties, planProperties, hintProperties),
	Complete: completeSession,
	Check:    checkSession,
}

var retryProperties = []Property[Session]{
	{Name: "retry-policy", Default: "NONE", UsedBy: "coordinator",
		Value:   Enum(func(s *Session) *RetryPolicy { return &s.RetryPolicy }, RetryTask, RetryQuery, RetryNone),
		Doc:     "What is run again after a failure: nothing, the whole query, or only the failed tasks.",
		Session: &SessionInfo{Name: "retry_policy", Hidden: true, Description: "Retry policy. Possible values: [TASK, QUERY, NONE]"}},
	{Name: "retry-policy.allowed", Default: "NONE,QUERY,TASK", UsedBy: "config",
		Value: EnumList(func(s *Session) *[]RetryPolicy { return &s.AllowedRetryPolicies }, RetryTask, RetryQuery, RetryNone),
		Doc:   "Retry policies that sessions may choose."},
	{Name: "query-retry-attempts", Default: "4", UsedBy: "scheduler",
		Value:   Int(func(s *Session) *int { return &s.QueryRetryAttempts }, 0, NoMax),
		Doc:     "How often a query is run again under policy `QUERY`.",
		Session: &SessionInfo{Name: "query_retry_attempts", Description: "Maximum number of query retry attempts"}},
	{Name: "task-retry-attempts-per-task", Default: "4", UsedBy: "scheduler",
		Value: Int(func(s *Session) *int { return &s.TaskRetryAttempts }, 0, 126),
		Doc:   "How often a task is run again under policy `TASK`.",
		Session: &SessionInfo{Name: "task_retry_attempts_per_task", Description: "Maximum number of task retry attempts per single task",
			outOfRange: "greater than or equal to 0 and not not greater than 126"}},
	{Name: "retry-initial-delay", Default: "10s", UsedBy: "scheduler",
		Value: Duration(func(s *Session) *time.Duration { return &s.RetryInitialDelay }, 0),
		Doc:   "Wait before the first retry of what failed by itself. Tasks of a node that was lost start again at once.",
		Session: &SessionInfo{Name: "retry_initial_delay", Description: "Initial delay before initiating a retry attempt. " +
			"Delay increases exponentially for each subsequent attempt up to 'retry_max_delay'"}},
	{Name: "retry-max-delay", Default: "1m", UsedBy: "scheduler",
		Value: Duration(func(s *Session) *time.Duration { return &s.RetryMaxDelay }, 0),
		Doc:   "Longest wait before a retry.",
		Session: &SessionInfo{Name: "retry_max_delay", Description: "Maximum delay before initiating a retry attempt. " +
			"Delay increases exponentially for each subsequent attempt starting from 'retry_initial_delay'"}},
	{Name: "retry-delay-scale-factor", Default: "2.0", UsedBy: "scheduler",
		Value: Float(func(s *Session) *float64 { return &s.RetryDelayScaleFactor }, 1, unbounded()),
		Doc:   "How much longer each wait is than the one before.",
		Session: &SessionInfo{Name: "retry_delay_scale_factor", Description: "Factor by which retry delay is scaled on subsequent " +
			"attempts"}},
}

var taskSizeProperties = slices.Concat(
	targetSize("compute", "that do not write", "512MB", func(s *Session) *TargetSize { return &s.Compute }),
	targetSize("write", "that write", "4GB", func(s *Session) *TargetSize { return &s.Write }),
	[]Property[Session]{
		{Name: "fault-tolerant-execution-hash-distribution-compute-task-target-size", Default: "512MB", UsedBy: "scheduler",
			Value:   Size(func(s *Session) *int64 { return &s.HashComputeTargetSize }, 1),
			Doc:     "Input that a task of a hash-distributed stage that does not write should have.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_hash_distribution_compute_task_target_size", Hidden: true}},
		{Name: "fault-tolerant-execution-hash-distribution-compute-task-to-node-min-ratio", Default: "2.0", UsedBy: "scheduler",
			Value:   Float(func(s *Session) *float64 { return &s.HashComputeNodeRatio }, 0, unbounded()),
			Doc:     "Least number of such tasks for each node.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_hash_distribution_compute_task_to_node_min_ratio", Hidden: true}},
		{Name: "fault-tolerant-execution-hash-distribution-write-task-target-size", Default: "4GB", UsedBy: "scheduler",
			Value:   Size(func(s *Session) *int64 { return &s.HashWriteTargetSize }, 1),
			Doc:     "Input that a task of a hash-distributed stage that writes should have.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_hash_distribution_write_task_target_size", Hidden: true}},
		{Name: "fault-tolerant-execution-hash-distribution-write-task-to-node-min-ratio", Default: "2.0", UsedBy: "scheduler",
			Value:   Float(func(s *Session) *float64 { return &s.HashWriteNodeRatio }, 0, unbounded()),
			Doc:     "Least number of such tasks for each node.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_hash_distribution_write_task_to_node_min_ratio", Hidden: true}},
		{Name: "fault-tolerant-execution-hash-distribution-write-task-target-max-count", Default: "2000", UsedBy: "scheduler",
			Value:   Int(func(s *Session) *int { return &s.HashWriteMaxTasks }, 1, NoMax),
			Doc:     "Number of such tasks that a stage should not exceed.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_hash_distribution_write_task_target_max_count", Hidden: true}},
		{Name: "scale-writers", Default: "true", UsedBy: "coordinator",
			Value: Bool(func(s *Session) *bool { return &s.ScaleWriters }),
			Doc: "Whether several tasks may write what one exchange partition holds, if it is far above the target size and its rows are " +
				"not grouped. Tasks that do not write always may.",
			Session: &SessionInfo{Name: "scale_writers", Description: "Scale out writers based on throughput (use minimum necessary)"}},
		{Name: "fault-tolerant-execution-standard-split-size", Default: "64MB", UsedBy: "scheduler",
			Value:   Size(func(s *Session) *int64 { return &s.StandardSplitSize }, 1<<20),
			Doc:     "Size that a split of unknown size counts as.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_standard_split_size", Hidden: true}},
		{Name: "fault-tolerant-execution-max-task-split-count", Default: "2048", UsedBy: "scheduler",
			Value:   Int(func(s *Session) *int { return &s.MaxTaskSplitCount }, 1, NoMax),
			Doc:     "Largest number of splits that one task gets.",
			Session: &SessionInfo{Name: "fault_tolerant_execution_max_task_split_count", Hidden: true}},
		{Name: "waterbear.minimum-split-size", Default: "1MB", UsedBy: "coordinator",
			Value:   Size(func(s *Session) *int64 { return &s.MinSplitSize }, 0),
			Doc:     "What a split counts as at least when tasks are sized: opening one costs something, however little it holds.",
			Session: &SessionInfo{Name: "waterbear_minimum_split_size"}},
		{Name: "waterbear.single-task-input-size", Default: "512MB", UsedBy: "plan/stages",
			Value:   Size(func(s *Session) *int64 { return &s.SingleTaskInputSize }, 0),
			Doc:     "A query that reads less than this of its tables runs as one task, without any exchange: what a first task takes on anyway. So does the rest of a query that has as little to read, and no more than 64MB, while it runs. 0B never does that. Where slots have fewer than four threads and there are several, the default is 128MB for each thread of a slot.",
			Session: &SessionInfo{Name: "waterbear_single_task_input_size"}},
		{Name: "waterbear.range-alignment-enabled", Default: "true", UsedBy: "plan/stages",
			Value: Bool(func(s *Session) *bool { return &s.RangeAlignment }),
			Doc: "Whether tables whose rows lie in the order of a key are joined and aggregated by it range by range, without an exchange: " +
				"tasks then read ranges of the key instead of any splits.",
			Session: &SessionInfo{Name: "waterbear_range_alignment_enabled"}},
		{Name: "waterbear.range-sort-min-input-size", Default: "512MB", UsedBy: "plan/stages",
			Value: Size(func(s *Session) *int64 { return &s.RangeSortMinInputSize }, 0),
			Doc: "Estimated size of rows from which on they are sorted by many tasks, each a range of the order whose bounds a sample gives: for an ORDER BY " +
				"of a whole result, and for window functions without PARTITION BY. Less is sorted by one task.",
			Session: &SessionInfo{Name: "waterbear_range_sort_min_input_size"}},
	})

// targetSize gives the four properties of how tasks of arbitrary distribution are sized.
func targetSize(kind, which, minimum string, field func(*Session) *TargetSize) []Property[Session] {
	config := "fault-tolerant-execution-arbitrary-distribution-" + kind + "-task-target-size-"
	session := "fault_tolerant_execution_arbitrary_distribution_" + kind + "_task_target_size_"
	hidden := func(suffix string) *SessionInfo { return &SessionInfo{Name: session + suffix, Hidden: true} }
	return []Property[Session]{
		{Name: config + "growth-period", Default: "64", UsedBy: "scheduler",
			Value:   Int(func(s *Session) *int { return &field(s).GrowthPeriod }, 1, NoMax),
			Doc:     "Number of tasks of a stage after which the target size grows, for stages " + which + ".",
			Session: hidden("growth_period")},
		{Name: config + "growth-factor", Default: "1.26", UsedBy: "scheduler",
			Value:   Float(func(s *Session) *float64 { return &field(s).GrowthFactor }, 1, unbounded()),
			Doc:     "How much the target size grows each time, for stages " + which + ".",
			Session: hidden("growth_factor")},
		{Name: config + "min", Default: minimum, UsedBy: "scheduler",
			Value:   Size(func(s *Session) *int64 { return &field(s).Min }, 1),
			Doc:     "Input that the first tasks should have, for stages " + which + ".",
			Session: hidden("min")},
		{Name: config + "max", Default: "50GB", UsedBy: "scheduler",
			Value:   Size(func(s *Session) *int64 { return &field(s).Max }, 1),
			Doc:     "Largest input that a task should have, for stages " + which + ".",
			Session: hidden("max")},
	}
}

var planProperties = []Property[Session]{
	{Name: "join-distribution-type", Default: "AUTOMATIC", UsedBy: "plan/stages",
		Value: Enum(func(s *Session) *JoinDistribution { return &s.JoinDistribution }, JoinBroadcast, JoinPartitioned, JoinAutomatic),
		Doc:   "Whether joins send their build side to all tasks or partition both sides.",
		Session: &SessionInfo{Name: "join_distribution_type", Description: "Join distribution type. Possible values: [BROADCAST, " +
			"PARTITIONED, AUTOMATIC]"}},
	{Name: "join-max-broadcast-table-size", Default: "100MB", UsedBy: "plan/stages",
		Value: Size(func(s *Session) *int64 { return &s.JoinMaxBroadcastSize }, 0),
		Doc:   "Largest estimated build side that an automatic join sends to all tasks.",
		Session: &SessionInfo{Name: "join_max_broadcast_table_size", Description: "Maximum estimated size of a table that can be " +
			"broadcast when using automatic join type selection"}},
	{Name: "optimizer.join-reordering-strategy", Default: "AUTOMATIC", UsedBy: "plan/rules",
		Value: Enum(func(s *Session) *JoinReordering { return &s.JoinReordering }, ReorderNone, ReorderEliminateCrossJoins,
			ReorderAutomatic),
		Doc: "How much the order of joins may change.",
		Session: &SessionInfo{Name: "join_reordering_strategy", Description: "Join reordering strategy. Possible values: [NONE, " +
			"ELIMINATE_CROSS_JOINS, AUTOMATIC]"}},
	{Name: "optimizer.max-reordered-joins", Default: "8", UsedBy: "plan/rules",
		Value: Int(func(s *Session) *int { return &s.MaxReorderedJoins }, 2, NoMax),
		Doc: "How many joins may be in a group of which every order is compared; of larger groups one is found step by step, and of those that allow " +
			"more than 10,000 pairs of parts to be joined.",
		Session: &SessionInfo{Name: "max_reordered_joins", Description: "The maximum number of joins to reorder as one group in cost-based join reordering"}},
	{Name: "optimizer.push-partial-aggregation-through-join", Default: "true", UsedBy: "plan/rules",
		Value:   Bool(func(s *Session) *bool { return &s.PushAggregations }),
		Doc:     "Whether rows are aggregated before they are joined where that is expected to leave few.",
		Session: &SessionInfo{Name: "push_partial_aggregation_through_join", Description: "Push partial aggregations below joins"}},
	{Name: "optimizer.push-aggregation-through-outer-join", Default: "true", UsedBy: "plan/rules",
		Value:   Bool(func(s *Session) *bool { return &s.PushThroughOuter }),
		Doc:     "Whether that is done too on the side of an outer join whose rows may be missing.",
		Session: &SessionInfo{Name: "push_aggregation_through_outer_join", Description: "Allow pushing aggregations below joins"}},
	{Default: "true", UsedBy: "plan/rules",
		Value:   Bool(func(s *Session) *bool { return &s.PushIntoConnectors }),
		Doc:     "Whether filters, joins, aggregations and limits are offered to the connectors of the tables that they are over.",
		Session: &SessionInfo{Name: "allow_pushdown_into_connectors", Hidden: true, Description: "Allow pushdown into connectors"}},
	{Name: "waterbear.eager-aggregation-min-rows", Default: "100000", UsedBy: "plan/rules",
		Value:   Long(func(s *Session) *int64 { return &s.EagerAggregationMinRows }, 0),
		Doc:     "Estimated rows from which on it is considered to aggregate them before they are joined. With 0 it is done wherever it can be, whatever the estimates say.",
		Session: &SessionInfo{Name: "waterbear_eager_aggregation_min_rows", Description: "Minimum estimated number of rows that may be aggregated before they are joined"}},
	{Name: "optimizer.distinct-aggregations-strategy", Default: "", UsedBy: "plan/stages",
		Value: Enum(func(s *Session) *DistinctAggregations { return &s.DistinctAggregations }, DistinctSingleStep, DistinctMark, DistinctPreAggregate,
			DistinctSplitToSubqueries, DistinctAutomatic),
		Doc: "How aggregations with `DISTINCT` are computed; by estimates if nothing is said. See [how plans are made](../optimizer.md#distinct-aggregates).",
		Session: &SessionInfo{Name: "distinct_aggregations_strategy", Description: "Strategy to use for distinct aggregations.. Possible values: [SINGLE_STEP, " +
			"MARK_DISTINCT, PRE_AGGREGATE, SPLIT_TO_SUBQUERIES, AUTOMATIC]"}},
	{Name: "max-recursion-depth", Default: "10", UsedBy: "sql/binder",
		Value:   Int(func(s *Session) *int { return &s.MaxRecursionDepth }, 1, NoMax),
		Doc:     "How deep a recursive common table expression may go.",
		Session: &SessionInfo{Name: "max_recursion_depth", Description: "Maximum recursion depth for recursive common table expression"}},
	{Name: "deprecated.omit-datetime-type-precision", Default: "false", UsedBy: "sql/binder",
		Value:   Bool(func(s *Session) *bool { return &s.OmitTimePrecision }),
		Doc:     "Shows time and timestamp types of the default precision without it, for clients that know no precision.",
		Session: &SessionInfo{Name: "omit_datetime_type_precision", Description: "Omit precision when rendering datetime type names with default precision"}},
}
