package config

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// The messages are Trino's, except where it accepts what cannot work.
func TestSessionSet(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"foo", "1", "Session property 'foo' does not exist"},
		{"retry_policy", "FOO", "Invalid value [FOO]. Valid values: [TASK, QUERY, NONE]"},
		{"retry_policy", "task", "Retry policy TASK not allowed. Must be one of [QUERY, NONE]"},
		{"retry_policy", "query", ""},
		{"task_retry_attempts_per_task", "127", "task_retry_attempts_per_task must be greater than or equal to 0 and not not greater than 126"},
		{"retry_delay_scale_factor", "0.5", "retry_delay_scale_factor must be greater than or equal to 1.0"},
		{"retry_delay_scale_factor", "2", ""},
		{"retry_initial_delay", "5", "duration is not a valid data duration string: 5"},
		{"query_max_run_time", "5w", "Unknown time unit: w"},
		{"query_max_run_time", "", "duration is empty"},
		{"fault_tolerant_execution_task_memory", "5XB", "Unknown unit: XB"},
		{"fault_tolerant_execution_max_partition_count", "1001", "fault_tolerant_execution_max_partition_count must be equal or less than 1000"},
		{"fault_tolerant_execution_max_partition_count", "0", "fault_tolerant_execution_max_partition_count must be equal or greater than 1"},
		{"fault_tolerant_execution_task_memory_estimation_quantile", "2e0",
			"fault_tolerant_execution_task_memory_estimation_quantile must be in the range [0.00, 1.00]: 2.00"},
		{"join_distribution_type", "x", "Invalid value [x]. Valid values: [BROADCAST, PARTITIONED, AUTOMATIC]"},
		{"join_distribution_type", "broadcast", ""},
		{"exchange_compression_codec", "GZIP", "Invalid value [GZIP]. Valid values: [NONE, LZ4, ZSTD]"},
		{"max_recursion_depth", "0", "max_recursion_depth must be equal or greater than 1"},
		{"distributed_sort", "false", ""},
	}
	for _, tt := range tests {
		s := Defaults(testHost()).Session
		s.AllowedRetryPolicies = []RetryPolicy{RetryQuery, RetryNone}
		err := s.Set(tt.name, tt.text)
		if got := message(err); got != tt.want {
			t.Errorf("%s = %s: %s, want %s", tt.name, tt.text, got, tt.want)
		}
		if err != nil && trinoerr.CodeOf(err) != trinoerr.InvalidSessionProperty {
			t.Errorf("%s = %s: %s", tt.name, tt.text, trinoerr.CodeOf(err).Name)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCheckSessionValue(t *testing.T) {
	tests := []struct {
		name, expression string
		typ              string
		value            any
		text, err        string
	}{
		{"query_max_run_time", "1", "integer", int64(1), "",
			"Unable to set session property 'query_max_run_time' to '1': Cannot cast type integer to varchar"},
		{"query_retry_attempts", "'a'", "varchar(1)", "a", "",
			"Unable to set session property 'query_retry_attempts' to ''a'': Cannot cast type varchar(1) to integer"},
		{"query_retry_attempts", "2147483648", "bigint", int64(2147483648), "",
			"Unable to set session property 'query_retry_attempts' to '2147483648': Cannot cast type bigint to integer"},
		{"distributed_sort", "null", "boolean", nil, "",
			"Unable to set session property 'distributed_sort' to 'null': Session property value must not be null"},
		{"distributed_sort", "true", "boolean", true, "true", ""},
		{"retry_delay_scale_factor", "2.5", "decimal(2,1)", types.Int128From(25), "2.5", ""},
		{"retry_delay_scale_factor", "2", "integer", int64(2), "2", ""},
		{"retry_max_delay", "'2m'", "varchar(2)", "2m", "2m", ""},
		{"foo", "1", "integer", int64(1), "", "Session property 'foo' does not exist"},
	}
	for _, tt := range tests {
		text, err := CheckSessionValue(tt.name, tt.expression, types.MustParse(tt.typ), tt.value, Defaults(testHost()).Session)
		if message(err) != tt.err || err == nil && text != tt.text {
			t.Errorf("SET SESSION %s = %s: %q, %v", tt.name, tt.expression, text, err)
		}
	}
}

func TestShowSession(t *testing.T) {
	s := Defaults(testHost()).Session
	want := map[string][2]string{
		"retry_max_delay": {"1.00m", "varchar"}, "query_max_run_time": {"100.00d", "varchar"}, "retry_delay_scale_factor": {"2.0", "double"},
		"task_retry_attempts_per_task": {"4", "integer"}, "join_distribution_type": {"AUTOMATIC", "varchar"},
		"join_max_broadcast_table_size": {"100MB", "varchar"}, "distributed_sort": {"true", "boolean"}, "distinct_aggregations_strategy": {"", "varchar"},
	}
	last := ""
	for _, p := range s.SessionProperties() {
		if p.Name <= last {
			t.Errorf("%s after %s", p.Name, last)
		}
		last = p.Name
		if p.Description == "" {
			t.Errorf("%s has no description", p.Name)
		}
		if w, ok := want[p.Name]; ok && (p.Default != w[0] || p.Type.String() != w[1]) {
			t.Errorf("%s: %s %s, want %s", p.Name, p.Default, p.Type, w)
		}
		delete(want, p.Name)
		if p.Default != "" {
			if err := s.Set(p.Name, p.Default); err != nil {
				t.Errorf("%s does not take its own default: %v", p.Name, err)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestSessionsAreCopies(t *testing.T) {
	c := Defaults(testHost())
	s := c.Session
	if err := s.Set("retry_initial_delay", "1s"); err != nil {
		t.Fatal(err)
	}
	if s.RetryInitialDelay != time.Second || c.Session.RetryInitialDelay != 10*time.Second {
		t.Errorf("%s, %s", s.RetryInitialDelay, c.Session.RetryInitialDelay)
	}
}
