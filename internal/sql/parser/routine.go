package parser

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// functionSpecification reads FUNCTION name(parameters) RETURNS type characteristics body.
func (p *parser) functionSpecification() *ast.FunctionSpecification {
	f := &ast.FunctionSpecification{Location: p.loc()}
	p.want("FUNCTION")
	f.Name, f.Parameters = p.functionDeclaration()
	p.want("RETURNS")
	f.Returns = p.dataType()
	for {
		c := p.routineCharacteristic()
		if c == nil {
			break
		}
		f.Characteristics = append(f.Characteristics, c)
	}
	if p.accept("AS") {
		f.Definition = p.functionDefinition()
		return f
	}
	f.Body = p.controlStatement()
	return f
}

// functionDefinition reads what stands between $$ and $$, less the first line break, which must be there.
func (p *parser) functionDefinition() *ast.StringLiteral {
	at := p.loc()
	text := p.want(kindDollarString).text
	text = text[2 : len(text)-2]
	first, rest, found := strings.Cut(text, "\n")
	if !found || strings.TrimRight(first, "\r") != "" {
		failAt(at, "Function definition must start with a newline after opening quotes")
	}
	return &ast.StringLiteral{Location: at, Value: rest}
}

// functionDeclaration reads name([parameter, …]).
func (p *parser) functionDeclaration() (*ast.QualifiedName, []*ast.ParameterDeclaration) {
	name := p.qualifiedName()
	p.want("(")
	var parameters []*ast.ParameterDeclaration
	if !p.is(")") {
		parameters = list(p, func() *ast.ParameterDeclaration {
			d := &ast.ParameterDeclaration{Location: p.loc()}
			d.Name, d.Type = p.namedType()
			return d
		})
	}
	p.want(")")
	return name, parameters
}

// routineCharacteristic reads a characteristic, or nothing and returns nil.
func (p *parser) routineCharacteristic() ast.RoutineCharacteristic {
	at := p.loc()
	switch k := p.acceptAny("LANGUAGE", "NOT", "DETERMINISTIC", "RETURNS", "CALLED", "SECURITY", "COMMENT", "WITH"); k {
	case "LANGUAGE":
		return &ast.LanguageCharacteristic{Location: at, Language: p.identifier()}
	case "NOT":
		p.want("DETERMINISTIC")
		return &ast.DeterministicCharacteristic{Location: at}
	case "DETERMINISTIC":
		return &ast.DeterministicCharacteristic{Location: at, Deterministic: true}
	case "RETURNS":
		p.wantAll("NULL", "ON", "NULL", "INPUT")
		return &ast.NullInputCharacteristic{Location: at}
	case "CALLED":
		p.wantAll("ON", "NULL", "INPUT")
		return &ast.NullInputCharacteristic{Location: at, Called: true}
	case "SECURITY":
		return &ast.SecurityCharacteristic{Location: at, Security: ast.SecurityMode(p.wantAny("DEFINER", "INVOKER"))}
	case "COMMENT":
		return &ast.CommentCharacteristic{Location: at, Comment: p.stringLiteral()}
	case "WITH":
		return &ast.PropertiesCharacteristic{Location: at, Properties: parens(p, p.property)}
	}
	return nil
}

// controlStatement reads a statement of a routine.
func (p *parser) controlStatement() ast.ControlStatement {
	p.enter(1)
	defer p.leave(1)
	at := p.loc()
	p.note("RETURN", "SET", "CASE", "IF", "ITERATE", "LEAVE", "BEGIN", "LOOP", "WHILE", "REPEAT")
	if p.isName() && p.ahead(1).kind == ":" {
		label := p.identifier()
		p.want(":")
		return p.loop(at, label)
	}
	switch p.kind() {
	case "RETURN":
		p.advance()
		return &ast.Return{Location: at, Value: p.valueExpression()}
	case "SET":
		p.advance()
		s := &ast.SetVariable{Location: at, Target: p.identifier()}
		p.want("=")
		s.Value = p.expression()
		return s
	case "CASE":
		return p.caseStatement()
	case "IF":
		return p.ifStatement()
	case "ITERATE":
		p.advance()
		return &ast.Iterate{Location: at, Label: p.identifier()}
	case "LEAVE":
		p.advance()
		return &ast.Leave{Location: at, Label: p.identifier()}
	case "BEGIN":
		return p.compound()
	case "LOOP", "WHILE", "REPEAT":
		return p.loop(at, nil)
	}
	p.fail()
	return nil
}

// loop reads LOOP, WHILE or REPEAT after the label, which may be nil.
func (p *parser) loop(at ast.Location, label *ast.Identifier) ast.ControlStatement {
	switch p.wantAny("LOOP", "WHILE", "REPEAT") {
	case "LOOP":
		s := &ast.Loop{Location: at, Label: label, Statements: p.controlStatements()}
		p.wantAll("END", "LOOP")
		return s
	case "WHILE":
		s := &ast.While{Location: at, Label: label, Condition: p.expression()}
		p.want("DO")
		s.Statements = p.controlStatements()
		p.wantAll("END", "WHILE")
		return s
	}
	s := &ast.Repeat{Location: at, Label: label, Statements: p.controlStatements()}
	p.want("UNTIL")
	s.Condition = p.expression()
	p.wantAll("END", "REPEAT")
	return s
}

// startsControlStatement reports whether a statement of a routine begins at the current token.
func (p *parser) startsControlStatement() bool {
	if p.isAny("RETURN", "SET", "CASE", "IF", "ITERATE", "LEAVE", "BEGIN", "LOOP", "WHILE", "REPEAT") {
		return p.kind() != "REPEAT" || p.ahead(1).kind != ";"
	}
	return p.isName() && p.ahead(1).kind == ":"
}

// controlStatements reads one or more statements, each with its semicolon.
func (p *parser) controlStatements() []ast.ControlStatement {
	var statements []ast.ControlStatement
	for first := true; first || p.startsControlStatement(); first = false {
		statements = append(statements, p.controlStatement())
		p.want(";")
	}
	return statements
}

func (p *parser) caseStatement() ast.ControlStatement {
	s := &ast.CaseStatement{Location: p.loc()}
	p.want("CASE")
	if !p.is("WHEN") {
		s.Operand = p.expression()
	}
	for first := true; first || p.is("WHEN"); first = false {
		s.Whens = append(s.Whens, p.conditionalStatements("WHEN"))
	}
	s.Else = p.elseClause()
	p.wantAll("END", "CASE")
	return s
}

// conditionalStatements reads keyword condition THEN statements.
func (p *parser) conditionalStatements(keyword kind) *ast.ConditionalStatements {
	c := &ast.ConditionalStatements{Location: p.loc()}
	p.want(keyword)
	c.Condition = p.expression()
	p.want("THEN")
	c.Statements = p.controlStatements()
	return c
}

// elseClause reads [ELSE statements].
func (p *parser) elseClause() *ast.ElseClause {
	at := p.loc()
	if !p.accept("ELSE") {
		return nil
	}
	return &ast.ElseClause{Location: at, Statements: p.controlStatements()}
}

func (p *parser) ifStatement() ast.ControlStatement {
	s := &ast.IfStatement{Location: p.loc()}
	first := p.conditionalStatements("IF")
	s.Condition, s.Statements = first.Condition, first.Statements
	for p.is("ELSEIF") {
		s.ElseIfs = append(s.ElseIfs, p.conditionalStatements("ELSEIF"))
	}
	s.Else = p.elseClause()
	p.wantAll("END", "IF")
	return s
}

func (p *parser) compound() ast.ControlStatement {
	s := &ast.Compound{Location: p.loc()}
	p.want("BEGIN")
	for p.is("DECLARE") && p.ahead(1).kind != ":" {
		s.Variables = append(s.Variables, p.variableDeclaration())
		p.want(";")
	}
	if p.startsControlStatement() {
		s.Statements = p.controlStatements()
	}
	p.want("END")
	return s
}

func (p *parser) variableDeclaration() *ast.VariableDeclaration {
	d := &ast.VariableDeclaration{Location: p.loc()}
	p.want("DECLARE")
	d.Names = list(p, p.identifier)
	d.Type = p.dataType()
	if p.accept("DEFAULT") {
		d.Default = p.valueExpression()
	}
	return d
}
