package ast

// SQL routines.
type (
	// CreateFunction is CREATE [OR REPLACE] FUNCTION ….
	CreateFunction struct {
		Location
		Replace       bool
		Specification *FunctionSpecification
	}

	// DropFunction is DROP FUNCTION name(parameter, …).
	DropFunction struct {
		Location
		IfExists   bool
		Name       *QualifiedName
		Parameters []*ParameterDeclaration
	}

	// FunctionSpecification is FUNCTION name(parameter, …) RETURNS type characteristic … body. Body is nil for a function
	// in another language, whose text is Definition.
	FunctionSpecification struct {
		Location
		Name            *QualifiedName
		Parameters      []*ParameterDeclaration
		Returns         DataType
		Characteristics []RoutineCharacteristic
		Body            ControlStatement
		Definition      *StringLiteral // what stands between $$ and $$, nil when absent
	}

	// ParameterDeclaration is [name] type; Name may be nil.
	ParameterDeclaration struct {
		Location
		Name *Identifier
		Type DataType
	}

	// LanguageCharacteristic is LANGUAGE name.
	LanguageCharacteristic struct {
		Location
		Language *Identifier
	}

	// DeterministicCharacteristic is [NOT] DETERMINISTIC.
	DeterministicCharacteristic struct {
		Location
		Deterministic bool
	}

	// NullInputCharacteristic is CALLED ON NULL INPUT, or RETURNS NULL ON NULL INPUT when not Called.
	NullInputCharacteristic struct {
		Location
		Called bool
	}

	// SecurityCharacteristic is SECURITY DEFINER|INVOKER.
	SecurityCharacteristic struct {
		Location
		Security SecurityMode
	}

	// CommentCharacteristic is COMMENT '…'.
	CommentCharacteristic struct {
		Location
		Comment *StringLiteral
	}

	// PropertiesCharacteristic is WITH (…).
	PropertiesCharacteristic struct {
		Location
		Properties []*Property
	}
)

// RoutineCharacteristic is a characteristic of a function.
type RoutineCharacteristic interface {
	Node
	routineCharacteristic()
}

// ControlStatement is a statement of a routine's body.
type ControlStatement interface {
	Node
	controlStatement()
}

// The control statements.
type (
	// Return is RETURN value.
	Return struct {
		Location
		Value Expression
	}

	// SetVariable is SET name = value.
	SetVariable struct {
		Location
		Target *Identifier
		Value  Expression
	}

	// CaseStatement is CASE [operand] WHEN … THEN statements … END CASE; Operand may be nil.
	CaseStatement struct {
		Location
		Operand Expression
		Whens   []*ConditionalStatements
		Else    *ElseClause // nil when absent
	}

	// IfStatement is IF … THEN … ELSEIF … ELSE … END IF.
	IfStatement struct {
		Location
		Condition  Expression
		Statements []ControlStatement
		ElseIfs    []*ConditionalStatements
		Else       *ElseClause // nil when absent
	}

	// ConditionalStatements is WHEN|ELSEIF condition THEN statements.
	ConditionalStatements struct {
		Location
		Condition  Expression
		Statements []ControlStatement
	}

	// ElseClause is ELSE statements.
	ElseClause struct {
		Location
		Statements []ControlStatement
	}

	// Iterate is ITERATE label.
	Iterate struct {
		Location
		Label *Identifier
	}

	// Leave is LEAVE label.
	Leave struct {
		Location
		Label *Identifier
	}

	// Compound is BEGIN declarations statements END.
	Compound struct {
		Location
		Variables  []*VariableDeclaration
		Statements []ControlStatement
	}

	// VariableDeclaration is DECLARE name, … type [DEFAULT value].
	VariableDeclaration struct {
		Location
		Names   []*Identifier
		Type    DataType
		Default Expression // nil when absent
	}

	// Loop is [label:] LOOP statements END LOOP.
	Loop struct {
		Location
		Label      *Identifier
		Statements []ControlStatement
	}

	// While is [label:] WHILE condition DO statements END WHILE.
	While struct {
		Location
		Label      *Identifier
		Condition  Expression
		Statements []ControlStatement
	}

	// Repeat is [label:] REPEAT statements UNTIL condition END REPEAT.
	Repeat struct {
		Location
		Label      *Identifier
		Statements []ControlStatement
		Condition  Expression
	}
)
