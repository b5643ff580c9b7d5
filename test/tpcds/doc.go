// Package tpcds asks a cluster of processes the 99 queries of TPC-DS and compares its answers with those of DuckDB over the
// same files.
//
// The data and the queries are those that DuckDB's extension tpcds makes (generate.py), which test/install-tpcds.sh installs;
// so the test is built with the tag e2e only:
//
//	test/run tpcds
//
// Start with tpcds_test.go; internal/bench/tpcds.go says what differs from the texts that DuckDB has.
package tpcds
