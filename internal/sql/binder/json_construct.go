package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func (x *exprBinder) jsonObject(e *ast.JSONObject) (plan.Expr, error) {
	d := sqljson.Object{AbsentOnNull: e.AbsentOnNull, UniqueKeys: e.UniqueKeys, Wide: bits[e.ReturningFormat] > 8}
	var keys, values []plan.Expr
	for _, m := range e.Members {
		key, err := x.expr(m.Key)
		if err != nil {
			return nil, err
		}
		if k := key.Type().Kind; k != types.Varchar && k != types.Char {
			return nil, errAt(m.Key, trinoerr.InvalidFunctionArgument, "Invalid type of JSON object key: %s", key.Type())
		}
		if e.UniqueKeys && (m.Format != "" || isJSONFunction(m.Value)) {
			return nil, errAt(e, trinoerr.NotSupported,
				"WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input expression has FORMAT")
		}
		value, t, err := x.jsonItem(e, "JSON_OBJECT", "object value", m.Value, m.Format)
		if err != nil {
			return nil, err
		}
		d.Keys, d.Types = append(d.Keys, key.Type().String()), append(d.Types, t)
		keys, values = append(keys, asText(key)), append(values, value)
	}
	out, err := hiddenCall("$json_object", varcharConst(sqljson.Encode(d)), textList(keys), textList(values))
	if err != nil {
		return nil, err
	}
	return jsonOutput(e, out, e.Returning, e.ReturningFormat)
}

func (x *exprBinder) jsonArray(e *ast.JSONArray) (plan.Expr, error) {
	d := sqljson.Array{AbsentOnNull: !e.NullOnNull, Wide: bits[e.ReturningFormat] > 8}
	var elements []plan.Expr
	for _, el := range e.Elements {
		value, t, err := x.jsonItem(e, "JSON_ARRAY", "array element", el.Value, el.Format)
		if err != nil {
			return nil, err
		}
		d.Types, elements = append(d.Types, t), append(elements, value)
	}
	out, err := hiddenCall("$json_array", varcharConst(sqljson.Encode(d)), textList(elements))
	if err != nil {
		return nil, err
	}
	return jsonOutput(e, out, e.Returning, e.ReturningFormat)
}

// jsonItem binds a value that becomes a part of JSON: to its text and the name of the type that the text has, which is json
// for JSON. Values that JSON does not have become strings. n is the construct, what its part is called.
func (x *exprBinder) jsonItem(n ast.Node, name, what string, e ast.Expression, format ast.JSONFormat) (text plan.Expr, typ string, err error) {
	if _, ok := e.(*ast.Lambda); ok {
		return nil, "", errAt(e, trinoerr.NotSupported, "LambdaExpression is not supported as JSON %s", what)
	}
	if format == "" && isJSONFunction(e) {
		format = ast.FormatJSON
	}
	value, err := x.expr(e)
	if err != nil {
		return nil, "", err
	}
	t := value.Type()
	if format != "" {
		text, err = jsonInput(e, value, format)
		return text, types.Of(types.JSON).String(), err
	}
	switch {
	case t.Kind == types.Varbinary:
		return nil, "", errAt(e, trinoerr.NotSupported, "Unsupported type of value passed to %s function: %s", name, t)
	case isJSONScalar(t):
	case !castable(t, varcharType):
		return nil, "", errAt(n, trinoerr.NotSupported, "Unsupported type of value passed to %s function: %s", name, t)
	default:
		value = coerce(value, varcharType)
	}
	return asText(value), value.Type().String(), nil
}
