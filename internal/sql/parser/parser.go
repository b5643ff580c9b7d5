// Package parser turns Trino SQL into the trees of package ast: a lexer, recursive descent for statements and queries,
// precedence climbing for expressions, all by hand.
//
// It knows the grammar of Trino 476 and nothing else: no catalogs, no types, no functions beyond the few that have a
// syntax of their own. Same text, same tree or same error.
//
// Start with ParseStatement; each file after that is an area of the grammar. A rule is a method of parser that reads tokens
// and returns a node. A rule that cannot go on panics with a *trinoerr.Error, which run turns into an error.
//
// Errors are worded as Trino's: the token that nothing accepts, and what would have been accepted there. To know
// that, a text that fails is parsed a second time with every test of a token noted down (see expect.go).
package parser

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// ParseStatement parses a whole statement. As with Trino's server, no semicolon may follow.
// Errors are *trinoerr.Error with the code SYNTAX_ERROR and a position.
func ParseStatement(sql string) (ast.Statement, error) {
	return run(sql, "statement", (*parser).statement)
}

// ParseStatementAt parses the statement that stands in a string literal at the position, as in EXECUTE IMMEDIATE; the
// positions in its tree and its errors are those in the surrounding text.
func ParseStatementAt(sql string, literal trinoerr.Position) (ast.Statement, error) {
	tokens := tokenize(sql)
	for i := range tokens {
		at := &tokens[i].pos
		if at.Line == 1 {
			at.Column += literal.Column
		}
		at.Line += literal.Line - 1
	}
	return runTokens(tokens, "statement", (*parser).statement)
}

// ParseExpression parses a whole expression.
func ParseExpression(text string) (ast.Expression, error) {
	return run(text, "expression", (*parser).expression)
}

// ParseType parses a whole type, as CAST takes it.
func ParseType(text string) (ast.DataType, error) {
	return run(text, "type", (*parser).dataType)
}

// parser reads the tokens of one text.
type parser struct {
	tokens     []token
	at         int  // index of the current token
	depth      int  // how deeply rules are nested, in units of maxDepth
	parameters int  // how many ? were read
	first      bool // the next primary expression begins a select item: see openly
	item       bool // the primary expression that was read begins a select item
	open       bool // see openly
	what       string
	expect     *expectations // nil while nobody wants to know
}

// maxDepth bounds the nesting of rules and the height of trees. Trino's bound is its stack; this is about where that lies.
const maxDepth = 2000

// queryDepth is what a nested query counts for.
const queryDepth = 8

// run parses the whole of text with rule.
func run[N ast.Node](text, what string, rule func(*parser) N) (N, error) {
	return runTokens(tokenize(text), what, rule)
}

// runTokens parses the whole of tokens with rule.
func runTokens[N ast.Node](tokens []token, what string, rule func(*parser) N) (N, error) {
	p := &parser{tokens: tokens, what: what}
	n, err := attempt(p, rule)
	if err != nil {
		p = &parser{tokens: tokens, what: what, expect: &expectations{suppressed: -1}}
		n, err = attempt(p, rule)
	}
	if err != nil {
		var none N
		return none, err
	}
	return n, nil
}

// attempt runs rule to the end of the text and catches the error with which it may panic.
func attempt[N ast.Node](p *parser, rule func(*parser) N) (n N, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*trinoerr.Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	n = rule(p)
	p.want(kindEOF)
	return n, nil
}

// kind returns the current token's kind, to decide between things that have nothing to do with what is expected.
func (p *parser) kind() kind { return p.tokens[p.at].kind }

// ahead returns the token n after the current one.
func (p *parser) ahead(n int) token {
	if p.at+n >= len(p.tokens) {
		return p.tokens[len(p.tokens)-1]
	}
	return p.tokens[p.at+n]
}

// loc returns the current token's place.
func (p *parser) loc() ast.Location { return ast.Location(p.tokens[p.at].pos) }

// advance reads the current token.
func (p *parser) advance() token {
	t := p.tokens[p.at]
	if t.kind != kindEOF {
		p.at++
	}
	return t
}

// is reports whether the current token is of the kind.
func (p *parser) is(k kind) bool {
	p.note(k)
	return p.tokens[p.at].kind == k
}

// isAny reports whether the current token is of one of the kinds.
func (p *parser) isAny(kinds ...kind) bool {
	p.note(kinds...)
	return slices.Contains(kinds, p.tokens[p.at].kind)
}

// are reports whether the next tokens are of the kinds; only the first counts as expected.
func (p *parser) are(kinds ...kind) bool {
	if !p.is(kinds[0]) {
		return false
	}
	for i, k := range kinds {
		if p.ahead(i).kind != k {
			return false
		}
	}
	return true
}

// accept reads the current token if it is of the kind.
func (p *parser) accept(k kind) bool {
	if p.is(k) {
		p.advance()
		return true
	}
	return false
}

// acceptAll reads the kinds one after the other, if the first is there; then the others must be.
func (p *parser) acceptAll(kinds ...kind) bool {
	if !p.is(kinds[0]) {
		return false
	}
	p.wantAll(kinds...)
	return true
}

// acceptAny reads the current token if it is of one of the kinds, and returns which; else "".
func (p *parser) acceptAny(kinds ...kind) kind {
	if p.isAny(kinds...) {
		return p.advance().kind
	}
	return ""
}

// want reads a token that must be of the kind.
func (p *parser) want(k kind) token {
	if !p.is(k) {
		p.fail()
	}
	return p.advance()
}

// wantAll reads tokens that must be of the kinds.
func (p *parser) wantAll(kinds ...kind) {
	for _, k := range kinds {
		p.want(k)
	}
}

// wantAny reads a token that must be of one of the kinds, and returns which.
func (p *parser) wantAny(kinds ...kind) kind {
	if !p.isAny(kinds...) {
		p.fail()
	}
	return p.advance().kind
}

// enter counts a nested rule of the weight and returns what leaves it.
func (p *parser) enter(weight int) {
	p.depth += weight
	p.bound(p.depth)
}

func (p *parser) leave(weight int) { p.depth -= weight }

// bound fails if a tree of the height would be too high.
func (p *parser) bound(height int) {
	if height > maxDepth {
		panic(trinoerr.At(trinoerr.Position{Line: 1, Column: 1}, trinoerr.SyntaxError,
			"%s is too large (stack overflow while parsing)", p.what))
	}
}

// list reads one or more items with commas between.
func list[T any](p *parser, item func() T) []T {
	items := []T{item()}
	for p.accept(",") {
		items = append(items, item())
	}
	return items
}

// parens reads ( item, … ).
func parens[T any](p *parser, item func() T) []T {
	p.want("(")
	items := list(p, item)
	p.want(")")
	return items
}

// try runs rule, and goes back to where it began if it fails.
func try[N any](p *parser, rule func() N) (n N, ok bool) {
	saved := *p
	var suppressed int
	if p.expect != nil {
		suppressed = p.expect.suppressed
	}
	defer func() {
		if ok {
			return
		}
		if r := recover(); r != nil {
			if _, isError := r.(*trinoerr.Error); !isError {
				panic(r)
			}
			*p = saved
			if p.expect != nil {
				p.expect.suppressed = suppressed
			}
		}
	}()
	return rule(), true
}
