package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// tableProperties evaluates WITH (…) of a table.
func (b *binder) tableProperties(md connector.Metadata, catalog string, props []*ast.Property) (map[string]any, error) {
	var known []connector.Property
	if d, ok := md.(connector.PropertyDescriber); ok {
		known = d.TableProperties()
	}
	return b.properties(known, catalog, "table", trinoerr.InvalidTableProperty, props)
}

// columnProperties evaluates WITH (…) of a column. Only those that are given count: the others say nothing.
func (b *binder) columnProperties(md connector.Metadata, catalog string, props []*ast.Property) (map[string]any, error) {
	if len(props) == 0 {
		return nil, nil
	}
	var known []connector.Property
	if d, ok := md.(connector.ColumnDescriber); ok {
		known = d.ColumnProperties()
	}
	return b.properties(known, catalog, "column", trinoerr.InvalidColumnProperty, props)
}

// schemaProperties evaluates WITH (…) of a schema.
func (b *binder) schemaProperties(md connector.Metadata, catalog string, props []*ast.Property) (map[string]any, error) {
	var known []connector.Property
	if d, ok := md.(connector.PropertyDescriber); ok {
		known = d.SchemaProperties()
	}
	return b.properties(known, catalog, "schema", trinoerr.InvalidSchemaProperty, props)
}

// properties evaluates a list of properties and adds the defaults of those that are not given.
func (b *binder) properties(known []connector.Property, catalog, kind string, code *trinoerr.Code, props []*ast.Property) (map[string]any, error) {
	given, err := b.givenProperties(known, catalog, kind, code, props)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, p := range known {
		if p.Default != nil {
			out[p.Name] = p.Default
		}
	}
	for name, v := range given {
		if v != nil {
			out[name] = v
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// givenProperties evaluates a list of properties; DEFAULT is nil.
func (b *binder) givenProperties(known []connector.Property, catalog, kind string, code *trinoerr.Code, props []*ast.Property) (map[string]any, error) {
	out := map[string]any{}
	for _, p := range props {
		name := lower(p.Name)
		if _, seen := out[name]; seen {
			return nil, errAt(p, trinoerr.DuplicateProperty, "Duplicate property: %s", name)
		}
		i := slices.IndexFunc(known, func(k connector.Property) bool { return k.Name == name })
		if i < 0 {
			return nil, errAt(p, code, "Catalog '%s' %s property '%s' does not exist", catalog, kind, name)
		}
		out[name] = nil
		if p.Value == nil {
			continue
		}
		v, err := b.propertyValue(p.Value, known[i].Type)
		switch {
		case err != nil && trinoerr.CodeOf(err) == trinoerr.TypeMismatch:
			return nil, errAt(p, code, "Invalid value for catalog '%s' %s property '%s': Cannot convert [%s] to %s",
				catalog, kind, name, exprText(p.Value), known[i].Type)
		case err != nil:
			return nil, errAt(p, code, "Invalid value for catalog '%s' %s property '%s': %s", catalog, kind, name, trinoerr.From(err).Msg)
		case v == nil:
			return nil, errAt(p, code, "Invalid null value for catalog '%s' %s property '%s' from [%s]", catalog, kind, name, exprText(p.Value))
		case known[i].Check != nil:
			if err := known[i].Check(v); err != nil {
				return nil, errAt(p, code, "Unable to set catalog '%s' %s property '%s' to [%s]: %s",
					catalog, kind, name, exprText(p.Value), trinoerr.From(err).Msg)
			}
		}
		out[name] = v
	}
	return out, nil
}

// propertyValue evaluates a constant of the type of a property, as connectors want it: string, bool, int64, float64,
// []string, or [][]*string.
func (b *binder) propertyValue(e ast.Expression, t types.Type) (any, error) {
	c, err := b.constant(e, t)
	if err != nil {
		return nil, err
	}
	if list, ok := c.Value.([]any); ok {
		if len(t.Args) == 1 && t.Elem(0).Kind == types.Array {
			return nestedTexts(list), nil
		}
		out := make([]string, len(list))
		for i, v := range list {
			out[i], _ = v.(string)
		}
		return out, nil
	}
	return c.Value, nil
}

// nestedTexts is an array of arrays of texts; nil is a NULL in one.
func nestedTexts(list []any) [][]*string {
	out := make([][]*string, len(list))
	for i, v := range list {
		inner, _ := v.([]any)
		out[i] = make([]*string, len(inner))
		for j, e := range inner {
			if text, ok := e.(string); ok {
				out[i][j] = &text
			}
		}
	}
	return out
}

// constant evaluates an expression that must be constant, as a value of a type.
func (b *binder) constant(e ast.Expression, t types.Type) (*plan.Const, error) {
	x := &exprBinder{b: b, scope: &scope{}}
	bound, err := x.expr(e)
	if err != nil {
		return nil, err
	}
	if !types.CanCoerce(bound.Type(), t) {
		return nil, errAt(e, trinoerr.TypeMismatch, "Cannot cast type %s to %s", bound.Type(), t)
	}
	if c, ok := fold(coerce(bound, t)); ok {
		return c, nil
	}
	return nil, errAt(e, trinoerr.ExpressionNotConstant, "Constant expression cannot contain column references or functions: %s", exprText(e))
}

// fold evaluates the few forms that constants of statements have: literals, arrays of them, signs, and casts between numbers
// and between strings.
func fold(e plan.Expr) (*plan.Const, bool) {
	switch e := e.(type) {
	case *plan.Const:
		return e, true
	case *plan.MakeArray:
		list := make([]any, len(e.Elems))
		for i, el := range e.Elems {
			c, ok := fold(el)
			if !ok {
				return nil, false
			}
			list[i] = c.Value
		}
		return &plan.Const{Typ: e.Typ, Value: list}, true
	case *plan.Call:
		if e.Name != "concat" {
			return foldArithmetic(e)
		}
		var text strings.Builder
		for _, a := range e.Args {
			c, ok := fold(a)
			if !ok {
				return nil, false
			}
			s, ok := c.Value.(string)
			if !ok {
				return nil, false
			}
			text.WriteString(s)
		}
		return &plan.Const{Typ: e.Typ, Value: text.String()}, true
	case *plan.Cast:
		c, ok := fold(e.Arg)
		if !ok {
			return nil, false
		}
		return foldCast(c, e.Typ)
	}
	return nil, false
}

// foldArithmetic evaluates + and - of integers, within the range of an integer.
func foldArithmetic(e *plan.Call) (*plan.Const, bool) {
	if e.Name != "$add" && e.Name != "$subtract" || !e.Typ.Integral() {
		return nil, false
	}
	var operands [2]int64
	for i, a := range e.Args {
		c, ok := fold(a)
		if !ok {
			return nil, false
		}
		if c.Value == nil {
			return &plan.Const{Typ: e.Typ}, true
		}
		if operands[i], ok = c.Value.(int64); !ok {
			return nil, false
		}
	}
	if e.Name == "$subtract" {
		operands[1] = -operands[1]
	}
	sum := operands[0] + operands[1]
	if sum < minInteger || sum > maxInteger {
		return nil, false
	}
	return &plan.Const{Typ: e.Typ, Value: sum}, true
}

// foldCast converts a constant. Zones do not matter for what statements have as constants.
func foldCast(c *plan.Const, t types.Type) (*plan.Const, bool) {
	if c.Value == nil {
		return &plan.Const{Typ: t}, true
	}
	v, ok := types.Cast(c.Value, c.Typ, t, types.UTC)
	return &plan.Const{Typ: t, Value: v}, ok
}
