package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// parameterTypes are the types that DESCRIBE INPUT finds out, by parameter.
type parameterTypes struct{ types []types.Type }

func (p *parameterTypes) set(i int, t types.Type) {
	for len(p.types) <= i {
		p.types = append(p.types, unknownType)
	}
	p.types[i] = t
}

// unboundParameter stands for the value of a parameter that has none. What it is coerced to is its type.
type unboundParameter struct {
	index int
	types *parameterTypes
}

// parameterValue returns the value of a ?, as a tree.
func (b *binder) parameterValue(p *ast.Parameter) (ast.Expression, error) {
	if p.Index >= len(b.params) {
		return nil, errAt(p, trinoerr.InvalidParameterUsage, "No value provided for parameter")
	}
	return b.params[p.Index], nil
}

// parameter binds a ?: its value stands in its place.
func (x *exprBinder) parameter(p *ast.Parameter) (plan.Expr, error) {
	if d := x.b.describing; d != nil {
		if p.Index >= len(d.types) {
			d.set(p.Index, unknownType)
		}
		return &plan.Const{Typ: unknownType, Value: unboundParameter{p.Index, d}}, nil
	}
	value, err := x.b.parameterValue(p)
	if err != nil {
		return nil, err
	}
	// The value has no parameters of its own.
	params := x.b.params
	x.b.params = nil
	defer func() { x.b.params = params }()
	constants := &exprBinder{b: x.b, scope: &scope{}}
	return constants.expr(value)
}
