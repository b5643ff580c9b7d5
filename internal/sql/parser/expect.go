package parser

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// expectations are the kinds of tokens for which the parser looked at the furthest token that it reached.
type expectations struct {
	furthest   int    // index of the token
	kinds      []kind // looked for there
	suppressed int    // index of the token at which single kinds are not noted, as a whole rule is; -1 for none
}

// note writes down that the kinds would be accepted at the current token.
func (p *parser) note(kinds ...kind) {
	if p.expect != nil && p.at != p.expect.suppressed {
		p.expect.add(p.at, kinds...)
	}
}

func (e *expectations) add(at int, kinds ...kind) {
	if at < e.furthest {
		return
	}
	if at > e.furthest {
		e.furthest, e.kinds = at, e.kinds[:0]
	}
	e.kinds = append(e.kinds, kinds...)
}

// The rules that errors show by name instead of showing what they begin with.
const (
	ruleExpression kind = "<expression>"
	rulePredicate  kind = "<predicate>"
	ruleIdentifier kind = "<identifier>"
	ruleString     kind = "<string>"
	ruleQuery      kind = "<query>"
	ruleType       kind = "<type>"
)

// begin notes that a rule begins at the current token, so that its own first tokens aren't noted; end it
// with the result.
func (p *parser) begin(rule kind) int {
	if p.expect == nil {
		return 0
	}
	outer := p.expect.suppressed
	p.note(rule)
	p.expect.suppressed = p.at
	return outer
}

// end ends what begin began, also when it has failed.
func (p *parser) end(outer int) {
	if p.expect != nil {
		p.expect.suppressed = outer
	}
}

// fail panics with the error that nothing accepts the furthest token.
func (p *parser) fail() {
	t := p.tokens[p.at]
	if p.expect == nil {
		panic(trinoerr.At(t.pos, trinoerr.SyntaxError, "mismatched input '%s'", t.text))
	}
	t = p.tokens[p.expect.furthest]
	names := make([]string, 0, len(p.expect.kinds))
	for _, k := range p.expect.kinds {
		names = append(names, display(k))
	}
	slices.Sort(names)
	panic(trinoerr.At(t.pos, trinoerr.SyntaxError, "mismatched input '%s'. Expecting: %s", t.text,
		strings.Join(slices.Compact(names), ", ")))
}

// display is how errors show a kind.
func display(k kind) string {
	switch k {
	case kindEOF, kindInteger, ruleExpression, rulePredicate, ruleIdentifier, ruleString, ruleQuery, ruleType:
		return string(k)
	case kindDollarString, kindDecimal, kindDouble:
		return string(k)
	}
	return "'" + string(k) + "'"
}

// failAt panics with an error of its own wording.
func failAt(at ast.Location, format string, args ...any) {
	panic(trinoerr.At(at.Pos(), trinoerr.SyntaxError, format, args...))
}
