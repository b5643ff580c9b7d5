// Package engine runs SQL statements in an embedded DuckDB: instances with hard limits, inputs bound by name, results as
// partitioned Parquet files or as a stream of column chunks, cancellation, and the translation of DuckDB's errors.
//
// It is the only package that links DuckDB. It knows nothing of plans, stages, tasks or scheduling: it is given a statement
// and the inputs that the statement names. An Instance serves one attempt at a time.
//
// Start with Open in instance.go; settings.go lists what generated SQL may rely on.
package engine
