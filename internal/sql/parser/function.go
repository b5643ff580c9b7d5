package parser

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// call makes a plain call of a function whose name has one part.
func call(at ast.Location, name string, arguments ...ast.Expression) *ast.FunctionCall {
	n := &ast.QualifiedName{Location: at, Parts: []*ast.Identifier{{Location: at, Value: name}}}
	return &ast.FunctionCall{Location: at, Name: n, Arguments: arguments}
}

// softCall reads POSITION(, SUBSTRING( or TRY_CAST( with a syntax of its own, or as a call like any other: it shows
// after the first argument which it is.
func (p *parser) softCall() ast.Expression {
	at, k, next := p.loc(), p.kind(), p.ahead(2).kind
	if next == ")" || next == "*" || next == "DISTINCT" || next == "ORDER" || k != "TRY_CAST" && next == "NOT" {
		return p.functionCall(p.qualifiedName())
	}
	name := p.qualifiedName()
	p.want("(")
	if k == "TRY_CAST" {
		first := p.expression()
		if p.is("AS") {
			return p.cast(at, first, true)
		}
		return p.restOfCall(&ast.FunctionCall{Location: at, Name: name}, first)
	}
	firstAt := p.loc()
	first := p.valueExpression()
	switch {
	case k == "POSITION" && p.accept("IN"):
		in := p.valueExpression()
		p.want(")")
		return call(at, "strpos", in, first)
	case k == "SUBSTRING" && p.accept("FROM"):
		e := call(at, "substr", first, p.valueExpression())
		if p.accept("FOR") {
			e.Arguments = append(e.Arguments, p.valueExpression())
		}
		p.want(")")
		return e
	}
	return p.restOfCall(&ast.FunctionCall{Location: at, Name: name}, p.expressionFrom(firstAt, first))
}

// functionCall reads what follows the name of a function.
func (p *parser) functionCall(name *ast.QualifiedName) ast.Expression {
	c := &ast.FunctionCall{Location: name.Location, Name: name}
	p.want("(")
	switch {
	case p.accept("*"):
		c.Star = true
	case p.tokens[p.at].name && p.ahead(1).kind == "." && p.ahead(2).kind == "*":
		c.Star, c.StarLabel = true, p.identifier()
		p.wantAll(".", "*")
	case !p.is(")"):
		c.Distinct = p.setQuantifier()
		if !c.Distinct && p.isOrderBy() {
			break
		}
		return p.restOfCall(c, p.expression())
	}
	return p.restOfCall(c, nil)
}

// setQuantifier reads [ALL|DISTINCT] and reports whether it was DISTINCT. ALL is a name when nothing follows that it could
// quantify.
func (p *parser) setQuantifier() bool {
	if p.is("ALL") && startsOperand(p.ahead(1)) {
		p.advance()
		return false
	}
	return p.accept("DISTINCT")
}

// startsOperand reports whether an expression, or what else a quantifier may stand before, can begin with t.
func startsOperand(t token) bool {
	if t.name {
		return true
	}
	switch t.kind {
	case "(", "[", "*", "-", "+", "?", "NULL", "TRUE", "FALSE", "NOT", "EXISTS", "CASE", "CAST", "TRIM", "EXTRACT", "NORMALIZE",
		"GROUPING", "LISTAGG", "CUBE", "ROLLUP", "AUTO", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
		"LOCALTIMESTAMP", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH", "JSON_EXISTS", "JSON_VALUE",
		"JSON_QUERY", "JSON_OBJECT", "JSON_ARRAY", "SELECT", "TABLE", "VALUES",
		kindString, kindUnicodeString, kindBinary, kindInteger, kindDecimal, kindDouble:
		return true
	}
	return false
}

// restOfCall reads the rest of a call after its first argument, which is nil if there are none.
func (p *parser) restOfCall(c *ast.FunctionCall, first ast.Expression) ast.Expression {
	if first != nil {
		c.Arguments = []ast.Expression{first}
		for p.accept(",") {
			c.Arguments = append(c.Arguments, p.expression())
		}
	}
	if !c.Star && p.isOrderBy() {
		c.OrderBy = p.orderBy()
	}
	p.want(")")
	c.Filter = p.filter()
	switch {
	case c.Star:
	case p.are("IGNORE", "NULLS"):
		p.wantAll("IGNORE", "NULLS")
		c.NullTreatment = ast.IgnoreNulls
	case p.are("RESPECT", "NULLS"):
		p.wantAll("RESPECT", "NULLS")
		c.NullTreatment = ast.RespectNulls
	}
	if c.NullTreatment != "" || p.isOver() {
		c.Window = p.over()
	}
	return special(c)
}

// filter reads FILTER (WHERE condition), or nothing.
func (p *parser) filter() ast.Expression {
	if !p.is("FILTER") || p.ahead(1).kind != "(" {
		return nil
	}
	p.wantAll("FILTER", "(", "WHERE")
	e := p.expression()
	p.want(")")
	return e
}

// specialCall is a function that the grammar treats as an operator.
type specialCall struct {
	min, max int    // how many arguments it takes; max 0: any number
	count    string // what is said when there are others
	make     func(at ast.Location, arguments []ast.Expression) ast.Expression
}

var specialCalls = map[string]specialCall{
	"if": {2, 3, "Invalid number of arguments for 'if' function", func(at ast.Location, a []ast.Expression) ast.Expression {
		e := &ast.If{Location: at, Condition: a[0], Then: a[1]}
		if len(a) == 3 {
			e.Else = a[2]
		}
		return e
	}},
	"nullif": {2, 2, "Invalid number of arguments for 'nullif' function", func(at ast.Location, a []ast.Expression) ast.Expression {
		return &ast.NullIf{Location: at, First: a[0], Second: a[1]}
	}},
	"coalesce": {2, 0, "The 'coalesce' function must have at least two arguments", func(at ast.Location, a []ast.Expression) ast.Expression {
		return &ast.Coalesce{Location: at, Operands: a}
	}},
	"try": {1, 1, "The 'try' function must have exactly one argument", func(at ast.Location, a []ast.Expression) ast.Expression {
		return &ast.Try{Location: at, Value: a[0]}
	}},
	"format": {2, 0, "The 'format' function must have at least two arguments", nil},
}

// special turns a call of a function that the grammar treats as an operator into what it is.
func special(c *ast.FunctionCall) ast.Expression {
	if len(c.Name.Parts) > 1 {
		return c
	}
	name := strings.ToLower(c.Name.Suffix())
	s, ok := specialCalls[name]
	if !ok {
		return c
	}
	n := len(c.Arguments)
	switch {
	case n < s.min || s.max > 0 && n > s.max:
		failAt(c.Location, "%s", s.count)
	case c.Window != nil:
		failAt(c.Location, "OVER clause not valid for '%s' function", name)
	case c.Distinct:
		failAt(c.Location, "DISTINCT not valid for '%s' function", name)
	case c.NullTreatment != "":
		failAt(c.Location, "Null treatment clause not valid for '%s' function", name)
	case c.Filter != nil:
		failAt(c.Location, "FILTER not valid for '%s' function", name)
	}
	if s.make == nil {
		return call(c.Location, name, c.Arguments...)
	}
	return s.make(c.Location, c.Arguments)
}

// listAgg reads LISTAGG(…) WITHIN GROUP (ORDER BY …).
func (p *parser) listAgg() ast.Expression {
	e := &ast.ListAgg{Location: p.loc()}
	p.wantAll("LISTAGG", "(")
	e.Distinct = p.setQuantifier()
	e.Value = p.expression()
	if p.accept(",") {
		e.Separator = p.stringLiteral()
	}
	if p.is("ON") {
		e.Overflow = p.listAggOverflow()
	}
	p.wantAll(")", "WITHIN", "GROUP", "(")
	e.OrderBy = p.orderBy()
	p.want(")")
	e.Filter = p.filter()
	if p.isOver() {
		e.Window = p.over()
	}
	return e
}

// isOver reports whether OVER stands here as a keyword: it can be an alias.
func (p *parser) isOver() bool {
	return p.is("OVER") && (p.ahead(1).name || p.ahead(1).kind == "(")
}

// listAggOverflow reads ON OVERFLOW ….
func (p *parser) listAggOverflow() *ast.ListAggOverflow {
	o := &ast.ListAggOverflow{Location: p.loc()}
	p.wantAll("ON", "OVERFLOW")
	if p.wantAny("ERROR", "TRUNCATE") == "ERROR" {
		return o
	}
	o.Truncate = true
	if p.isString() {
		o.Filler = p.stringLiteral()
	}
	o.WithCount = p.wantAny("WITH", "WITHOUT") == "WITH"
	p.want("COUNT")
	return o
}

// over reads OVER name or OVER (…).
func (p *parser) over() ast.Window {
	p.want("OVER")
	if p.is("(") {
		return p.windowSpecification()
	}
	return &ast.WindowReference{Location: p.loc(), Name: p.identifier()}
}

// windowSpecification reads ([name] [PARTITION BY …] [ORDER BY …] [frame]).
func (p *parser) windowSpecification() *ast.WindowSpecification {
	p.want("(")
	w := &ast.WindowSpecification{Location: p.loc()}
	if p.isName() && !p.startsWindowClause() {
		w.Existing = p.identifier()
	}
	if p.are("PARTITION", "BY") {
		p.wantAll("PARTITION", "BY")
		w.PartitionBy = p.expressions()
	}
	if p.isOrderBy() {
		w.OrderBy = p.orderBy()
	}
	if p.isAny("MEASURES", "RANGE", "ROWS", "GROUPS") {
		w.Frame = p.windowFrame()
	}
	p.want(")")
	return w
}

// startsWindowClause reports whether the name at the current token is the keyword of a clause of a window.
func (p *parser) startsWindowClause() bool {
	next := p.ahead(1)
	switch p.kind() {
	case "PARTITION":
		return next.kind == "BY"
	case "MEASURES", "RANGE", "ROWS", "GROUPS":
		switch next.kind {
		case ")", "ORDER", "PARTITION", "MEASURES", "RANGE", "ROWS", "GROUPS":
			return false
		}
		return true
	}
	return false
}

// windowFrame reads [MEASURES …] ROWS|RANGE|GROUPS … and the parts of a row pattern.
func (p *parser) windowFrame() *ast.WindowFrame {
	f := &ast.WindowFrame{Location: p.loc()}
	if p.accept("MEASURES") {
		f.Measures = list(p, p.measureDefinition)
	}
	f.Type = ast.FrameType(p.wantAny("RANGE", "ROWS", "GROUPS"))
	if p.accept("BETWEEN") {
		f.Start = p.frameBound()
		p.want("AND")
		f.End = p.frameBound()
	} else {
		f.Start = p.frameBound()
	}
	if p.is("AFTER") {
		f.AfterSkip = p.afterMatch()
	}
	f.Search = ast.PatternSearch(p.acceptAny("INITIAL", "SEEK"))
	if p.accept("PATTERN") {
		f.Pattern = p.parenthesizedPattern()
	}
	if p.accept("SUBSET") {
		f.Subsets = list(p, p.subsetDefinition)
	}
	if p.accept("DEFINE") {
		f.Defines = list(p, p.variableDefinition)
	}
	return f
}

// frameBound reads one end of a frame.
func (p *parser) frameBound() *ast.FrameBound {
	b := &ast.FrameBound{Location: p.loc()}
	next := p.ahead(1).kind
	p.note("UNBOUNDED", "CURRENT")
	switch {
	case p.kind() == "UNBOUNDED" && (next == "PRECEDING" || next == "FOLLOWING"):
		p.advance()
		b.Kind = ast.FrameBoundKind("UNBOUNDED " + p.advance().kind)
	case p.kind() == "CURRENT" && next == "ROW":
		p.wantAll("CURRENT", "ROW")
		b.Kind = ast.CurrentRow
	default:
		b.Value = p.expression()
		b.Kind = ast.FrameBoundKind(p.wantAny("PRECEDING", "FOLLOWING"))
	}
	return b
}
