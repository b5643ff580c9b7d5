package config

// hints are values that nothing reads: see SessionInfo.Hint.
type hints struct {
	distinctStrategy, compression string
	numbers                       [2]int
	flags                         [len(hintFlags)]bool
}

// hintFlags are the hints that are true or false.
var hintFlags = [...]struct {
	name, initial, description string
	hidden                     bool
}{
	{"allow_pushdown_into_connectors", "true", "Allow pushdown into connectors", true},
	{"distributed_sort", "true", "Parallelize sort across multiple nodes", false},
	{"enable_dynamic_filtering", "true", "Enable dynamic filtering", false},
	{"enable_large_dynamic_filters", "true", "Enable collection of large dynamic filters", false},
	{"prefer_partial_aggregation", "true", "Prefer splitting aggregations into partial and final stages", false},
	{"push_aggregation_through_outer_join", "true", "Allow pushing aggregations below joins", false},
	{"push_partial_aggregation_through_join", "true", "Push partial aggregations below joins", false},
	{"redistribute_writes", "true", "Force parallel distributed writes", false},
	{"scale_writers", "true", "Scale out writers based on throughput (use minimum necessary)", false},
	{"spill_enabled", "false", "Enable spilling", false},
	{"use_preferred_write_partitioning", "true", "Use preferred write partitioning", false},
}

// hintProperties are session properties only: a configuration file has no use for them.
var hintProperties = func() []Property[Session] {
	list := []Property[Session]{
		{Value: Enum(func(s *Session) *string { return &s.hints.distinctStrategy }, "SINGLE_STEP", "MARK_DISTINCT", "PRE_AGGREGATE",
			"SPLIT_TO_SUBQUERIES", "AUTOMATIC"),
			Session: &SessionInfo{Name: "distinct_aggregations_strategy", Hint: true, Description: "Strategy to use for distinct " +
				"aggregations.. Possible values: [SINGLE_STEP, MARK_DISTINCT, PRE_AGGREGATE, SPLIT_TO_SUBQUERIES, AUTOMATIC]"}},
		{Default: "LZ4", Value: Enum(func(s *Session) *string { return &s.hints.compression }, "NONE", "LZ4", "ZSTD"),
			Session: &SessionInfo{Name: "exchange_compression_codec", Hint: true, Description: "Compression codec used for data in " +
				"exchanges, supports NONE, LZ4, ZSTD. Possible values: [NONE, LZ4, ZSTD]"}},
		{Default: "8", Value: Int(func(s *Session) *int { return &s.hints.numbers[0] }, 1, NoMax),
			Session: &SessionInfo{Name: "task_concurrency", Hint: true, Description: "Default number of local parallel jobs per worker"}},
		{Default: "1", Value: Int(func(s *Session) *int { return &s.hints.numbers[1] }, 0, NoMax),
			Session: &SessionInfo{Name: "query_priority", Hint: true,
				Description: "The priority of queries. Larger numbers are higher priority"}},
	}
	for i, h := range hintFlags {
		list = append(list, Property[Session]{Default: h.initial,
			Value:   Bool(func(s *Session) *bool { return &s.hints.flags[i] }),
			Session: &SessionInfo{Name: h.name, Hint: true, Hidden: h.hidden, Description: h.description}})
	}
	return list
}()
