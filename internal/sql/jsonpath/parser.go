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
}

type parseError struct{ err error }

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

func (p *parser) mismatched(expected string) {
	p.stop("mismatched input '%s' expecting %s", p.peek().text, expected)
}

func (p *parser) stop(format string, args ...any) {
	t := p.peek()
	panic(parseError{&SyntaxError{t.line, t.column, fmt.Sprintf(format, args...)}})
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

// startsValue reports whether a token begins an operand.
func startsValue(t token) bool {
	switch t.kind {
	case tokenNamed, tokenString, tokenInteger, tokenDecimal, tokenDouble:
		return true
	}
	return t.text == "$" || t.text == "@" || t.text == "(" || t.kind == tokenWord && slices.Contains([]string{"true", "false", "null", "last"}, t.text)
}

func (p *parser) primary() Expr {
	t := p.peek()
	if !startsValue(t) {
		p.mismatched(operands)
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
	switch {
	case p.accept(bracket):
	case p.peek().kind == tokenEnd:
		p.stop("missing '%s' at '<EOF>'", bracket)
	default:
		p.mismatched("'" + bracket + "'")
	}
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
			panic(parseError{trinoerr.At(trinoerr.Position{Line: 1, Column: 1}, trinoerr.SyntaxError, "Invalid numeric literal: %s", t.text)})
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
		panic(parseError{trinoerr.New(trinoerr.InvalidLiteral, "'%s' is not a valid DECIMAL literal", t.text)})
	}
	return &Literal{Value{typ, v}}
}

// methods are the words that are methods when parentheses follow.
var methods = []string{"abs", "ceiling", "datetime", "double", "floor", "keyvalue", "size", "type"}

// accessors reads what follows an operand: members, subscripts, filters and methods.
func (p *parser) accessors(base Expr) Expr {
	for {
		switch {
		case p.is("."):
			base = p.member(base)
		case p.is(".."):
			base = &Descendants{base, p.key("..")}
		case p.is("["):
			base = p.subscripts(base)
		case p.accept("?"):
			p.want("'('", "(")
			base = &Filter{base, p.condition()}
			p.close(")")
		default:
			return base
		}
	}
}

func (p *parser) member(base Expr) Expr {
	after := p.tokens[p.at+1] // the end follows every other token
	if after.kind == tokenSymbol && after.text == "*" {
		p.at += 2
		return &Member{Base: base, Any: true}
	}
	if after.kind == tokenWord && slices.Contains(methods, after.text) && p.tokens[p.at+2].text == "(" {
		p.at += 3
		if after.text == "datetime" && p.peek().kind == tokenString {
			p.at++
		}
		if p.peek().text != ")" && startsValue(p.peek()) {
			p.stop("extraneous input '%s' expecting ')'", p.peek().text)
		}
		p.close(")")
		return &Method{base, after.text}
	}
	return &Member{Base: base, Key: p.key(".")}
}

// key takes a dot, or two, and the name that has to follow.
func (p *parser) key(dots string) string {
	p.at++
	t := p.peek()
	if t.kind != tokenWord && t.kind != tokenString {
		if t.kind == tokenEnd {
			p.stop("no viable alternative at input '%s'", dots)
		}
		p.stop("no viable alternative at input '%s%s'", dots, t.text)
	}
	return p.next().value()
}

func (p *parser) subscripts(base Expr) Expr {
	p.at++
	if p.accept("*") {
		p.close("]")
		return &Elements{Base: base}
	}
	if p.peek().kind == tokenEnd || p.is("]") {
		end := ""
		if p.is("]") {
			end = "]"
		}
		p.stop("no viable alternative at input '[%s'", end)
	}
	out := &Elements{Base: base}
	for {
		s := Subscript{From: p.expr()}
		if p.accept("to") {
			s.To = p.expr()
		}
		out.Subscripts = append(out.Subscripts, s)
		if !p.accept(",") {
			p.close("]")
			return out
		}
	}
}
