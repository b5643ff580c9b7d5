package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// relation binds an element of FROM.
func (b *binder) relation(r ast.Relation, outer *scope) (*relation, error) {
	switch r := r.(type) {
	case *ast.Table:
		return b.table(r)
	case *ast.AliasedRelation:
		return b.aliased(r, outer)
	case *ast.TableSubquery:
		return b.query(r.Query, outer, true)
	case *ast.Lateral:
		return b.query(r.Query, outer, true)
	case *ast.Values:
		return b.values(r, outer)
	case *ast.Join:
		return b.join(r, outer)
	case *ast.Unnest:
		return b.unnest(r, nil, outer, false)
	case *ast.SampledRelation:
		return b.sampled(r, outer)
	case *ast.QuerySpecification:
		return b.querySpec(r, outer, true)
	case *ast.SetOperation:
		return b.setOperation(r, outer)
	case *ast.TableFunction:
		return b.tableFunction(r, outer)
	case *ast.PatternRecognition:
		return b.patternRecognition(r, outer)
	case *ast.JSONTable:
		return b.jsonTable(r, nil, outer, false)
	}
	return nil, unsupported(r, "Relation")
}

// table binds a named table: a common table expression, a view or a table of a connector.
func (b *binder) table(t *ast.Table) (*relation, error) {
	if len(t.Name.Parts) == 1 {
		if rel, ok, err := b.cteReference(t); ok || err != nil {
			return rel, err
		}
	}
	name, err := b.object(t, t.Name)
	if err != nil {
		e := trinoerr.From(err)
		if e.Code == trinoerr.SyntaxError {
			return nil, trinoerr.New(e.Code, "%s", e.Msg)
		}
		return nil, err
	}
	md, err := b.catalog(t, name.catalog)
	if err != nil {
		return nil, err
	}
	if name.Schema == informationSchema && t.Period == nil {
		if rel, err := b.informationSchema(t, name); rel != nil || err != nil {
			return rel, err
		}
	}
	view, err := b.viewOf(md, name.SchemaTable)
	if err != nil {
		return nil, located(t, err)
	}
	if view != nil {
		return b.viewRelation(t, name, view)
	}
	var tab *connector.Table
	if t.Period != nil {
		if tab, err = b.versionOf(t.Period, md, name); err != nil {
			return nil, err
		}
	} else {
		tab, err = b.lookup(md, name)
	}
	if err != nil {
		return nil, located(t, err)
	}
	if tab == nil {
		return nil, b.noTable(t, md, name)
	}
	return b.scan(name, tab, lowerParts(t.Name)), nil
}

// lookup returns a table, nil when there is none.
func (b *binder) lookup(md connector.Metadata, name objectName) (*connector.Table, error) {
	return md.Table(b.ctx, name.SchemaTable)
}

// noTable is the error for a name that means no table.
func (b *binder) noTable(n ast.Node, md connector.Metadata, name objectName) error {
	exists, err := b.schemaExists(md, name.Schema)
	if err != nil {
		return err
	}
	if !exists {
		return errAt(n, trinoerr.SchemaNotFound, "Schema '%s' does not exist", name.Schema)
	}
	return errAt(n, trinoerr.TableNotFound, "Table '%s' does not exist", name)
}

// scan reads all columns of a table; unused ones are pruned later.
func (b *binder) scan(name objectName, t *connector.Table, alias []string) *relation {
	n := &plan.Scan{Catalog: name.catalog, Table: connector.Scan{Table: t.Name, Handle: t.Handle, Columns: t.Columns}}
	rel := &relation{node: n}
	for _, c := range t.Columns {
		sym := b.syms.New(c.Name, c.Type)
		n.Symbols = append(n.Symbols, sym)
		b.origins[sym] = origin{name, c.Name}
		rel.fields = append(rel.fields, &field{relation: alias, name: c.Name, hidden: c.Hidden, sym: sym})
	}
	return rel
}

// aliased binds relation AS alias (columns). Hidden columns are lost where columns are renamed.
func (b *binder) aliased(r *ast.AliasedRelation, outer *scope) (*relation, error) {
	rel, err := b.relation(r.Relation, outer)
	if err != nil {
		return nil, err
	}
	if _, ok := r.Relation.(*ast.TableFunction); ok && r.Columns != nil {
		if n := len(rel.visible()); n != len(r.Columns) {
			return nil, errAt(r, trinoerr.MismatchedColumnAliases,
				"Column alias list has %d entries but table function has %d proper columns", len(r.Columns), n)
		}
		if rel, err = rename(r, rel); err != nil {
			return nil, err
		}
		for i, c := range r.Columns {
			rel.fields[i].name = canonical(c)
		}
		return rel, nil
	}
	return rename(r, rel)
}

func rename(r *ast.AliasedRelation, rel *relation) (*relation, error) {
	fields := rel.fields
	if r.Columns != nil {
		if fields = rel.visible(); len(fields) != len(r.Columns) {
			return nil, errAt(r, trinoerr.MismatchedColumnAliases,
				"Column alias list has %d entries but '%s' has %d columns available", len(r.Columns), r.Alias.Value, len(fields))
		}
	}
	out := &relation{node: rel.node}
	alias := []string{lower(r.Alias)}
	for i, f := range fields {
		g := &field{relation: alias, name: f.name, hidden: f.hidden, sym: f.sym}
		if r.Columns != nil {
			g.name, g.aliased = r.Columns[i].Value, true
		}
		out.fields = append(out.fields, g)
	}
	return out, nil
}

// values binds VALUES.
func (b *binder) values(v *ast.Values, outer *scope) (*relation, error) {
	x := &exprBinder{b: b, scope: &scope{parent: outer, boundary: true}}
	rows := make([]plan.Expr, len(v.Rows))
	for i, r := range v.Rows {
		e, err := x.scalar(r, "VALUES")
		if err != nil {
			return nil, err
		}
		if e.Type().Kind != types.Row {
			e = makeRow([]plan.Expr{e})
		}
		rows[i] = e
	}
	width := len(rows[0].Type().Args)
	common := rows[0].Type()
	for _, r := range rows {
		if n := len(r.Type().Args); n != width {
			return nil, errAt(v, trinoerr.TypeMismatch, "Values rows have mismatched sizes: %d vs %d", width, n)
		}
		t, ok := types.CommonSuperType(r.Type(), common)
		if !ok {
			return nil, errAt(v, trinoerr.TypeMismatch, "Values rows have mismatched types: %s vs %s", rows[0].Type(), r.Type())
		}
		common = t
	}
	n := &plan.Values{}
	rel := &relation{node: n}
	for _, f := range common.Args {
		sym := b.syms.New("field", f.Type)
		n.Symbols = append(n.Symbols, sym)
		rel.fields = append(rel.fields, &field{sym: sym})
	}
	for _, r := range rows {
		n.Rows = append(n.Rows, rowFields(r, common))
	}
	return rel, nil
}

// rowFields takes a row apart and coerces its fields.
func rowFields(r plan.Expr, t types.Type) []plan.Expr {
	out := make([]plan.Expr, len(t.Args))
	for i, f := range t.Args {
		if m, ok := r.(*plan.MakeRow); ok {
			out[i] = coerce(m.Fields[i], f.Type)
		} else {
			out[i] = coerce(&plan.Field{Row: r, Index: i, Typ: r.Type().Elem(i)}, f.Type)
		}
	}
	return out
}

// sampled binds TABLESAMPLE.
func (b *binder) sampled(r *ast.SampledRelation, outer *scope) (*relation, error) {
	rel, err := b.relation(r.Relation, outer)
	if err != nil {
		return nil, err
	}
	x := &exprBinder{b: b, scope: &scope{}}
	percent, err := x.expr(r.Percentage)
	if err != nil {
		return nil, err
	}
	if isNullConst(percent) {
		return nil, errAt(r.Percentage, trinoerr.InvalidArguments, "Sample percentage cannot be NULL")
	}
	if !percent.Type().Numeric() {
		return nil, errAt(r.Percentage, trinoerr.TypeMismatch, "Sample percentage should be a numeric expression")
	}
	if c, ok := percent.(*plan.Const); ok && c.Value != nil {
		switch v := asFloat(c); {
		case v < 0:
			return nil, errAt(r.Percentage, trinoerr.NumericValueOutOfRange, "Sample percentage must be greater than or equal to 0")
		case v > 100:
			return nil, errAt(r.Percentage, trinoerr.NumericValueOutOfRange, "Sample percentage must be less than or equal to 100")
		}
	}
	node := &plan.Sample{Source: rel.node, System: r.Method == ast.System, Percent: coerce(percent, double)}
	return &relation{node: node, fields: rel.fields}, nil
}

func isNullConst(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Value == nil
}

// asFloat reads a numeric constant.
func asFloat(c *plan.Const) float64 {
	switch v := c.Value.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case float32:
		return float64(v)
	case types.Int128:
		f, _ := v.Big().Float64()
		for range c.Typ.S {
			f /= 10
		}
		return f
	}
	return 0
}
