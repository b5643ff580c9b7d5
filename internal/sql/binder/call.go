package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// call binds CALL: it finds the procedure and puts the arguments, given by name or by position, into its order.
func (b *binder) call(s *ast.Call) (Bound, error) {
	name, err := b.object(s, s.Procedure)
	if err != nil {
		return nil, err
	}
	md := b.env.Catalogs.Metadata(name.catalog)
	if md == nil {
		return nil, errAt(s, trinoerr.CatalogNotFound, "Catalog '%s' not found", name.catalog)
	}
	procedure := findProcedure(md, name.SchemaTable)
	if procedure == nil {
		return nil, trinoerr.New(trinoerr.ProcedureNotFound, "Procedure not registered: %s", name.SchemaTable)
	}
	given, err := givenArguments(s, procedure)
	if err != nil {
		return nil, err
	}
	out := &Call{Catalog: name.catalog, Procedure: procedure}
	for i, a := range procedure.Arguments {
		value := a.Default
		if given[i] != nil {
			c, err := b.constant(given[i], a.Type)
			if err != nil {
				return nil, err
			}
			value = c.Value
		}
		out.Arguments = append(out.Arguments, value)
	}
	return out, nil
}

func findProcedure(md connector.Metadata, name connector.SchemaTable) *connector.Procedure {
	list, ok := md.(connector.Procedures)
	if !ok {
		return nil
	}
	for _, p := range list.Procedures() {
		if p.Name == name {
			return &p
		}
	}
	return nil
}

// canonical is an identifier as SQL compares it: in upper case unless it was quoted.
func canonical(name *ast.Identifier) string {
	if name.Delimited {
		return name.Value
	}
	return strings.ToUpper(name.Value)
}

// givenArguments are the arguments of a call in the procedure's order; nil where its default is wanted.
func givenArguments(s *ast.Call, procedure *connector.Procedure) ([]ast.Expression, error) {
	isNamed := func(a *ast.CallArgument) bool { return a.Name != nil }
	isPositional := func(a *ast.CallArgument) bool { return a.Name == nil }
	if slices.ContainsFunc(s.Arguments, isNamed) && slices.ContainsFunc(s.Arguments, isPositional) {
		return nil, errAt(s, trinoerr.InvalidArguments, "Named and positional arguments cannot be mixed")
	}
	given := make([]ast.Expression, len(procedure.Arguments))
	for i, a := range s.Arguments {
		if a.Name == nil {
			if i >= len(given) {
				return nil, errAt(s, trinoerr.InvalidArguments, "Too many arguments for procedure")
			}
			given[i] = a.Value
			continue
		}
		name := canonical(a.Name)
		at := slices.IndexFunc(procedure.Arguments, func(d connector.ProcedureArgument) bool { return d.Name == name })
		if at < 0 {
			return nil, errAt(a, trinoerr.InvalidArguments, "Unknown argument name: %s", name)
		}
		if given[at] != nil {
			return nil, errAt(a, trinoerr.InvalidArguments, "Duplicate procedure argument: %s", name)
		}
		given[at] = a.Value
	}
	for i, d := range procedure.Arguments {
		if d.Required && given[i] == nil {
			return nil, errAt(s, trinoerr.InvalidArguments, "Required procedure argument '%s' is missing", d.Name)
		}
	}
	return given, nil
}
