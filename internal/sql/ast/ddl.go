package ast

// SaveMode says what CREATE does when the object is there.
type SaveMode string

// The save modes.
const (
	FailIfExists   SaveMode = ""
	IgnoreIfExists SaveMode = "IF NOT EXISTS"
	OrReplace      SaveMode = "OR REPLACE"
)

// Parts that several statements share.
type (
	// Property is name = value of WITH (…) and SET PROPERTIES; Value is nil for DEFAULT.
	Property struct {
		Location
		Name  *Identifier
		Value Expression
	}

	// ColumnDefinition is name type [NOT NULL] [COMMENT …] [WITH (…)].
	ColumnDefinition struct {
		Location
		Name       *QualifiedName // more than one part only in ALTER TABLE … ADD COLUMN
		Type       DataType
		NotNull    bool
		Comment    *StringLiteral // nil when absent
		Properties []*Property
	}

	// LikeClause is LIKE table [INCLUDING|EXCLUDING PROPERTIES].
	LikeClause struct {
		Location
		Table      *QualifiedName
		Properties LikeProperties // empty when not written
	}

	// ColumnPosition is FIRST, LAST or AFTER column.
	ColumnPosition struct {
		Location
		Kind  ColumnPositionKind
		After *Identifier
	}

	// Principal is [USER|ROLE] name.
	Principal struct {
		Location
		Kind PrincipalKind
		Name *Identifier
	}

	// Grantor is a principal, CURRENT_USER or CURRENT_ROLE; Principal is nil for the latter two.
	Grantor struct {
		Location
		Kind      GrantorKind
		Principal *Principal
	}
)

// TableElement is *ColumnDefinition or *LikeClause.
type TableElement interface {
	Node
	tableElement()
}

// LikeProperties says whether LIKE copies the properties.
type LikeProperties string

// What LIKE does with properties.
const (
	IncludingProperties LikeProperties = "INCLUDING"
	ExcludingProperties LikeProperties = "EXCLUDING"
)

// ColumnPositionKind is where ADD COLUMN puts the column.
type ColumnPositionKind string

// The column positions.
const (
	ColumnFirst ColumnPositionKind = "FIRST"
	ColumnLast  ColumnPositionKind = "LAST"
	ColumnAfter ColumnPositionKind = "AFTER"
)

// PrincipalKind says what a principal is.
type PrincipalKind string

// The kinds of principals; empty when not written.
const (
	UserPrincipal PrincipalKind = "USER"
	RolePrincipal PrincipalKind = "ROLE"
)

// GrantorKind says who grants.
type GrantorKind string

// The kinds of grantors.
const (
	GrantorPrincipal   GrantorKind = "PRINCIPAL"
	GrantorCurrentUser GrantorKind = "CURRENT_USER"
	GrantorCurrentRole GrantorKind = "CURRENT_ROLE"
)

// Catalogs and schemas.
type (
	// CreateCatalog is CREATE CATALOG name USING connector.
	CreateCatalog struct {
		Location
		IfNotExists   bool
		Name          *Identifier
		Connector     *Identifier
		Comment       *StringLiteral
		Authorization *Principal
		Properties    []*Property
	}

	// DropCatalog is DROP CATALOG name.
	DropCatalog struct {
		Location
		IfExists bool
		Name     *Identifier
		Cascade  bool
	}

	// CreateSchema is CREATE SCHEMA name.
	CreateSchema struct {
		Location
		IfNotExists   bool
		Name          *QualifiedName
		Authorization *Principal
		Properties    []*Property
	}

	// DropSchema is DROP SCHEMA name.
	DropSchema struct {
		Location
		IfExists bool
		Name     *QualifiedName
		Cascade  bool
	}

	// RenameSchema is ALTER SCHEMA name RENAME TO target.
	RenameSchema struct {
		Location
		Name   *QualifiedName
		Target *Identifier
	}

	// SetAuthorization is ALTER kind name SET AUTHORIZATION principal; Kind is in upper case: TABLE, SCHEMA, VIEW,
	// MATERIALIZED VIEW, or an entity kind of the connector.
	SetAuthorization struct {
		Location
		Kind      string
		Name      *QualifiedName
		Principal *Principal
	}
)

// Tables.
type (
	// CreateTable is CREATE TABLE name (element, …). Without elements, which Trino does not have, the columns are those of the
	// files that the properties name.
	CreateTable struct {
		Location
		Mode       SaveMode
		Name       *QualifiedName
		Elements   []TableElement
		Comment    *StringLiteral
		Properties []*Property
	}

	// CreateTableAsSelect is CREATE TABLE name [(column, …)] AS query.
	CreateTableAsSelect struct {
		Location
		Mode       SaveMode
		Name       *QualifiedName
		Columns    []*Identifier
		Comment    *StringLiteral
		Properties []*Property
		Query      *Query
		NoData     bool
	}

	// DropTable is DROP TABLE name.
	DropTable struct {
		Location
		IfExists bool
		Name     *QualifiedName
	}

	// RenameTable is ALTER TABLE name RENAME TO target.
	RenameTable struct {
		Location
		IfExists bool
		Name     *QualifiedName
		Target   *QualifiedName
	}

	// AddColumn is ALTER TABLE table ADD COLUMN column [position].
	AddColumn struct {
		Location
		IfExists    bool
		Table       *QualifiedName
		IfNotExists bool
		Column      *ColumnDefinition
		Position    *ColumnPosition // nil when absent
	}

	// RenameColumn is ALTER TABLE table RENAME COLUMN column TO target.
	RenameColumn struct {
		Location
		IfExists       bool
		Table          *QualifiedName
		ColumnIfExists bool
		Column         *QualifiedName
		Target         *Identifier
	}

	// DropColumn is ALTER TABLE table DROP COLUMN column.
	DropColumn struct {
		Location
		IfExists       bool
		Table          *QualifiedName
		ColumnIfExists bool
		Column         *QualifiedName
	}

	// SetColumnType is ALTER TABLE table ALTER COLUMN column SET DATA TYPE type.
	SetColumnType struct {
		Location
		IfExists bool
		Table    *QualifiedName
		Column   *QualifiedName
		Type     DataType
	}

	// DropNotNull is ALTER TABLE table ALTER COLUMN column DROP NOT NULL.
	DropNotNull struct {
		Location
		IfExists bool
		Table    *QualifiedName
		Column   *Identifier
	}

	// SetProperties is ALTER TABLE|MATERIALIZED VIEW name SET PROPERTIES ….
	SetProperties struct {
		Location
		MaterializedView bool
		Name             *QualifiedName
		Properties       []*Property
	}

	// TableExecute is ALTER TABLE table EXECUTE procedure [(argument, …)] [WHERE …].
	TableExecute struct {
		Location
		Table     *QualifiedName
		Procedure *Identifier
		Arguments []*CallArgument
		Where     Expression
	}

	// CommentOn is COMMENT ON TABLE|VIEW|COLUMN name IS comment; Comment is nil for NULL.
	CommentOn struct {
		Location
		Kind    CommentKind
		Name    *QualifiedName
		Comment *StringLiteral
	}

	// Analyze is ANALYZE table.
	Analyze struct {
		Location
		Table      *QualifiedName
		Properties []*Property
	}
)

// CommentKind is what a comment is on.
type CommentKind string

// The kinds of commented objects.
const (
	CommentTable  CommentKind = "TABLE"
	CommentView   CommentKind = "VIEW"
	CommentColumn CommentKind = "COLUMN"
)

// Views.
type (
	// CreateView is CREATE VIEW name AS query.
	CreateView struct {
		Location
		Replace    bool
		Name       *QualifiedName
		Comment    *StringLiteral
		Security   SecurityMode // empty when not written
		Properties []*Property
		Query      *Query
	}

	// CreateMaterializedView is CREATE MATERIALIZED VIEW name AS query.
	CreateMaterializedView struct {
		Location
		Replace     bool
		IfNotExists bool
		Name        *QualifiedName
		GracePeriod *IntervalLiteral
		Comment     *StringLiteral
		Properties  []*Property
		Query       *Query
	}

	// DropView is DROP VIEW name.
	DropView struct {
		Location
		IfExists bool
		Name     *QualifiedName
	}

	// DropMaterializedView is DROP MATERIALIZED VIEW name.
	DropMaterializedView struct {
		Location
		IfExists bool
		Name     *QualifiedName
	}

	// RenameView is ALTER VIEW name RENAME TO target.
	RenameView struct {
		Location
		Name   *QualifiedName
		Target *QualifiedName
	}

	// RenameMaterializedView is ALTER MATERIALIZED VIEW name RENAME TO target.
	RenameMaterializedView struct {
		Location
		IfExists bool
		Name     *QualifiedName
		Target   *QualifiedName
	}

	// RefreshMaterializedView is REFRESH MATERIALIZED VIEW name.
	RefreshMaterializedView struct {
		Location
		Name *QualifiedName
	}
)

// SecurityMode says with whose rights a view or a function runs.
type SecurityMode string

// The security modes.
const (
	SecurityDefiner SecurityMode = "DEFINER"
	SecurityInvoker SecurityMode = "INVOKER"
)
