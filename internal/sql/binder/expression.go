package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

var (
	boolType    = types.Of(types.Boolean)
	bigint      = types.Of(types.BigInt)
	integer     = types.Of(types.Integer)
	double      = types.Of(types.Double)
	varcharType = types.Of(types.Varchar)
	unknownType = types.Of(types.Unknown)
)

// exprBinder binds expressions that see one scope. Where aggregates or window functions may be called, it collects them
// and puts the symbols of their results in their places.
type exprBinder struct {
	b     *binder
	scope *scope
	// group is nil where aggregates and grouping() may not be called; windows likewise.
	group   *grouping
	windows *windowCalls
	// inAggregate is the name of the aggregate function whose arguments are being bound.
	inAggregate string
	inWindow    bool
	// windowMatches takes the row patterns of windows while one of them is bound; pattern is set in MEASURES and DEFINE.
	windowMatches *[]*match
	pattern       *patternScope
}

// expr binds an expression.
func (x *exprBinder) expr(e ast.Expression) (plan.Expr, error) {
	switch e := e.(type) {
	case *ast.Identifier:
		return x.column(e)
	case *ast.Dereference:
		return x.dereference(e)
	case *ast.NullLiteral, *ast.BooleanLiteral, *ast.StringLiteral, *ast.BinaryLiteral, *ast.LongLiteral,
		*ast.DecimalLiteral, *ast.DoubleLiteral, *ast.GenericLiteral, *ast.IntervalLiteral:
		return x.b.literal(e)
	case *ast.Parameter:
		return x.parameter(e)
	case *ast.Subscript:
		return x.subscript(e)
	case *ast.DateTimeFunction:
		return x.b.dateTimeFunction(e)
	case *ast.SessionFunction:
		return x.b.sessionFunction(e)
	case *ast.ArithmeticUnary:
		return x.unary(e)
	case *ast.ArithmeticBinary:
		return x.operator(e, arithmeticFunctions[e.Op], e.Left, e.Right)
	case *ast.Comparison:
		return x.comparison(e)
	case *ast.Logical:
		return x.logical(e)
	case *ast.Not:
		arg, err := x.boolean(e.Value, "Value of logical NOT expression")
		return not(arg), err
	case *ast.Between:
		return x.between(e)
	case *ast.InList:
		return x.inList(e)
	case *ast.Like:
		return x.like(e)
	case *ast.IsNull:
		arg, err := x.expr(e.Value)
		if err != nil {
			return nil, err
		}
		if e.Negated {
			return &plan.Not{Arg: &plan.IsNull{Arg: arg}}, nil
		}
		return &plan.IsNull{Arg: arg}, nil
	case *ast.AtTimeZone:
		return x.atTimeZone(e)
	case *ast.SubqueryExpression:
		return x.known(e, func() (plan.Expr, error) { return x.scalarSubquery(e) })
	case *ast.Exists:
		return x.known(e, func() (plan.Expr, error) { return x.exists(e) })
	case *ast.InSubquery:
		return x.known(e, func() (plan.Expr, error) { return x.inSubquery(e) })
	case *ast.QuantifiedComparison:
		return x.known(e, func() (plan.Expr, error) { return x.quantified(e) })
	case *ast.Row:
		return x.row(e)
	case *ast.Array:
		return x.array(e)
	case *ast.Lambda:
		return nil, errAt(e, trinoerr.TypeMismatch, "Lambda expression should always be used inside a function")
	case *ast.SimpleCase, *ast.SearchedCase, *ast.If, *ast.NullIf, *ast.Coalesce, *ast.Try:
		return x.conditional(e)
	case *ast.Cast:
		return x.cast(e)
	case *ast.Trim:
		return x.trim(e)
	case *ast.Extract:
		return x.extract(e)
	case *ast.GroupingOperation:
		return x.groupingOperation(e)
	case *ast.FunctionCall:
		return x.functionCall(e)
	case *ast.ListAgg:
		return x.listAgg(e)
	case *ast.WindowMeasure:
		return x.windowMeasure(e)
	case *ast.JSONExists, *ast.JSONValue, *ast.JSONQuery, *ast.JSONObject, *ast.JSONArray:
		return x.json(e)
	case *ast.AllRows:
		return nil, errAt(e, trinoerr.SyntaxError, "ALL is not an expression")
	}
	return nil, unsupported(e, "Expression")
}

// exprs binds a list.
func (x *exprBinder) exprs(es []ast.Expression) ([]plan.Expr, error) {
	out := make([]plan.Expr, len(es))
	for i, e := range es {
		var err error
		if out[i], err = x.expr(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// boolean binds a condition; what names it in the message.
func (x *exprBinder) boolean(e ast.Expression, what string) (plan.Expr, error) {
	arg, err := x.expr(e)
	if err != nil {
		return nil, err
	}
	if k := arg.Type().Kind; k != types.Boolean && k != types.Unknown {
		return nil, errAt(e, trinoerr.TypeMismatch, "%s must evaluate to a boolean (actual: %s)", what, arg.Type())
	}
	return coerce(arg, boolType), nil
}

// clause binds the condition of a clause of a query, which may be of unknown type only as NULL.
func (x *exprBinder) clause(e ast.Expression, name string) (plan.Expr, error) {
	arg, err := x.expr(e)
	if err != nil {
		return nil, err
	}
	if k := arg.Type().Kind; k != types.Boolean && k != types.Unknown {
		return nil, errAt(e, trinoerr.TypeMismatch, "%s must evaluate to a boolean: actual type %s", name, arg.Type())
	}
	return coerce(arg, boolType), nil
}

// column binds a plain name.
func (x *exprBinder) column(e *ast.Identifier) (plan.Expr, error) {
	f, found, err := x.scope.resolve(e, []string{lower(e)})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, missingColumn(e, lower(e))
	}
	if x.pattern != nil && x.pattern.source[f.sym] {
		return x.patternColumn(f, ""), nil
	}
	x.noteOuter(e, f)
	return &plan.Ref{Sym: f.sym}, nil
}

// noteOuter remembers where a column of an outer query is named.
func (x *exprBinder) noteOuter(e ast.Expression, f *field) {
	for s := x.scope; s != nil; s = s.parent {
		if slices.Contains(s.fields, f) {
			return
		}
		if s.boundary {
			break
		}
	}
	x.b.outerRefs[f.sym] = e
}

func missingColumn(n ast.Node, name string) error {
	return errAt(n, trinoerr.ColumnNotFound, "Column '%s' cannot be resolved", name)
}

// dereference binds a.b: a column with its relation's name, or a field of a row.
func (x *exprBinder) dereference(e *ast.Dereference) (plan.Expr, error) {
	parts, isName := dotted(e)
	variable, prefixed := x.variableOf(e)
	if _, ok := e.Base.(*ast.Identifier); ok && prefixed {
		return x.labelled(e, variable)
	}
	if isName && !prefixed {
		f, found, err := x.scope.resolve(e, parts)
		if err != nil {
			return nil, err
		}
		if found {
			if x.pattern != nil && x.pattern.source[f.sym] {
				return x.patternColumn(f, ""), nil
			}
			x.noteOuter(e, f)
			return &plan.Ref{Sym: f.sym}, nil
		}
		if !x.scope.startsWithColumn(parts) {
			return nil, missingColumn(e, strings.Join(parts, "."))
		}
	}
	row, err := x.expr(e.Base)
	if err != nil {
		return nil, err
	}
	if row.Type().Kind != types.Row {
		return nil, errAt(e.Base, trinoerr.TypeMismatch, "Expression %s is not of type ROW", exprText(e.Base))
	}
	hit := -1
	for i, f := range row.Type().Args {
		if !strings.EqualFold(f.Name, e.Field.Value) {
			continue
		}
		if hit >= 0 {
			return nil, errAt(e.Field, trinoerr.AmbiguousName, "Ambiguous row field reference: %s", e.Field.Value)
		}
		hit = i
	}
	if hit < 0 {
		if !isName {
			return nil, errAt(e, trinoerr.InvalidColumnReference, "Column reference '%s' is invalid", lower(e.Field))
		}
		return nil, errAt(e, trinoerr.InvalidColumnReference, "Column reference '%s' is invalid", strings.Join(parts, "."))
	}
	return &plan.Field{Row: row, Index: hit, Typ: row.Type().Elem(hit)}, nil
}

// subscript binds base[index].
func (x *exprBinder) subscript(e *ast.Subscript) (plan.Expr, error) {
	base, err := x.expr(e.Base)
	if err != nil {
		return nil, err
	}
	if base.Type().Kind != types.Row {
		return x.operator(e, "$subscript", e.Base, e.Index)
	}
	index, ok := e.Index.(*ast.LongLiteral)
	if !ok {
		return nil, errAt(e.Index, trinoerr.ExpressionNotConstant, "Subscript expression on ROW requires a constant index")
	}
	n := len(base.Type().Args)
	switch {
	case index.Value <= 0:
		return nil, errAt(e.Index, trinoerr.InvalidFunctionArgument,
			"Invalid subscript index: %d. ROW indices start at 1", index.Value)
	case index.Value > int64(n):
		return nil, errAt(e.Index, trinoerr.InvalidFunctionArgument,
			"Subscript index out of bounds: %d, max value is %d", index.Value, n)
	}
	i := int(index.Value - 1)
	return &plan.Field{Row: base, Index: i, Typ: base.Type().Elem(i)}, nil
}

// row binds a row constructor. Its fields have no names.
func (x *exprBinder) row(e *ast.Row) (plan.Expr, error) {
	items, err := x.exprs(e.Items)
	if err != nil {
		return nil, err
	}
	return makeRow(items), nil
}

func makeRow(items []plan.Expr) plan.Expr {
	t := types.RowOf()
	for _, f := range items {
		t.Args = append(t.Args, types.Field{Type: f.Type()})
	}
	return &plan.MakeRow{Fields: items, Typ: t}
}

// array binds ARRAY[…].
func (x *exprBinder) array(e *ast.Array) (plan.Expr, error) {
	items, t, err := x.sameType(e.Items, "All ARRAY elements")
	if err != nil {
		return nil, err
	}
	return &plan.MakeArray{Elems: items, Typ: types.ArrayOf(t)}, nil
}

// sameType binds expressions and coerces them to their common type. what is the subject of the message for those that have
// none.
func (x *exprBinder) sameType(es []ast.Expression, what string) ([]plan.Expr, types.Type, error) {
	items, err := x.exprs(es)
	if err != nil {
		return nil, types.Type{}, err
	}
	nodes := make([]ast.Node, len(es))
	for i, e := range es {
		nodes[i] = e
	}
	t, err := unify(nodes, items, what)
	return items, t, err
}

// unify coerces bound expressions, in place, to their common type.
func unify(nodes []ast.Node, items []plan.Expr, what string) (types.Type, error) {
	super := unknownType
	for i, item := range items {
		common, ok := types.CommonSuperType(super, item.Type())
		if !ok {
			return super, errAt(nodes[i], trinoerr.TypeMismatch,
				"%s must be the same type or coercible to a common type. Cannot find common type between %s and %s, all types (without duplicates): [%s]",
				what, super, item.Type(), distinctTypes(items))
		}
		super = common
	}
	for i, item := range items {
		items[i] = coerce(item, super)
	}
	return super, nil
}

func distinctTypes(items []plan.Expr) string {
	var names []string
	seen := map[string]bool{}
	for _, e := range items {
		if n := e.Type().String(); !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

func not(e plan.Expr) plan.Expr {
	if e == nil {
		return nil
	}
	if c, ok := e.(*plan.Compare); ok && c.Op == plan.DistinctFrom {
		return &plan.Compare{Op: plan.NotDistinctFrom, Left: c.Left, Right: c.Right}
	}
	return &plan.Not{Arg: e}
}
