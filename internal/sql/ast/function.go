package ast

// Calls and windows.
type (
	// FunctionCall is name([DISTINCT] a, … [ORDER BY …]) with what may follow. a || b is concat(a, b),
	// POSITION(a IN b) is strpos(b, a), SUBSTRING(a FROM b FOR c) is substr(a, b, c), NORMALIZE(a, NFC) is
	// normalize(a, 'NFC').
	FunctionCall struct {
		Location
		Mode          ProcessingMode
		ModeLocation  Location // where Mode is written
		Name          *QualifiedName
		Distinct      bool
		Arguments     []Expression
		Star          bool        // name(*) or name(label.*); Arguments is empty
		StarLabel     *Identifier // the label of name(label.*), else nil
		OrderBy       *OrderBy    // nil when absent
		Filter        Expression  // nil when absent
		NullTreatment NullTreatment
		Window        Window // nil when absent
	}

	// ListAgg is LISTAGG([DISTINCT] value[, separator] [ON OVERFLOW …]) WITHIN GROUP (ORDER BY …) [FILTER …]
	// [OVER …].
	ListAgg struct {
		Location
		Distinct  bool
		Value     Expression
		Separator *StringLiteral   // nil when absent
		Overflow  *ListAggOverflow // nil when absent: an overflow is an error
		OrderBy   *OrderBy
		Filter    Expression // nil when absent
		Window    Window     // nil when absent
	}

	// ListAggOverflow is ON OVERFLOW ERROR, or ON OVERFLOW TRUNCATE [filler] WITH|WITHOUT COUNT.
	ListAggOverflow struct {
		Location
		Truncate  bool
		Filler    *StringLiteral // nil when absent
		WithCount bool
	}

	// WindowMeasure is name OVER window: a measure of a window's row pattern.
	WindowMeasure struct {
		Location
		Name   *Identifier
		Window Window
	}

	// WindowReference is OVER name.
	WindowReference struct {
		Location
		Name *Identifier
	}

	// WindowSpecification is OVER (…), and what a WINDOW clause defines.
	WindowSpecification struct {
		Location
		Existing    *Identifier // the window that this one refines, nil when absent
		PartitionBy []Expression
		OrderBy     *OrderBy     // nil when absent
		Frame       *WindowFrame // nil when absent
	}

	// WindowFrame is ROWS|RANGE|GROUPS …, with the parts of a row pattern when it has one.
	WindowFrame struct {
		Location
		Type      FrameType
		Start     *FrameBound
		End       *FrameBound // nil without BETWEEN
		Measures  []*MeasureDefinition
		AfterSkip *SkipTo       // nil when absent
		Search    PatternSearch // empty when absent
		Pattern   RowPattern    // nil when absent
		Subsets   []*SubsetDefinition
		Defines   []*VariableDefinition
	}

	// FrameBound is one end of a frame; Value is set for the bounded kinds.
	FrameBound struct {
		Location
		Kind  FrameBoundKind
		Value Expression
	}
)

// Window is what follows OVER: *WindowReference or *WindowSpecification.
type Window interface {
	Node
	window()
}

// ProcessingMode is RUNNING or FINAL, in row pattern recognition.
type ProcessingMode string

// The processing modes; empty when not written.
const (
	Running ProcessingMode = "RUNNING"
	Final   ProcessingMode = "FINAL"
)

// NullTreatment is IGNORE NULLS or RESPECT NULLS.
type NullTreatment string

// The null treatments; empty when not written.
const (
	IgnoreNulls  NullTreatment = "IGNORE NULLS"
	RespectNulls NullTreatment = "RESPECT NULLS"
)

// FrameType is the unit in which a frame is measured.
type FrameType string

// The frame types.
const (
	FrameRange  FrameType = "RANGE"
	FrameRows   FrameType = "ROWS"
	FrameGroups FrameType = "GROUPS"
)

// FrameBoundKind is the kind of a frame's end.
type FrameBoundKind string

// The frame bounds.
const (
	UnboundedPreceding FrameBoundKind = "UNBOUNDED PRECEDING"
	Preceding          FrameBoundKind = "PRECEDING"
	CurrentRow         FrameBoundKind = "CURRENT ROW"
	Following          FrameBoundKind = "FOLLOWING"
	UnboundedFollowing FrameBoundKind = "UNBOUNDED FOLLOWING"
)
