package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// connectorFunction finds a table function of a connector: catalog.schema.name, or schema.name in the session's catalog. ok is false when
// there is none.
func (b *binder) connectorFunction(n *ast.QualifiedName) (f tableFunction, ok bool, err error) {
	parts := lowerParts(n)
	catalog := strings.ToLower(b.env.Session.Catalog)
	if len(parts) == 3 {
		catalog, parts = parts[0], parts[1:]
		if _, err := b.catalog(n, catalog); err != nil {
			return f, false, err
		}
	}
	md, is := b.env.Catalogs.Metadata(catalog).(connector.TableFunctions)
	if !is {
		return f, false, nil
	}
	name := connector.SchemaTable{Schema: parts[0], Table: parts[1]}
	for _, c := range md.TableFunctions() {
		if c.Name == name {
			return callOf(catalog, c), true, nil
		}
	}
	return f, false, nil
}

// callOf is a connector's function as one of the binder.
func callOf(catalog string, c connector.TableFunction) tableFunction {
	var f tableFunction
	for _, a := range c.Arguments {
		f.parameters = append(f.parameters, tableParameter{name: a.Name, kind: scalarParameter, typ: a.Type, byDefault: a.Default, optional: !a.Required})
	}
	f.bind = func(b *binder, call *tableCall) (*relation, error) {
		args := make([]any, len(c.Arguments))
		for i, a := range c.Arguments {
			k, ok := fold(call.scalars[a.Name])
			if !ok {
				return nil, errAt(call.node, trinoerr.ExpressionNotConstant, "Argument %s of table function %s is not constant", a.Name, c.Name)
			}
			args[i] = k.Value
		}
		t, err := c.Table(b.ctx, args)
		switch {
		case err != nil:
			return nil, located(call.node, err)
		case t == nil:
			return nil, errAt(call.node, trinoerr.GenericInternalError, "The table function %s has made no table", c.Name)
		}
		rel := b.scan(objectName{catalog, t.Name}, t, nil)
		for _, sym := range rel.node.(*plan.Scan).Symbols { // of no table that has a name
			delete(b.origins, sym)
		}
		return rel, nil
	}
	return f
}
