// Package differential asks a cluster random queries twice, as one task and divided into many tasks of little data, and compares the
// answers.
//
// A query is made from a tape of numbers (tape.go): each decision of the generator (relation.go, expression.go) takes the next one,
// and a tape that has ended gives zeros, which stand for the simplest choice. So a query that fails is made smaller by making
// its tape shorter. The queries run against processes, so their test is built with the tag e2e only:
//
//	go test -tags e2e ./test/differential -differential.time 10m -differential.seed 42
package differential
