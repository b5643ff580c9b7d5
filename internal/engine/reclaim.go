package engine

/*
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>

// The allocator inside DuckDB, where it has one of its own.
extern int duckdb_je_mallctl(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size) __attribute__((weak));

// What it holds of the system's memory beyond what is in use.
static int64_t wb_unused_bytes(void) {
	uint64_t epoch = 1;
	size_t active = 0, resident = 0, size = sizeof active;
	if (!duckdb_je_mallctl || duckdb_je_mallctl("epoch", NULL, NULL, &epoch, sizeof epoch) ||
	    duckdb_je_mallctl("stats.active", &active, &size, NULL, 0) || duckdb_je_mallctl("stats.resident", &resident, &size, NULL, 0)) {
		return 0;
	}
	return (int64_t)resident - (int64_t)active;
}

static void wb_give_back(void) {
	if (duckdb_je_mallctl) {
		duckdb_je_mallctl("arena.4096.purge", NULL, NULL, NULL, 0); // of all arenas
	}
	malloc_trim(0);
}
*/
import "C"

import (
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// reclaimFrom is the part of Config.ResidentLimit from which on unused memory is given back, once there is reclaimLeast of it.
	reclaimFrom  = 0.75
	reclaimLeast = 1.0 / 32
	// reclaimShare says how rarely: it takes at most that part of the time.
	reclaimShare = 1.0 / 20
)

// reclaimer gives memory back to the system that DuckDB has freed. Its allocator keeps what is freed for some seconds, apart for every
// thread, so that a long statement which fills and empties buffers comes to hold twice of what it is allowed.
type reclaimer struct {
	limit int64 // of the process; zero: never
	next  time.Time
	given int // times that something was given back
}

// tick does it when the process has come near its limit.
func (r *reclaimer) tick(now time.Time) {
	if r.limit <= 0 || now.Before(r.next) || float64(residentBytes()) < reclaimFrom*float64(r.limit) {
		return
	}
	if float64(unusedBytes()) >= reclaimLeast*float64(r.limit) {
		C.wb_give_back()
		r.given++
	}
	took := time.Since(now)
	r.next = now.Add(took + time.Duration(float64(took)/reclaimShare))
}

// GiveBackMemory returns to the system what DuckDB has freed.
func GiveBackMemory() { C.wb_give_back() }

// unusedBytes is what DuckDB's allocator holds and does not use.
func unusedBytes() int64 { return int64(C.wb_unused_bytes()) }

// residentBytes is what the process holds of the system's memory, its program included; zero where the system does not tell.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
