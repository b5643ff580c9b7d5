// Package exchange moves the output of task attempts to their readers: bundles hold all partition files of one attempt,
// or the pages of rows of a root stage, in one encrypted and checked object.
//
// A Writer makes a bundle and gives a Handle; a Reader takes handles and gives back the files or pages. What it cannot
// give back intact is a LostError, never other bytes. The byte layout is in docs/exchange-format.md and format.go.
//
// The package knows nothing of plans, scheduling or DuckDB: a partition file is a sequence of bytes with a row count.
// Start with Writer in writer.go and Reader in reader.go.
package exchange
