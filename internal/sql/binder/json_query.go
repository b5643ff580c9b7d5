package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func (x *exprBinder) jsonQuery(e *ast.JSONQuery) (plan.Expr, error) {
	i, err := x.invocation(e, "JSON_QUERY", e.Path)
	if err != nil {
		return nil, err
	}
	how, err := jsonExtraction(e, e.ReturningFormat, e.Wrapper, e.Quotes, e.OnEmpty, e.OnError)
	if err != nil {
		return nil, err
	}
	out, err := i.call("$json_query", sqljson.Query{Invocation: i.Invocation, Extraction: how})
	if err != nil {
		return nil, err
	}
	return jsonOutput(e, out, e.Returning, e.ReturningFormat)
}

var queryBehaviors = map[ast.JSONQueryBehavior]sqljson.Behavior{
	ast.QueryError: sqljson.Error, ast.QueryNull: sqljson.Null, ast.QueryEmptyArray: sqljson.EmptyArray, ast.QueryEmptyObject: sqljson.EmptyObject,
}

// jsonExtraction describes what a JSON_QUERY, or a column of JSON_TABLE that is like one, makes of its items.
func jsonExtraction(n ast.Node, format ast.JSONFormat, wrapper ast.JSONWrapper, quotes ast.JSONQuotes, onEmpty, onError ast.JSONQueryBehavior) (sqljson.Extraction, error) {
	out := sqljson.Extraction{OmitQuotes: quotes == ast.QuotesOmit, Wide: bits[format] > 8, OnEmpty: queryBehaviors[onEmpty], OnError: queryBehaviors[onError]}
	word := ""
	switch wrapper {
	case ast.WrapperConditional:
		out.Wrapper, word = sqljson.Conditional, "CONDITIONAL"
	case ast.WrapperUnconditional:
		out.Wrapper, word = sqljson.Unconditional, "UNCONDITIONAL"
	}
	if word != "" && quotes != "" {
		return out, errAt(n, trinoerr.InvalidFunctionArgument, "%s QUOTES behavior specified with WITH %s ARRAY WRAPPER behavior", quotes, word)
	}
	return out, nil
}

// jsonOutput makes JSON text what RETURNING says.
func jsonOutput(n ast.Node, text plan.Expr, returning ast.DataType, format ast.JSONFormat) (plan.Expr, error) {
	if format == "" {
		format = ast.FormatJSON
	}
	t := varcharType
	if returning != nil {
		var err error
		if t, err = dataType(n, returning); err != nil {
			return nil, err
		}
	}
	switch {
	case t.Kind == types.Varbinary:
		return hiddenCall("$encode_unicode", text, &plan.Const{Typ: bigint, Value: bits[format]})
	case format == ast.FormatJSON && (t.Kind == types.Varchar || t.Kind == types.Char):
		return coerce(text, t), nil
	}
	return nil, errAt(n, trinoerr.TypeMismatch, "Cannot output JSON value as %s using formatting %s", t, format)
}
