package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// query binds a query with its WITH, ORDER BY and LIMIT.
func (b *binder) query(q *ast.Query, outer *scope, nested bool) (*relation, error) {
	if len(q.Functions) > 0 {
		saved := b.routines
		defer func() { b.routines = saved }()
		if err := b.declareRoutines(q.Functions); err != nil {
			return nil, err
		}
	}
	if q.With != nil {
		return b.with(q, outer, nested)
	}
	return b.queryWithoutWith(q, outer, nested)
}

func (b *binder) queryWithoutWith(q *ast.Query, outer *scope, nested bool) (*relation, error) {
	bodyNested := nested || q.OrderBy != nil
	rel, err := b.body(q.Body, outer, bodyNested)
	if err != nil {
		return nil, err
	}
	var keys []plan.SortKey
	if q.OrderBy != nil {
		x := &exprBinder{b: b, scope: &scope{fields: rel.fields, parent: outer, boundary: true}}
		if keys, err = x.orderBy(q, rel); err != nil {
			return nil, err
		}
	}
	limit, err := b.rowRange(q.Offset, q.Limit, keys)
	if err != nil {
		return nil, err
	}
	if nested && !limit.present {
		keys = nil
	}
	return &relation{node: ordered(rel.node, keys, limit), fields: rel.fields}, nil
}

// orderBy binds the ORDER BY of a query whose body is no plain SELECT.
func (x *exprBinder) orderBy(q *ast.Query, rel *relation) ([]plan.SortKey, error) {
	var keys []plan.SortKey
	for _, item := range q.OrderBy.Items {
		var e plan.Expr
		if ordinal, ok := item.Key.(*ast.LongLiteral); ok {
			if ordinal.Value < 1 || ordinal.Value > int64(len(rel.fields)) {
				return nil, errAt(item.Key, trinoerr.InvalidColumnReference, "ORDER BY position %d is not in select list", ordinal.Value)
			}
			e = &plan.Ref{Sym: rel.fields[ordinal.Value-1].sym}
		} else {
			var err error
			if e, err = x.scalar(item.Key, "ORDER BY clause"); err != nil {
				return nil, err
			}
		}
		if !e.Type().Orderable() {
			return nil, errAt(q, trinoerr.TypeMismatch, "Type %s is not orderable, and therefore cannot be used in ORDER BY: %s",
				e.Type(), exprText(item.Key))
		}
		keys = append(keys, sortKey(item, e))
	}
	return keys, nil
}

// body binds what a query's rows come from.
func (b *binder) body(body ast.QueryBody, outer *scope, nested bool) (*relation, error) {
	switch body := body.(type) {
	case *ast.QuerySpecification:
		return b.querySpec(body, outer, nested)
	case *ast.SetOperation:
		return b.setOperation(body, outer)
	case *ast.Values:
		return b.values(body, outer)
	case *ast.TableSubquery:
		return b.query(body.Query, outer, nested)
	case *ast.Table:
		return b.table(body)
	}
	return nil, unsupported(body, "Query")
}

// rowRange is a bound OFFSET and LIMIT.
type rowRange struct {
	present       bool
	offset, count int64 // count -1: all
	ties          bool
}

// maxSortedLimit is the largest LIMIT that Trino takes after an ORDER BY.
const maxSortedLimit = 1<<31 - 1

// rowRange binds OFFSET and LIMIT.
func (b *binder) rowRange(offset *ast.Offset, limit ast.RowLimit, order []plan.SortKey) (rowRange, error) {
	r := rowRange{count: -1}
	var err error
	if offset != nil {
		r.present = true
		if r.offset, err = b.rowCount(offset.Count, "OFFSET"); err != nil {
			return r, err
		}
		if r.offset < 0 {
			return r, errAt(offset, trinoerr.NumericValueOutOfRange, "OFFSET row count must be greater or equal to 0 (actual value: %d)", r.offset)
		}
	}
	switch l := limit.(type) {
	case *ast.Limit:
		if _, all := l.Count.(*ast.AllRows); all {
			return r, nil
		}
		r.present = true
		if r.count, err = b.rowCount(l.Count, "LIMIT"); err != nil {
			return r, err
		}
		if r.count < 0 {
			return r, errAt(l, trinoerr.NumericValueOutOfRange, "LIMIT row count must be greater or equal to 0 (actual value: %d)", r.count)
		}
	case *ast.FetchFirst:
		r.present, r.count, r.ties = true, 1, l.WithTies
		if l.Count != nil {
			if r.count, err = b.rowCount(l.Count, "FETCH FIRST"); err != nil {
				return r, err
			}
		}
		if r.count <= 0 {
			return r, errAt(l, trinoerr.NumericValueOutOfRange, "FETCH FIRST row count must be positive (actual value: %d)", r.count)
		}
		if l.WithTies && len(order) == 0 {
			return r, errAt(l, trinoerr.MissingOrderBy, "FETCH FIRST WITH TIES clause requires ORDER BY")
		}
	}
	if len(order) > 0 && r.count > maxSortedLimit {
		return r, trinoerr.New(trinoerr.NotSupported, "ORDER BY LIMIT > 2147483647 is not supported")
	}
	return r, nil
}

// rowCount evaluates the number in LIMIT and its like: a literal or a parameter.
func (b *binder) rowCount(e ast.Expression, clause string) (int64, error) {
	value := e
	if p, ok := e.(*ast.Parameter); ok {
		if b.describing != nil {
			b.describing.set(p.Index, bigint)
			return 1, nil
		}
		var err error
		if value, err = b.parameterValue(p); err != nil {
			return 0, err
		}
	}
	saved := b.params
	b.params = nil
	defer func() { b.params = saved }()
	c, err := b.constant(value, bigint)
	if err != nil {
		return 0, err
	}
	count, ok := c.Value.(int64)
	if !ok {
		return 0, errAt(e, trinoerr.InvalidArguments, "Parameter value provided for %s is NULL: %s", clause, exprText(value))
	}
	return count, nil
}

// ordered puts ORDER BY, OFFSET and LIMIT on top of a plan.
func ordered(node plan.Node, keys []plan.SortKey, r rowRange) plan.Node {
	if len(keys) > 0 {
		node = &plan.Sort{Source: node, Keys: keys}
	}
	if !r.present {
		return node
	}
	l := &plan.Limit{Source: node, Count: r.count, Offset: r.offset}
	if r.ties {
		l.WithTies = keys
	}
	return l
}

// aligned returns a plan that puts out exactly one distinct symbol per visible field, in order.
func (b *binder) aligned(r *relation) (plan.Node, []*plan.Symbol) {
	fields := r.visible()
	cols := make([]plan.Assignment, len(fields))
	syms := make([]*plan.Symbol, len(fields))
	seen := map[*plan.Symbol]bool{}
	for i, f := range fields {
		sym := f.sym
		if seen[sym] {
			sym = b.syms.New(sym.Name, sym.Type)
		}
		seen[sym] = true
		syms[i], cols[i] = sym, plan.Assignment{Sym: sym, Expr: &plan.Ref{Sym: f.sym}}
	}
	return project(r.node, cols), syms
}
