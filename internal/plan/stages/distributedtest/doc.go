// Package distributedtest checks that a query's distributed fragments answer what its plan as bound answers: a small executor
// runs every fragment, task by task, in one DuckDB, with the rows divided among tasks as a cluster would divide them.
//
// It has only tests. It links DuckDB, which packages plan and below do not, and that is why it is a package of its own.
// Start with executor_test.go.
package distributedtest
