package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// rootQuery reads a query as a statement has it: with functions of its own.
func (p *parser) rootQuery() *ast.Query {
	at := p.loc()
	if !p.startsWithFunction() {
		return p.query()
	}
	p.want("WITH")
	functions := list(p, p.functionSpecification)
	q := p.query()
	q.Location, q.Functions = at, functions
	return q
}

// rootQueryWithSession reads a query that is a statement: also with session properties of its own.
func (p *parser) rootQueryWithSession() *ast.Query {
	at := p.loc()
	if p.kind() != "WITH" || p.ahead(1).kind != "SESSION" || p.ahead(2).kind == "AS" || p.ahead(2).kind == "(" {
		return p.rootQuery()
	}
	p.wantAll("WITH", "SESSION")
	session := list(p, func() *ast.SessionProperty {
		s := &ast.SessionProperty{Location: p.loc(), Name: p.qualifiedName()}
		p.want("=")
		s.Value = p.expression()
		return s
	})
	p.note("WITH")
	q := p.rootQuery()
	q.Location, q.Session = at, session
	return q
}

// startsWithFunction reports whether WITH FUNCTION stands here; function can be the name of a query too.
func (p *parser) startsWithFunction() bool {
	return p.kind() == "WITH" && p.ahead(1).kind == "FUNCTION" && p.ahead(2).name
}

// query reads [WITH …] and a query.
func (p *parser) query() *ast.Query {
	p.enter(queryDepth)
	defer p.leave(queryDepth)
	outer := p.begin(ruleQuery)
	defer p.end(outer)
	first := p.first
	p.first = false
	defer func() { p.first = first }()
	at := p.loc()
	var with *ast.With
	if p.is("WITH") {
		with = p.with()
	}
	q := p.queryNoWith()
	q.Location, q.With = at, with
	return q
}

// parenthesizedQuery reads ( query ).
func (p *parser) parenthesizedQuery() *ast.Query {
	p.want("(")
	q := p.query()
	p.want(")")
	return q
}

// with reads WITH [RECURSIVE] name [(columns)] AS (query), ….
func (p *parser) with() *ast.With {
	w := &ast.With{Location: p.loc()}
	p.want("WITH")
	if p.at == 1 {
		p.note("FUNCTION", "SESSION")
	}
	w.Recursive = p.accept("RECURSIVE")
	w.Queries = list(p, func() *ast.WithQuery {
		q := &ast.WithQuery{Location: p.loc(), Name: p.identifier()}
		if p.is("(") {
			q.Columns = p.identifiers()
		}
		p.want("AS")
		q.Query = p.parenthesizedQuery()
		return q
	})
	return w
}

// queryNoWith reads a query without WITH.
func (p *parser) queryNoWith() *ast.Query {
	return p.restOfQuery(p.loc(), p.queryTerm(nil))
}

// queryFrom reads the rest of a query whose first primary has been read.
func (p *parser) queryFrom(first ast.QueryBody) *ast.Query {
	return p.restOfQuery(ast.Location(first.Pos()), p.queryTerm(first))
}

// restOfQuery reads [ORDER BY …] [OFFSET …] [LIMIT …|FETCH …]. After a plain SELECT they are parts of it: they may name what
// it selects.
func (p *parser) restOfQuery(at ast.Location, body ast.QueryBody) *ast.Query {
	q := &ast.Query{Location: at, Body: body}
	if p.isOrderBy() {
		q.OrderBy = p.orderBy()
	}
	if p.is("OFFSET") {
		q.Offset = &ast.Offset{Location: p.loc()}
		p.advance()
		q.Offset.Count = p.rowCount()
		p.acceptAny("ROW", "ROWS")
	}
	switch {
	case p.is("LIMIT"):
		q.Limit = p.limit()
	case p.is("FETCH"):
		q.Limit = p.fetchFirst()
	}
	if s, ok := body.(*ast.QuerySpecification); ok {
		s.OrderBy, s.Offset, s.Limit = q.OrderBy, q.Offset, q.Limit
		q.OrderBy, q.Offset, q.Limit = nil, nil, nil
	}
	return q
}

func (p *parser) limit() ast.RowLimit {
	l := &ast.Limit{Location: p.loc()}
	p.want("LIMIT")
	at := p.loc()
	if p.accept("ALL") {
		l.Count = &ast.AllRows{Location: at}
	} else {
		l.Count = p.rowCount()
	}
	return l
}

func (p *parser) fetchFirst() ast.RowLimit {
	f := &ast.FetchFirst{Location: p.loc()}
	p.want("FETCH")
	p.wantAny("FIRST", "NEXT")
	if !p.isAny("ROW", "ROWS") {
		f.Count = p.rowCount()
	}
	p.wantAny("ROW", "ROWS")
	if p.wantAny("ONLY", "WITH") == "WITH" {
		p.want("TIES")
		f.WithTies = true
	}
	return f
}

// rowCount reads a number or a parameter.
func (p *parser) rowCount() ast.Expression {
	at := p.loc()
	if p.accept("?") {
		return p.parameter(at)
	}
	return p.integerLiteral()
}

func (p *parser) isOrderBy() bool { return p.is("ORDER") }

// orderBy reads ORDER BY item, ….
func (p *parser) orderBy() *ast.OrderBy {
	o := &ast.OrderBy{Location: p.loc()}
	p.wantAll("ORDER", "BY")
	o.Items = list(p, p.sortItem)
	return o
}

func (p *parser) sortItem() *ast.SortItem {
	s := &ast.SortItem{Location: p.loc(), Key: p.expression()}
	s.Descending = p.acceptAny("ASC", "DESC") == "DESC"
	if p.accept("NULLS") {
		s.Nulls = ast.NullOrdering(p.wantAny("FIRST", "LAST"))
	}
	return s
}

// queryTerm reads queries joined by UNION and EXCEPT. If first is not nil it has been read already.
func (p *parser) queryTerm(first ast.QueryBody) ast.QueryBody {
	return p.setOperations(first, p.intersectTerm, "EXCEPT", "UNION")
}

// intersectTerm reads queries joined by INTERSECT, which binds tighter.
func (p *parser) intersectTerm(first ast.QueryBody) ast.QueryBody {
	return p.setOperations(first, func(first ast.QueryBody) ast.QueryBody {
		if first != nil {
			return first
		}
		return p.queryPrimary()
	}, "INTERSECT")
}

func (p *parser) setOperations(first ast.QueryBody, operand func(ast.QueryBody) ast.QueryBody, ops ...kind) ast.QueryBody {
	left := operand(first)
	for height := 1; p.isAny(ops...); height++ {
		p.bound(p.depth + height)
		s := &ast.SetOperation{Location: p.loc(), Op: ast.SetOp(p.advance().kind), Left: left}
		s.Distinct = p.acceptAny("ALL", "DISTINCT") != "ALL"
		if p.is("CORRESPONDING") {
			s.Corresponding = p.corresponding()
		}
		s.Right = operand(nil)
		left = s
	}
	return left
}

func (p *parser) corresponding() *ast.Corresponding {
	c := &ast.Corresponding{Location: p.loc()}
	p.want("CORRESPONDING")
	if p.accept("BY") {
		c.Columns = p.identifiers()
	}
	return c
}

// queryPrimary reads SELECT, TABLE, VALUES or a query in parentheses.
func (p *parser) queryPrimary() ast.QueryBody {
	at := p.loc()
	switch p.wantStartOfQuery() {
	case "SELECT":
		return p.querySpecification()
	case "TABLE":
		p.advance()
		return &ast.Table{Location: at, Name: p.qualifiedName()}
	case "VALUES":
		p.advance()
		return &ast.Values{Location: at, Rows: p.expressions()}
	}
	p.enter(queryDepth)
	defer p.leave(queryDepth)
	p.want("(")
	q := p.queryNoWith()
	p.want(")")
	return &ast.TableSubquery{Location: at, Query: q}
}

// wantStartOfQuery returns the current token's kind, with which a query must begin.
func (p *parser) wantStartOfQuery() kind {
	if !p.isAny("SELECT", "TABLE", "VALUES", "(") {
		p.fail()
	}
	return p.kind()
}

// querySpecification reads a SELECT.
func (p *parser) querySpecification() ast.QueryBody {
	s := &ast.QuerySpecification{Location: p.loc()}
	s.Select = &ast.Select{Location: p.loc()}
	p.want("SELECT")
	s.Select.Distinct = p.setQuantifier()
	s.Select.Items = list(p, p.selectItem)
	if p.accept("FROM") {
		s.From = p.fromRelations()
	}
	if p.accept("WHERE") {
		s.Where = p.expression()
	}
	if p.is("GROUP") {
		s.GroupBy = p.groupBy()
	}
	if p.accept("HAVING") {
		s.Having = p.expression()
	}
	if p.accept("WINDOW") {
		s.Windows = list(p, func() *ast.WindowDefinition {
			w := &ast.WindowDefinition{Location: p.loc(), Name: p.identifier()}
			p.want("AS")
			w.Window = p.windowSpecification()
			return w
		})
	}
	return s
}

// fromRelations reads relation, …; the commas are implicit joins.
func (p *parser) fromRelations() ast.Relation {
	at := p.loc()
	left := p.relation()
	for height := 1; p.accept(","); height++ {
		p.bound(p.depth + height)
		left = &ast.Join{Location: at, Type: ast.ImplicitJoin, Left: left, Right: p.relation()}
	}
	return left
}

// selectItem reads *, target.* [AS (…)] or expression [[AS] alias].
func (p *parser) selectItem() ast.SelectItem {
	at := p.loc()
	if p.accept("*") {
		return &ast.AllColumns{Location: at}
	}
	p.first = true
	e := p.expression()
	p.first = false
	if p.kind() == "." && p.ahead(1).kind == "*" {
		p.wantAll(".", "*")
		all := &ast.AllColumns{Location: at, Target: e}
		if p.accept("AS") {
			all.Aliases = p.identifiers()
		}
		return all
	}
	c := &ast.SingleColumn{Location: at, Value: e}
	if p.accept("AS") || p.isAlias() {
		c.Alias = p.identifier()
	}
	return c
}

// isAlias reports whether the current token is a name, and not a keyword that begins the next clause.
func (p *parser) isAlias() bool {
	return p.isName() && !p.startsClause()
}

// startsClause reports whether the name at the current token is a keyword that begins a clause after a select item or a
// relation.
func (p *parser) startsClause() bool {
	next, second := p.ahead(1), p.ahead(2)
	switch p.kind() {
	case "LIMIT":
		return next.kind == kindInteger || next.kind == "?" || next.kind == "ALL"
	case "OFFSET":
		return next.kind == kindInteger || next.kind == "?"
	case "FETCH":
		return next.kind == "FIRST" || next.kind == "NEXT"
	case "WINDOW":
		return next.name && second.kind == "AS"
	case "TABLESAMPLE":
		return next.kind == "BERNOULLI" || next.kind == "SYSTEM"
	case "MATCH_RECOGNIZE":
		after := p.ahead(3).kind
		return next.kind == "(" && !(second.name && (after == "," || after == ")"))
	case "PARTITION":
		return next.kind == "BY"
	case "PRUNE", "KEEP":
		return next.kind == "WHEN"
	case "COPARTITION":
		return next.kind == "("
	}
	return false
}

// groupBy reads GROUP BY [ALL|DISTINCT] element, ….
func (p *parser) groupBy() *ast.GroupBy {
	g := &ast.GroupBy{Location: p.loc()}
	p.wantAll("GROUP", "BY")
	g.Distinct = p.setQuantifier()
	g.Elements = list(p, p.groupingElement)
	return g
}

func (p *parser) groupingElement() ast.GroupingElement {
	at := p.loc()
	switch p.note("AUTO", "CUBE", "ROLLUP", "GROUPING"); p.kind() {
	case "AUTO":
		p.advance()
		return &ast.AutoGroupBy{Location: at}
	case "CUBE", "ROLLUP":
		g := &ast.GroupingSets{Location: at, Kind: ast.GroupingSetsKind(p.advance().kind)}
		p.want("(")
		if !p.is(")") {
			g.Sets = list(p, p.groupingSet)
		}
		p.want(")")
		return g
	case "GROUPING":
		if p.ahead(1).kind == "SETS" {
			p.wantAll("GROUPING", "SETS")
			return &ast.GroupingSets{Location: at, Kind: ast.Explicit, Sets: parens(p, p.groupingSet)}
		}
	}
	return &ast.SimpleGroupBy{Location: at, Columns: p.groupingSet()}
}

// groupingSet reads (expression, …), which is empty for (), or one expression.
func (p *parser) groupingSet() []ast.Expression {
	if p.kind() == "(" && p.ahead(1).kind == ")" && p.ahead(2).kind != "->" {
		p.wantAll("(", ")")
		return nil
	}
	at := p.loc()
	if p.kind() != "(" || p.isLambda() {
		return []ast.Expression{p.expression()}
	}
	p.advance()
	q, first := p.queryOrExpression(false)
	if q != nil {
		p.want(")")
		return []ast.Expression{p.expressionFrom(at, &ast.SubqueryExpression{Location: at, Query: q})}
	}
	items := []ast.Expression{first}
	for p.accept(",") {
		items = append(items, p.expression())
	}
	p.want(")")
	if len(items) > 1 {
		first = &ast.Row{Location: at, Items: items}
	}
	// (a, b) alone is a list of expressions, (a, b) = c and (a) + b are expressions.
	if e := p.expressionFrom(at, first); e != first {
		return []ast.Expression{e}
	}
	return items
}
