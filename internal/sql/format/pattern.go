package format

import (
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func measure(m *ast.MeasureDefinition) string {
	return operand(m.Value) + " AS " + identifier(m.Name)
}

func skipTo(s *ast.SkipTo) string {
	return "SKIP " + string(s.Kind) + after(" ", s.Variable, identifier)
}

func subset(s *ast.SubsetDefinition) string {
	return identifier(s.Name) + " = (" + identifiers(s.Variables) + ")"
}

func define(v *ast.VariableDefinition) string {
	return identifier(v.Name) + " AS " + expression(v.Condition)
}

// pattern returns the text of a row pattern. The parts of concatenations and alternations have parentheses where
// they need them.
func pattern(r ast.RowPattern) string {
	switch r := r.(type) {
	case *ast.PatternVariable:
		return identifier(r.Name)
	case *ast.EmptyPattern:
		return "()"
	case *ast.PatternAnchor:
		if r.End {
			return "$"
		}
		return "^"
	case *ast.PatternPermutation:
		return "PERMUTE(" + join(r.Patterns, ", ", pattern) + ")"
	case *ast.ExcludedPattern:
		return "{-" + pattern(r.Pattern) + "-}"
	case *ast.QuantifiedPattern:
		return "(" + pattern(r.Pattern) + patternQuantifier(r) + ")"
	case *ast.PatternConcatenation:
		return "(" + join(r.Patterns, " ", pattern) + ")"
	case *ast.PatternAlternation:
		return "(" + join(r.Patterns, " | ", pattern) + ")"
	}
	return unknown(r)
}

func patternQuantifier(q *ast.QuantifiedPattern) string {
	text := string(q.Kind)
	if q.Kind == ast.PatternRange {
		text = "{" + bound(q.Min) + "," + bound(q.Max) + "}"
	}
	return text + when(!q.Greedy, "?")
}

func bound(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// patternRecognition writes MATCH_RECOGNIZE (…).
func (p *printer) patternRecognition(r *ast.PatternRecognition, indent int) {
	p.nested(r.Relation, indent)
	p.put(" MATCH_RECOGNIZE (\n")
	in := indent + 1
	if len(r.PartitionBy) > 0 {
		p.line(in, "PARTITION BY ", expressions(r.PartitionBy), "\n")
	}
	if r.OrderBy != nil {
		p.line(in, orderBy(r.OrderBy), "\n")
	}
	clause(p, in, "MEASURES", r.Measures, measure)
	if r.RowsPerMatch != "" {
		p.line(in, string(r.RowsPerMatch), "\n")
	}
	if r.AfterSkip != nil {
		p.line(in, "AFTER MATCH ", skipTo(r.AfterSkip), "\n")
	}
	if r.Search != "" {
		p.line(in, string(r.Search), "\n")
	}
	p.line(in, "PATTERN (", pattern(r.Pattern), ")\n")
	if len(r.Subsets) > 0 {
		p.line(in, "SUBSET ", join(r.Subsets, ", ", subset), "\n")
	}
	clause(p, in, "DEFINE", r.Defines, define)
	p.line(indent, ")")
}
