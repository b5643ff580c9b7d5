// Package scaling finds out what queries cost the coordinator and the exchange at sizes that nobody has at hand: it plans the statements of
// benchmarks over statistics of a hundred terabytes as the coordinator of a thousand nodes does, and runs these plans through the
// scheduler on a simulated cluster.
//
// No data is read. Start with Measure in measure.go; tpcds.go describes the tables of TPC-DS, those of TPC-H come from the connector that
// generates them. What came of it is in docs/scaling.md.
package scaling
