package format

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// relation writes a relation or the body of a query. The bodies end with a line break.
func (p *printer) relation(r ast.Relation, indent int) {
	switch r := r.(type) {
	case *ast.QuerySpecification:
		p.querySpecification(r, indent)
	case *ast.SetOperation:
		p.setOperation(r, indent)
	case *ast.Values:
		p.put(" VALUES \n")
		for i, row := range r.Rows {
			p.line(indent, when(i == 0, "  "), when(i > 0, ", "), expression(row), "\n")
		}
	case *ast.TableSubquery:
		p.subquery(r.Query, indent)
	case *ast.Table:
		p.put(Name(r.Name))
		if r.Period != nil {
			p.put(" FOR ", string(r.Period.Type), " AS OF ", operand(r.Period.End))
		}
	case *ast.AliasedRelation:
		p.nested(r.Relation, indent)
		p.put(" ", alias(r.Alias), columnAliases(r.Columns))
	case *ast.SampledRelation:
		p.nested(r.Relation, indent)
		p.put(" TABLESAMPLE ", string(r.Method), " (", expression(r.Percentage), ")")
	case *ast.Join:
		p.join(r, indent)
	case *ast.Unnest:
		p.put("UNNEST(", expressions(r.Expressions), ")", when(r.WithOrdinality, " WITH ORDINALITY"))
	case *ast.Lateral:
		p.line(indent, "LATERAL (")
		p.query(r.Query, indent+1)
		p.line(indent, ")")
	case *ast.TableFunction:
		p.tableFunction(r, indent)
	case *ast.PatternRecognition:
		p.patternRecognition(r, indent)
	case *ast.JSONTable:
		p.jsonTable(r, indent)
	default:
		unknown(r)
	}
}

// body writes the body of a query.
func (p *printer) body(b ast.QueryBody, indent int) {
	if t, ok := b.(*ast.Table); ok {
		p.put("TABLE ", Name(t.Name), "\n")
		return
	}
	p.relation(b, indent)
}

func (p *printer) setOperation(s *ast.SetOperation, indent int) {
	p.body(s.Left, indent)
	p.put(string(s.Op), " ", when(!s.Distinct, "ALL "))
	if c := s.Corresponding; c != nil {
		p.put("CORRESPONDING ", when(len(c.Columns) > 0, "BY ("+identifiers(c.Columns)+") "))
	}
	p.body(s.Right, indent)
}

// nested writes a relation that something follows: one that something follows already is put into parentheses.
func (p *printer) nested(r ast.Relation, indent int) {
	switch r.(type) {
	case *ast.AliasedRelation, *ast.SampledRelation, *ast.PatternRecognition:
		p.put("( ")
		p.relation(r, indent+1)
		p.line(indent, ")")
	default:
		p.relation(r, indent)
	}
}

func (p *printer) join(j *ast.Join, indent int) {
	if j.Type == ast.ImplicitJoin {
		p.relation(j.Left, indent)
		p.put("\n")
		p.line(indent, ", ")
		p.relation(j.Right, indent)
		return
	}
	p.put("(")
	p.relation(j.Left, indent)
	p.put("\n")
	p.line(indent)
	if _, ok := j.Criteria.(*ast.NaturalJoin); ok {
		p.put("NATURAL ")
	}
	p.put(string(j.Type), " JOIN ")
	p.relation(j.Right, indent)
	switch c := j.Criteria.(type) {
	case *ast.JoinOn:
		p.put(" ON ", expression(c.Condition))
	case *ast.JoinUsing:
		p.put(" USING (", identifiers(c.Columns), ")")
	}
	p.put(")")
}

// tableFunction writes TABLE(name(argument, …)).
func (p *printer) tableFunction(f *ast.TableFunction, indent int) {
	p.put("TABLE(", Name(f.Name), "(")
	for i, a := range f.Arguments {
		p.put(when(i > 0, ","), "\n")
		p.line(indent+2, after("", a.Name, identifier), when(a.Name != nil, " => "))
		p.tableFunctionArgument(a.Value, indent+2)
	}
	if len(f.Copartitions) > 0 {
		p.put("\n")
		p.line(indent+2, "COPARTITION ", join(f.Copartitions, ", ", func(names []*ast.QualifiedName) string {
			return "(" + join(names, ", ", Name) + ")"
		}))
	}
	p.put("))")
}

func (p *printer) tableFunctionArgument(n ast.Node, indent int) {
	switch n := n.(type) {
	case *ast.TableArgument:
		p.tableArgument(n, indent)
	case *ast.Descriptor:
		if n.Fields == nil {
			p.put("CAST (NULL AS DESCRIPTOR)")
			return
		}
		p.put("DESCRIPTOR(", join(n.Fields, ", ", func(f *ast.DescriptorField) string {
			if f.Type == nil {
				return identifier(f.Name)
			}
			return named(f.Name, f.Type)
		}), ")")
	case ast.Expression:
		p.put(expression(n))
	default:
		unknown(n)
	}
}

func (p *printer) tableArgument(t *ast.TableArgument, indent int) {
	r := t.Relation
	a, aliased := r.(*ast.AliasedRelation)
	if aliased {
		r = a.Relation
	}
	p.put("TABLE(")
	switch r := r.(type) {
	case *ast.Table:
		p.put(Name(r.Name))
	case *ast.TableSubquery:
		p.query(r.Query, indent+1)
	default:
		unknown(r)
	}
	p.put(")")
	if aliased {
		p.put(" AS ", identifier(a.Alias), columnAliases(a.Columns))
	}
	if t.Partitioned {
		p.put("\n")
		p.line(indent+1, "PARTITION BY ", partition(t.PartitionBy))
	}
	if t.Empty != "" {
		p.put("\n")
		p.line(indent+1, string(t.Empty))
	}
	if t.OrderBy != nil {
		p.put("\n")
		if len(t.OrderBy.Items) == 1 {
			p.line(indent+1, orderBy(t.OrderBy))
		} else {
			p.line(indent+1, "ORDER BY (", sortItems(t.OrderBy), ")")
		}
	}
}

// partition returns the text after PARTITION BY of a table argument.
func partition(list []ast.Expression) string {
	if len(list) == 1 {
		return operand(list[0])
	}
	return "(" + expressions(list) + ")"
}
