package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const executeUpdate = "ALTER TABLE EXECUTE"

// tableExecute binds ALTER TABLE … EXECUTE: to something that the coordinator does, or to a query that reads rows and writes them anew.
func (b *binder) tableExecute(s *ast.TableExecute) (Bound, error) {
	o, err := b.at(s, s.Table)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aView:
		return nil, errAt(s, trinoerr.NotSupported, "ALTER TABLE EXECUTE is not supported for views")
	case o.md == nil:
		return nil, errAt(s, trinoerr.CatalogNotFound, "Catalog '%s' not found", o.catalog)
	case o.kind == noObject:
		return nil, b.noTable(s.Table, o.md, o.objectName)
	}
	p, err := tableProcedure(o.md, canonical(s.Procedure))
	if err != nil {
		return nil, err
	}
	where, err := b.procedureFilter(s, o, p)
	if err != nil {
		return nil, err
	}
	args, err := b.procedureArguments(s, o.catalog, p)
	if err != nil {
		return nil, err
	}
	if p.Rewrite == nil {
		return &ExecuteProcedure{TableRef: TableRef{o.catalog, o.table}, Procedure: p, Arguments: args, Where: where}, nil
	}
	return b.rewrite(s, o, p, args, where)
}

func tableProcedure(md connector.Metadata, name string) (*connector.TableProcedure, error) {
	if c, ok := md.(connector.TableProcedures); ok {
		for _, p := range c.TableProcedures() {
			if p.Name == name {
				return &p, nil
			}
		}
	}
	return nil, trinoerr.New(trinoerr.ProcedureNotFound, "Table procedure not registered: %s", name)
}

// procedureFilter is the WHERE of a procedure as a constraint that says just the same.
func (b *binder) procedureFilter(s *ast.TableExecute, o objectAt, p *connector.TableProcedure) ([]connector.Domain, error) {
	if s.Where == nil {
		return nil, nil
	}
	if !p.Filtered {
		return nil, errAt(s, trinoerr.NotSupported, "WHERE not supported for procedure %s", p.Name)
	}
	rel := b.scan(o.objectName, o.table, lowerParts(s.Table))
	x := &exprBinder{b: b, scope: &scope{fields: rel.fields}}
	cond, err := x.condition(s.Where, "WHERE clause")
	if err != nil {
		return nil, err
	}
	where, ok := exactConstraint(&plan.Filter{Source: rel.node, Pred: cond}, rel.fields)
	if !ok {
		return nil, errAt(s.Where, trinoerr.NotSupported, "Procedure %s cannot be limited to rows with: %s", p.Name, exprText(s.Where))
	}
	return where, nil
}

// procedureArguments evaluates the arguments of a procedure, given by name or by position.
func (b *binder) procedureArguments(s *ast.TableExecute, catalog string, p *connector.TableProcedure) (map[string]any, error) {
	isNamed := func(a *ast.CallArgument) bool { return a.Name != nil }
	named := slices.ContainsFunc(s.Arguments, isNamed)
	if named && slices.ContainsFunc(s.Arguments, func(a *ast.CallArgument) bool { return a.Name == nil }) {
		return nil, errAt(s, trinoerr.InvalidArguments, "Named and positional arguments cannot be mixed")
	}
	if !named && len(s.Arguments) > len(p.Arguments) {
		return nil, errAt(s, trinoerr.InvalidArguments, "Too many positional arguments")
	}
	var props []*ast.Property
	seen := map[string]bool{}
	for i, a := range s.Arguments {
		prop := &ast.Property{Location: a.Location, Name: a.Name, Value: a.Value}
		if !named {
			prop.Name = &ast.Identifier{Location: a.Location, Value: p.Arguments[i].Name, Delimited: true}
		}
		name := lower(prop.Name)
		if seen[name] {
			return nil, errAt(a, trinoerr.DuplicateProperty, "Duplicate named argument: %s", name)
		}
		seen[name] = true
		props = append(props, prop)
	}
	return b.properties(p.Arguments, catalog, "table procedure '"+p.Name+"'", trinoerr.InvalidProcedureArgument, props)
}

// rewrite makes the plan of a procedure that reads rows and writes them anew.
func (b *binder) rewrite(s *ast.TableExecute, o objectAt, p *connector.TableProcedure, args map[string]any, where []connector.Domain) (Bound, error) {
	t, err := p.Rewrite(b.ctx, o.table, args, where)
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return &Nothing{executeUpdate}, nil
	}
	w := &plan.Write{Rows: b.syms.New("rows", bigint),
		Target: plan.WriteTarget{Catalog: o.catalog, Table: t, Procedure: p.Name}}
	rel := b.scan(objectName{o.catalog, t.Name}, t, nil)
	scan := rel.node.(*plan.Scan)
	kept := *scan
	kept.Symbols, kept.Table.Columns = nil, nil
	for i, c := range t.Columns {
		if !c.Hidden {
			kept.Table.Columns, kept.Symbols = append(kept.Table.Columns, c), append(kept.Symbols, scan.Symbols[i])
		}
	}
	w.Source, w.Columns = &kept, kept.Symbols
	out := &plan.Output{Source: w, Names: []string{"rows"}, Symbols: []*plan.Symbol{w.Rows}}
	return &Query{Plan: out, Update: executeUpdate, Write: &w.Target}, nil
}
