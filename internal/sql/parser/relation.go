package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// relation reads an element of a FROM clause with its joins.
func (p *parser) relation() ast.Relation {
	p.enter(2)
	defer p.leave(2)
	return p.joins(p.sampledRelation(nil))
}

// relationFrom reads the rest of a relation that begins with what has been read.
func (p *parser) relationFrom(first ast.Relation) ast.Relation {
	p.enter(2)
	defer p.leave(2)
	return p.joins(p.sampledRelation(first))
}

// joins reads the joins after their left side.
func (p *parser) joins(left ast.Relation) ast.Relation {
	at := ast.Location(left.Pos())
	for height := 1; ; height++ {
		p.bound(p.depth + height)
		switch {
		case p.accept("CROSS"):
			p.want("JOIN")
			left = &ast.Join{Location: at, Type: ast.CrossJoin, Left: left, Right: p.sampledRelation(nil)}
		case p.is("NATURAL"):
			natural := &ast.NaturalJoin{Location: p.loc()}
			p.advance()
			j := &ast.Join{Location: at, Type: p.joinType(), Left: left, Criteria: natural}
			p.want("JOIN")
			j.Right = p.sampledRelation(nil)
			left = j
		case p.isAny("JOIN", "INNER", "LEFT", "RIGHT", "FULL"):
			j := &ast.Join{Location: at, Type: p.joinType(), Left: left}
			p.want("JOIN")
			j.Right = p.relation()
			j.Criteria = p.joinCriteria()
			left = j
		default:
			return left
		}
	}
}

// joinType reads [INNER | LEFT|RIGHT|FULL [OUTER]].
func (p *parser) joinType() ast.JoinType {
	k := p.acceptAny("INNER", "LEFT", "RIGHT", "FULL")
	switch k {
	case "LEFT", "RIGHT", "FULL":
		p.accept("OUTER")
		return ast.JoinType(k)
	}
	p.note("JOIN")
	return ast.InnerJoin
}

func (p *parser) joinCriteria() ast.JoinCriteria {
	at := p.loc()
	if p.wantAny("ON", "USING") == "ON" {
		return &ast.JoinOn{Location: at, Condition: p.expression()}
	}
	return &ast.JoinUsing{Location: at, Columns: p.identifiers()}
}

// sampledRelation reads a relation with what may follow it but joins. If first is not nil it has been read already.
func (p *parser) sampledRelation(first ast.Relation) ast.Relation {
	at := p.loc()
	if first != nil {
		at = ast.Location(first.Pos())
	} else {
		first = p.relationPrimary()
	}
	r := p.patternRecognition(p.aliased(at, first))
	if p.is("TABLESAMPLE") {
		s := &ast.SampledRelation{Location: at, Relation: r}
		p.advance()
		s.Method = ast.SampleMethod(p.wantAny("BERNOULLI", "SYSTEM"))
		p.want("(")
		s.Percentage = p.expression()
		p.want(")")
		return s
	}
	return r
}

// aliased reads [[AS] alias [(column, …)]] after r.
func (p *parser) aliased(at ast.Location, r ast.Relation) ast.Relation {
	if !p.accept("AS") && !p.isAlias() {
		return r
	}
	a := &ast.AliasedRelation{Location: at, Relation: r, Alias: p.identifier()}
	if p.is("(") {
		a.Columns = p.identifiers()
	}
	return a
}

// relationPrimary reads a table, a query, a table function or a relation in parentheses.
func (p *parser) relationPrimary() ast.Relation {
	p.note("(", "JSON_TABLE", "LATERAL", "TABLE", "UNNEST")
	at := p.loc()
	switch p.kind() {
	case "(":
		p.advance()
		q, r := p.queryOrRelation()
		p.want(")")
		if q != nil {
			return &ast.TableSubquery{Location: at, Query: q}
		}
		return r
	case "UNNEST":
		p.advance()
		u := &ast.Unnest{Location: at, Expressions: parens(p, p.expression)}
		u.WithOrdinality = p.acceptAll("WITH", "ORDINALITY")
		return u
	case "LATERAL":
		if p.ahead(1).kind == "(" {
			p.advance()
			return &ast.Lateral{Location: at, Query: p.parenthesizedQuery()}
		}
	case "TABLE":
		p.wantAll("TABLE", "(")
		f := p.tableFunction(at)
		p.want(")")
		return f
	case "JSON_TABLE":
		return p.jsonTable()
	}
	t := &ast.Table{Location: at, Name: p.qualifiedName()}
	if p.is("FOR") {
		t.Period = p.queryPeriod()
	}
	return t
}

func (p *parser) queryPeriod() *ast.QueryPeriod {
	q := &ast.QueryPeriod{Location: p.loc()}
	p.want("FOR")
	q.Type = ast.QueryPeriodType(p.wantAny("TIMESTAMP", "VERSION"))
	p.wantAll("AS", "OF")
	q.End = p.valueExpression()
	return q
}

// queryOrRelation reads what stands between parentheses: exactly one of the results is set. An inner pair of parentheses
// leaves open what it is until after its end.
func (p *parser) queryOrRelation() (*ast.Query, ast.Relation) {
	p.note(ruleQuery)
	if isQueryStart(p.kind()) && !(p.kind() == "TABLE" && p.ahead(1).kind == "(") {
		return p.query(), nil
	}
	if p.kind() != "(" {
		return nil, p.relation()
	}
	p.enter(queryDepth)
	defer p.leave(queryDepth)
	at := p.loc()
	p.advance()
	q, r := p.queryOrRelation()
	p.want(")")
	if q == nil {
		return nil, p.relationFrom(r)
	}
	sub := &ast.TableSubquery{Location: at, Query: q}
	if q.With == nil && (p.kind() == ")" || p.isQueryContinuation() && (!p.tokens[p.at].name || p.startsClause())) {
		return p.queryFrom(sub), nil
	}
	return nil, p.relationFrom(sub)
}

// tableFunction reads name(argument, … [COPARTITION …]).
func (p *parser) tableFunction(at ast.Location) *ast.TableFunction {
	f := &ast.TableFunction{Location: at, Name: p.qualifiedName()}
	p.want("(")
	if !p.is(")") && !p.are("COPARTITION", "(") {
		f.Arguments = list(p, p.tableFunctionArgument)
	}
	if p.accept("COPARTITION") {
		f.Copartitions = list(p, func() []*ast.QualifiedName {
			p.want("(")
			names := []*ast.QualifiedName{p.qualifiedName()}
			p.want(",")
			names = append(names, list(p, p.qualifiedName)...)
			p.want(")")
			return names
		})
	}
	p.want(")")
	return f
}

func (p *parser) tableFunctionArgument() *ast.TableFunctionArgument {
	a := &ast.TableFunctionArgument{Location: p.loc()}
	if p.tokens[p.at].name && p.ahead(1).kind == "=>" {
		a.Name = p.identifier()
		p.want("=>")
	} else {
		p.note(ruleIdentifier)
	}
	switch p.note("TABLE", "DESCRIPTOR", "CAST"); {
	case p.kind() == "TABLE":
		a.Value = p.tableArgument()
	case p.kind() == "DESCRIPTOR" && p.ahead(1).kind == "(" && p.isDescriptor():
		d := &ast.Descriptor{Location: p.loc()}
		p.advance()
		d.Fields = parens(p, p.descriptorField)
		a.Value = d
	case p.kind() == "CAST" && p.ahead(2).kind == "NULL" && p.ahead(3).kind == "AS" && p.ahead(4).kind == "DESCRIPTOR":
		a.Value = &ast.Descriptor{Location: p.loc()}
		p.wantAll("CAST", "(", "NULL", "AS", "DESCRIPTOR", ")")
	default:
		a.Value = p.expression()
	}
	return a
}

// isDescriptor reports whether what stands between the parentheses after DESCRIPTOR can be the fields of one; if not it is
// a call of a function of that name.
func (p *parser) isDescriptor() bool {
	if !p.ahead(2).name {
		return false
	}
	after := p.ahead(3)
	return after.kind == "," || after.kind == ")" || after.name
}

func (p *parser) descriptorField() *ast.DescriptorField {
	f := &ast.DescriptorField{Location: p.loc(), Name: p.identifier()}
	if !p.isAny(",", ")") {
		f.Type = p.dataType()
	}
	return f
}

// tableArgument reads TABLE(…) with what may follow it as an argument.
func (p *parser) tableArgument() *ast.TableArgument {
	t := &ast.TableArgument{Location: p.loc()}
	at := p.loc()
	p.wantAll("TABLE", "(")
	if p.note(ruleQuery); isQueryStart(p.kind()) || p.kind() == "(" {
		t.Relation = &ast.TableSubquery{Location: at, Query: p.query()}
	} else {
		t.Relation = &ast.Table{Location: at, Name: p.qualifiedName()}
	}
	p.want(")")
	if p.kind() == "COPARTITION" && p.areNames(1) {
		failAt(p.loc(), `The word "COPARTITION" is ambiguous in this context. To alias an argument, precede the alias with "AS". `+
			"To specify co-partitioning, change the argument order so that the last argument cannot be aliased.")
	}
	t.Relation = p.aliased(at, t.Relation)
	if p.accept("PARTITION") {
		p.want("BY")
		t.Partitioned = true
		t.PartitionBy = p.groupingSet()
	}
	if k := p.acceptAny("PRUNE", "KEEP"); k != "" {
		t.Empty = ast.EmptyTreatment(k + " WHEN EMPTY")
		p.wantAll("WHEN", "EMPTY")
	}
	if p.isOrderBy() {
		t.OrderBy = p.tableArgumentOrder()
	}
	return t
}

// areNames reports whether (name, …) stands n tokens ahead.
func (p *parser) areNames(n int) bool {
	if p.ahead(n).kind != "(" || !p.ahead(n+1).name {
		return false
	}
	for n += 2; p.ahead(n).kind == "," && p.ahead(n+1).name; n += 2 {
	}
	return p.ahead(n).kind == ")"
}

// tableArgumentOrder reads ORDER BY item or ORDER BY (item, …).
func (p *parser) tableArgumentOrder() *ast.OrderBy {
	o := &ast.OrderBy{Location: p.loc()}
	p.wantAll("ORDER", "BY")
	switch p.afterParentheses() {
	case ",", ")", "COPARTITION":
		o.Items = parens(p, p.sortItem)
		return o
	}
	o.Items = []*ast.SortItem{p.sortItem()}
	return o
}

// afterParentheses returns the kind of the token after the pair of parentheses that opens at the current token; "" if none
// does.
func (p *parser) afterParentheses() kind {
	for n, open := 0, 0; ; n++ {
		switch p.ahead(n).kind {
		case "(":
			open++
		case ")":
			open--
		case kindEOF:
			return ""
		}
		if open == 0 {
			if n == 0 {
				return ""
			}
			return p.ahead(n + 1).kind
		}
	}
}
