package binder

import (
	"slices"
	"sort"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// routineName completes the name of a stored function, which has to say catalog and schema.
func routineName(n ast.Node, q *ast.QualifiedName) (catalog, schema, name string, err error) {
	switch parts := lowerParts(q); len(parts) {
	case 1:
		return "", "", "", errAt(n, trinoerr.NotSupported, "Catalog and schema must be specified when function schema is not configured")
	case 3:
		return parts[0], parts[1], parts[2], nil
	}
	return "", "", "", errAt(n, trinoerr.NotSupported, "Function name must be unqualified or fully qualified with catalog and schema")
}

// typesOf joins types as what tells functions of a name apart.
func typesOf(ts []types.Type) string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = t.String()
	}
	return strings.Join(out, ",")
}

// createFunction binds CREATE FUNCTION.
func (b *binder) createFunction(s *ast.CreateFunction) (Bound, error) {
	catalog, schema, name, err := routineName(s, s.Specification.Name)
	if err != nil {
		return nil, err
	}
	r, err := newRoutine(s.Specification, name)
	if err != nil {
		return nil, err
	}
	r.path = b.env.Session.Path
	if err := b.analyzeRoutine(r); err != nil {
		return nil, err
	}
	var params []types.Type
	for _, p := range r.params {
		params = append(params, p.typ)
	}
	stored := connector.Routine{Schema: schema, Name: name, Signature: typesOf(params), Path: r.path,
		SQL: strings.TrimPrefix(format.Statement(&ast.CreateFunction{Specification: s.Specification}), "CREATE ")}
	if r.security != ast.SecurityInvoker {
		stored.Owner = b.env.Session.User
	}
	md := b.env.Catalogs.Metadata(catalog)
	if md == nil {
		return nil, trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' not found", catalog)
	}
	store, ok := md.(connector.Routines)
	if !ok {
		return nil, cannot("creating functions")
	}
	old, err := store.Routines(b.ctx, schema, name)
	if err != nil {
		return nil, located(s, err)
	}
	if !s.Replace && slices.ContainsFunc(old, func(o connector.Routine) bool { return o.Signature == stored.Signature }) {
		return nil, errAt(s, trinoerr.AlreadyExists, "Function already exists")
	}
	return &CreateFunction{catalog, stored, s.Replace}, nil
}

// dropFunction binds DROP FUNCTION.
func (b *binder) dropFunction(s *ast.DropFunction) (Bound, error) {
	catalog, schema, name, err := routineName(s, s.Name)
	if err != nil {
		return nil, err
	}
	var params []types.Type
	for _, p := range s.Parameters {
		t, err := types.Parse(typeText(p.Type))
		if err != nil {
			return nil, trinoerr.New(trinoerr.TypeNotFound, "Unknown type: %s", typeText(p.Type))
		}
		params = append(params, t)
	}
	signature := typesOf(params)
	if store, ok := b.env.Catalogs.Metadata(catalog).(connector.Routines); ok {
		list, err := store.Routines(b.ctx, schema, name)
		if err != nil {
			return nil, located(s, err)
		}
		if slices.ContainsFunc(list, func(r connector.Routine) bool { return r.Signature == signature }) {
			return &DropFunction{catalog, schema, name, signature}, nil
		}
	}
	if s.IfExists {
		return &Nothing{"DROP FUNCTION"}, nil
	}
	return nil, errAt(s, trinoerr.NotFound, "Function not found")
}

// showCreateFunction lists the statements that would create the functions of a name.
func (b *binder) showCreateFunction(s *ast.ShowCreate) (Bound, error) {
	catalog, schema, name, err := routineName(s, s.Name)
	if err != nil {
		return nil, err
	}
	if b.env.Catalogs.Metadata(catalog) == nil {
		return nil, trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' not found", catalog)
	}
	list, err := b.storedRoutines(catalog, schema, name)
	if err != nil {
		return nil, located(s, err)
	}
	if len(list) == 0 {
		return nil, errAt(s, trinoerr.NotFound, "Function not found")
	}
	var rows [][]any
	for _, r := range list {
		spec := *r.spec
		spec.Name = nameOf(catalog, schema, name)
		rows = append(rows, []any{strings.TrimSpace(format.Statement(&ast.CreateFunction{Specification: &spec}))})
	}
	return b.listing(fitted(textColumns("Create Function"), rows), rows), nil
}

// showFunctions lists the functions of the engine, or those stored in a schema.
func (b *binder) showFunctions(s *ast.ShowFunctions) (Bound, error) {
	var rows [][]any
	if s.Schema == nil {
		rows = builtinFunctions()
	} else {
		catalog, schema, err := b.schemaName(s, s.Schema)
		if err != nil {
			return nil, err
		}
		list, err := b.storedRoutines(catalog, schema, "")
		if err != nil {
			return nil, located(s, err)
		}
		for _, r := range list {
			rows = append(rows, []any{r.name, typeSignature(r.spec.Returns), strings.Join(r.written, ", "), functions.Scalar.String(), r.deterministic, r.comment})
		}
	}
	cols := textColumns("Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description")
	cols[4].typ = boolType
	cols = fitted(cols, rows)
	ok := like(s.Like)
	return b.listing(cols, slices.DeleteFunc(rows, func(row []any) bool { return !ok(row[0].(string)) })), nil
}

func builtinFunctions() (rows [][]any) {
	for _, f := range functions.All() {
		if f.Hidden {
			continue
		}
		args := f.Signature[strings.IndexByte(f.Signature, '(')+1 : len(f.Signature)-1]
		rows = append(rows, []any{f.Name, f.Returns, args, f.Kind.String(), !f.Nondeterministic, f.Doc})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i][0].(string) < rows[j][0].(string) })
	return rows
}
