// Package functions holds every SQL function and operator of Waterbear as data: its signature in Trino's notation,
// how it treats NULL, whether it is deterministic, how it is computed by DuckDB, how an aggregate is split in two
// steps, and examples that run as tests.
//
// Resolve finds the overload for given argument types the way Trino does. A function that is not in the tables cannot
// be computed exactly and is FUNCTION_NOT_FOUND.
//
// The package knows nothing of plans, of SQL text outside a single call, or of a running DuckDB. Start with Function;
// the tables are in one file per area (math.go, string.go, aggregate.go, …).
package functions
