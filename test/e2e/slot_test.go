//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestAttemptFails lets a single attempt go wrong in all the ways that its process can: it alone is made again.
func TestAttemptFails(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2, MemoryBytes: 512 << 20})
	cl := session(c, manyTasks...)
	want := mustRows(t, session(c), wordy)
	aim := fault.Aim{Task: midway(t, cl, wordy)}
	for _, name := range []string{"slot-crash-before-read", "slot-crash-before-run", "slot-crash-after-write", "slot-grows",
		"task-fails-internal", "task-fails-external", "task-fails-resources", "task-fails-after-write", "slot-killed"} {
		t.Run(name, func(t *testing.T) {
			o := observe(t, c, faults)
			var q *statement
			if name == "slot-killed" {
				hold := arm(t, faults, "task-held-before-run", aim)
				q = begin(t, cl, wordy)
				if err := syscall.Kill(struck(t, hold, 1)[0].PID, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			} else {
				arm(t, faults, name, aim)
				q = begin(t, cl, wordy)
			}
			sameRows(t, "answer", q.wait(t), want)
			partition := aim.Task[:len(aim.Task)-2]
			if again := o.retried(q.id); !slices.Equal(again, []string{partition}) {
				t.Errorf("ran again: %v, want only %s", again, partition)
			}
			emptySpool(t, c)
		})
	}
	// The failure that remains when no attempt is left is that of the attempts.
	// What outgrows its memory is killed by its worker or, when the whole node has too little left, by the coordinator.
	for _, tt := range []struct{ fault, code, policy string }{
		{"task-fails-internal", "GENERIC_INTERNAL_ERROR", "TASK"},
		{"task-fails-internal", "GENERIC_INTERNAL_ERROR", "NONE"},
		{"slot-crash-before-run", "REMOTE_TASK_ERROR", "TASK"},
		{"slot-grows", "EXCEEDED_LOCAL_MEMORY_LIMIT CLUSTER_OUT_OF_MEMORY", "TASK"},
		{"slot-grows", "EXCEEDED_LOCAL_MEMORY_LIMIT CLUSTER_OUT_OF_MEMORY", "NONE"},
	} {
		t.Run(tt.fault+"/always/"+tt.policy, func(t *testing.T) {
			// All tasks of the stage, and few: one that has no memory on a whole node is replaced by two with half of its input.
			stage, _, _ := strings.Cut(aim.Task, ".")
			arm(t, faults, tt.fault, fault.Aim{Task: stage + ".*", Times: 100})
			q := begin(t, session(c, append(manyTasks, "task_retry_attempts_per_task=2", "retry_policy="+tt.policy,
				"fault_tolerant_execution_min_partition_count=2", "fault_tolerant_execution_max_partition_count=2")...), wordy)
			q.fails(t, strings.Fields(tt.code)...)
			emptySpool(t, c)
		})
	}
	sameRows(t, "afterwards", mustRows(t, cl, wordy), want)
}

// TestUserErrors checks that what the user did wrong is said at once and not tried again.
func TestUserErrors(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	t.Run("attempts", func(t *testing.T) {
		for _, tt := range []struct{ sql, code string }{
			{"SELECT sum(1 / (o_orderkey - 7)) FROM orders", "DIVISION_BY_ZERO"},
			{"SELECT max(CAST(o_comment AS bigint)) FROM orders", "INVALID_CAST_ARGUMENT"},
			{"SELECT max(o_orderkey * 9223372036854775807) FROM orders", "NUMERIC_VALUE_OUT_OF_RANGE"},
		} {
			for _, policy := range []string{"TASK", "QUERY", "NONE"} {
				o := observe(t, c, faults)
				// One task for the table, so that one attempt is all there may be.
				q := begin(t, session(c, distributed, "retry_policy="+policy), tt.sql)
				q.fails(t, tt.code)
				if n := len(o.of(o.begins, q.id)); n != 1 {
					t.Errorf("%s under %s: %d attempts, want 1", tt.sql, policy, n)
				}
			}
		}
	})
	for _, tt := range []struct {
		sql, code    string
		line, column int
	}{
		{"SELECT 1,\n  FROM orders", "SYNTAX_ERROR", 2, 3},
		{"SELECT nosuch FROM orders", "COLUMN_NOT_FOUND", 1, 8},
		{"SELECT 1\nFROM nosuch", "TABLE_NOT_FOUND", 2, 6},
		{"SELECT * FROM nosuch.tiny.orders", "CATALOG_NOT_FOUND", 1, 15},
		{"SELECT * FROM tpch.nosuch.orders", "SCHEMA_NOT_FOUND", 1, 15},
		{"SELECT o_orderkey + o_comment FROM orders", "TYPE_MISMATCH", 1, 19},
		{"SELECT nosuch(1)", "FUNCTION_NOT_FOUND", 1, 8},
		{"SELECT o_orderkey, count(*) FROM orders", "EXPRESSION_NOT_AGGREGATE", 1, 8},
	} {
		_, err := rows(t.Context(), session(c), tt.sql)
		f, ok := err.(*failure)
		if !ok || f.name != tt.code || f.line != tt.line || f.column != tt.column {
			t.Errorf("%s: %#v, want %s at line %d:%d", tt.sql, err, tt.code, tt.line, tt.column)
		}
	}
}

// TestCancel cancels a query whose attempt obeys and one whose attempt does not: its slot is killed.
func TestCancel(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 1})
	cl := session(c, manyTasks...)
	for _, name := range []string{"task-held-before-run", "task-deaf"} {
		t.Run(name, func(t *testing.T) {
			hold := arm(t, faults, name, fault.Aim{})
			q := begin(t, cl, wordy)
			slot := struck(t, hold, 1)[0].PID
			begun := time.Now()
			q.cancel(t, c)
			q.fails(t, "USER_CANCELED")
			t.Logf("the client waited %s for the end", time.Since(begun).Round(time.Millisecond))
			if name == "task-deaf" {
				until(t, "the slot is killed", func() bool { return !running(slot) })
				t.Logf("killed %s after the cancellation", time.Since(begun).Round(time.Millisecond))
			} else if !running(slot) {
				t.Error("the slot of an attempt that obeys was killed")
			}
			mustRows(t, cl, "SELECT count(*) FROM orders")
			emptySpool(t, c)
		})
	}
}
