package config

import "time"

// hints are values that nothing reads: see SessionInfo.Hint.
type hints struct {
	words     [len(hintWords)]string
	buildRows int64
	sizes     [len(hintSizes)]int64
	durations [len(hintDurations)]time.Duration
	numbers   [len(hintNumbers)]int
	shares    [len(hintShares)]float64
	flags     [len(hintFlags)]bool
}

// hintFlags are the hints that are true or false.
var hintFlags = [...]struct {
	name, initial, description string
	hidden                     bool
}{
	{"adaptive_partial_aggregation_enabled", "true", "When enabled, partial aggregation might be adaptively turned off when it does not provide any performance gain", false},
	{"collect_plan_statistics_for_all_queries", "false", "Collect plan statistics for non-EXPLAIN queries", false},
	{"colocated_join", "true", "Use a colocated join when possible", false},
	{"columnar_filter_evaluation_enabled", "true", "Enables columnar evaluation of filters", false},
	{"default_filter_factor_enabled", "false", "use a default filter factor for unknown filters in a filter node", false},
	{"dictionary_aggregation", "false", "Enable optimization for aggregations on dictionaries", false},
	{"distributed_sort", "true", "Parallelize sort across multiple nodes", false},
	{"enable_dynamic_filtering", "true", "Enable dynamic filtering", false},
	{"enable_dynamic_row_filtering", "true", "Enable fine-grained filtering of rows in the scan operator using dynamic filters", false},
	{"enable_intermediate_aggregations", "false", "Enable the use of intermediate aggregations", false},
	{"enable_large_dynamic_filters", "true", "Enable collection of large dynamic filters", false},
	{"enable_stats_calculator", "true", "Enable statistics calculator", false},
	{"force_spilling_join", "false", "Force the usage of spliing join operator in favor of the non-spilling one, even if spill is not enabled", false},
	{"hide_inaccessible_columns", "false", "When enabled non-accessible columns are silently filtered from results from SELECT * statements", false},
	{"ignore_downstream_preferences", "false", "Ignore Parent's PreferredProperties in AddExchange optimizer", false},
	{"ignore_stats_calculator_failures", "true", "Ignore statistics calculator failures", false},
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
	{"push_table_write_through_union", "true", "Parallelize writes when using UNION ALL in queries that write data", false},
	{"redistribute_writes", "true", "Force parallel distributed writes", false},
	{"rewrite_filtering_semi_join_to_inner_join", "true", "Rewrite semi join in filtering context to inner join", false},
	{"skip_redundant_sort", "true", "Skip redundant sort operations", false},
	{"spatial_join", "true", "Use spatial index for spatial join when possible", false},
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
	{"max_drivers_per_task", "", "Maximum number of drivers per task", 1},
	{"max_unacknowledged_splits_per_task", "2000", "Maximum number of leaf splits awaiting delivery to a given task", 1},
	{"max_writer_task_count", "100", "Maximum number of tasks that will participate in writing data", 1},
	{"push_filter_into_values_max_row_count", "100", "Maximum number of rows in values for which filter is pushed down into values", 1},
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

// hintSizes are the hints that are amounts of data.
var hintSizes = [...]struct{ name, initial, description string }{
	{"aggregation_operator_unspill_memory_limit", "4MB", "How much memory should be allocated per aggregation operator in unspilling process"},
	{"filter_and_project_min_output_page_size", "500kB", "Experimental: Minimum output page size for filter and project operators"},
	{"max_partial_top_n_memory", "16MB", "Max memory size for partial Top N aggregations. This can be turned off by setting it with '0'."},
	{"writer_scaling_min_data_processed", "120MB", "Minimum amount of uncompressed output data processed by writers before writer scaling can happen"},
}

// hintDurations are the hints that are times.
var hintDurations = [...]struct{ name, initial, description string }{
	{"iterative_optimizer_timeout", "3m", "Timeout for plan optimization in iterative optimizer"},
	{"split_concurrency_adjustment_interval", "100ms", "Experimental: Interval between changes to the number of concurrent splits per node"},
}

// hintWords are the hints that are words: of a list, or any.
var hintWords = [...]struct {
	name, initial, description string
	words                      []string
}{
	{"execution_policy", "phased", "Policy used for scheduling query tasks", nil},
	{"mark_distinct_strategy", "", ". Possible values: [NONE, ALWAYS, AUTOMATIC]", []string{"NONE", "ALWAYS", "AUTOMATIC"}},
	{"spatial_partitioning_table_name", "", "Name of the table containing spatial partitioning scheme", nil},
}

// hintProperties are session properties only: a configuration file has no use for them.
var hintProperties = func() []Property[Session] {
	list := []Property[Session]{
		{Default: "1000000", Value: Long(func(s *Session) *int64 { return &s.hints.buildRows }, 1), Session: &SessionInfo{Name: "join_partitioned_build_min_row_count",
			Hint: true, Description: "Minimum number of join build side rows required to use partitioned join lookup"}},
	}
	for i, h := range hintWords {
		field := func(s *Session) *string { return &s.hints.words[i] }
		value := Text(field, "any text", func(string) error { return nil })
		if h.words != nil {
			value = Enum(field, h.words...)
		}
		list = append(list, Property[Session]{Default: h.initial, Value: value,
			Session: &SessionInfo{Name: h.name, Hint: true, Description: h.description}})
	}
	for i, h := range hintSizes {
		list = append(list, Property[Session]{Default: h.initial,
			Value:   Size(func(s *Session) *int64 { return &s.hints.sizes[i] }, 0),
			Session: &SessionInfo{Name: h.name, Hint: true, Description: h.description}})
	}
	for i, h := range hintDurations {
		list = append(list, Property[Session]{Default: h.initial,
			Value:   Duration(func(s *Session) *time.Duration { return &s.hints.durations[i] }, 0),
			Session: &SessionInfo{Name: h.name, Hint: true, Description: h.description}})
	}
	for i, h := range hintNumbers {
		value := Int(func(s *Session) *int { return &s.hints.numbers[i] }, h.least, NoMax)
		if h.initial == "" { // none
			text := value.text
			value.text = func(s *Session) string {
				if s.hints.numbers[i] == 0 {
					return ""
				}
				return text(s)
			}
		}
		list = append(list, Property[Session]{Default: h.initial, Value: value,
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
