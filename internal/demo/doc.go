// Package demo shows what Waterbear is for: a query loses a worker to kill -9 in the middle and ends with the exact answer.
//
// It runs a cluster of processes, watches a query from outside as any client could, and compares the answer with that of
// DuckDB on the same files. Start with Run in demo.go; view.go draws the progress, attempts.go tells what was run again.
package demo
