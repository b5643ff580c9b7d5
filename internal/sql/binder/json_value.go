package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func (x *exprBinder) jsonValue(e *ast.JSONValue) (plan.Expr, error) {
	i, err := x.invocation(e, "JSON_VALUE", e.Path)
	if err != nil {
		return nil, err
	}
	v, defaults, t, err := x.jsonValueSpec(e, e.Returning, i.checked, e.OnEmpty, e.OnError)
	if err != nil {
		return nil, err
	}
	v.Invocation = i.Invocation
	out, err := i.call("$json_value", v, defaults...)
	return coerce(out, t), err
}

var valueBehaviors = map[ast.JSONValueBehaviorKind]sqljson.Behavior{
	ast.ValueError: sqljson.Error, ast.ValueNull: sqljson.Null, ast.ValueDefault: sqljson.Default,
}

// jsonValueSpec describes a JSON_VALUE, or a column of JSON_TABLE that is like one: n. It returns the texts of the defaults
// and the type of the result.
func (x *exprBinder) jsonValueSpec(n ast.Node, returning ast.DataType, path checkedPath, onEmpty, onError *ast.JSONValueBehavior) (
	v sqljson.Value, defaults []plan.Expr, t types.Type, err error,
) {
	t = varcharType
	if returning != nil {
		if t, err = dataType(n, returning); err != nil {
			return v, nil, t, err
		}
	}
	if !isJSONScalar(t) && !isDateTime(t) {
		return v, nil, t, errAt(n, trinoerr.TypeMismatch, "Invalid return type of function JSON_VALUE: %s", typeText(returning))
	}
	if path.known && !castable(path.typ, t) {
		return v, nil, t, errAt(n, trinoerr.TypeMismatch,
			"Return type of JSON path: %s incompatible with return type of function JSON_VALUE: %s", path.typ, t)
	}
	v.Returning = t.String()
	v.OnEmpty, v.OnError = valueBehaviors[onEmpty.Kind], valueBehaviors[onError.Kind]
	for _, b := range []struct {
		*ast.JSONValueBehavior
		when string
	}{{onEmpty, "EMPTY"}, {onError, "ERROR"}} {
		text := plan.Expr(&plan.Const{Typ: varcharType})
		if b.Default != nil {
			value, err := x.expr(b.Default)
			if err != nil {
				return v, nil, t, err
			}
			if !types.CanCoerce(value.Type(), t) {
				return v, nil, t, errAt(b.Default, trinoerr.TypeMismatch,
					"Function JSON_VALUE default ON %s result must evaluate to a %s (actual: %s)", b.when, t, value.Type())
			}
			text = asText(coerce(value, t))
		}
		defaults = append(defaults, text)
	}
	return v, defaults, t, nil
}
