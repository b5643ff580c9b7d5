package ast

// Statements about the session, transactions and prepared statements.
type (
	// Use is USE [catalog.]schema; Catalog may be nil.
	Use struct {
		Location
		Catalog *Identifier
		Schema  *Identifier
	}

	// SetSession is SET SESSION name = value.
	SetSession struct {
		Location
		Name  *QualifiedName
		Value Expression
	}

	// ResetSession is RESET SESSION name.
	ResetSession struct {
		Location
		Name *QualifiedName
	}

	// SetSessionAuthorization is SET SESSION AUTHORIZATION user; User is an *Identifier or a *StringLiteral.
	SetSessionAuthorization struct {
		Location
		User Expression
	}

	// ResetSessionAuthorization is RESET SESSION AUTHORIZATION.
	ResetSessionAuthorization struct{ Location }

	// SetTimeZone is SET TIME ZONE zone; Zone is nil for LOCAL.
	SetTimeZone struct {
		Location
		Zone Expression
	}

	// SetPath is SET PATH element, ….
	SetPath struct {
		Location
		Elements []*PathElement
	}

	// PathElement is [catalog.]schema; Catalog may be nil.
	PathElement struct {
		Location
		Catalog *Identifier
		Schema  *Identifier
	}

	// StartTransaction is START TRANSACTION [mode, …].
	StartTransaction struct {
		Location
		Modes []TransactionMode
	}

	// IsolationLevel is ISOLATION LEVEL level.
	IsolationLevel struct {
		Location
		Level string // READ UNCOMMITTED, READ COMMITTED, REPEATABLE READ or SERIALIZABLE
	}

	// AccessMode is READ ONLY or READ WRITE.
	AccessMode struct {
		Location
		ReadOnly bool
	}

	// Commit is COMMIT [WORK].
	Commit struct{ Location }

	// Rollback is ROLLBACK [WORK].
	Rollback struct{ Location }

	// Prepare is PREPARE name FROM statement.
	Prepare struct {
		Location
		Name      *Identifier
		Statement Statement
	}

	// Deallocate is DEALLOCATE PREPARE name.
	Deallocate struct {
		Location
		Name *Identifier
	}

	// Execute is EXECUTE name [USING value, …].
	Execute struct {
		Location
		Name      *Identifier
		Arguments []Expression
	}

	// ExecuteImmediate is EXECUTE IMMEDIATE 'statement' [USING value, …].
	ExecuteImmediate struct {
		Location
		Statement *StringLiteral
		Arguments []Expression
	}

	// DescribeInput is DESCRIBE INPUT name.
	DescribeInput struct {
		Location
		Name *Identifier
	}

	// DescribeOutput is DESCRIBE OUTPUT name.
	DescribeOutput struct {
		Location
		Name *Identifier
	}
)

// TransactionMode is *IsolationLevel or *AccessMode.
type TransactionMode interface {
	Node
	transactionMode()
}

// Statements that show something.
type (
	// Explain is EXPLAIN [(option, …)] statement.
	Explain struct {
		Location
		Options   []*ExplainOption
		Statement Statement
	}

	// ExplainOption is FORMAT or TYPE with its value, both in upper case.
	ExplainOption struct {
		Location
		Name  string // FORMAT or TYPE
		Value string // TEXT, GRAPHVIZ, JSON; LOGICAL, DISTRIBUTED, VALIDATE, IO
	}

	// ExplainAnalyze is EXPLAIN ANALYZE [VERBOSE] statement.
	ExplainAnalyze struct {
		Location
		Verbose   bool
		Statement Statement
	}

	// LikePattern is LIKE pattern [ESCAPE escape]; Escape may be nil.
	LikePattern struct {
		Location
		Pattern *StringLiteral
		Escape  *StringLiteral
	}

	// ShowTables is SHOW TABLES [FROM schema] [LIKE …].
	ShowTables struct {
		Location
		Schema *QualifiedName
		Like   *LikePattern
	}

	// ShowSchemas is SHOW SCHEMAS [FROM catalog] [LIKE …].
	ShowSchemas struct {
		Location
		Catalog *Identifier
		Like    *LikePattern
	}

	// ShowCatalogs is SHOW CATALOGS [LIKE …].
	ShowCatalogs struct {
		Location
		Like *LikePattern
	}

	// ShowColumns is SHOW COLUMNS FROM table [LIKE …], or DESCRIBE table.
	ShowColumns struct {
		Location
		Table *QualifiedName
		Like  *LikePattern
	}

	// ShowFunctions is SHOW FUNCTIONS [FROM schema] [LIKE …].
	ShowFunctions struct {
		Location
		Schema *QualifiedName
		Like   *LikePattern
	}

	// ShowSession is SHOW SESSION [LIKE …].
	ShowSession struct {
		Location
		Like *LikePattern
	}

	// ShowCreate is SHOW CREATE kind name.
	ShowCreate struct {
		Location
		Kind ShowCreateKind
		Name *QualifiedName
	}

	// ShowStats is SHOW STATS FOR table or (query); Relation is a *Table or a *TableSubquery.
	ShowStats struct {
		Location
		Relation Relation
	}

	// ShowGrants is SHOW GRANTS [ON object].
	ShowGrants struct {
		Location
		Object *GrantObject
	}

	// ShowRoles is SHOW [CURRENT] ROLES [FROM catalog].
	ShowRoles struct {
		Location
		Current bool
		Catalog *Identifier
	}

	// ShowRoleGrants is SHOW ROLE GRANTS [FROM catalog].
	ShowRoleGrants struct {
		Location
		Catalog *Identifier
	}
)

// ShowCreateKind is what SHOW CREATE shows.
type ShowCreateKind string

// The kinds of SHOW CREATE.
const (
	ShowCreateTable            ShowCreateKind = "TABLE"
	ShowCreateSchema           ShowCreateKind = "SCHEMA"
	ShowCreateView             ShowCreateKind = "VIEW"
	ShowCreateMaterializedView ShowCreateKind = "MATERIALIZED VIEW"
	ShowCreateFunction         ShowCreateKind = "FUNCTION"
)
