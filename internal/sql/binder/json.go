package binder

import (
	"errors"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// json binds the SQL/JSON constructs: calls of functions that take the document, a description of the construct (see
// package sqljson) and the texts of everything else.
func (x *exprBinder) json(e ast.Expression) (plan.Expr, error) {
	switch e := e.(type) {
	case *ast.JSONExists:
		return x.jsonExists(e)
	case *ast.JSONValue:
		return x.jsonValue(e)
	case *ast.JSONQuery:
		return x.jsonQuery(e)
	case *ast.JSONObject:
		return x.jsonObject(e)
	case *ast.JSONArray:
		return x.jsonArray(e)
	}
	return nil, unsupported(e, "SQL/JSON")
}

// invocation is a bound JSONPathInvocation.
type invocation struct {
	sqljson.Invocation
	document plan.Expr
	texts    []plan.Expr // of the parameters
	checked  checkedPath
}

// checkedPath is the type of what a path gives, if that is known.
type checkedPath struct {
	typ   types.Type
	known bool
}

// invocation binds what the construct of a name is applied to; n is the construct.
func (x *exprBinder) invocation(n ast.Node, name string, i *ast.JSONPathInvocation) (*invocation, error) {
	if _, isTable := n.(*ast.JSONTable); i.PathName != nil && !isTable {
		return nil, errAt(i.PathName, trinoerr.InvalidPath, "JSON path name is not allowed in %s function", name)
	}
	document, err := x.jsonDocument(i.Input, i.Format)
	if err != nil {
		return nil, err
	}
	out := &invocation{document: document}
	out.Path, out.Zone = i.Path.Value, types.Zone(x.b.env.Session.TimeZone)
	seen := map[string]bool{}
	var names []string
	for _, a := range i.Arguments {
		v, text, err := x.jsonParameter(n, a)
		if err != nil {
			return nil, err
		}
		if seen[v.Name] {
			return nil, errAt(a.Name, trinoerr.DuplicateParameterName, "%s JSON path parameter is specified more than once", v.Name)
		}
		seen[v.Name] = true
		names = append(names, v.Name)
		out.Variables, out.texts = append(out.Variables, v), append(out.texts, text)
	}
	out.checked, err = checkPath(i.Path, names)
	return out, err
}

// jsonDocument binds an expression that is read as JSON, to its text.
func (x *exprBinder) jsonDocument(e ast.Expression, format ast.JSONFormat) (plan.Expr, error) {
	input, err := x.expr(e)
	if err != nil {
		return nil, err
	}
	return jsonInput(e, input, format)
}

// bits are the widths of the units of encodings.
var bits = map[ast.JSONFormat]int64{ast.FormatJSON: 8, ast.FormatUTF8: 8, ast.FormatUTF16: 16, ast.FormatUTF32: 32}

func jsonInput(n ast.Node, input plan.Expr, format ast.JSONFormat) (plan.Expr, error) {
	switch k := input.Type().Kind; {
	case k == types.Unknown, k == types.Varchar && format == ast.FormatJSON:
		return coerce(input, varcharType), nil
	case k == types.Varbinary:
		return hiddenCall("$decode_unicode", input, &plan.Const{Typ: bigint, Value: bits[format]})
	}
	return nil, errAt(n, trinoerr.TypeMismatch, "Cannot read input of type %s as JSON using formatting %s", input.Type(), format)
}

// hiddenCall calls a function that statements cannot name.
func hiddenCall(name string, args ...plan.Expr) (plan.Expr, error) {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	r, err := functions.Resolve(name, ts)
	if err != nil {
		return nil, err
	}
	return applied(r, args), nil
}

// unparsedJSON is the text of a json_parse that is cast to a nested type: such a cast reads the text itself, so that
// duplicate keys and mistakes in it are failures of the cast.
func unparsedJSON(arg plan.Expr, t types.Type) (plan.Expr, error) {
	c, ok := arg.(*plan.Call)
	if ok && c.Name == "json_parse" && (t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Row) {
		return hiddenCall("$raw_json", c.Args[0])
	}
	return arg, nil
}

// isJSONFunction holds for the constructs whose text is JSON without being told so.
func isJSONFunction(e ast.Expression) bool {
	switch e.(type) {
	case *ast.JSONQuery, *ast.JSONObject, *ast.JSONArray:
		return true
	}
	return false
}

// jsonParameter binds a parameter of a path.
func (x *exprBinder) jsonParameter(n ast.Node, a *ast.JSONPathArgument) (v sqljson.Variable, text plan.Expr, err error) {
	v.Name = canonical(a.Name)
	if _, ok := a.Value.(*ast.Lambda); ok {
		return v, nil, errAt(a.Value, trinoerr.NotSupported, "LambdaExpression is not supported as JSON path parameter")
	}
	format := a.Format
	if format == "" && isJSONFunction(a.Value) {
		format = ast.FormatJSON
	}
	if format != "" {
		v.Type = types.Of(types.JSON).String()
		text, err = x.jsonDocument(a.Value, format)
		return v, text, err
	}
	value, err := x.expr(a.Value)
	if err != nil {
		return v, nil, err
	}
	t := value.Type()
	switch {
	case t.Kind == types.Varbinary:
		return v, nil, errAt(a.Value, trinoerr.NotSupported, "Unsupported type of JSON path parameter: %s", t)
	case isJSONScalar(t) || isDateTime(t):
	case !castable(t, varcharType):
		return v, nil, errAt(n, trinoerr.NotSupported, "Unsupported type of JSON path parameter: %s", t)
	default:
		value = coerce(value, varcharType)
	}
	v.Type = value.Type().String()
	return v, asText(value), nil
}

// asText casts a value to varchar. The text of a real would be rounded; that of the double is not.
func asText(e plan.Expr) plan.Expr {
	if e.Type().Kind == types.Real {
		e = coerce(e, double)
	}
	return coerce(e, varcharType)
}

// isJSONScalar holds for the SQL types whose values JSON has too.
func isJSONScalar(t types.Type) bool {
	return t.Numeric() || t.Kind == types.Boolean || t.Kind == types.Varchar || t.Kind == types.Char
}

func isDateTime(t types.Type) bool {
	switch t.Kind {
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return true
	}
	return false
}

// checkPath parses and checks a path. An error in its text is reported where it is within the statement.
func checkPath(path *ast.StringLiteral, parameters []string) (checkedPath, error) {
	p, err := jsonpath.Parse(path.Value)
	if err != nil {
		var syntax *jsonpath.SyntaxError
		if !errors.As(err, &syntax) {
			return checkedPath{}, err
		}
		at := path.Pos()
		if syntax.Line == 1 {
			at.Column += 1 + syntax.Column // one for the quote
		} else {
			at.Line, at.Column = at.Line+syntax.Line-1, syntax.Column+1
		}
		return checkedPath{}, trinoerr.At(at, trinoerr.SyntaxError, "%s", syntax.Msg)
	}
	c := jsonpath.Checker{Parameters: parameters, Resolve: func(name string, args []types.Type) (types.Type, error) {
		r, err := functions.Resolve(name, args)
		return r.Result, err
	}}
	t, known, err := c.Check(p)
	switch {
	case errors.Is(err, jsonpath.ErrUnsupported):
		return checkedPath{}, errAt(path, trinoerr.NotSupported, "%s", err)
	case err != nil:
		return checkedPath{}, errAt(path, trinoerr.InvalidPath, "%s", err)
	}
	return checkedPath{t, known}, nil
}

// textList makes the list of texts that a construct gets.
func textList(items []plan.Expr) plan.Expr {
	return &plan.MakeArray{Elems: items, Typ: types.ArrayOf(varcharType)}
}

// call applies a construct's function to the document.
func (i *invocation) call(function string, description any, more ...plan.Expr) (plan.Expr, error) {
	return hiddenCall(function, i.document, varcharConst(sqljson.Encode(description)), textList(append(i.texts, more...)))
}

func (x *exprBinder) jsonExists(e *ast.JSONExists) (plan.Expr, error) {
	i, err := x.invocation(e, "JSON_EXISTS", e.Path)
	if err != nil {
		return nil, err
	}
	behaviors := map[ast.JSONExistsError]sqljson.Behavior{
		ast.ExistsTrueOnError: sqljson.True, ast.ExistsFalseOnError: sqljson.False,
		ast.ExistsUnknownOnError: sqljson.Null, ast.ExistsErrorOnError: sqljson.Error,
	}
	return i.call("$json_exists", sqljson.Exists{Invocation: i.Invocation, OnError: behaviors[e.OnError]})
}
