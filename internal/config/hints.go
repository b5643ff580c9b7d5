package config

// hints are values that nothing reads: see SessionInfo.Hint.
type hints struct {
	distinctStrategy string
	numbers          [len(hintNumbers)]int
	shares           [len(hintShares)]float64
	flags            [len(hintFlags)]bool
}

// hintFlags are the hints that are true or false.
var hintFlags = [...]struct {
	name, initial, description string
	hidden                     bool
}{
	{"adaptive_partial_aggregation_enabled", "true", "When enabled, partial aggregation might be adaptively turned off when it does not provide any performance gain", false},
	{"allow_pushdown_into_connectors", "true", "Allow pushdown into connectors", true},
	{"colocated_join", "true", "Use a colocated join when possible", false},
	{"columnar_filter_evaluation_enabled", "true", "Enables columnar evaluation of filters", false},
	{"default_filter_factor_enabled", "false", "use a default filter factor for unknown filters in a filter node", false},
	{"dictionary_aggregation", "false", "Enable optimization for aggregations on dictionaries", false},
	{"distributed_sort", "true", "Parallelize sort across multiple nodes", false},
	{"enable_dynamic_filtering", "true", "Enable dynamic filtering", false},
	{"enable_dynamic_row_filtering", "true", "Enable fine-grained filtering of rows in the scan operator using dynamic filters", false},
	{"enable_intermediate_aggregations", "false", "Enable the use of intermediate aggregations", false},
	{"enable_large_dynamic_filters", "true", "Enable collection of large dynamic filters", false},
	{"force_spilling_join", "false", "Force the usage of spliing join operator in favor of the non-spilling one, even if spill is not enabled", false},
	{"ignore_downstream_preferences", "false", "Ignore Parent's PreferredProperties in AddExchange optimizer", false},
	{"incremental_hash_array_load_factor_enabled", "true", "Use smaller load factor for small hash arrays in order to improve performance", false},
	{"merge_project_with_values", "true", "Inline project expressions into values", false},
	{"non_estimatable_predicate_approximation_enabled", "true", "Approximate the cost of filters which cannot be accurately estimated even with complete statistics", false},
	{"optimize_duplicate_insensitive_joins", "true", "Optimize duplicate insensitive joins", false},
	{"optimize_metadata_queries", "false", "Enable optimization for metadata queries", false},
	{"optimize_top_n_ranking", "true", "Use top N ranking optimization", false},
	{"pre_aggregate_case_aggregations_enabled", "true", "Pre-aggregate rows before GROUP BY with multiple CASE aggregations on same column", false},
	{"predicate_pushdown_use_table_properties", "true", "Use table properties in predicate pushdown", false},
	{"prefer_partial_aggregation", "true", "Prefer splitting aggregations into partial and final stages", false},
	{"prefer_streaming_operators", "false", "Prefer source table layouts that produce streaming operators", false},
	{"push_aggregation_through_outer_join", "true", "Allow pushing aggregations below joins", false},
	{"push_partial_aggregation_through_join", "true", "Push partial aggregations below joins", false},
	{"push_table_write_through_union", "true", "Parallelize writes when using UNION ALL in queries that write data", false},
	{"redistribute_writes", "true", "Force parallel distributed writes", false},
	{"rewrite_filtering_semi_join_to_inner_join", "true", "Rewrite semi join in filtering context to inner join", false},
	{"skip_redundant_sort", "true", "Skip redundant sort operations", false},
	{"spill_enabled", "false", "Enable spilling", false},
	{"statistics_cpu_timer_enabled", "true", "Experimental: Enable cpu time tracking for automatic column statistics collection on write", false},
	{"statistics_precalculation_for_pushdown_enabled", "true", "Enable statistics precalculation for pushdown", false},
	{"task_scale_writers_enabled", "true", "Scale the number of concurrent table writers per task based on throughput", false},
	{"task_share_index_loading", "false", "Share index join lookups and caching within a task", false},
	{"use_cost_based_partitioning", "true", "When enabled the cost based optimizer is used to determine if repartitioning the output of an already partitioned stage is necessary", false},
	{"use_exact_partitioning", "false", "When enabled this forces data repartitioning unless the partitioning of upstream stage matches exactly what downstream stage expects", false},
	{"use_legacy_window_filter_pushdown", "false", "Use legacy window filter pushdown optimizer", false},
	{"use_preferred_write_partitioning", "true", "Use preferred write partitioning", false},
	{"use_table_scan_node_partitioning", "true", "Adapt plan to node pre-partitioned tables", false},
}

// hintNumbers are the hints that are whole numbers.
var hintNumbers = [...]struct {
	name, initial, description string
	least                      int
}{
	{"filter_and_project_min_output_page_row_count", "256", "Experimental: Minimum output page row count for filter and project operators", 1},
	{"initial_splits_per_node", "4", "The number of splits each node will run per task, initially", 1},
	{"join_partitioned_build_min_row_count", "1000000", "Minimum number of join build side rows required to use partitioned join lookup", 1},
	{"max_unacknowledged_splits_per_task", "2000", "Maximum number of leaf splits awaiting delivery to a given task", 1},
	{"push_filter_into_values_max_row_count", "100", "Maximum number of rows in values for which filter is pushed down into values", 1},
	{"query_priority", "1", "The priority of queries. Larger numbers are higher priority", 0},
	{"task_max_writer_count", "4", "Maximum number of local parallel table writers per task when either task writer scaling or preferred partitioning is used", 1},
	{"task_min_writer_count", "1", "Minimum number of local parallel table writers per task when preferred partitioning and task writer scaling are not used", 1},
}

// hintShares are the hints that are shares, from 0 to 1.
var hintShares = [...]struct{ name, initial, description string }{
	{"adaptive_partial_aggregation_unique_rows_ratio_threshold", "0.8", "Ratio between aggregation output and input rows above which partial aggregation might be adaptively turned off"},
	{"dynamic_row_filtering_selectivity_threshold", "0.7", "Avoid using dynamic row filters when fraction of rows selected is above threshold"},
	{"filter_conjunction_independence_factor", "0.75", "Scales the strength of independence assumption for selectivity estimates of the conjunction of multiple filters"},
	{"join_multi_clause_independence_factor", "0.25", "Scales the strength of independence assumption for selectivity estimates of multi-clause joins"},
	{"table_scan_node_partitioning_min_bucket_to_task_ratio", "0.5", "Min table scan bucket to task ratio for which plan will be adopted to node pre-partitioned tables"},
}

// hintProperties are session properties only: a configuration file has no use for them.
var hintProperties = func() []Property[Session] {
	list := []Property[Session]{
		{Value: Enum(func(s *Session) *string { return &s.hints.distinctStrategy }, "SINGLE_STEP", "MARK_DISTINCT", "PRE_AGGREGATE",
			"SPLIT_TO_SUBQUERIES", "AUTOMATIC"),
			Session: &SessionInfo{Name: "distinct_aggregations_strategy", Hint: true, Description: "Strategy to use for distinct " +
				"aggregations.. Possible values: [SINGLE_STEP, MARK_DISTINCT, PRE_AGGREGATE, SPLIT_TO_SUBQUERIES, AUTOMATIC]"}},
	}
	for i, h := range hintNumbers {
		list = append(list, Property[Session]{Default: h.initial,
			Value:   Int(func(s *Session) *int { return &s.hints.numbers[i] }, h.least, NoMax),
			Session: &SessionInfo{Name: h.name, Hint: true, Description: h.description}})
	}
	for i, h := range hintShares {
		list = append(list, Property[Session]{Default: h.initial,
			Value:   Float(func(s *Session) *float64 { return &s.hints.shares[i] }, 0, 1),
			Session: &SessionInfo{Name: h.name, Hint: true, Description: h.description}})
	}
	for i, h := range hintFlags {
		list = append(list, Property[Session]{Default: h.initial,
			Value:   Bool(func(s *Session) *bool { return &s.hints.flags[i] }),
			Session: &SessionInfo{Name: h.name, Hint: true, Hidden: h.hidden, Description: h.description}})
	}
	return list
}()
