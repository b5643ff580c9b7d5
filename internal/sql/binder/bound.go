package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Bound is a bound statement: *Query, *Explain, or one of the structs that say what the coordinator is to do itself.
type Bound interface {
	// UpdateType is what the client protocol calls the statement: "CREATE TABLE"; empty for queries.
	UpdateType() string
}

// Query is a statement that runs a plan.
type Query struct {
	Plan *plan.Output
	// Update is the update type of a statement that writes: "INSERT" or "CREATE TABLE". The plan's only column is then
	// the number of rows.
	Update string
	// Write is the table written to, nil for a plain query. It is the target of the plan's Write node too.
	Write *plan.WriteTarget
}

// UpdateType is empty for a query that only reads.
func (q *Query) UpdateType() string { return q.Update }

// Explain is EXPLAIN. With Analyze the statement is run as well.
type Explain struct {
	// Statement is nil for a statement without a plan; then Text is what is shown.
	Statement Bound
	Text      string
	Analyze   bool
	Verbose   bool
	Type      string // LOGICAL, DISTRIBUTED, VALIDATE or IO
	Format    string // TEXT, JSON or GRAPHVIZ
}

// UpdateType is that of a query, except that of an analysed statement.
func (e *Explain) UpdateType() string { return "" }

// TableRef is a table that exists, with the catalog that it is in.
type TableRef struct {
	Catalog string
	Table   *connector.Table
}

// The statements that the coordinator carries out. Names are in lower case and complete; what must exist does, and what
// must not does not. Where IF [NOT] EXISTS makes a statement do nothing, it binds to *Nothing.
type (
	// Nothing is a statement that has no effect, because of IF EXISTS or IF NOT EXISTS.
	Nothing struct{ Update string }

	// CreateSchema is CREATE SCHEMA.
	CreateSchema struct {
		Catalog, Schema string
		Properties      map[string]any
	}

	// DropSchema is DROP SCHEMA.
	DropSchema struct {
		Catalog, Schema string
		Cascade         bool
	}

	// CreateTable is CREATE TABLE without a query.
	CreateTable struct {
		Catalog string
		Table   *connector.Table
		// InferColumns says that the columns are to be found out by the connector (SchemaInferrer).
		InferColumns bool
	}

	// DropTable is DROP TABLE.
	DropTable struct{ TableRef }

	// DeleteAll is DELETE of the rows that satisfy a constraint (by a connector.Deleter), or TRUNCATE (by a
	// connector.Truncater).
	DeleteAll struct {
		TableRef
		Truncate   bool
		Constraint []connector.Domain
	}

	// RenameTable is ALTER TABLE … RENAME TO.
	RenameTable struct {
		TableRef
		To connector.SchemaTable
	}

	// RenameSchema is ALTER SCHEMA … RENAME TO.
	RenameSchema struct{ Catalog, Schema, To string }

	// AddColumn is ALTER TABLE … ADD COLUMN: at the end, or behind the column After, in front of all if that is empty.
	AddColumn struct {
		TableRef
		Column connector.Column
		After  *string `json:",omitempty"`
	}

	// SetColumnType is ALTER TABLE … ALTER COLUMN … SET DATA TYPE.
	SetColumnType struct {
		TableRef
		Column string
		Type   types.Type
	}

	// SetProperties is ALTER TABLE … SET PROPERTIES; nil is DEFAULT.
	SetProperties struct {
		TableRef
		Properties map[string]any
	}

	// ChangeField is ADD, DROP and RENAME COLUMN, and SET DATA TYPE, of a field within a column.
	ChangeField struct {
		TableRef
		Change FieldChange
		Path   []string   // of the field; connector.FieldAlterer says how
		Type   types.Type // of a new field, or its new one
		To     string     `json:",omitempty"` // its new name
	}

	// DropColumn is ALTER TABLE … DROP COLUMN.
	DropColumn struct {
		TableRef
		Column string
	}

	// RenameColumn is ALTER TABLE … RENAME COLUMN.
	RenameColumn struct {
		TableRef
		Column, To string
	}

	// Comment is COMMENT ON. Column is empty for a table's comment; a nil Text removes it.
	Comment struct {
		TableRef
		Column string
		Text   *string
	}

	// PutView is CREATE VIEW and COMMENT ON VIEW: the view takes its place, or that of an old one with Replace.
	PutView struct {
		Catalog string
		View    *connector.View
		Replace bool
		Update  string
	}

	// DropView is DROP VIEW.
	DropView struct {
		Catalog string
		Name    connector.SchemaTable
	}

	// RenameView is ALTER VIEW … RENAME TO.
	RenameView struct {
		Catalog  string
		Name, To connector.SchemaTable
	}

	// ShowStats is SHOW STATS FOR a query: Listing makes the result of the estimates of the plan's rows and of its columns.
	ShowStats struct {
		Plan    *plan.Output
		Listing func(rows float64, columns []connector.ColumnStatistics) *Query `json:"-"`
	}

	// CreateFunction is CREATE FUNCTION.
	CreateFunction struct {
		Catalog string
		Routine connector.Routine
		Replace bool
	}

	// DropFunction is DROP FUNCTION.
	DropFunction struct{ Catalog, Schema, Name, Signature string }

	// DropNotNull is ALTER TABLE … ALTER COLUMN … DROP NOT NULL.
	DropNotNull struct {
		TableRef
		Column string
	}

	// Call is CALL of a connector's procedure.
	// Arguments are all those that the procedure has, in its order.
	Call struct {
		Catalog   string
		Procedure *connector.Procedure
		Arguments []any
	}

	// ExecuteProcedure is ALTER TABLE … EXECUTE of a procedure that the coordinator runs by itself.
	ExecuteProcedure struct {
		TableRef
		Procedure *connector.TableProcedure
		Arguments map[string]any
		Where     []connector.Domain
	}

	// Use is USE. Catalog is empty when only the schema changes.
	Use struct{ Catalog, Schema string }

	// SetSession is SET SESSION; Catalog is empty for a system property. At is where the value stands.
	SetSession struct {
		Catalog, Name, Value string
		At                   trinoerr.Position
	}

	// ResetSession is RESET SESSION.
	ResetSession struct{ Catalog, Name string }

	// SetTimeZone is SET TIME ZONE; Zone is empty for LOCAL.
	SetTimeZone struct{ Zone string }

	// SetPath is SET PATH.
	SetPath struct{ Path string }

	// SetRole is SET ROLE: "ALL", "NONE" or "ROLE{name}" as the protocol has it.
	SetRole struct{ Catalog, Role string }

	// SetSessionAuthorization is SET SESSION AUTHORIZATION; an empty user resets it.
	SetSessionAuthorization struct{ User string }

	// Prepare is PREPARE; SQL is the statement's text.
	Prepare struct{ Name, SQL string }

	// Deallocate is DEALLOCATE PREPARE.
	Deallocate struct{ Name string }

	// StartTransaction is START TRANSACTION.
	StartTransaction struct {
		Isolation string // empty: the default
		ReadOnly  bool
	}

	// Commit is COMMIT.
	Commit struct{}

	// Rollback is ROLLBACK.
	Rollback struct{}
)

// The update types of the statements.

func (s *Nothing) UpdateType() string                 { return s.Update }
func (s *CreateSchema) UpdateType() string            { return "CREATE SCHEMA" }
func (s *DropSchema) UpdateType() string              { return "DROP SCHEMA" }
func (s *CreateTable) UpdateType() string             { return "CREATE TABLE" }
func (s *DropTable) UpdateType() string               { return "DROP TABLE" }
func (s *RenameTable) UpdateType() string             { return "RENAME TABLE" }
func (s *RenameSchema) UpdateType() string            { return "RENAME SCHEMA" }
func (s *AddColumn) UpdateType() string               { return "ADD COLUMN" }
func (s *SetColumnType) UpdateType() string           { return "SET COLUMN TYPE" }
func (s *SetProperties) UpdateType() string           { return "SET PROPERTIES" }
func (s *ChangeField) UpdateType() string             { return string(s.Change) }
func (s *DropColumn) UpdateType() string              { return "DROP COLUMN" }
func (s *RenameColumn) UpdateType() string            { return "RENAME COLUMN" }
func (s *Comment) UpdateType() string                 { return "COMMENT" }
func (s *PutView) UpdateType() string                 { return s.Update }
func (s *DropView) UpdateType() string                { return "DROP VIEW" }
func (s *RenameView) UpdateType() string              { return "RENAME VIEW" }
func (s *DropNotNull) UpdateType() string             { return "DROP NOT NULL" }
func (s *ShowStats) UpdateType() string               { return "" }
func (s *CreateFunction) UpdateType() string          { return "CREATE FUNCTION" }
func (s *DropFunction) UpdateType() string            { return "DROP FUNCTION" }
func (s *Call) UpdateType() string                    { return "CALL" }
func (s *ExecuteProcedure) UpdateType() string        { return executeUpdate }
func (s *Use) UpdateType() string                     { return "USE" }
func (s *SetSession) UpdateType() string              { return "SET SESSION" }
func (s *ResetSession) UpdateType() string            { return "RESET SESSION" }
func (s *SetTimeZone) UpdateType() string             { return "SET TIME ZONE" }
func (s *SetPath) UpdateType() string                 { return "SET PATH" }
func (s *SetRole) UpdateType() string                 { return "SET ROLE" }
func (s *SetSessionAuthorization) UpdateType() string { return "SET SESSION AUTHORIZATION" }
func (s *Prepare) UpdateType() string                 { return "PREPARE" }
func (s *Deallocate) UpdateType() string              { return "DEALLOCATE" }
func (s *StartTransaction) UpdateType() string        { return "START TRANSACTION" }
func (s *Commit) UpdateType() string                  { return "COMMIT" }
func (s *Rollback) UpdateType() string                { return "ROLLBACK" }

// FullName is the property's name with its catalog's.
func (s *SetSession) FullName() string {
	if s.Catalog != "" {
		return s.Catalog + "." + s.Name
	}
	return s.Name
}

// UpdateType of a DELETE and a TRUNCATE differ.
func (s *DeleteAll) UpdateType() string {
	if s.Truncate {
		return "TRUNCATE TABLE"
	}
	return "DELETE"
}
