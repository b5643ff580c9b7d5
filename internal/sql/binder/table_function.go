package binder

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// tableFunction is a function that makes a relation.
type tableFunction struct {
	parameters []tableParameter
	bind       func(*binder, *tableCall) (*relation, error)
}

// tableParameter is a parameter of a table function.
type tableParameter struct {
	name string // in upper case
	kind parameterKind
	// typ is what a scalar is coerced to; byDefault its value when it is left out, which one without must not be unless it is optional.
	typ       types.Type
	byDefault any
	optional  bool
}

// parameterKind says what a parameter takes.
type parameterKind string

// The kinds of parameters, as messages call them. Tables have row semantics: each row is handled by itself.
const (
	scalarParameter     parameterKind = "expression"
	tableParameterKind  parameterKind = "table"
	descriptorParameter parameterKind = "descriptor"
)

// tableCall is a call with its arguments by the names of the parameters.
type tableCall struct {
	node        *ast.TableFunction
	scalars     map[string]plan.Expr
	tables      map[string]*relation
	descriptors map[string]*ast.Descriptor
}

// tableFunctions are those of system.builtin.
var tableFunctions = map[string]tableFunction{
	"sequence": {
		parameters: []tableParameter{
			{name: "START", kind: scalarParameter, typ: bigint, byDefault: int64(0)},
			{name: "STOP", kind: scalarParameter, typ: bigint},
			{name: "STEP", kind: scalarParameter, typ: bigint, byDefault: int64(1)},
		},
		bind: (*binder).sequenceFunction,
	},
	"exclude_columns": {
		parameters: []tableParameter{
			{name: "INPUT", kind: tableParameterKind},
			{name: "COLUMNS", kind: descriptorParameter},
		},
		bind: (*binder).excludeColumns,
	},
}

// tableFunction binds TABLE(name(…)).
func (b *binder) tableFunction(r *ast.TableFunction, outer *scope) (*relation, error) {
	f, err := b.findTableFunction(r.Name)
	if err != nil {
		return nil, err
	}
	c := &tableCall{node: r, scalars: map[string]plan.Expr{}, tables: map[string]*relation{}, descriptors: map[string]*ast.Descriptor{}}
	given, err := matchArguments(r, f.parameters)
	if err != nil {
		return nil, err
	}
	for _, p := range f.parameters {
		if a := given[p.name]; a != nil {
			err = b.tableArgument(c, p, a, outer)
		} else if p.byDefault == nil && !p.optional {
			at := ast.Node(r.Name)
			if len(r.Arguments) > 0 {
				at = r.Arguments[0]
			}
			err = errAt(at, trinoerr.MissingArgument, "Missing argument: %s", p.name)
		} else {
			c.scalars[p.name] = &plan.Const{Typ: p.typ, Value: p.byDefault}
		}
		if err != nil {
			return nil, err
		}
	}
	if err := checkCopartitions(r); err != nil {
		return nil, err
	}
	return f.bind(b, c)
}

// findTableFunction resolves the name of a table function.
func (b *binder) findTableFunction(n *ast.QualifiedName) (tableFunction, error) {
	parts := lowerParts(n)
	name := strings.Join(parts, ".")
	switch len(parts) {
	case 1:
		if f, ok := tableFunctions[name]; ok {
			return f, nil
		}
	case 2, 3:
		if len(parts) == 3 && parts[0] == "system" && parts[1] == "builtin" {
			if f, ok := tableFunctions[parts[2]]; ok {
				return f, nil
			}
		}
		if f, ok, err := b.connectorFunction(n); ok || err != nil {
			return f, err
		}
	default:
		return tableFunction{}, trinoerr.New(trinoerr.FunctionNotFound, "Invalid function name: %s", name)
	}
	return tableFunction{}, errAt(n, trinoerr.FunctionNotFound, "Table function '%s' not registered", name)
}

// matchArguments gives arguments their parameters: all by position or all by name.
func matchArguments(r *ast.TableFunction, parameters []tableParameter) (map[string]*ast.TableFunctionArgument, error) {
	given := map[string]*ast.TableFunctionArgument{}
	if len(r.Arguments) > len(parameters) {
		return nil, errAt(r.Arguments[0], trinoerr.InvalidArguments,
			"Too many arguments. Expected at most %d arguments, got %d arguments", len(parameters), len(r.Arguments))
	}
	named := 0
	for _, a := range r.Arguments {
		if a.Name != nil {
			named++
		}
	}
	if named > 0 && named < len(r.Arguments) {
		return nil, errAt(r.Arguments[0], trinoerr.InvalidArguments, "All arguments must be passed by name or all must be passed positionally")
	}
	known := map[string]bool{}
	for i, p := range parameters {
		known[p.name] = true
		if named == 0 && i < len(r.Arguments) {
			given[p.name] = r.Arguments[i]
		}
	}
	if named == 0 {
		return given, nil
	}
	for _, a := range r.Arguments {
		name := canonical(a.Name)
		switch {
		case given[name] != nil:
			return nil, errAt(a, trinoerr.InvalidFunctionArgument, "Duplicate argument name: %s", name)
		case !known[name]:
			return nil, errAt(a, trinoerr.InvalidFunctionArgument, "Unexpected argument name: %s", name)
		}
		given[name] = a
	}
	return given, nil
}

// tableArgument binds an argument and puts it into the call.
func (b *binder) tableArgument(c *tableCall, p tableParameter, a *ast.TableFunctionArgument, outer *scope) error {
	invalid := func(n ast.Node, format string, args ...any) error {
		return errAt(n, trinoerr.InvalidFunctionArgument, "Invalid argument %s. %s", p.name, fmt.Sprintf(format, args...))
	}
	var kind parameterKind
	switch a.Value.(type) {
	case *ast.TableArgument:
		kind = tableParameterKind
	case *ast.Descriptor:
		kind = descriptorParameter
	default:
		kind = scalarParameter
	}
	if kind != p.kind {
		return invalid(a, "Expected %s, got %s", p.kind, kind)
	}
	switch v := a.Value.(type) {
	case *ast.TableArgument:
		switch {
		case v.Partitioned:
			return invalid(a, "Partitioning specified for table argument with row semantics")
		case v.OrderBy != nil:
			return invalid(a, "Ordering specified for table argument with row semantics")
		case v.Empty != "":
			return invalid(a, "Empty behavior specified for table argument with row semantics")
		}
		rel, err := b.relation(v.Relation, outer)
		c.tables[p.name] = rel
		return err
	case *ast.Descriptor:
		c.descriptors[p.name] = v
	case ast.Expression:
		e, err := b.scalarArgument(v, p.typ)
		c.scalars[p.name] = e
		return err
	}
	return nil
}

// scalarArgument binds a constant expression.
func (b *binder) scalarArgument(e ast.Expression, t types.Type) (plan.Expr, error) {
	if containsQuery(e) {
		return nil, errAt(e, trinoerr.ExpressionNotConstant, "Constant expression cannot contain a subquery")
	}
	x := &exprBinder{b: b, scope: &scope{}}
	bound, err := x.scalar(e, "Table function argument")
	if err != nil {
		return nil, err
	}
	if !types.CanCoerce(bound.Type(), t) {
		return nil, errAt(e, trinoerr.TypeMismatch, "Cannot cast type %s to %s", bound.Type(), t)
	}
	return coerce(bound, t), nil
}

// checkCopartitions refuses COPARTITION: no function here has partitioned tables.
func checkCopartitions(r *ast.TableFunction) error {
	if len(r.Copartitions) == 0 || len(r.Copartitions[0]) == 0 {
		return nil
	}
	n := r.Copartitions[0][0]
	name := strings.Join(lowerParts(n), ".")
	for _, a := range r.Arguments {
		if t, ok := a.Value.(*ast.TableArgument); ok && tableArgumentName(t.Relation) == name {
			return errAt(n, trinoerr.InvalidCopartitioning, "Table %s referenced in COPARTITION clause is not partitioned", name)
		}
	}
	return errAt(n, trinoerr.InvalidCopartitioning, "No table argument found for name: %s", name)
}

func tableArgumentName(r ast.Relation) string {
	switch r := r.(type) {
	case *ast.AliasedRelation:
		return lower(r.Alias)
	case *ast.Table:
		return strings.Join(lowerParts(r.Name), ".")
	}
	return ""
}

// sequenceFunction makes a row for each number. The numbers are made in blocks, so that no list of them is long.
func (b *binder) sequenceFunction(c *tableCall) (*relation, error) {
	values := &plan.Values{Rows: [][]plan.Expr{nil}}
	var args []plan.Expr
	for _, name := range []string{"START", "STOP", "STEP"} {
		sym := b.syms.New(strings.ToLower(name), bigint)
		values.Symbols = append(values.Symbols, sym)
		values.Rows[0] = append(values.Rows[0], c.scalars[name])
		args = append(args, &plan.Ref{Sym: sym})
	}
	blocks, err := call(c.node, "$sequence_blocks", args...)
	if err != nil {
		return nil, err
	}
	first := b.syms.New("first", bigint)
	numbers, err := call(c.node, "$sequence_block", append(args, &plan.Ref{Sym: first})...)
	if err != nil {
		return nil, err
	}
	number := b.syms.New("sequential_number", bigint)
	node := &plan.Unnest{
		Source: &plan.Unnest{Source: values, Cols: []plan.UnnestColumn{{Expr: blocks, Symbols: []*plan.Symbol{first}}}},
		Cols:   []plan.UnnestColumn{{Expr: numbers, Symbols: []*plan.Symbol{number}}},
	}
	return &relation{
		node:   &plan.Project{Source: node, Cols: []plan.Assignment{{Sym: number, Expr: &plan.Ref{Sym: number}}}},
		fields: []*field{{name: "sequential_number", sym: number}},
	}, nil
}

// excludeColumns passes all columns on but those of a descriptor.
func (b *binder) excludeColumns(c *tableCall) (*relation, error) {
	d, input := c.descriptors["COLUMNS"], c.tables["INPUT"]
	fail := func(format string, args ...any) (*relation, error) {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, format, args...)
	}
	if d.Fields == nil {
		return fail("COLUMNS descriptor is null")
	}
	excluded := map[string]bool{}
	for _, f := range d.Fields {
		if f.Type != nil {
			return fail("COLUMNS descriptor contains types")
		}
		excluded[lower(f.Name)] = true
	}
	out := &relation{node: input.node}
	present := map[string]bool{}
	for _, f := range input.visible() {
		name := strings.ToLower(f.name)
		present[name] = true
		if f.name == "" || !excluded[name] {
			out.fields = append(out.fields, &field{name: f.name, sym: f.sym})
		}
	}
	var missing []string
	for _, f := range d.Fields {
		if name := lower(f.Name); !present[name] {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) > 0:
		return fail("Excluded columns: [%s] not present in the table", strings.Join(missing, ", "))
	case len(out.fields) == 0:
		return fail("All columns are excluded")
	}
	return out, nil
}
