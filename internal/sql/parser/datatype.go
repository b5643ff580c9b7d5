package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// dataType reads a type.
func (p *parser) dataType() ast.DataType {
	p.enter(1)
	defer p.leave(1)
	outer := p.begin(ruleType)
	t := p.plainType()
	p.end(outer)
	for height := 1; p.is("ARRAY"); height++ {
		p.bound(p.depth + height)
		t = p.arrayOf(t)
	}
	return t
}

// arrayOf reads ARRAY [[size]] after a type.
func (p *parser) arrayOf(element ast.DataType) ast.DataType {
	at := ast.Location(element.Pos())
	name := p.want("ARRAY").text
	if p.accept("[") {
		p.want(kindInteger)
		p.want("]")
		panic(trinoerr.At(at.Pos(), trinoerr.NotSupported, "Explicit array size not supported"))
	}
	return generic(at, name, element)
}

// generic makes a type whose arguments are types.
func generic(at ast.Location, name string, arguments ...ast.DataType) *ast.GenericType {
	t := &ast.GenericType{Location: at, Name: &ast.Identifier{Location: at, Value: name}}
	for _, a := range arguments {
		t.Arguments = append(t.Arguments, &ast.TypeTypeArgument{Location: ast.Location(a.Pos()), Type: a})
	}
	return t
}

// plainType reads a type without what may follow it.
func (p *parser) plainType() ast.DataType {
	at := p.loc()
	text := p.tokens[p.at].text
	switch next := p.ahead(1).kind; p.kind() {
	case "ROW":
		if next == "(" && p.ahead(2).kind != kindInteger {
			p.advance()
			return &ast.RowType{Location: at, Fields: parens(p, p.rowTypeField)}
		}
	case "INTERVAL":
		if isIntervalField(next) {
			p.advance()
			t := &ast.IntervalType{Location: at, From: p.intervalField()}
			t.To = t.From
			if p.accept("TO") {
				t.To = p.intervalField()
			}
			return t
		}
	case "TIME", "TIMESTAMP":
		return p.dateTimeType()
	case "DOUBLE":
		if next == "PRECISION" {
			p.advance()
			p.advance()
			return generic(at, text)
		}
	case "ARRAY":
		if next == "<" {
			p.advance()
			p.advance()
			element := p.dataType()
			p.want(">")
			return generic(at, text, element)
		}
	case "MAP":
		if next == "<" {
			p.advance()
			p.advance()
			key := p.dataType()
			p.want(",")
			value := p.dataType()
			p.want(">")
			return generic(at, text, key, value)
		}
	}
	t := &ast.GenericType{Location: at, Name: p.identifier()}
	if p.is("(") {
		t.Arguments = parens(p, p.typeArgument)
	}
	return t
}

func isIntervalField(k kind) bool {
	switch k {
	case "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND":
		return true
	}
	return false
}

// dateTimeType reads TIME|TIMESTAMP [(precision)] [WITH|WITHOUT TIME ZONE].
func (p *parser) dateTimeType() ast.DataType {
	t := &ast.DateTimeType{Location: p.loc(), Timestamp: p.advance().kind == "TIMESTAMP"}
	if p.accept("(") {
		t.Precision = p.typeArgument()
		p.want(")")
	}
	switch {
	case p.are("WITH", "TIME"):
		p.wantAll("WITH", "TIME", "ZONE")
		t.WithTimeZone = true
	case p.are("WITHOUT", "TIME"):
		p.wantAll("WITHOUT", "TIME", "ZONE")
	}
	return t
}

// rowTypeField reads [name] type; what can be a type alone is one.
func (p *parser) rowTypeField() *ast.RowTypeField {
	name, t := p.namedType()
	f := &ast.RowTypeField{Location: ast.Location(t.Pos()), Name: name, Type: t}
	if name != nil {
		f.Location = name.Location
	}
	return f
}

// namedType reads [name] type, which a comma or a closing parenthesis must follow.
func (p *parser) namedType() (*ast.Identifier, ast.DataType) {
	alone, ok := try(p, func() ast.DataType {
		t := p.dataType()
		if !p.isAny(",", ")") {
			p.fail()
		}
		return t
	})
	if ok {
		return nil, alone
	}
	name := p.identifier()
	return name, p.dataType()
}

// typeArgument reads a number or a type.
func (p *parser) typeArgument() ast.TypeArgument {
	at := p.loc()
	if p.is(kindInteger) {
		return &ast.NumericTypeArgument{Location: at, Value: p.advance().text}
	}
	return &ast.TypeTypeArgument{Location: at, Type: p.dataType()}
}
