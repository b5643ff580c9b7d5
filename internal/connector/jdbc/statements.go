package jdbc

import (
	"strconv"
	"strings"
)

// StatementKind names a statement that databases write differently.
type StatementKind int

// The kinds, with their arguments. Tables are qualified and names quoted.
const (
	CreateSchema      StatementKind = iota // schema
	DropSchema                             // schema
	DropSchemaCascade                      // schema
	RenameSchema                           // schema, new name
	RenameTable                            // table, schema of it, new table, name of that; the table and that name as texts
	AddColumn                              // table, column, type
	DropColumn                             // table, column
	RenameColumn                           // table, column, new name; the qualified column and that name as texts
	SetColumnType                          // table, column, type
	DropNotNull                            // table, column, type
	CommentTable                           // table, text or NULL
	CommentColumn                          // table, column, text or NULL
	NoComment                              // no statement, but the text or NULL that stands for no comment
	DropIfThere                            // table; the table as a text
	Truncate                               // table
	// Limited is a query of which only some rows are wanted: query, number.
	Limited
	// LimitedInOrder is the same of a query that ends in ORDER BY.
	LimitedInOrder
	// UpdateFrom replaces rows by those of another table: table, other table, assignments ("x = s.x", …), condition on t and s.
	UpdateFrom
	// DeleteFrom deletes the rows that are in another table: table, other table, condition on t and s.
	DeleteFrom
)

// usual are the statements as most databases have them, with $1, $2, … for the arguments. Those that are not here a dialect has, or it cannot do that.
var usual = map[StatementKind]string{
	CreateSchema:      "CREATE SCHEMA $1",
	DropSchema:        "DROP SCHEMA $1",
	DropSchemaCascade: "DROP SCHEMA $1 CASCADE",
	RenameTable:       "ALTER TABLE $1 RENAME TO $4",
	AddColumn:         "ALTER TABLE $1 ADD COLUMN $2 $3",
	DropColumn:        "ALTER TABLE $1 DROP COLUMN $2",
	RenameColumn:      "ALTER TABLE $1 RENAME COLUMN $2 TO $3",
	DropIfThere:       "DROP TABLE IF EXISTS $1",
	Truncate:          "TRUNCATE TABLE $1",
	Limited:           "$1 LIMIT $2",
	LimitedInOrder:    "$1 LIMIT $2",
	UpdateFrom:        "UPDATE $1 AS t SET $3 FROM $2 AS s WHERE $4",
	DeleteFrom:        "DELETE FROM $1 AS t USING $2 AS s WHERE $3",
}

// NotThere, as the SQL of a kind, says that the database has no such statement.
const NotThere = "-"

// statement writes a statement; false when the database has none.
func (c *Connector) statement(kind StatementKind, args ...string) (string, bool) {
	format := usual[kind]
	if s, ok := c.dialect.(Statements); ok {
		if own := s.Statement(kind); own != "" {
			format = own
		}
	}
	if format == "" || format == NotThere {
		return "", false
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "$"+strconv.Itoa(i+1), a)
	}
	return strings.NewReplacer(pairs...).Replace(format), true
}
