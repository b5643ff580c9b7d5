package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// Expressions, loosest first: OR, AND, NOT, one predicate, ||, + and -, * / %, signs, AT TIME ZONE, then what
// primary.go reads.

// The precedences of the operators within a value.
const (
	precConcat = iota + 1
	precAdd
	precMultiply
	precUnary
	precAt
)

// expression reads a whole expression.
func (p *parser) expression() ast.Expression {
	p.enter(1)
	defer p.leave(1)
	outer := p.begin(ruleExpression)
	e := p.or(nil)
	p.end(outer)
	return e
}

// begun is the beginning of an expression that has been read already, and where it lies: it may have begun with a
// parenthesis, of which the tree knows nothing.
type begun struct {
	e  ast.Expression
	at ast.Location
}

// expressionFrom reads the rest of an expression that begins with a primary expression at the place.
func (p *parser) expressionFrom(at ast.Location, first ast.Expression) ast.Expression {
	p.enter(1)
	defer p.leave(1)
	return p.or(&begun{first, at})
}

// expressions reads expressions with commas between.
func (p *parser) expressions() []ast.Expression { return list(p, p.expression) }

// or reads terms joined by OR. If first is not nil it has been read already; so it is in the functions below.
func (p *parser) or(first *begun) ast.Expression {
	return p.logical(first, ast.Or, func(first *begun) ast.Expression {
		return p.logical(first, ast.And, p.not)
	})
}

// logical reads terms joined by op.
func (p *parser) logical(first *begun, op ast.LogicalOp, term func(*begun) ast.Expression) ast.Expression {
	at := p.loc()
	if first != nil {
		at = first.at
	}
	e := term(first)
	if !p.is(kind(op)) {
		return e
	}
	l := &ast.Logical{Location: at, Op: op, Terms: []ast.Expression{e}}
	for p.accept(kind(op)) {
		outer := p.begin(ruleExpression)
		l.Terms = append(l.Terms, term(nil))
		p.end(outer)
	}
	return l
}

// not reads NOT … or a value with perhaps a predicate.
func (p *parser) not(first *begun) ast.Expression {
	if first == nil && p.is("NOT") {
		n := &ast.Not{Location: p.loc()}
		p.advance()
		p.first = false
		p.enter(1)
		defer p.leave(1)
		outer := p.begin(ruleExpression)
		n.Value = p.not(nil)
		p.end(outer)
		return n
	}
	return p.predicate(p.value(first, 0))
}

// valueExpression reads a value: an expression without predicates, AND, OR and NOT.
func (p *parser) valueExpression() ast.Expression {
	p.enter(1)
	defer p.leave(1)
	outer := p.begin(ruleExpression)
	e := p.value(nil, 0)
	p.end(outer)
	return e
}

// value reads operands joined by operators that bind tighter than min.
func (p *parser) value(first *begun, min int) ast.Expression {
	var left ast.Expression
	if first == nil {
		left = p.unary()
	} else {
		left = p.postfix(first.at, first.e)
	}
	for height := 1; ; height++ {
		p.bound(p.depth + height)
		at, op := p.loc(), p.kind()
		switch prec := p.operator(op, min); prec {
		case 0:
			return left
		case precAt:
			p.advance()
			left = &ast.AtTimeZone{Location: at, Value: left, Zone: p.timeZone()}
		default:
			p.advance()
			p.enter(1)
			outer := p.begin(ruleExpression)
			right := p.value(nil, prec)
			p.end(outer)
			p.leave(1)
			if op == "||" {
				left = call(at, "concat", left, right)
			} else {
				left = &ast.ArithmeticBinary{Location: at, Op: ast.ArithmeticOp(op), Left: left, Right: right}
			}
		}
	}
}

// operator returns the precedence of the operator op at the current token; 0 if it is none or does not bind tighter
// than min.
func (p *parser) operator(op kind, min int) int {
	for prec, kinds := range operators {
		if prec > min {
			p.note(kinds...)
		}
	}
	prec := 0
	switch op {
	case "||":
		prec = precConcat
	case "+", "-":
		prec = precAdd
	case "*", "/", "%":
		prec = precMultiply
	case "AT":
		if p.ahead(1).kind == "TIME" && p.ahead(2).kind == "ZONE" {
			prec = precAt
		}
	}
	if prec <= min {
		return 0
	}
	return prec
}

// operators are the binary operators within a value by precedence, to note them.
var operators = [...][]kind{
	precConcat:   {"||"},
	precAdd:      {"+", "-"},
	precMultiply: {"*", "/", "%"},
	precAt:       {"AT"},
}

// timeZone reads what follows AT.
func (p *parser) timeZone() ast.Expression {
	p.wantAll("TIME", "ZONE")
	if p.is("INTERVAL") {
		return p.intervalLiteral()
	}
	return p.stringLiteral()
}

// unary reads a sign and its operand, or a primary expression. A minus sign before a number is part of the number.
func (p *parser) unary() ast.Expression {
	outer := p.begin(ruleExpression)
	defer p.end(outer)
	at := p.loc()
	switch p.kind() {
	case "-":
		if isNumber(p.ahead(1)) {
			break
		}
		fallthrough
	case "+":
		p.enter(1)
		defer p.leave(1)
		p.first = false
		negative := p.advance().kind == "-"
		if negative {
			p.note(kindInteger, kindDecimal, kindDouble)
		}
		return &ast.ArithmeticUnary{Location: at, Negative: negative, Value: p.value(nil, precUnary)}
	}
	first := p.primary()
	p.end(outer)
	return p.postfix(at, first)
}

// comparisons maps the comparison operators to what they are called in the tree.
var comparisons = map[kind]ast.ComparisonOp{
	"=": ast.OpEqual, "<>": ast.OpNotEqual, "<": ast.OpLess, "<=": ast.OpLessOrEqual,
	">": ast.OpGreater, ">=": ast.OpGreaterOrEqual,
}

// predicate reads what may follow a value to make a condition of it.
func (p *parser) predicate(value ast.Expression) ast.Expression {
	outer := p.begin(rulePredicate)
	defer p.end(outer)
	at := p.loc()
	if op, ok := comparisons[p.kind()]; ok {
		p.advance()
		return p.comparison(at, op, value)
	}
	switch p.kind() {
	case "IS":
		p.advance()
		return p.isPredicate(at, value)
	case "NOT":
		p.advance()
		return &ast.Not{Location: at, Value: p.negatable(at, value)}
	case "BETWEEN", "IN", "LIKE":
		return p.negatable(at, value)
	}
	return value
}

// comparison reads what follows a comparison operator.
func (p *parser) comparison(at ast.Location, op ast.ComparisonOp, value ast.Expression) ast.Expression {
	if p.ahead(1).kind == "(" && (isQueryStart(p.ahead(2).kind) || p.ahead(2).kind == "(") {
		switch p.kind() {
		case "ALL", "SOME", "ANY":
			return p.quantified(at, op, value)
		}
	}
	p.note("ALL", "ANY", "SOME")
	return &ast.Comparison{Location: at, Op: op, Left: value, Right: p.valueExpression()}
}

// quantified reads ALL|SOME|ANY (query), or a value that begins with a call of a function of that name: all((SELECT 1)) is one.
func (p *parser) quantified(at ast.Location, op ast.ComparisonOp, value ast.Expression) ast.Expression {
	where, quantifier := p.loc(), ast.Quantifier(p.kind())
	name := p.qualifiedName()
	p.want("(")
	q, first := p.queryOrExpression(false)
	if q != nil {
		p.want(")")
		return &ast.QuantifiedComparison{Location: at, Op: op, Quantifier: quantifier, Value: value, Query: q}
	}
	function := p.restOfCall(&ast.FunctionCall{Location: where, Name: name}, first)
	return &ast.Comparison{Location: at, Op: op, Left: value, Right: p.value(&begun{function, where}, 0)}
}

// isPredicate reads what follows IS.
func (p *parser) isPredicate(at ast.Location, value ast.Expression) ast.Expression {
	negated := p.accept("NOT")
	if p.wantAny("NULL", "DISTINCT") == "NULL" {
		return &ast.IsNull{Location: at, Value: value, Negated: negated}
	}
	p.want("FROM")
	var e ast.Expression = &ast.Comparison{Location: at, Op: ast.OpDistinctFrom, Left: value, Right: p.valueExpression()}
	if negated {
		e = &ast.Not{Location: at, Value: e}
	}
	return e
}

// negatable reads the predicates that may stand after NOT.
func (p *parser) negatable(at ast.Location, value ast.Expression) ast.Expression {
	switch p.wantAny("BETWEEN", "IN", "LIKE") {
	case "BETWEEN":
		low := p.valueExpression()
		p.want("AND")
		return &ast.Between{Location: at, Value: value, Min: low, Max: p.valueExpression()}
	case "LIKE":
		e := &ast.Like{Location: at, Value: value, Pattern: p.valueExpression()}
		if p.accept("ESCAPE") {
			e.Escape = p.valueExpression()
		}
		return e
	}
	p.want("(")
	q, first := p.queryOrExpression(false)
	if q != nil {
		p.want(")")
		return &ast.InSubquery{Location: at, Value: value, Query: q}
	}
	e := &ast.InList{Location: at, Value: value, List: []ast.Expression{first}}
	for p.accept(",") {
		e.List = append(e.List, p.expression())
	}
	p.want(")")
	return e
}
