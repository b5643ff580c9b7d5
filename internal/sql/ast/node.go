package ast

import "github.com/waterbear-sql/waterbear/internal/trinoerr"

// Location is where a node begins: the 1-based line and column of its first token, or of the operator for
// the binary operators for which Trino reports that.
type Location trinoerr.Position

// Pos returns the position, as errors want it.
func (l Location) Pos() trinoerr.Position { return trinoerr.Position(l) }

// Node is any part of the tree that has a place in the text.
type Node interface {
	Pos() trinoerr.Position
}

// Statement is a whole statement; every statement of the grammar is one.
type Statement interface {
	Node
	statement()
}

// QueryBody is what a query's rows come from: a SELECT, a set operation, TABLE t, VALUES or a query in
// parentheses.
type QueryBody interface {
	Relation
	queryBody()
}

// Relation is an element of a FROM clause.
type Relation interface {
	Node
	relation()
}

// Expression is a value, a condition, a lambda or a row.
type Expression interface {
	Node
	expression()
}

// DataType is a type as written; resolving its name is not the parser's business.
type DataType interface {
	Node
	dataType()
}

// Identifier is a name. Value is as written, without the quotes and with doubled quotes undone. It is an Expression
// when it stands for a column.
type Identifier struct {
	Location
	Value     string
	Delimited bool
}

// QualifiedName is one or more identifiers joined by dots.
type QualifiedName struct {
	Location
	Parts []*Identifier
}

// Suffix returns the last part's value.
func (n *QualifiedName) Suffix() string { return n.Parts[len(n.Parts)-1].Value }
