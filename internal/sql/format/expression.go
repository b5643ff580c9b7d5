package format

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// expression returns the text of an expression, for a place where a comma, a parenthesis or a keyword ends it.
func expression(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.NullLiteral:
		return "null"
	case *ast.BooleanLiteral:
		return strconv.FormatBool(e.Value)
	case *ast.StringLiteral:
		return str(e)
	case *ast.BinaryLiteral:
		return "X'" + strings.ToUpper(hex.EncodeToString(e.Value)) + "'"
	case *ast.LongLiteral:
		return e.Text
	case *ast.DecimalLiteral:
		return "DECIMAL " + quote(e.Text)
	case *ast.DoubleLiteral:
		return double(e.Value)
	case *ast.GenericLiteral:
		return identifier(e.Type) + " " + quote(e.Value)
	case *ast.IntervalLiteral:
		return interval(e)
	case *ast.Parameter:
		return "?"
	case *ast.AllRows:
		return "ALL"
	case *ast.Identifier:
		return identifier(e)
	case *ast.Dereference:
		return dereferenced(e.Base) + "." + identifier(e.Field)
	case *ast.Subscript:
		return primary(e.Base) + "[" + element(e.Index) + "]"
	case *ast.DateTimeFunction:
		return strings.ToLower(string(e.Function)) + after("(", e.Precision, func(n *int) string { return strconv.Itoa(*n) + ")" })
	case *ast.SessionFunction:
		return string(e.Function)
	case *ast.SubqueryExpression:
		return "(" + Query(e.Query) + ")"
	case *ast.Exists:
		return "(EXISTS (" + Query(e.Query) + "))"
	case *ast.Row:
		return "ROW (" + expressions(e.Items) + ")"
	case *ast.Array:
		return "ARRAY[" + join(e.Items, ",", element) + "]"
	case *ast.Lambda:
		return "(" + identifiers(e.Parameters) + ") -> " + expression(e.Body)
	case *ast.Cast:
		return when(e.Safe, "TRY_") + "CAST(" + expression(e.Value) + " AS " + dataType(e.Type) + ")"
	}
	if text := operation(e); text != "" {
		return text
	}
	if text := function(e); text != "" {
		return text
	}
	if text := json(e); text != "" {
		return text
	}
	return unknown(e)
}

// element is operand for the element or index of an array, where rows are written more tightly.
func element(e ast.Expression) string {
	if row, ok := e.(*ast.Row); ok {
		return "ROW(" + join(row.Items, ", ", element) + ")"
	}
	return operand(e)
}

func expressions(list []ast.Expression) string { return join(list, ", ", expression) }

// operation returns the text of an expression with operators, "" for others.
func operation(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.ArithmeticUnary:
		if _, ok := e.Value.(*ast.SubqueryExpression); e.Negative && !ok {
			return "-(" + expression(e.Value) + ")"
		}
		if e.Negative {
			return "-" + expression(e.Value) // it has parentheses; a second pair would be another query
		}
		return "+" + operand(e.Value)
	case *ast.ArithmeticBinary:
		return binary(e.Left, string(e.Op), e.Right)
	case *ast.Comparison:
		return binary(e.Left, string(e.Op), e.Right)
	case *ast.QuantifiedComparison:
		return "(" + operand(e.Value) + " " + string(e.Op) + " " + string(e.Quantifier) + " (" + Query(e.Query) + "))"
	case *ast.Logical:
		return "(" + join(e.Terms, " "+string(e.Op)+" ", operand) + ")"
	case *ast.Not:
		return "(NOT " + operand(e.Value) + ")"
	case *ast.Between:
		return "(" + operand(e.Value) + " BETWEEN " + operand(e.Min) + " AND " + operand(e.Max) + ")"
	case *ast.InList:
		return "(" + operand(e.Value) + " IN (" + expressions(e.List) + "))"
	case *ast.InSubquery:
		return "(" + operand(e.Value) + " IN (" + Query(e.Query) + "))"
	case *ast.Like:
		escape := ""
		if e.Escape != nil {
			escape = " ESCAPE " + operand(e.Escape)
		}
		return "(" + operand(e.Value) + " LIKE " + operand(e.Pattern) + escape + ")"
	case *ast.IsNull:
		return "(" + operand(e.Value) + " IS " + when(e.Negated, "NOT ") + "NULL)"
	case *ast.AtTimeZone:
		return zoned(e.Value) + " AT TIME ZONE " + expression(e.Zone)
	case *ast.SimpleCase:
		return "(CASE " + operand(e.Operand) + whens(e.Whens, e.Default) + ")"
	case *ast.SearchedCase:
		return "(CASE" + whens(e.Whens, e.Default) + ")"
	case *ast.If:
		text := "IF(" + expression(e.Condition) + ", " + expression(e.Then)
		if e.Else != nil {
			text += ", " + expression(e.Else)
		}
		return text + ")"
	case *ast.NullIf:
		return "NULLIF(" + expression(e.First) + ", " + expression(e.Second) + ")"
	case *ast.Coalesce:
		return "COALESCE(" + expressions(e.Operands) + ")"
	case *ast.Try:
		return "TRY(" + expression(e.Value) + ")"
	}
	return ""
}

func binary(left ast.Expression, op string, right ast.Expression) string {
	return "(" + operand(left) + " " + op + " " + operand(right) + ")"
}

// whens returns the text of a CASE from its first WHEN to END.
func whens(clauses []*ast.WhenClause, otherwise ast.Expression) string {
	var text strings.Builder
	for _, w := range clauses {
		text.WriteString(" WHEN " + operand(w.Operand) + " THEN " + operand(w.Result))
	}
	if otherwise != nil {
		text.WriteString(" ELSE " + operand(otherwise))
	}
	return text.String() + " END"
}

// operand returns the text of an expression for a place beside an operator. Operations have parentheses of their own; the
// body of a lambda would swallow the operator.
func operand(e ast.Expression) string {
	if _, ok := e.(*ast.Lambda); ok {
		return "(" + expression(e) + ")"
	}
	return expression(e)
}

// zoned is operand for the left side of AT TIME ZONE, which binds tighter than a sign.
func zoned(e ast.Expression) string {
	if _, ok := e.(*ast.ArithmeticUnary); ok {
		return "(" + expression(e) + ")"
	}
	return operand(e)
}

// primary is operand for what a subscript follows.
func primary(e ast.Expression) string {
	if _, ok := e.(*ast.AtTimeZone); ok {
		return "(" + expression(e) + ")"
	}
	return zoned(e)
}

// dereferenced is operand for what a field follows. A point after a number would belong to the number.
func dereferenced(e ast.Expression) string {
	if _, ok := e.(*ast.LongLiteral); ok {
		return "(" + expression(e) + ")"
	}
	return primary(e)
}

// double returns the shortest text that reads back as the value.
func double(v float64) string {
	if math.IsInf(v, 0) {
		return when(v < 0, "-") + "1E999"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'E', -1, 64), "E")
	n, _ := strconv.Atoi(exponent)
	return mantissa + "E" + strconv.Itoa(n)
}

func interval(e *ast.IntervalLiteral) string {
	return "INTERVAL " + when(e.Negative, "-") + quote(e.Value) + " " + string(e.From) + when(e.To != "", " TO "+string(e.To))
}

// dataType returns the text of a type.
func dataType(t ast.DataType) string {
	switch t := t.(type) {
	case *ast.GenericType:
		if len(t.Arguments) == 0 {
			return identifier(t.Name)
		}
		return identifier(t.Name) + "(" + join(t.Arguments, ", ", typeArgument) + ")"
	case *ast.DateTimeType:
		text := "time"
		if t.Timestamp {
			text = "timestamp"
		}
		if t.Precision != nil {
			text += "(" + typeArgument(t.Precision) + ")"
		}
		return text + when(t.WithTimeZone, " with time zone")
	case *ast.IntervalType:
		return "INTERVAL " + string(t.From) + when(t.To != t.From, " TO "+string(t.To))
	case *ast.RowType:
		return "ROW(" + join(t.Fields, ", ", func(f *ast.RowTypeField) string { return named(f.Name, f.Type) }) + ")"
	}
	return unknown(t)
}

// named returns the text of [name] type.
func named(name *ast.Identifier, t ast.DataType) string {
	if name == nil {
		return dataType(t)
	}
	return identifier(name) + " " + dataType(t)
}

func typeArgument(a ast.TypeArgument) string {
	switch a := a.(type) {
	case *ast.NumericTypeArgument:
		return a.Value
	case *ast.TypeTypeArgument:
		return dataType(a.Type)
	}
	return unknown(a)
}
