// Package ast holds the syntax tree of Trino's SQL: plain structs, one per construct, behind sealed interfaces
// (Statement, QueryBody, Relation, Expression, …).
//
// The tree says what was written, not what it means: it knows nothing of catalogs, types, functions or plans.
// Where Trino's own parser rewrites one form into another (a || b is the function concat, POSITION(a IN b) is
// strpos(b, a), parentheses vanish) this tree does the same, so that later stages see fewer forms.
//
// Start with node.go, then expression.go and query.go; each other file is an area of the grammar.
// Walk and Children visit any tree, Equal and Identical compare two.
package ast
