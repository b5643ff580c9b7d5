package ast

// Row pattern recognition.
type (
	// PatternRecognition is relation MATCH_RECOGNIZE (…).
	PatternRecognition struct {
		Location
		Relation     Relation
		PartitionBy  []Expression
		OrderBy      *OrderBy // nil when absent
		Measures     []*MeasureDefinition
		RowsPerMatch RowsPerMatch  // empty when absent
		AfterSkip    *SkipTo       // nil when absent
		Search       PatternSearch // empty when absent
		Pattern      RowPattern
		Subsets      []*SubsetDefinition
		Defines      []*VariableDefinition
	}

	// MeasureDefinition is expression AS name.
	MeasureDefinition struct {
		Location
		Value Expression
		Name  *Identifier
	}

	// SkipTo is AFTER MATCH SKIP …; Variable is set for the kinds that name one.
	SkipTo struct {
		Location
		Kind     SkipToKind
		Variable *Identifier
	}

	// SubsetDefinition is name = (variable, …).
	SubsetDefinition struct {
		Location
		Name      *Identifier
		Variables []*Identifier
	}

	// VariableDefinition is name AS condition.
	VariableDefinition struct {
		Location
		Name      *Identifier
		Condition Expression
	}

	// PatternVariable is a name in a pattern.
	PatternVariable struct {
		Location
		Name *Identifier
	}

	// EmptyPattern is ().
	EmptyPattern struct{ Location }

	// PatternAnchor is ^ or, when End, $.
	PatternAnchor struct {
		Location
		End bool
	}

	// PatternPermutation is PERMUTE(a, …).
	PatternPermutation struct {
		Location
		Patterns []RowPattern
	}

	// ExcludedPattern is {- pattern -}.
	ExcludedPattern struct {
		Location
		Pattern RowPattern
	}

	// QuantifiedPattern is pattern quantifier. Max is nil when there is no upper bound.
	QuantifiedPattern struct {
		Location
		Pattern RowPattern
		Kind    PatternQuantifierKind
		Min     *int // of PatternRange: nil when not written
		Max     *int // of PatternRange: nil when not written; equal to Min for {n}
		Greedy  bool
	}

	// PatternConcatenation is a b ….
	PatternConcatenation struct {
		Location
		Patterns []RowPattern
	}

	// PatternAlternation is a | b | ….
	PatternAlternation struct {
		Location
		Patterns []RowPattern
	}
)

// RowPattern is a node of a PATTERN.
type RowPattern interface {
	Node
	rowPattern()
}

// RowsPerMatch says which rows MATCH_RECOGNIZE gives.
type RowsPerMatch string

// The rows per match.
const (
	OneRow               RowsPerMatch = "ONE ROW PER MATCH"
	AllRowsDefault       RowsPerMatch = "ALL ROWS PER MATCH"
	AllRowsShowEmpty     RowsPerMatch = "ALL ROWS PER MATCH SHOW EMPTY MATCHES"
	AllRowsOmitEmpty     RowsPerMatch = "ALL ROWS PER MATCH OMIT EMPTY MATCHES"
	AllRowsWithUnmatched RowsPerMatch = "ALL ROWS PER MATCH WITH UNMATCHED ROWS"
)

// SkipToKind says where matching goes on after a match.
type SkipToKind string

// The kinds of AFTER MATCH SKIP.
const (
	SkipPastLast SkipToKind = "PAST LAST ROW"
	SkipToNext   SkipToKind = "TO NEXT ROW"
	SkipToFirst  SkipToKind = "TO FIRST"
	SkipToLast   SkipToKind = "TO LAST" // also TO name
)

// PatternSearch is INITIAL or SEEK.
type PatternSearch string

// The pattern search modes.
const (
	SearchInitial PatternSearch = "INITIAL"
	SearchSeek    PatternSearch = "SEEK"
)

// PatternQuantifierKind is the kind of a pattern's quantifier.
type PatternQuantifierKind string

// The pattern quantifiers.
const (
	ZeroOrMore   PatternQuantifierKind = "*"
	OneOrMore    PatternQuantifierKind = "+"
	ZeroOrOne    PatternQuantifierKind = "?"
	PatternRange PatternQuantifierKind = "{}"
)
