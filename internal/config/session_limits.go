package config

import (
	"errors"
	"math"
	"time"
)

// limitProperties bound what a query may take, and say how many workers it waits for.
var limitProperties = []Property[Session]{
	{Name: "query.max-run-time", Default: "100d", UsedBy: "coordinator",
		Value:   Duration(func(s *Session) *time.Duration { return &s.MaxRunTime }, 0),
		Doc:     "A query that takes longer, waiting included, fails with EXCEEDED_TIME_LIMIT.",
		Session: &SessionInfo{Name: "query_max_run_time", Description: "Maximum run time of a query (includes the queueing time)"}},
	{Name: "query.max-execution-time", Default: "100d", UsedBy: "coordinator",
		Value:   Duration(func(s *Session) *time.Duration { return &s.MaxExecutionTime }, 0),
		Doc:     "A query that takes longer from the end of its planning on, retries included, fails with EXCEEDED_TIME_LIMIT.",
		Session: &SessionInfo{Name: "query_max_execution_time", Description: "Maximum execution time of a query"}},
	{Name: "query.max-planning-time", Default: "10m", UsedBy: "coordinator",
		Value:   Duration(func(s *Session) *time.Duration { return &s.MaxPlanningTime }, 0),
		Doc:     "A query whose analysis and planning take longer fails with EXCEEDED_TIME_LIMIT.",
		Session: &SessionInfo{Name: "query_max_planning_time", Description: "Maximum planning time of a query"}},
	{Name: "query.max-cpu-time", Default: "1000000000d", UsedBy: "coordinator",
		Value: longDuration(func(s *Session) *time.Duration { return &s.MaxCPUTime }),
		Doc: "A query whose tasks take more CPU time together, failed attempts included, fails with EXCEEDED_CPU_LIMIT. A session can only " +
			"make it less.",
		Session: &SessionInfo{Name: "query_max_cpu_time", Description: "Maximum CPU time of a query"}},
	{Name: "query.max-scan-physical-bytes", UsedBy: "coordinator",
		Value: optionalSize(func(s *Session) **int64 { return &s.MaxScanBytes }),
		Doc: "A query that reads more of its tables, failed attempts included, fails with EXCEEDED_SCAN_LIMIT. A session can only make it " +
			"less.",
		Session: &SessionInfo{Name: "query_max_scan_physical_bytes", Description: "Maximum scan physical bytes of a query"}},
	{Name: "query.max-stage-count", Default: "150", UsedBy: "coordinator",
		Value:   Int(func(s *Session) *int { return &s.MaxStageCount }, 1, NoMax),
		Doc:     "A query whose plan has more stages fails with QUERY_HAS_TOO_MANY_STAGES.",
		Session: &SessionInfo{Name: "query_max_stage_count", Description: "Temporary: Maximum number of stages a query can have"}},
	{Default: "1", UsedBy: "coordinator",
		Value:   Int(func(s *Session) *int { return &s.Priority }, 0, NoMax),
		Doc:     "Which of the queries that wait in a resource group goes first, as its policy says.",
		Session: &SessionInfo{Name: "query_priority", Description: "The priority of queries. Larger numbers are higher priority"}},
	{Name: "query-manager.required-workers", Default: "1", UsedBy: "coordinator",
		Value: Int(func(s *Session) *int { return &s.RequiredWorkers }, 0, NoMax),
		Doc: "A query that writes, or reads anything but the catalogs' own description, waits until there are so many workers. " +
			"Without any, tasks wait for `node-scheduler.allowed-no-matching-node-period`.",
		Session: &SessionInfo{Name: "required_workers_count", Description: "Minimum number of active workers that must be available " +
			"before the query will start"}},
	{Name: "query-manager.required-workers-max-wait", Default: "5m", UsedBy: "coordinator",
		Value: Duration(func(s *Session) *time.Duration { return &s.RequiredWorkersMaxWait }, 0),
		Doc:   "A query that has waited longer for workers fails with GENERIC_INSUFFICIENT_RESOURCES.",
		Session: &SessionInfo{Name: "required_workers_max_wait_time", Description: "Maximum time to wait for minimum number of workers " +
			"before the query is failed"}},
}

// forever is the longest duration there is, 292 years. What is longer in a configuration counts as that.
const forever = time.Duration(math.MaxInt64)

// foreverText is how it shows: as what Trino has by default.
const foreverText = "1000000000.00d"

// longDuration is a duration that may be longer than can be told apart from endless.
func longDuration[C any](field func(*C) *time.Duration) Value[C] {
	v := Duration(field, 0)
	set, text := v.set, v.text
	v.set = func(c *C, text string) error {
		err := set(c, text)
		if _, ok := errors.AsType[tooLarge](err); ok {
			*field(c), err = forever, nil
		}
		return err
	}
	v.text = func(c *C) string {
		if *field(c) == forever {
			return foreverText
		}
		return text(c)
	}
	return v
}

// optionalSize is a size that may be left out: the field is then nil, and shows as an empty text.
func optionalSize[C any](field func(*C) **int64) Value[C] {
	v := Size[C](nil, 0)
	v.set = func(c *C, text string) error {
		bytes, err := ParseSize(text)
		if err == nil {
			*field(c) = &bytes
		}
		return err
	}
	v.text = func(c *C) string {
		if *field(c) == nil {
			return ""
		}
		return FormatSize(**field(c))
	}
	return v
}
