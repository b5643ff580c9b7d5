// Package bench measures whole queries: it loads generated tables through a cluster, runs the queries of TPC-H against the
// cluster over HTTP and against DuckDB in this process on the very same files, by turns, compares the answers and reports
// the times side by side. The figure that counts is the ratio: it means the same on every machine.
//
// It knows a cluster from outside only, by its URL and its files. Start with Run in run.go; compare.go says when two
// answers are equal.
package bench
