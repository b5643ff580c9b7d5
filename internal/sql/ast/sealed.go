package ast

// Who is what: the methods that seal the interfaces.

func (*Query) statement()                     {}
func (*CreateCatalog) statement()             {}
func (*DropCatalog) statement()               {}
func (*CreateSchema) statement()              {}
func (*DropSchema) statement()                {}
func (*RenameSchema) statement()              {}
func (*SetAuthorization) statement()          {}
func (*CreateTable) statement()               {}
func (*CreateTableAsSelect) statement()       {}
func (*DropTable) statement()                 {}
func (*RenameTable) statement()               {}
func (*AddColumn) statement()                 {}
func (*RenameColumn) statement()              {}
func (*DropColumn) statement()                {}
func (*SetColumnType) statement()             {}
func (*DropNotNull) statement()               {}
func (*SetProperties) statement()             {}
func (*TableExecute) statement()              {}
func (*CommentOn) statement()                 {}
func (*Analyze) statement()                   {}
func (*CreateView) statement()                {}
func (*CreateMaterializedView) statement()    {}
func (*DropView) statement()                  {}
func (*DropMaterializedView) statement()      {}
func (*RenameView) statement()                {}
func (*RenameMaterializedView) statement()    {}
func (*RefreshMaterializedView) statement()   {}
func (*Insert) statement()                    {}
func (*Delete) statement()                    {}
func (*Truncate) statement()                  {}
func (*Update) statement()                    {}
func (*Merge) statement()                     {}
func (*Call) statement()                      {}
func (*CreateRole) statement()                {}
func (*DropRole) statement()                  {}
func (*GrantRoles) statement()                {}
func (*RevokeRoles) statement()               {}
func (*Grant) statement()                     {}
func (*Revoke) statement()                    {}
func (*Deny) statement()                      {}
func (*SetRole) statement()                   {}
func (*Use) statement()                       {}
func (*SetSession) statement()                {}
func (*ResetSession) statement()              {}
func (*SetSessionAuthorization) statement()   {}
func (*ResetSessionAuthorization) statement() {}
func (*SetTimeZone) statement()               {}
func (*SetPath) statement()                   {}
func (*StartTransaction) statement()          {}
func (*Commit) statement()                    {}
func (*Rollback) statement()                  {}
func (*Prepare) statement()                   {}
func (*Deallocate) statement()                {}
func (*Execute) statement()                   {}
func (*ExecuteImmediate) statement()          {}
func (*DescribeInput) statement()             {}
func (*DescribeOutput) statement()            {}
func (*Explain) statement()                   {}
func (*ExplainAnalyze) statement()            {}
func (*ShowTables) statement()                {}
func (*ShowSchemas) statement()               {}
func (*ShowCatalogs) statement()              {}
func (*ShowColumns) statement()               {}
func (*ShowFunctions) statement()             {}
func (*ShowSession) statement()               {}
func (*ShowCreate) statement()                {}
func (*ShowStats) statement()                 {}
func (*ShowGrants) statement()                {}
func (*ShowRoles) statement()                 {}
func (*ShowRoleGrants) statement()            {}
func (*CreateFunction) statement()            {}
func (*DropFunction) statement()              {}

func (*QuerySpecification) queryBody() {}
func (*SetOperation) queryBody()       {}
func (*Values) queryBody()             {}
func (*TableSubquery) queryBody()      {}
func (*Table) queryBody()              {}

func (*QuerySpecification) relation() {}
func (*SetOperation) relation()       {}
func (*Values) relation()             {}
func (*TableSubquery) relation()      {}
func (*Table) relation()              {}
func (*AliasedRelation) relation()    {}
func (*SampledRelation) relation()    {}
func (*Join) relation()               {}
func (*Unnest) relation()             {}
func (*Lateral) relation()            {}
func (*TableFunction) relation()      {}
func (*PatternRecognition) relation() {}
func (*JSONTable) relation()          {}

func (*Identifier) expression()           {}
func (*NullLiteral) expression()          {}
func (*BooleanLiteral) expression()       {}
func (*StringLiteral) expression()        {}
func (*BinaryLiteral) expression()        {}
func (*LongLiteral) expression()          {}
func (*DecimalLiteral) expression()       {}
func (*DoubleLiteral) expression()        {}
func (*GenericLiteral) expression()       {}
func (*IntervalLiteral) expression()      {}
func (*Parameter) expression()            {}
func (*AllRows) expression()              {}
func (*Dereference) expression()          {}
func (*Subscript) expression()            {}
func (*DateTimeFunction) expression()     {}
func (*SessionFunction) expression()      {}
func (*ArithmeticUnary) expression()      {}
func (*ArithmeticBinary) expression()     {}
func (*Comparison) expression()           {}
func (*QuantifiedComparison) expression() {}
func (*Logical) expression()              {}
func (*Not) expression()                  {}
func (*Between) expression()              {}
func (*InList) expression()               {}
func (*InSubquery) expression()           {}
func (*Like) expression()                 {}
func (*IsNull) expression()               {}
func (*AtTimeZone) expression()           {}
func (*SubqueryExpression) expression()   {}
func (*Exists) expression()               {}
func (*Row) expression()                  {}
func (*Array) expression()                {}
func (*Lambda) expression()               {}
func (*SimpleCase) expression()           {}
func (*SearchedCase) expression()         {}
func (*Cast) expression()                 {}
func (*Trim) expression()                 {}
func (*Extract) expression()              {}
func (*GroupingOperation) expression()    {}
func (*If) expression()                   {}
func (*NullIf) expression()               {}
func (*Coalesce) expression()             {}
func (*Try) expression()                  {}
func (*FunctionCall) expression()         {}
func (*ListAgg) expression()              {}
func (*WindowMeasure) expression()        {}
func (*JSONExists) expression()           {}
func (*JSONValue) expression()            {}
func (*JSONQuery) expression()            {}
func (*JSONObject) expression()           {}
func (*JSONArray) expression()            {}

func (*GenericType) dataType()  {}
func (*DateTimeType) dataType() {}
func (*IntervalType) dataType() {}
func (*RowType) dataType()      {}

func (*NumericTypeArgument) typeArgument() {}
func (*TypeTypeArgument) typeArgument()    {}

func (*WindowReference) window()     {}
func (*WindowSpecification) window() {}

func (*SingleColumn) selectItem() {}
func (*AllColumns) selectItem()   {}

func (*SimpleGroupBy) groupingElement() {}
func (*GroupingSets) groupingElement()  {}
func (*AutoGroupBy) groupingElement()   {}

func (*Limit) rowLimit()      {}
func (*FetchFirst) rowLimit() {}

func (*JoinOn) joinCriteria()      {}
func (*JoinUsing) joinCriteria()   {}
func (*NaturalJoin) joinCriteria() {}

func (*PatternVariable) rowPattern()      {}
func (*EmptyPattern) rowPattern()         {}
func (*PatternAnchor) rowPattern()        {}
func (*PatternPermutation) rowPattern()   {}
func (*ExcludedPattern) rowPattern()      {}
func (*QuantifiedPattern) rowPattern()    {}
func (*PatternConcatenation) rowPattern() {}
func (*PatternAlternation) rowPattern()   {}

func (*JSONOrdinalityColumn) jsonTableColumn() {}
func (*JSONValueColumn) jsonTableColumn()      {}
func (*JSONQueryColumn) jsonTableColumn()      {}
func (*JSONNestedColumns) jsonTableColumn()    {}

func (*JSONPlanLeaf) jsonTablePlan()     {}
func (*JSONPlanJoin) jsonTablePlan()     {}
func (*JSONPlanSiblings) jsonTablePlan() {}
func (*JSONDefaultPlan) jsonTablePlan()  {}

func (*ColumnDefinition) tableElement() {}
func (*LikeClause) tableElement()       {}

func (*MergeUpdate) mergeCase() {}
func (*MergeDelete) mergeCase() {}
func (*MergeInsert) mergeCase() {}

func (*IsolationLevel) transactionMode() {}
func (*AccessMode) transactionMode()     {}

func (*LanguageCharacteristic) routineCharacteristic()      {}
func (*DeterministicCharacteristic) routineCharacteristic() {}
func (*NullInputCharacteristic) routineCharacteristic()     {}
func (*SecurityCharacteristic) routineCharacteristic()      {}
func (*CommentCharacteristic) routineCharacteristic()       {}
func (*PropertiesCharacteristic) routineCharacteristic()    {}

func (*Return) controlStatement()        {}
func (*SetVariable) controlStatement()   {}
func (*CaseStatement) controlStatement() {}
func (*IfStatement) controlStatement()   {}
func (*Iterate) controlStatement()       {}
func (*Leave) controlStatement()         {}
func (*Compound) controlStatement()      {}
func (*Loop) controlStatement()          {}
func (*While) controlStatement()         {}
func (*Repeat) controlStatement()        {}
