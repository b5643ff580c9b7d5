package jsonpath

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// SyntaxError is what is wrong with a path's text. Line counts from 1, Column in characters from 0.
type SyntaxError struct {
	Line, Column int
	Msg          string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d:%d: %s", e.Line, e.Column, e.Msg) }

// maxDepth bounds the nesting of a path, and so the recursion of whoever walks it.
const maxDepth = 500

// Parse parses a path. The error is a *SyntaxError, or Trino's for a number that is no literal.
func Parse(text string) (path *Path, err error) {
	p := &parser{text: text, tokens: lex(text), noCondition: map[int]bool{}}
	defer func() {
		if r := recover(); r != nil {
			stop, ok := r.(parseError)
			if !ok {
				panic(r)
			}
			if stop.at < p.furthest.at {
				stop = p.furthest
			}
			path, err = nil, stop.err
		}
	}()
	path = &Path{Lax: p.want("{'lax', 'strict'}", "lax", "strict").text == "lax"}
	path.Root = p.expr()
	if p.peek().kind != tokenEnd {
		if p.tokens[p.at+1].kind == tokenEnd {
			p.stop("extraneous input '%s' expecting <EOF>", p.peek().text)
		}
		p.mismatched("{<EOF>, " + continuations)
	}
	return path, nil
}

// The sets of tokens that messages name, in Trino's order.
const (
	conditions    = "{'+', '(', '$', '@', '!', 'exists', 'false', 'last', '-', 'null', 'true', DECIMAL_VALUE, DOUBLE_VALUE, INTEGER_VALUE, STRING, NAMED_VARIABLE}"
	operands      = "{'+', '(', '$', '@', 'false', 'last', '-', 'null', 'true', DECIMAL_VALUE, DOUBLE_VALUE, INTEGER_VALUE, STRING, NAMED_VARIABLE}"
	continuations = "'+', '*', '/', '%', '.', '..', '[', '?', '-'}"
)

// parser is a recursive descent parser; it gives up by panicking with a parseError.
type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
	// noCondition remembers the parentheses that hold no predicate, so that nested ones are not tried again and again.
	noCondition map[int]bool
	// furthest is the failure that was met furthest to the right by a try that was given up.
	furthest parseError
}

// parseError is why and at which token a rule gave up.
type parseError struct {
	err error
	at  int
}

func (p *parser) peek() token { return p.tokens[p.at] }

// is reports whether the next token is one of the given symbols or words.
func (p *parser) is(texts ...string) bool {
	t := p.peek()
	return (t.kind == tokenSymbol || t.kind == tokenWord) && slices.Contains(texts, t.text)
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(texts ...string) bool {
	ok := p.is(texts...)
	if ok {
		p.at++
	}
	return ok
}

// want takes one of the given tokens; expected names them in the message for another.
func (p *parser) want(expected string, texts ...string) token {
	if !p.is(texts...) {
		p.mismatched(expected)
	}
	return p.next()
}

// mismatched gives up at a token that no rule wants; expected names those that would do.
func (p *parser) mismatched(expected string) {
	p.stop("mismatched input '%s' expecting %s", p.peek().text, expected)
}

// unexpected is mismatched where a single token may be too much: next reports whether what follows it would do.
func (p *parser) unexpected(expected string, next func(token) bool) {
	if p.peek().kind != tokenEnd && next(p.tokens[p.at+1]) {
		p.stop("extraneous input '%s' expecting %s", p.peek().text, expected)
	}
	p.mismatched(expected)
}

func (p *parser) stop(format string, args ...any) {
	t := p.peek()
	panic(parseError{&SyntaxError{t.line, t.column, fmt.Sprintf(format, args...)}, p.at})
}

// deeper guards a recursive rule.
func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxDepth {
		p.stop("JSON path is nested too deeply")
	}
	return func() { p.depth-- }
}

// expr reads a sum.
func (p *parser) expr() Expr {
	defer p.deeper()()
	left := p.product()
	for p.is("+", "-") {
		op := p.next().text[0]
		left = &Binary{op, left, p.product()}
	}
	return left
}

func (p *parser) product() Expr {
	left := p.signed()
	for p.is("*", "/", "%") {
		op := p.next().text[0]
		left = &Binary{op, left, p.signed()}
	}
	return left
}

func (p *parser) signed() Expr {
	if p.is("+", "-") {
		defer p.deeper()()
		return &Sign{p.next().text == "-", p.signed()}
	}
	return p.accessors(p.primary())
}

// startsOperand reports whether a token begins an operand.
func startsOperand(t token) bool {
	switch t.kind {
	case tokenNamed, tokenString, tokenInteger, tokenDecimal, tokenDouble:
		return true
	}
	return t.text == "$" || t.text == "@" || t.text == "(" || t.kind == tokenWord && slices.Contains([]string{"true", "false", "null", "last"}, t.text)
}

// startsCondition reports whether a token begins a predicate.
func startsCondition(t token) bool {
	return startsOperand(t) || t.text == "+" || t.text == "-" || t.text == "!" || t.text == "exists"
}

func (p *parser) primary() Expr {
	t := p.peek()
	if !startsOperand(t) {
		p.unexpected(operands, startsOperand)
	}
	p.at++
	switch t.kind {
	case tokenNamed:
		return &Variable{t.value()}
	case tokenString:
		return text(t.value())
	case tokenInteger, tokenDecimal, tokenDouble:
		return p.number(t)
	}
	switch t.text {
	case "$":
		return &Context{}
	case "@":
		return &Current{}
	case "last":
		return &Last{}
	case "null":
		return &NullLiteral{}
	case "true", "false":
		return &Literal{Value{types.Of(types.Boolean), t.text == "true"}}
	}
	e := p.expr()
	p.close(")")
	return e
}

// close takes a closing bracket.
func (p *parser) close(bracket string) {
	if p.accept(bracket) {
		return
	}
	if p.peek().kind == tokenEnd {
		p.stop("missing '%s' at '<EOF>'", bracket)
	}
	p.unexpected("'"+bracket+"'", func(t token) bool { return t.kind == tokenSymbol && t.text == bracket })
}

func text(s string) *Literal {
	return &Literal{Value{types.VarcharN(len([]rune(s))), s}}
}

// number makes a literal of the type that SQL gives to such a number.
func (p *parser) number(t token) Expr {
	switch t.kind {
	case tokenInteger:
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			panic(parseError{trinoerr.At(trinoerr.Position{Line: 1, Column: 1}, trinoerr.SyntaxError, "Invalid numeric literal: %s", t.text), len(p.tokens)})
		}
		kind := types.BigInt
		if n == int64(int32(n)) {
			kind = types.Integer
		}
		return &Literal{Value{types.Of(kind), n}}
	case tokenDouble:
		f, _ := strconv.ParseFloat(t.text, 64) // out of range gives an infinity, as in SQL
		return &Literal{Value{types.Of(types.Double), f}}
	}
	typ, v, err := types.ParseDecimal(t.text)
	if err != nil {
		panic(parseError{trinoerr.New(trinoerr.InvalidLiteral, "'%s' is not a valid DECIMAL literal", t.text), len(p.tokens)})
	}
	return &Literal{Value{typ, v}}
}
