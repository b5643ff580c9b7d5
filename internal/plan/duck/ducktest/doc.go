// Package ducktest holds the tests of lowered SQL against a running DuckDB: expressions with the values that Trino gives
// them, and queries computed in one step and in two.
//
// They have a package of their own so that packages duck and functions stay free of DuckDB.
package ducktest
