package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// routine is a function written in SQL. A call becomes the expression that its body computes (see routine_body.go), so that
// nothing past the binder knows of routines.
type routine struct {
	spec *ast.FunctionSpecification
	// name is how messages show it, written are the types of the parameters and signature is all of these.
	name, signature string
	written         []string
	params          []parameter
	returns         types.Type
	nullOnNull      bool
	deterministic   bool
	comment         string
	security        ast.SecurityMode
	// stored is the full name of one that a connector keeps: its errors have no place in the statement. Its body finds functions
	// along path.
	stored string
	path   string
	// scope are the functions that its body sees before others; nil for a stored one.
	scope *routineScope
}

// parameter is a parameter of a routine.
type parameter struct {
	name string
	typ  types.Type
}

// routineScope is a list of functions that a statement declares, the last one first.
type routineScope struct {
	parent  *routineScope
	routine *routine
}

// declareRoutines binds WITH FUNCTION: each function sees itself and those before it.
func (b *binder) declareRoutines(specs []*ast.FunctionSpecification) error {
	for _, spec := range specs {
		if len(spec.Name.Parts) > 1 {
			return errAt(spec, trinoerr.SyntaxError, "Inline function names cannot be qualified: %s", strings.Join(lowerParts(spec.Name), "."))
		}
		r, err := newRoutine(spec, strings.Join(lowerParts(spec.Name), "."))
		if err != nil {
			return err
		}
		for _, c := range spec.Characteristics {
			if _, ok := c.(*ast.SecurityCharacteristic); ok {
				return errAt(c, trinoerr.NotSupported, "Security mode not supported for inline functions")
			}
		}
		r.path = b.env.Session.Path
		b.routines = &routineScope{b.routines, r}
		r.scope = b.routines
		if err := b.analyzeRoutine(r); err != nil {
			return err
		}
	}
	return nil
}

// newRoutine reads a function's declaration.
func newRoutine(spec *ast.FunctionSpecification, name string) (*routine, error) {
	r := &routine{spec: spec, name: name, deterministic: true}
	if err := r.characteristics(); err != nil {
		return nil, err
	}
	var err error
	if r.returns, err = routineType(spec.Returns); err != nil {
		return nil, err
	}
	for _, p := range spec.Parameters {
		if p.Name == nil {
			return nil, errAt(p, trinoerr.InvalidArguments, "Function parameters must have a name")
		}
		name := lower(p.Name)
		if slices.ContainsFunc(r.params, func(q parameter) bool { return q.name == name }) {
			return nil, errAt(p, trinoerr.InvalidArguments, "Duplicate function parameter name: %s", name)
		}
		t, err := routineType(p.Type)
		if err != nil {
			return nil, errAt(p, trinoerr.TypeMismatch, "Unknown type: %s", typeText(p.Type))
		}
		r.params = append(r.params, parameter{name, t})
		r.written = append(r.written, typeSignature(p.Type))
	}
	r.signature = strings.Join(r.written, ",")
	return r, r.checkBody()
}

// routineType resolves a type that a function's text names.
func routineType(d ast.DataType) (types.Type, error) {
	t, err := types.Parse(typeText(d))
	if err != nil {
		return t, errAt(d, trinoerr.TypeMismatch, "Unknown type: %s", typeText(d))
	}
	return t, nil
}

// typeSignature writes a type as Trino's signatures of functions do: as it was written, in lower case.
func typeSignature(d ast.DataType) string {
	switch d := d.(type) {
	case *ast.RowType:
		fields := make([]string, len(d.Fields))
		for i, f := range d.Fields {
			fields[i] = typeSignature(f.Type)
			if f.Name != nil {
				fields[i] = `"` + f.Name.Value + `" ` + fields[i]
			}
		}
		return "row(" + strings.Join(fields, ",") + ")"
	case *ast.GenericType:
		if len(d.Arguments) == 0 {
			break
		}
		args := make([]string, len(d.Arguments))
		for i, a := range d.Arguments {
			switch a := a.(type) {
			case *ast.NumericTypeArgument:
				args[i] = a.Value
			case *ast.TypeTypeArgument:
				args[i] = typeSignature(a.Type)
			}
		}
		return lower(d.Name) + "(" + strings.Join(args, ",") + ")"
	}
	return strings.ToLower(typeText(d))
}

// characteristics reads what stands between the result's type and the body.
func (r *routine) characteristics() error {
	seen := map[string]bool{}
	language := "SQL"
	for _, c := range r.spec.Characteristics {
		var kind string
		switch c := c.(type) {
		case *ast.LanguageCharacteristic:
			kind, language = "language", strings.ToUpper(c.Language.Value)
			if language != "SQL" && r.spec.Definition != nil {
				return errAt(c.Language, trinoerr.NotSupported, "Unsupported function language: %s", language)
			}
		case *ast.DeterministicCharacteristic:
			kind, r.deterministic = "deterministic", c.Deterministic
		case *ast.NullInputCharacteristic:
			kind, r.nullOnNull = "null-call", !c.Called
		case *ast.SecurityCharacteristic:
			kind, r.security = "security", c.Security
		case *ast.CommentCharacteristic:
			kind, r.comment = "comment", c.Comment.Value
		case *ast.PropertiesCharacteristic:
			kind = "properties"
		}
		if seen[kind] {
			return errAt(c, trinoerr.SyntaxError, "Multiple %s clauses specified", kind)
		}
		seen[kind] = true
	}
	switch {
	case r.spec.Definition != nil:
		return errAt(r.spec.Definition, trinoerr.SyntaxError, "Functions using language 'SQL' must be defined using SQL")
	case language != "SQL":
		return errAt(r.spec.Body, trinoerr.SyntaxError, "Only functions using language 'SQL' may be defined using SQL")
	}
	for _, c := range r.spec.Characteristics {
		if p, ok := c.(*ast.PropertiesCharacteristic); ok {
			return errAt(p.Properties[0], trinoerr.InvalidFunctionProperty, "Function language 'SQL' does not support properties")
		}
	}
	return nil
}

// checkBody checks what a body must be: RETURN, or BEGIN with a RETURN at its end.
func (r *routine) checkBody() error {
	switch body := r.spec.Body.(type) {
	case *ast.Return:
		return nil
	case *ast.Compound:
		if n := len(body.Statements); n > 0 {
			if _, ok := body.Statements[n-1].(*ast.Return); ok {
				return nil
			}
		}
		return errAt(body, trinoerr.MissingReturn, "Function must end in a RETURN statement")
	}
	return errAt(r.spec.Body, trinoerr.SyntaxError, "Function body must start with RETURN or BEGIN")
}

// analyzeRoutine checks a function by binding its body for arguments of its types.
func (b *binder) analyzeRoutine(r *routine) error {
	if err := noQueries(r.spec.Body); err != nil {
		return err
	}
	args := make([]plan.Expr, len(r.params))
	for i, p := range r.params {
		args[i] = &plan.Ref{Sym: b.syms.New(p.name, p.typ)}
	}
	body, err := b.inline(r, args)
	if err != nil {
		return err
	}
	switch pure := deterministic(body); {
	case r.deterministic && !pure:
		return errAt(r.spec, trinoerr.InvalidArguments, "Non-deterministic function declared DETERMINISTIC")
	case !r.deterministic && pure:
		return errAt(r.spec, trinoerr.InvalidArguments, "Deterministic function declared NOT DETERMINISTIC")
	}
	return nil
}

// noQueries refuses queries and parameters in a function's body.
func noQueries(body ast.Node) error {
	var failed error
	ast.Walk(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.SubqueryExpression, *ast.Exists, *ast.InSubquery, *ast.QuantifiedComparison:
			failed = errAt(n, trinoerr.NotSupported, "Queries are not allowed in functions")
		case *ast.Parameter:
			failed = errAt(n, trinoerr.InvalidParameterUsage, "Query takes no parameters")
		}
		return failed == nil
	})
	return failed
}

// deterministic reports whether an expression gives the same for the same columns.
func deterministic(e plan.Expr) bool {
	pure := true
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, ok := e.(*plan.Call); ok {
			if f := functions.Lookup(c.Variant); f != nil && f.Nondeterministic {
				pure = false
			}
		}
		return pure
	})
	return pure
}
