package coordinator

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// TestChance draws the same in every attempt of a task, and something else in any other task.
func TestChance(t *testing.T) {
	key, other := exchange.NewQueryKey(), exchange.NewQueryKey()
	task := scheduler.TaskID{Query: "q", Stage: 3, Partition: 4}
	if a, b := chance(key, task), chance(key, task); !slices.Equal(a, b) {
		t.Errorf("%v, then %v", a, b)
	}
	seen := map[string]scheduler.TaskID{}
	note := func(key *exchange.QueryKey, task scheduler.TaskID) {
		for _, s := range chance(key, task) {
			if before, ok := seen[s]; ok {
				t.Errorf("%v and %v have the same: %s", before, task, s)
			}
			seen[s] = task
		}
	}
	for partition := range 500 {
		for stage := range 3 {
			note(key, scheduler.TaskID{Query: "q", Stage: scheduler.StageID(stage), Partition: partition})
		}
	}
	note(other, task)
	note(key, scheduler.TaskID{Query: "r", Stage: 3, Partition: 4})
}

// TestSeed keeps seeds in DuckDB's range, and those of a stage apart.
func TestSeed(t *testing.T) {
	const half = 1<<31 - 1
	for _, stage := range []uint32{0, 1, half, 1<<32 - 1} {
		seen := map[uint32]bool{}
		for partition := range 10000 {
			s := seed(stage, partition)
			if s < -1 || s > 1 {
				t.Fatalf("seed(%d, %d) = %v", stage, partition, s)
			}
			bits := uint32((s + 1) * half) // as DuckDB has it
			if seen[bits] {
				t.Fatalf("seed(%d, %d) = %v comes twice", stage, partition, s)
			}
			seen[bits] = true
		}
	}
	if strings.Contains(chance(exchange.NewQueryKey(), scheduler.TaskID{})[0], "e-") {
		t.Error("a seed is written in a way that is not a DECIMAL's")
	}
}
