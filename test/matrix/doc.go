// Package matrix is the failure matrix: statements that go wrong in every way there is, under every retry policy, against real
// processes, each compared with the same statement left alone. `test/run matrix` runs it and prints the table.
//
// Statements (statements.go) and injections (injections.go) are rows of two tables; Cells combines them and says what has to
// come of each combination. So whoever brings a connector or a kind of statement adds a row and has it tested against all
// failures. The part with the processes has the build tag e2e. docs/failure-matrix.md is generated from the tables.
package matrix

//go:generate go run ./generate ../../docs/failure-matrix.md
