package parser

import (
	"cmp"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// jsonPathInvocation reads input [FORMAT …], 'path' [AS name] [PASSING …].
func (p *parser) jsonPathInvocation() *ast.JSONPathInvocation {
	i := &ast.JSONPathInvocation{Location: p.loc()}
	i.Input, i.Format = p.expression(), p.jsonFormat()
	if i.Format == "" {
		i.Format = ast.FormatJSON
	}
	p.want(",")
	i.Path = p.stringLiteral()
	i.PathName = p.optionalIdentifier("AS")
	if p.accept("PASSING") {
		i.Arguments = list(p, p.jsonPathArgument)
	}
	return i
}

func (p *parser) jsonPathArgument() *ast.JSONPathArgument {
	a := &ast.JSONPathArgument{Location: p.loc()}
	a.Value, a.Format = p.expression(), p.jsonFormat()
	p.want("AS")
	a.Name = p.identifier()
	return a
}

// jsonFormat reads [FORMAT JSON [ENCODING …]].
func (p *parser) jsonFormat() ast.JSONFormat {
	if !p.accept("FORMAT") {
		return ""
	}
	return p.jsonRepresentation()
}

func (p *parser) jsonRepresentation() ast.JSONFormat {
	p.want("JSON")
	if !p.accept("ENCODING") {
		return ast.FormatJSON
	}
	return ast.JSONFormat("JSON ENCODING " + p.wantAny("UTF8", "UTF16", "UTF32"))
}

// jsonReturning reads [RETURNING type [FORMAT …]].
func (p *parser) jsonReturning() (ast.DataType, ast.JSONFormat) {
	if !p.accept("RETURNING") {
		return nil, ""
	}
	t := p.dataType()
	return t, p.jsonFormat()
}

func (p *parser) jsonExists() ast.Expression {
	e := &ast.JSONExists{Location: p.loc(), OnError: ast.ExistsFalseOnError}
	p.wantAll("JSON_EXISTS", "(")
	e.Path = p.jsonPathInvocation()
	if k := p.acceptAny("TRUE", "FALSE", "UNKNOWN", "ERROR"); k != "" {
		e.OnError = ast.JSONExistsError(k)
		p.wantAll("ON", "ERROR")
	}
	p.want(")")
	return e
}

func (p *parser) jsonValue() ast.Expression {
	e := &ast.JSONValue{Location: p.loc()}
	p.wantAll("JSON_VALUE", "(")
	e.Path = p.jsonPathInvocation()
	if p.accept("RETURNING") {
		e.Returning = p.dataType()
	}
	e.OnEmpty, e.OnError = p.jsonValueBehaviors()
	e.OnEmpty = orNull(e.Location, e.OnEmpty)
	e.OnError = orNull(e.Location, e.OnError)
	p.want(")")
	return e
}

// orNull returns b, or NULL if there is none.
func orNull(at ast.Location, b *ast.JSONValueBehavior) *ast.JSONValueBehavior {
	if b == nil {
		return &ast.JSONValueBehavior{Location: at, Kind: ast.ValueNull}
	}
	return b
}

// jsonValueBehaviors reads [behavior ON EMPTY] [behavior ON ERROR].
func (p *parser) jsonValueBehaviors() (onEmpty, onError *ast.JSONValueBehavior) {
	for onError == nil && p.isAny("ERROR", "NULL", "DEFAULT") {
		b := &ast.JSONValueBehavior{Location: p.loc(), Kind: ast.JSONValueBehaviorKind(p.advance().kind)}
		if b.Kind == ast.ValueDefault {
			b.Default = p.expression()
		}
		p.want("ON")
		if onEmpty == nil && p.accept("EMPTY") {
			onEmpty = b
			continue
		}
		p.want("ERROR")
		onError = b
	}
	return onEmpty, onError
}

func (p *parser) jsonQuery() ast.Expression {
	e := &ast.JSONQuery{Location: p.loc()}
	p.wantAll("JSON_QUERY", "(")
	e.Path = p.jsonPathInvocation()
	e.Returning, e.ReturningFormat = p.jsonReturning()
	e.Wrapper, e.Quotes = p.jsonWrapper(), p.jsonQuotes()
	e.OnEmpty, e.OnError = p.jsonQueryBehaviors()
	e.Wrapper = cmp.Or(e.Wrapper, ast.WrapperWithout)
	e.OnEmpty = cmp.Or(e.OnEmpty, ast.QueryNull)
	e.OnError = cmp.Or(e.OnError, ast.QueryNull)
	p.want(")")
	return e
}

// jsonWrapper reads [WITHOUT|WITH … WRAPPER].
func (p *parser) jsonWrapper() ast.JSONWrapper {
	w := ast.WrapperUnconditional
	switch p.acceptAny("WITH", "WITHOUT") {
	case "":
		return ""
	case "WITH":
		if p.acceptAny("CONDITIONAL", "UNCONDITIONAL") == "CONDITIONAL" {
			w = ast.WrapperConditional
		}
	default:
		w = ast.WrapperWithout
	}
	p.accept("ARRAY")
	p.want("WRAPPER")
	return w
}

// jsonQuotes reads [KEEP|OMIT QUOTES [ON SCALAR STRING]].
func (p *parser) jsonQuotes() ast.JSONQuotes {
	k := p.acceptAny("KEEP", "OMIT")
	if k == "" {
		return ""
	}
	p.want("QUOTES")
	if p.accept("ON") {
		p.wantAll("SCALAR", "STRING")
	}
	return ast.JSONQuotes(k)
}

// jsonQueryBehaviors reads [behavior ON EMPTY] [behavior ON ERROR].
func (p *parser) jsonQueryBehaviors() (onEmpty, onError ast.JSONQueryBehavior) {
	for onError == "" && p.isAny("ERROR", "NULL", "EMPTY") {
		b := ast.JSONQueryBehavior(p.advance().kind)
		if b == "EMPTY" {
			b = ast.JSONQueryBehavior("EMPTY " + p.wantAny("ARRAY", "OBJECT"))
		}
		p.want("ON")
		if onEmpty == "" && p.accept("EMPTY") {
			onEmpty = b
			continue
		}
		p.want("ERROR")
		onError = b
	}
	return onEmpty, onError
}

func (p *parser) jsonObject() ast.Expression {
	e := &ast.JSONObject{Location: p.loc()}
	p.wantAll("JSON_OBJECT", "(")
	if !p.isAny(")", "RETURNING") || p.kind() == "RETURNING" && !p.startsReturning() {
		e.Members = list(p, p.jsonMember)
		e.AbsentOnNull = p.onNull() == "ABSENT"
		if k := p.acceptAny("WITH", "WITHOUT"); k != "" {
			p.want("UNIQUE")
			p.accept("KEYS")
			e.UniqueKeys = k == "WITH"
		}
	}
	e.Returning, e.ReturningFormat = p.jsonReturning()
	p.want(")")
	return e
}

// startsReturning reports whether the RETURNING at the current token is the keyword, not a name.
func (p *parser) startsReturning() bool { return p.ahead(1).name }

// onNull reads [NULL|ABSENT ON NULL] and returns the first word.
func (p *parser) onNull() kind {
	k := p.acceptAny("NULL", "ABSENT")
	if k != "" {
		p.wantAll("ON", "NULL")
	}
	return k
}

// jsonMember reads [KEY] key VALUE value, or key : value.
func (p *parser) jsonMember() *ast.JSONMember {
	m := &ast.JSONMember{Location: p.loc()}
	keyword := p.is("KEY") && p.isKeyKeyword()
	if keyword {
		p.advance()
	}
	m.Key = p.expression()
	if keyword {
		p.want("VALUE")
	} else {
		p.wantAny(":", "VALUE")
	}
	m.Value, m.Format = p.expression(), p.jsonFormat()
	return m
}

// isKeyKeyword reports whether the KEY at the current token is the keyword, not a column of that name.
func (p *parser) isKeyKeyword() bool {
	switch p.ahead(1).kind {
	case "VALUE":
		return p.ahead(2).kind == "VALUE"
	case ":", ".", "[", "||", "+", "-", "*", "/", "%", "->":
		return false
	}
	return true
}

func (p *parser) jsonArray() ast.Expression {
	e := &ast.JSONArray{Location: p.loc()}
	p.wantAll("JSON_ARRAY", "(")
	if !p.isAny(")", "RETURNING") || p.kind() == "RETURNING" && !p.startsReturning() {
		e.Elements = list(p, func() *ast.JSONElement {
			m := &ast.JSONElement{Location: p.loc()}
			m.Value, m.Format = p.expression(), p.jsonFormat()
			return m
		})
		e.NullOnNull = p.onNull() == "NULL"
	}
	e.Returning, e.ReturningFormat = p.jsonReturning()
	p.want(")")
	return e
}

// jsonTable reads JSON_TABLE(…).
func (p *parser) jsonTable() ast.Relation {
	t := &ast.JSONTable{Location: p.loc()}
	p.wantAll("JSON_TABLE", "(")
	t.Path = p.jsonPathInvocation()
	p.want("COLUMNS")
	t.Columns = parens(p, p.jsonTableColumn)
	if p.accept("PLAN") {
		if p.accept("DEFAULT") {
			t.Plan = p.jsonDefaultPlan()
		} else {
			p.want("(")
			t.Plan = p.jsonPlan()
			p.want(")")
		}
	}
	if k := p.acceptAny("ERROR", "EMPTY"); k != "" {
		t.OnError = ast.JSONTableError(k)
		p.wantAll("ON", "ERROR")
	}
	p.want(")")
	return t
}

func (p *parser) jsonTableColumn() ast.JSONTableColumn {
	p.enter(1)
	defer p.leave(1)
	at := p.loc()
	if next := p.ahead(1).kind; p.is("NESTED") && (next == "PATH" && isStringKind(p.ahead(2).kind) || isStringKind(next)) {
		p.advance()
		p.accept("PATH")
		c := &ast.JSONNestedColumns{Location: at, Path: p.stringLiteral()}
		c.PathName = p.optionalIdentifier("AS")
		p.want("COLUMNS")
		c.Columns = parens(p, p.jsonTableColumn)
		return c
	}
	name := p.identifier()
	if p.accept("FOR") {
		p.want("ORDINALITY")
		return &ast.JSONOrdinalityColumn{Location: at, Name: name}
	}
	t := p.dataType()
	if p.accept("FORMAT") {
		c := &ast.JSONQueryColumn{Location: at, Name: name, Type: t, Format: p.jsonRepresentation(), Path: p.jsonColumnPath()}
		c.Wrapper, c.Quotes = p.jsonWrapper(), p.jsonQuotes()
		c.OnEmpty, c.OnError = p.jsonQueryBehaviors()
		c.Wrapper = cmp.Or(c.Wrapper, ast.WrapperWithout)
		c.OnEmpty = cmp.Or(c.OnEmpty, ast.QueryNull)
		return c
	}
	c := &ast.JSONValueColumn{Location: at, Name: name, Type: t, Path: p.jsonColumnPath()}
	c.OnEmpty, c.OnError = p.jsonValueBehaviors()
	c.OnEmpty = orNull(at, c.OnEmpty)
	return c
}

func isStringKind(k kind) bool { return k == kindString || k == kindUnicodeString }

// jsonColumnPath reads [PATH 'path'].
func (p *parser) jsonColumnPath() *ast.StringLiteral {
	if !p.accept("PATH") {
		return nil
	}
	return p.stringLiteral()
}

// jsonPlan reads the plan of PLAN (…).
func (p *parser) jsonPlan() ast.JSONTablePlan {
	p.enter(1)
	defer p.leave(1)
	at, inParens := p.loc(), p.kind() == "("
	first := p.jsonPlanPrimary()
	if leaf, ok := first.(*ast.JSONPlanLeaf); ok && !inParens {
		if k := p.acceptAny("OUTER", "INNER"); k != "" {
			return &ast.JSONPlanJoin{Location: at, Inner: k == "INNER", Parent: leaf, Child: p.jsonPlanPrimary()}
		}
	}
	op := kind("UNION")
	if p.is("CROSS") {
		op = "CROSS"
	}
	s := &ast.JSONPlanSiblings{Location: at, Cross: op == "CROSS", Siblings: []ast.JSONTablePlan{first}}
	for p.accept(op) {
		s.Siblings = append(s.Siblings, p.jsonPlanPrimary())
	}
	if len(s.Siblings) > 1 {
		return s
	}
	if inParens {
		p.fail()
	}
	return first
}

// jsonPlanPrimary reads a path's name, or a plan in parentheses.
func (p *parser) jsonPlanPrimary() ast.JSONTablePlan {
	if p.accept("(") {
		plan := p.jsonPlan()
		p.want(")")
		return plan
	}
	return &ast.JSONPlanLeaf{Location: p.loc(), Name: p.identifier()}
}

// jsonDefaultPlan reads (OUTER|INNER[, UNION|CROSS]), in either order.
func (p *parser) jsonDefaultPlan() ast.JSONTablePlan {
	plan := &ast.JSONDefaultPlan{Location: p.loc()}
	p.want("(")
	switch k := p.wantAny("OUTER", "INNER", "UNION", "CROSS"); k {
	case "OUTER", "INNER":
		plan.Inner = k == "INNER"
		if p.accept(",") {
			plan.Cross = p.wantAny("UNION", "CROSS") == "CROSS"
		}
	default:
		plan.Cross = k == "CROSS"
		if p.accept(",") {
			plan.Inner = p.wantAny("OUTER", "INNER") == "INNER"
		}
	}
	p.want(")")
	return plan
}
