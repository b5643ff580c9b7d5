// Package duck lowers the plan of a stage to one DuckDB SELECT statement over named inputs.
//
// The text is what one would write by hand: chains of projections, filters, joins and an aggregation become one
// SELECT … FROM … WHERE … GROUP BY block, and only what SQL cannot say in one block becomes a derived table. The same plan
// always gives the same bytes.
//
// The package knows nothing of stages' execution or of a running DuckDB; package sql/functions tells how a function is
// computed. Start with Lower; block.go explains how blocks grow.
package duck
