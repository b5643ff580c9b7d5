package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// patternRecognition reads [MATCH_RECOGNIZE (…) [[AS] alias [(column, …)]]] after input.
func (p *parser) patternRecognition(input ast.Relation) ast.Relation {
	if !p.is("MATCH_RECOGNIZE") {
		return input
	}
	at := ast.Location(input.Pos())
	r := &ast.PatternRecognition{Location: at, Relation: input}
	p.wantAll("MATCH_RECOGNIZE", "(")
	if p.accept("PARTITION") {
		p.want("BY")
		r.PartitionBy = p.expressions()
	}
	if p.isOrderBy() {
		r.OrderBy = p.orderBy()
	}
	if p.accept("MEASURES") {
		r.Measures = list(p, p.measureDefinition)
	}
	r.RowsPerMatch = p.rowsPerMatch()
	if p.is("AFTER") {
		r.AfterSkip = p.afterMatch()
	}
	r.Search = ast.PatternSearch(p.acceptAny("INITIAL", "SEEK"))
	p.want("PATTERN")
	r.Pattern = p.parenthesizedPattern()
	if p.accept("SUBSET") {
		r.Subsets = list(p, p.subsetDefinition)
	}
	p.want("DEFINE")
	r.Defines = list(p, p.variableDefinition)
	p.want(")")
	return p.aliased(at, r)
}

func (p *parser) measureDefinition() *ast.MeasureDefinition {
	m := &ast.MeasureDefinition{Location: p.loc(), Value: p.expression()}
	p.want("AS")
	m.Name = p.identifier()
	return m
}

// rowsPerMatch reads [ONE ROW PER MATCH | ALL ROWS PER MATCH …].
func (p *parser) rowsPerMatch() ast.RowsPerMatch {
	switch p.acceptAny("ALL", "ONE") {
	case "":
		return ""
	case "ONE":
		p.wantAll("ROW", "PER", "MATCH")
		return ast.OneRow
	}
	p.wantAll("ROWS", "PER", "MATCH")
	switch p.acceptAny("SHOW", "OMIT", "WITH") {
	case "SHOW":
		p.wantAll("EMPTY", "MATCHES")
		return ast.AllRowsShowEmpty
	case "OMIT":
		p.wantAll("EMPTY", "MATCHES")
		return ast.AllRowsOmitEmpty
	case "WITH":
		p.wantAll("UNMATCHED", "ROWS")
		return ast.AllRowsWithUnmatched
	}
	return ast.AllRowsDefault
}

// afterMatch reads AFTER MATCH SKIP ….
func (p *parser) afterMatch() *ast.SkipTo {
	p.wantAll("AFTER", "MATCH")
	s := &ast.SkipTo{Location: p.loc()}
	p.want("SKIP")
	if p.wantAny("TO", "PAST") == "PAST" {
		p.wantAll("LAST", "ROW")
		s.Kind = ast.SkipPastLast
		return s
	}
	next := p.ahead(1)
	p.note("NEXT", "FIRST", "LAST")
	switch k := p.kind(); {
	case k == "NEXT" && next.kind == "ROW":
		p.wantAll("NEXT", "ROW")
		s.Kind = ast.SkipToNext
		return s
	case (k == "FIRST" || k == "LAST") && next.name && !p.endsSkip(next.kind, p.ahead(2).kind):
		p.advance()
		s.Kind = ast.SkipToKind("TO " + k)
	default:
		s.Kind = ast.SkipToLast
	}
	s.Variable = p.identifier()
	return s
}

// endsSkip reports whether the token k before next is the keyword of the clause that follows AFTER MATCH.
func (p *parser) endsSkip(k, next kind) bool {
	switch k {
	case "INITIAL", "SEEK":
		return next == "PATTERN"
	case "PATTERN":
		return next == "("
	}
	return false
}

func (p *parser) subsetDefinition() *ast.SubsetDefinition {
	s := &ast.SubsetDefinition{Location: p.loc(), Name: p.identifier()}
	p.want("=")
	s.Variables = p.identifiers()
	return s
}

func (p *parser) variableDefinition() *ast.VariableDefinition {
	v := &ast.VariableDefinition{Location: p.loc(), Name: p.identifier()}
	p.want("AS")
	v.Condition = p.expression()
	return v
}

// parenthesizedPattern reads ( pattern ).
func (p *parser) parenthesizedPattern() ast.RowPattern {
	p.want("(")
	r := p.rowPattern()
	p.want(")")
	return r
}

// rowPattern reads alternatives.
func (p *parser) rowPattern() ast.RowPattern {
	p.enter(1)
	defer p.leave(1)
	at := p.loc()
	first := p.patternConcatenation()
	if !p.is("|") {
		return first
	}
	a := &ast.PatternAlternation{Location: at, Patterns: []ast.RowPattern{first}}
	for p.accept("|") {
		a.Patterns = append(a.Patterns, p.patternConcatenation())
	}
	return a
}

func (p *parser) patternConcatenation() ast.RowPattern {
	at := p.loc()
	first := p.quantifiedPattern()
	if !p.startsPattern() {
		return first
	}
	c := &ast.PatternConcatenation{Location: at, Patterns: []ast.RowPattern{first}}
	for p.startsPattern() {
		c.Patterns = append(c.Patterns, p.quantifiedPattern())
	}
	return c
}

func (p *parser) startsPattern() bool {
	named := p.isName()
	return p.isAny("(", "^", "$", "{-", "PERMUTE") || named
}

// quantifiedPattern reads a primary pattern and perhaps a quantifier.
func (p *parser) quantifiedPattern() ast.RowPattern {
	at := p.loc()
	primary := p.patternPrimary()
	q := &ast.QuantifiedPattern{Location: at, Pattern: primary}
	switch k := p.acceptAny("*", "+", "?", "{"); k {
	case "":
		return primary
	case "{":
		q.Kind = ast.PatternRange
		q.Min, q.Max = p.patternBounds()
	default:
		q.Kind = ast.PatternQuantifierKind(k)
	}
	q.Greedy = !p.accept("?")
	return q
}

// patternBounds reads the rest of {n}, {n,}, {,m}, {n,m} or {,}.
func (p *parser) patternBounds() (lowest, highest *int) {
	bound := func() *int {
		if !p.is(kindInteger) {
			return nil
		}
		n := p.smallInteger()
		return &n
	}
	lowest = bound()
	if lowest != nil && p.accept("}") {
		return lowest, lowest
	}
	p.want(",")
	highest = bound()
	p.want("}")
	return lowest, highest
}

func (p *parser) patternPrimary() ast.RowPattern {
	at := p.loc()
	p.note("(", "^", "$", "{-", "PERMUTE")
	switch p.kind() {
	case "(":
		p.advance()
		if p.accept(")") {
			return &ast.EmptyPattern{Location: at}
		}
		r := p.rowPattern()
		p.want(")")
		return r
	case "^", "$":
		return &ast.PatternAnchor{Location: at, End: p.advance().kind == "$"}
	case "{-":
		p.advance()
		r := &ast.ExcludedPattern{Location: at, Pattern: p.rowPattern()}
		p.want("-}")
		return r
	case "PERMUTE":
		if p.ahead(1).kind == "(" {
			p.advance()
			return &ast.PatternPermutation{Location: at, Patterns: parens(p, p.rowPattern)}
		}
	}
	return &ast.PatternVariable{Location: at, Name: p.identifier()}
}
