package parser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// primary reads an operand without the subscripts and fields that may follow it.
func (p *parser) primary() ast.Expression {
	p.item = p.first
	if p.first {
		p.first = false
		defer func() { p.item = true }()
		if p.tokens[p.at].name && !p.isCall(0) {
			return p.plainPrimary()
		}
		defer p.openly(true)()
	}
	return p.plainPrimary()
}

// plainPrimary is primary without a care for what errors show.
func (p *parser) plainPrimary() ast.Expression {
	at := p.loc()
	switch t := p.tokens[p.at]; t.kind {
	case "NULL":
		p.advance()
		return &ast.NullLiteral{Location: at}
	case "TRUE", "FALSE":
		return &ast.BooleanLiteral{Location: at, Value: p.advance().kind == "TRUE"}
	case kindString, kindUnicodeString:
		return p.stringLiteral()
	case kindBinary:
		return p.binaryLiteral()
	case "-", kindInteger, kindDecimal, kindDouble:
		return p.number()
	case "?":
		p.advance()
		return p.parameter(at)
	case "[":
		return p.array(at)
	case "(":
		return p.parenthesized()
	case "EXISTS":
		p.advance()
		return &ast.Exists{Location: at, Query: p.parenthesizedQuery()}
	case "CASE":
		return p.caseExpression()
	case "CAST":
		p.wantAll("CAST", "(")
		return p.cast(at, p.expression(), false)
	case "CURRENT_DATE":
		p.advance()
		return &ast.DateTimeFunction{Location: at, Function: ast.CurrentDate}
	case "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP":
		return p.dateTimeFunction()
	case "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH":
		p.advance()
		return &ast.SessionFunction{Location: at, Function: ast.SessionFunctionName(t.kind)}
	case "TRIM":
		return p.trim()
	case "EXTRACT":
		return p.extract()
	case "NORMALIZE":
		return p.normalize()
	case "GROUPING":
		return p.grouping()
	case "LISTAGG":
		return p.listAgg()
	case "JSON_EXISTS":
		return p.jsonExists()
	case "JSON_VALUE":
		return p.jsonValue()
	case "JSON_QUERY":
		return p.jsonQuery()
	case "JSON_OBJECT":
		return p.jsonObject()
	case "JSON_ARRAY":
		return p.jsonArray()
	}
	if e := p.softPrimary(); e != nil {
		return e
	}
	return p.named()
}

// openly sets whether the parser is inside of something for which Trino's parser looks far ahead to tell
// what it is. It returns what undoes that. It matters only to errors: there Trino still lists everything that a name may
// begin, where otherwise it has decided that the name is a column.
func (p *parser) openly(open bool) func() {
	outer := p.open
	p.open = open
	return func() { p.open = outer }
}

// softPrimary reads what begins with a word that could be a name too; nil if it is one.
func (p *parser) softPrimary() ast.Expression {
	at, next := p.loc(), p.ahead(1)
	switch p.kind() {
	case "INTERVAL":
		if next.kind == "+" || next.kind == "-" {
			next = p.ahead(2)
		}
		if isStringKind(next.kind) {
			return p.intervalOrGenericLiteral()
		}
	case "DOUBLE":
		if s := p.ahead(2).kind; next.kind == "PRECISION" && (s == kindString || s == kindUnicodeString) {
			p.advance()
			p.advance()
			return &ast.GenericLiteral{Location: at, Type: &ast.Identifier{Location: at, Value: "DOUBLE"}, Value: p.stringLiteral().Value}
		}
	case "ARRAY":
		if next.kind == "[" {
			p.advance()
			return p.array(at)
		}
	case "ROW":
		if next.kind == "(" {
			return p.row()
		}
	case "POSITION", "SUBSTRING", "TRY_CAST":
		if next.kind == "(" {
			return p.softCall()
		}
	case "RUNNING", "FINAL":
		if next.name && p.isCall(1) {
			mode := ast.ProcessingMode(p.advance().kind)
			e := p.functionCall(p.qualifiedName())
			if c, ok := e.(*ast.FunctionCall); ok {
				c.Location, c.Mode, c.ModeLocation = at, mode, at
				return c
			}
			failAt(at, "Running or final semantics not valid for '%s' function", strings.ToLower(next.text))
		}
	}
	return nil
}

// array reads [element, …].
func (p *parser) array(at ast.Location) ast.Expression {
	e := &ast.Array{Location: at}
	p.want("[")
	if !p.is("]") {
		e.Items = p.expressions()
	}
	p.want("]")
	return e
}

// row reads ROW(item, …), or a call of a function named row, which it is if it has what only calls have.
func (p *parser) row() ast.Expression {
	defer p.openly(true)()
	at := p.loc()
	switch first, second := p.ahead(2).kind, p.ahead(3); first {
	case ")", "*", "DISTINCT":
		return p.functionCall(p.qualifiedName())
	case "ALL":
		switch second.kind {
		case "(", "[", "*", "+", "-", kindString, kindUnicodeString:
			// A call of a function, a literal or a column named all.
		default:
			if !startsOperand(second) {
				break
			}
			name := p.qualifiedName()
			name.Parts[0].Delimited = true // without ALL it must be quoted to be a call
			return p.functionCall(name)
		}
	}
	c := &ast.FunctionCall{Location: at, Name: p.qualifiedName()}
	p.want("(")
	c.Arguments = p.expressions()
	if p.is("ORDER") || p.kind() == ")" && p.continuesCall() {
		return p.restOfCall(c, nil)
	}
	p.want(")")
	p.note("FILTER", "IGNORE", "RESPECT", "OVER")
	return &ast.Row{Location: at, Items: c.Arguments}
}

// continuesCall reports whether what only a call can have follows the current token.
func (p *parser) continuesCall() bool {
	next, second := p.ahead(1), p.ahead(2)
	switch next.kind {
	case "FILTER":
		return second.kind == "("
	case "IGNORE", "RESPECT":
		return second.kind == "NULLS"
	case "OVER":
		return second.kind == "(" || second.name
	}
	return false
}

// isCall reports whether a qualified name and an opening parenthesis begin n tokens ahead, where a name stands.
func (p *parser) isCall(n int) bool {
	for n++; p.ahead(n).kind == "." && p.ahead(n+1).name; n += 2 {
	}
	return p.ahead(n).kind == "("
}

// named reads what begins with a name: a column, a call, a lambda, a literal of a named type, or a measure.
func (p *parser) named() ast.Expression {
	if !p.isName() {
		p.fail()
	}
	if p.isCall(0) {
		return p.functionCall(p.qualifiedName())
	}
	name := p.identifier()
	switch k := p.kind(); {
	case isStringKind(k):
		if strings.EqualFold(name.Value, "x") {
			failAt(name.Location, "Spaces are not allowed between 'X' and the starting quote of a binary literal")
		}
		value := p.stringLiteral().Value
		if strings.EqualFold(name.Value, "decimal") {
			return &ast.DecimalLiteral{Location: name.Location, Text: value}
		}
		return &ast.GenericLiteral{Location: name.Location, Type: name, Value: value}
	case k == "->":
		p.advance()
		return &ast.Lambda{Location: name.Location, Parameters: []*ast.Identifier{name}, Body: p.expression()}
	case k == "OVER" && (p.ahead(1).name || p.ahead(1).kind == "("):
		return &ast.WindowMeasure{Location: name.Location, Name: name, Window: p.over()}
	}
	if p.open {
		p.note("(", "->", "OVER", ruleString)
	}
	return name
}

// postfix reads the fields and subscripts after an operand that begins at the place.
func (p *parser) postfix(at ast.Location, e ast.Expression) ast.Expression {
	first := p.item
	p.item = false
	for height := 1; ; height++ {
		p.bound(p.depth + height)
		switch {
		case p.is(".") && p.ahead(1).kind != "*":
			p.advance()
			if first {
				p.note("*")
			}
			e = &ast.Dereference{Location: at, Base: e, Field: p.identifier()}
		case p.accept("["):
			index := p.valueExpression()
			p.want("]")
			e = &ast.Subscript{Location: at, Base: e, Index: index}
		default:
			return e
		}
	}
}

// parameter makes the ? that has just been read.
func (p *parser) parameter(at ast.Location) *ast.Parameter {
	p.parameters++
	return &ast.Parameter{Location: at, Index: p.parameters - 1}
}

// isQueryStart reports whether only a query can begin with the kind.
func isQueryStart(k kind) bool {
	return k == "SELECT" || k == "WITH" || k == "VALUES" || k == "TABLE"
}

// isQueryContinuation reports whether the current token goes on with a query that began with (query).
func (p *parser) isQueryContinuation() bool {
	switch p.kind() {
	case "UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "OFFSET", "FETCH":
		return true
	}
	return false
}

// parenthesized reads what begins with a parenthesis: a query, a row, a lambda or an expression.
func (p *parser) parenthesized() ast.Expression {
	at := p.loc()
	if names, ok := p.lambdaParameters(); ok {
		return &ast.Lambda{Location: at, Parameters: names, Body: p.expression()}
	}
	defer p.openly(true)()
	p.want("(")
	p.note(")")
	q, e := p.queryOrExpression(true)
	if q != nil {
		p.want(")")
		return &ast.SubqueryExpression{Location: at, Query: q}
	}
	return p.restOfParentheses(at, e)
}

// restOfParentheses reads what follows ( first: more expressions make a row of it.
func (p *parser) restOfParentheses(at ast.Location, first ast.Expression) ast.Expression {
	if !p.is(",") {
		p.want(")")
		return first
	}
	row := &ast.Row{Location: at, Items: []ast.Expression{first}}
	for p.accept(",") {
		row.Items = append(row.Items, p.expression())
	}
	p.want(")")
	return row
}

// queryOrExpression reads what stands between parentheses: exactly one of the results is set. An inner pair of parentheses
// leaves open what it is until after its end: ((SELECT 1) UNION …) is a query, ((SELECT 1) + 1) is none, and
// ((SELECT 1)) is what preferQuery says.
func (p *parser) queryOrExpression(preferQuery bool) (*ast.Query, ast.Expression) {
	p.note(ruleQuery)
	if isQueryStart(p.kind()) {
		return p.query(), nil
	}
	if next := p.ahead(1).kind; p.kind() != "(" || next != "(" && !isQueryStart(next) {
		return nil, p.expression()
	}
	p.enter(1)
	defer p.leave(1)
	at := p.loc()
	p.advance()
	q, e := p.queryOrExpression(true)
	if q == nil {
		return nil, p.expressionFrom(at, p.restOfParentheses(at, e))
	}
	p.want(")")
	if q.With == nil && (p.isQueryContinuation() || preferQuery && p.kind() == ")") {
		return p.queryFrom(&ast.TableSubquery{Location: at, Query: q}), nil
	}
	return nil, p.expressionFrom(at, &ast.SubqueryExpression{Location: at, Query: q})
}

// isLambda reports whether (name, …) -> stands here.
func (p *parser) isLambda() bool {
	n := 1
	if p.ahead(n).name {
		for n++; p.ahead(n).kind == "," && p.ahead(n+1).name; n += 2 {
		}
	}
	return p.ahead(n).kind == ")" && p.ahead(n+1).kind == "->"
}

// lambdaParameters reads (name, …) -> if it stands there.
func (p *parser) lambdaParameters() ([]*ast.Identifier, bool) {
	if !p.isLambda() {
		return nil, false
	}
	p.want("(")
	var names []*ast.Identifier
	if !p.is(")") {
		names = list(p, p.identifier)
	}
	p.wantAll(")", "->")
	return names, true
}

// caseExpression reads CASE … END.
func (p *parser) caseExpression() ast.Expression {
	at := p.loc()
	p.want("CASE")
	var operand ast.Expression
	if !p.is("WHEN") {
		operand = p.expression()
	}
	var whens []*ast.WhenClause
	for first := true; first || p.is("WHEN"); first = false {
		w := &ast.WhenClause{Location: p.loc()}
		p.want("WHEN")
		w.Operand = p.expression()
		p.want("THEN")
		w.Result = p.expression()
		whens = append(whens, w)
	}
	var otherwise ast.Expression
	if p.accept("ELSE") {
		otherwise = p.expression()
	}
	p.want("END")
	if operand == nil {
		return &ast.SearchedCase{Location: at, Whens: whens, Default: otherwise}
	}
	return &ast.SimpleCase{Location: at, Operand: operand, Whens: whens, Default: otherwise}
}

// cast reads the rest of CAST(value.
func (p *parser) cast(at ast.Location, value ast.Expression, safe bool) ast.Expression {
	p.want("AS")
	e := &ast.Cast{Location: at, Value: value, Type: p.dataType(), Safe: safe}
	p.want(")")
	return e
}

// dateTimeFunction reads CURRENT_TIME [(precision)] and the like.
func (p *parser) dateTimeFunction() ast.Expression {
	e := &ast.DateTimeFunction{Location: p.loc()}
	e.Function = ast.DateTimeFunctionName(p.advance().kind)
	if p.accept("(") {
		precision := p.smallInteger()
		e.Precision = &precision
		p.want(")")
	}
	return e
}

// trim reads TRIM(…).
func (p *parser) trim() ast.Expression {
	e := &ast.Trim{Location: p.loc(), Spec: ast.TrimBoth}
	p.wantAll("TRIM", "(")
	specified := p.isTrimSpec()
	if specified {
		e.Spec = ast.TrimSpec(p.advance().kind)
		if p.accept("FROM") {
			e.Source = p.valueExpression()
			p.want(")")
			return e
		}
	} else if p.accept("FROM") {
		p.valueExpression()
		p.want(")")
		failAt(e.Location, "The 'trim' function must have specification, char or both arguments when it takes FROM")
	}
	e.Source = p.valueExpression()
	switch {
	case specified:
		p.want("FROM")
		e.Characters, e.Source = e.Source, p.valueExpression()
	case p.accept("FROM"):
		e.Characters, e.Source = e.Source, p.valueExpression()
	case p.accept(","):
		e.Characters = p.valueExpression()
	}
	p.want(")")
	return e
}

// isTrimSpec reports whether LEADING, TRAILING or BOTH stands here as that, not as a name.
func (p *parser) isTrimSpec() bool {
	if !p.isAny("BOTH", "LEADING", "TRAILING") {
		return false
	}
	switch p.ahead(1).kind {
	case ")", ",", ".", "[", "||", "*", "/", "%", "->":
		return false
	case kindString, kindUnicodeString:
		// TRIM(BOTH 'a') has a literal of a type named both.
		after := p.ahead(2).kind
		return after != ")" && after != ","
	}
	return true
}

// extract reads EXTRACT(field FROM source).
func (p *parser) extract() ast.Expression {
	e := &ast.Extract{Location: p.loc()}
	p.wantAll("EXTRACT", "(")
	name := p.identifier()
	p.want("FROM")
	e.Source = p.valueExpression()
	p.want(")")
	e.Field = ast.ExtractField(strings.ToUpper(name.Value))
	if !slices.Contains(ast.ExtractFields, e.Field) {
		failAt(e.Location, "Invalid EXTRACT field %s, valid fields are: %s", name.Value, extractFieldNames)
	}
	return e
}

// extractFieldNames are the fields of EXTRACT with commas between.
var extractFieldNames = strings.Trim(strings.ReplaceAll(fmt.Sprint(ast.ExtractFields), " ", ", "), "[]")

// normalize reads NORMALIZE(value[, form]).
func (p *parser) normalize() ast.Expression {
	at := p.loc()
	p.wantAll("NORMALIZE", "(")
	value := p.valueExpression()
	form := &ast.StringLiteral{Location: at, Value: "NFC"}
	if p.accept(",") {
		form.Location, form.Value = p.loc(), p.tokens[p.at].text
		p.wantAny("NFC", "NFD", "NFKC", "NFKD")
	}
	p.want(")")
	c := call(at, "normalize", value, form)
	c.Name.Parts[0].Delimited = true // as a keyword it must be quoted to be a name
	return c
}

// grouping reads GROUPING(column, …).
func (p *parser) grouping() ast.Expression {
	e := &ast.GroupingOperation{Location: p.loc()}
	p.wantAll("GROUPING", "(")
	if !p.is(")") {
		e.Columns = list(p, func() ast.Expression { return columnOf(p.qualifiedName()) })
	}
	p.want(")")
	return e
}

// columnOf turns a qualified name into the expression that it is as a column.
func columnOf(n *ast.QualifiedName) ast.Expression {
	var e ast.Expression = n.Parts[0]
	for _, field := range n.Parts[1:] {
		e = &ast.Dereference{Location: n.Location, Base: e, Field: field}
	}
	return e
}
