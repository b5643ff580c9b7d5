package connector

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Expression is a scalar expression over the columns of a scan, as a connector is offered it: a Reference, a Constant or a Call. It is
// Trino's ConnectorExpression. Expressions are immutable.
type Expression interface {
	// ResultType is the SQL type of the value.
	ResultType() types.Type
	// String shows the expression in words, for EXPLAIN and tests.
	String() string
}

// Reference reads a column of the scan, by its name there.
type Reference struct {
	Column string
	Type   types.Type
}

// Constant is a literal; Value is in the Go representation of package types, nil for NULL.
type Constant struct {
	Type  types.Type
	Value any
}

// Call applies a function. Operators have the names below, which start with "$"; all else is one of the functions of docs/reference, by its
// lower-case name. Arguments have the types that the function wants: coercions are calls of OpCast. The meaning is that of Trino's function
// for arguments of those types, with its NULLs, rounding and errors.
type Call struct {
	Function string
	Type     types.Type
	Args     []Expression
}

// The operators.
const (
	OpAnd = "$and" // two arguments or more
	OpOr  = "$or"
	OpNot = "$not"

	OpIsNull         = "$is_null"
	OpEqual          = "$equal" // of two values of one type, as all comparisons
	OpNotEqual       = "$not_equal"
	OpLess           = "$less_than"
	OpLessOrEqual    = "$less_than_or_equal"
	OpGreater        = "$greater_than"
	OpGreaterOrEqual = "$greater_than_or_equal"
	OpIdentical      = "$identical" // IS NOT DISTINCT FROM

	OpIn   = "$in"   // the value, then those it is looked for among: constants and others
	OpLike = "$like" // value, pattern and, if there is one, escape

	OpAdd      = "$add"
	OpSubtract = "$subtract"
	OpMultiply = "$multiply"
	OpDivide   = "$divide"
	OpModulus  = "$modulus"
	OpNegate   = "$negate"

	OpCast     = "$cast"     // to the type of the call
	OpTryCast  = "$try_cast" // NULL in place of an error
	OpCoalesce = "$coalesce"
	OpNullIf   = "$nullif"
	OpCase     = "$case" // condition, value, condition, value, …, and the value of none (a NULL constant when there is no ELSE)
)

// ResultType is the column's.
func (e *Reference) ResultType() types.Type { return e.Type }

// ResultType is the literal's.
func (e *Constant) ResultType() types.Type { return e.Type }

// ResultType is the function's.
func (e *Call) ResultType() types.Type { return e.Type }

// String is the column's name.
func (e *Reference) String() string { return e.Column }

// String is the value, texts in quotes.
func (e *Constant) String() string {
	if e.Value == nil {
		return "NULL"
	}
	text := types.Text(e.Type, e.Value)
	switch e.Type.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Decimal:
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// symbols are the operators that stand between their arguments.
var symbols = map[string]string{OpAnd: " AND ", OpOr: " OR ", OpEqual: " = ", OpNotEqual: " <> ", OpLess: " < ", OpLessOrEqual: " <= ", OpGreater: " > ",
	OpGreaterOrEqual: " >= ", OpIdentical: " IS NOT DISTINCT FROM ", OpLike: " LIKE ", OpAdd: " + ", OpSubtract: " - ", OpMultiply: " * ", OpDivide: " / ",
	OpModulus: " % "}

// String shows operators as SQL has them.
func (e *Call) String() string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = a.String()
		if c, ok := a.(*Call); ok && symbols[c.Function] != "" {
			args[i] = "(" + args[i] + ")"
		}
	}
	switch symbol := symbols[e.Function]; {
	case e.Function == OpLike && len(args) == 3:
		return args[0] + " LIKE " + args[1] + " ESCAPE " + args[2]
	case symbol != "":
		return strings.Join(args, symbol)
	case e.Function == OpNot:
		return "NOT " + args[0]
	case e.Function == OpIsNull:
		return args[0] + " IS NULL"
	case e.Function == OpNegate:
		return "-" + args[0]
	case e.Function == OpIn:
		return args[0] + " IN (" + strings.Join(args[1:], ", ") + ")"
	case e.Function == OpCast:
		return "CAST(" + args[0] + " AS " + e.Type.String() + ")"
	case e.Function == OpTryCast:
		return "TRY_CAST(" + args[0] + " AS " + e.Type.String() + ")"
	}
	return strings.TrimPrefix(e.Function, "$") + "(" + strings.Join(args, ", ") + ")"
}
