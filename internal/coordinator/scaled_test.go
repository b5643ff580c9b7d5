package coordinator

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// On nodes with less memory per task than Trino's defaults presume, the defaults shrink; what is set stays.
func TestDefaultsScaleDown(t *testing.T) {
	const gb = int64(1) << 30
	for _, test := range []struct {
		name          string
		share         int64
		set           []string
		task, compute int64
		write, perOne int64 // perOne is optimizer.min-input-size-per-task
	}{
		{"no nodes yet", 0, nil, 5 * gb, gb / 2, 4 * gb, 5 * gb},
		{"large nodes", 5 * gb, nil, 5 * gb, gb / 2, 4 * gb, 5 * gb},
		{"half as large", 5 * gb / 2, nil, 5 * gb / 2, gb / 4, 2 * gb, 5 * gb / 2},
		{"small", gb / 2, nil, gb / 2, 64 << 20, 409 << 20, gb / 2},
		{"tiny", 64 << 20, nil, 64 << 20, 64 << 20, 64 << 20, 64 << 20},
		{"set", gb / 2, []string{"fault_tolerant_execution_task_memory=6GB", "min_input_size_per_task=7GB",
			"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min=1GB"}, 6 * gb, gb, 409 << 20, 7 * gb},
	} {
		defaults := config.Defaults(config.Host{MemoryBytes: 64 << 30, Cores: 4})
		s := defaults.Session
		for _, p := range test.set {
			name, value, _ := strings.Cut(p, "=")
			if err := s.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
		set := schedulerSettings(&s, defaults.Scheduling)
		capacity{share: test.share, ownShare: test.share}.scale(&s, &set)
		if set.TaskMemory != test.task || set.Compute.Min != test.compute || set.Write.Min != test.write || s.MinInputSizePerTask != test.perOne {
			t.Errorf("%s: task memory %d, compute %d, write %d, per task %d", test.name, set.TaskMemory, set.Compute.Min, set.Write.Min, s.MinInputSizePerTask)
		}
		if set.Compute.Max < set.Compute.Min || set.Write.Max < set.Write.Min {
			t.Errorf("%s: %+v, %+v", test.name, set.Compute, set.Write)
		}
	}
}

// What is one task is less where a slot has few threads, and others could help it.
func TestSingleTaskScalesDown(t *testing.T) {
	const mb = int64(1) << 20
	for _, test := range []struct {
		has  capacity
		set  string
		want int64
	}{
		{capacity{}, "", 512 * mb},
		{capacity{slots: 1, threads: 1}, "", 512 * mb}, // nobody could help
		{capacity{slots: 2, threads: 1}, "", 128 * mb},
		{capacity{slots: 2, threads: 2, share: 64 * mb}, "", 256 * mb},
		{capacity{slots: 100, threads: 4}, "", 512 * mb},
		{capacity{slots: 100, threads: 16}, "", 512 * mb},
		{capacity{slots: 2, threads: 1}, "300MB", 300 * mb},
		{capacity{slots: 2}, "", 512 * mb}, // nodes that do not tell of threads
	} {
		s := config.Defaults(config.Host{MemoryBytes: 64 << 30, Cores: 4}).Session
		if test.set != "" {
			if err := s.Set("waterbear_single_task_input_size", test.set); err != nil {
				t.Fatal(err)
			}
		}
		test.has.scale(&s, &scheduler.Settings{})
		if s.SingleTaskInputSize != test.want {
			t.Errorf("%+v, %q: %d", test.has, test.set, s.SingleTaskInputSize)
		}
	}
}

// lockedBuffer takes the log of several goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// The log says so once.
func TestScalingIsLogged(t *testing.T) {
	var log lockedBuffer
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	join(t, c, "w") // 2 GB a slot
	for range 3 {
		s := Settings{Session: c.cfg.Session, RetryPolicy: scheduler.RetryTask, Scheduler: schedulerSettings(&c.cfg.Session, c.cfg.Scheduling)}
		c.scaleDown(&s)
		if s.Scheduler.TaskMemory != 2<<30 {
			t.Errorf("task memory %d", s.Scheduler.TaskMemory)
		}
	}
	text := log.String()
	if n := strings.Count(text, "scaled down"); n != 1 || !strings.Contains(text, "fault-tolerant-execution-task-memory=2GB") {
		t.Errorf("said %d times: %s", n, text)
	}
}

// query.max-memory-per-node: the tasks of a query under NONE or QUERY share it.
func TestMaxMemoryPerNode(t *testing.T) {
	const gb = int64(1) << 30
	has := capacity{largest: 20 * gb, largestSlots: 4}
	for _, test := range []struct {
		policy scheduler.RetryPolicy
		limit  config.Amount
		want   int64
	}{
		{scheduler.RetryTask, config.Amount{Bytes: gb}, 5 * gb},
		{scheduler.RetryNone, config.Amount{Bytes: gb}, gb / 4},
		{scheduler.RetryQuery, config.Amount{Percent: 30}, 3 * gb / 2},
		{scheduler.RetryNone, config.Amount{Percent: 100}, 5 * gb},
	} {
		s := Settings{RetryPolicy: test.policy, Scheduler: scheduler.DefaultSettings()}
		s.MaxMemoryPerNode = test.limit
		has.limitPerNode(&s)
		if s.Scheduler.TaskMemory != test.want {
			t.Errorf("%s, %s: %d", test.policy, fmt.Sprint(test.limit), s.Scheduler.TaskMemory)
		}
	}
}
