package coordinator

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// schedulerProperties are the session properties that the scheduler goes by, each with a value that is not the default, the
// field of its settings, and what that then is.
var schedulerProperties = []struct{ property, value, field, want string }{
	{"query_retry_attempts", "7", "QueryRetryAttempts", "7"},
	{"task_retry_attempts_per_task", "8", "TaskRetryAttempts", "8"},
	{"retry_initial_delay", "3s", "RetryInitialDelay", "3s"},
	{"retry_max_delay", "5m", "RetryMaxDelay", "5m0s"},
	{"retry_delay_scale_factor", "1.5", "RetryDelayScaleFactor", "1.5"},
	{"fault_tolerant_execution_task_memory", "3kB", "TaskMemory", "3072"},
	{"fault_tolerant_execution_coordinator_task_memory", "4kB", "CoordinatorTaskMemory", "4096"},
	{"fault_tolerant_execution_task_memory_growth_factor", "4", "MemoryGrowthFactor", "4"},
	{"fault_tolerant_execution_task_memory_estimation_quantile", "0.5", "MemoryQuantile", "0.5"},
	{"max_tasks_waiting_for_node_per_query", "9", "MaxTasksWaitingForNode", "9"},
	{"max_tasks_waiting_for_execution_per_query", "11", "MaxTasksWaitingForExecution", "11"},
	{"waterbear_max_running_tasks_per_query", "12", "MaxRunningTasks", "12"},
	{"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min", "1kB", "Compute.Min", "1024"},
	{"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max", "60GB", "Compute.Max", "64424509440"},
	{"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_growth_period", "13", "Compute.GrowthPeriod", "13"},
	{"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_growth_factor", "1.1", "Compute.GrowthFactor", "1.1"},
	{"fault_tolerant_execution_arbitrary_distribution_write_task_target_size_min", "2kB", "Write.Min", "2048"},
	{"fault_tolerant_execution_arbitrary_distribution_write_task_target_size_max", "61GB", "Write.Max", "65498251264"},
	{"fault_tolerant_execution_arbitrary_distribution_write_task_target_size_growth_period", "14", "Write.GrowthPeriod", "14"},
	{"fault_tolerant_execution_arbitrary_distribution_write_task_target_size_growth_factor", "1.2", "Write.GrowthFactor", "1.2"},
	{"fault_tolerant_execution_hash_distribution_compute_task_target_size", "5kB", "HashComputeTargetSize", "5120"},
	{"fault_tolerant_execution_hash_distribution_compute_task_to_node_min_ratio", "3", "HashComputeNodeRatio", "3"},
	{"fault_tolerant_execution_hash_distribution_write_task_target_size", "6kB", "HashWriteTargetSize", "6144"},
	{"fault_tolerant_execution_hash_distribution_write_task_to_node_min_ratio", "4", "HashWriteNodeRatio", "4"},
	{"fault_tolerant_execution_hash_distribution_write_task_target_max_count", "15", "HashWriteMaxTasks", "15"},
	{"fault_tolerant_execution_standard_split_size", "2MB", "StandardSplitSize", "2097152"},
	{"fault_tolerant_execution_max_task_split_count", "16", "MaxTaskSplitCount", "16"},
	{"waterbear_backup_attempts", "false", "BackupAttempts", "false"},
	{"waterbear_backup_attempt_quantile", "0.25", "BackupQuantile", "0.25"},
	{"waterbear_backup_attempt_multiplier", "6", "BackupMultiplier", "6"},
	{"waterbear_backup_attempt_min_runtime", "17s", "BackupMinRuntime", "17s"},
	{"fault_tolerant_execution_min_source_stage_progress", "0.4", "MinSourceStageProgress", "0.4"},
	{"fault_tolerant_execution_small_stage_estimation_enabled", "false", "SmallStageEstimation", "false"},
	{"fault_tolerant_execution_small_stage_estimation_threshold", "7kB", "SmallStageThreshold", "7168"},
	{"fault_tolerant_execution_small_stage_source_size_multiplier", "1.7", "SmallStageMultiplier", "1.7"},
	{"fault_tolerant_execution_small_stage_require_no_more_partitions", "true", "SmallStageRequireNoMorePartitions", "true"},
	{"fault_tolerant_execution_stage_estimation_for_eager_parent_enabled", "false", "StageEstimationForEagerParent", "false"},
}

// clusterProperties are fields of the scheduler's settings that sessions cannot change, or that have no property at all.
var clusterProperties = map[string]string{
	"MemoryGrowsOnWorkerCrash": "of the cluster",
	"SpreadMinSize":            "has no property",
	"HashMinTaskSize":          "has no property",
}

// Each property changes its own field, and each field has a property.
func TestSchedulerSettings(t *testing.T) {
	defaults := config.Defaults(config.Host{MemoryBytes: 64 << 30, Cores: 4})
	plain := fields(schedulerSettings(&defaults.Session, defaults.Scheduling))
	standard := fields(scheduler.DefaultSettings())
	for name := range standard {
		if plain[name] != standard[name] {
			t.Errorf("%s is %s by default, and %s in the scheduler", name, plain[name], standard[name])
		}
	}
	steered := map[string]bool{}
	for _, p := range schedulerProperties {
		s := defaults.Session
		if err := s.Set(p.property, p.value); err != nil {
			t.Error(err)
			continue
		}
		for name, got := range fields(schedulerSettings(&s, defaults.Scheduling)) {
			want := plain[name]
			if name == p.field {
				want = p.want
			}
			if got != want {
				t.Errorf("%s = %s makes %s %s, not %s", p.property, p.value, name, got, want)
			}
		}
		steered[p.field] = true
	}
	for name := range plain {
		if !steered[name] && clusterProperties[name] == "" {
			t.Errorf("no property steers %s", name)
		}
	}
}

// The same for what is common to all queries.
func TestSchedulerConfig(t *testing.T) {
	defaults := config.Defaults(config.Host{MemoryBytes: 64 << 30, Cores: 4}).Scheduling
	plain := fields(schedulerConfig(defaults))
	for name, want := range fields(scheduler.DefaultConfig()) {
		if plain[name] != want {
			t.Errorf("%s is %s by default, and %s in the scheduler", name, plain[name], want)
		}
	}
	steered := map[string]bool{}
	for _, test := range []struct {
		change      func(*config.Scheduling)
		field, want string
	}{
		{func(s *config.Scheduling) { s.NoMatchingNodePeriod = time.Second }, "NoMatchingNodePeriod", "1s"},
		{func(s *config.Scheduling) { s.ExhaustedNodePeriod = time.Second }, "ExhaustedNodeWait", "1s"},
		{func(s *config.Scheduling) { s.LocalScheduling = false }, "LocalScheduling", "false"},
		{func(s *config.Scheduling) { s.RuntimeMemoryOverhead = 5 }, "RuntimeMemoryOverhead", "5"},
		{func(s *config.Scheduling) { s.EagerMemoryOvercommit = 6 }, "EagerOvercommit", "6"},
		{func(s *config.Scheduling) { s.TaskMemoryKiller = config.KillLeastWaste }, "TaskLowMemoryKiller", "least-waste"},
		{func(s *config.Scheduling) { s.TaskMemoryKiller = config.KillNone }, "TaskLowMemoryKiller", "none"},
		{func(s *config.Scheduling) { s.QueryMemoryKiller = config.KillTotalReservation }, "QueryLowMemoryKiller", "total-reservation"},
	} {
		s := defaults
		test.change(&s)
		if got := fields(schedulerConfig(s))[test.field]; got != test.want {
			t.Errorf("%s is %s, want %s", test.field, got, test.want)
		}
		steered[test.field] = true
	}
	for name := range plain {
		if !steered[name] {
			t.Errorf("no property steers %s", name)
		}
	}
	crash := defaults
	crash.WorkerCrashGrowsMemory = false
	session := config.Defaults(config.Host{}).Session
	if !schedulerSettings(&session, defaults).MemoryGrowsOnWorkerCrash || schedulerSettings(&session, crash).MemoryGrowsOnWorkerCrash {
		t.Error("memory-requirement-increase-on-worker-crash-enabled changes nothing")
	}
}

// fields are the fields of a struct as text, those of structs in it under both names.
func fields(v any) map[string]string {
	out := map[string]string{}
	r := reflect.ValueOf(v)
	for i := range r.NumField() {
		f, name := r.Field(i), r.Type().Field(i).Name
		if f.Kind() != reflect.Struct {
			out[name] = strings.TrimSpace(fmt.Sprint(f.Interface()))
			continue
		}
		for inner, text := range fields(f.Interface()) {
			out[name+"."+inner] = text
		}
	}
	return out
}
