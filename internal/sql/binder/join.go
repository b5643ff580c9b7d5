package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

var joinTypes = map[ast.JoinType]plan.JoinType{
	ast.CrossJoin: plan.Cross, ast.ImplicitJoin: plan.Cross, ast.InnerJoin: plan.Inner,
	ast.LeftJoin: plan.Left, ast.RightJoin: plan.Right, ast.FullJoin: plan.Full,
}

// join binds a join; the comma of FROM is a cross join.
func (b *binder) join(j *ast.Join, outer *scope) (*relation, error) {
	if _, natural := j.Criteria.(*ast.NaturalJoin); natural {
		return nil, errAt(j, trinoerr.NotSupported, "Natural join not supported")
	}
	left, err := b.relation(j.Left, outer)
	if err != nil {
		return nil, err
	}
	if u, wrap := unnestOf(j.Right); u != nil {
		return b.joinUnnest(j, left, u, wrap, outer)
	}
	if t, wrap := jsonTableOf(j.Right); t != nil {
		return b.joinJSONTable(j, left, t, wrap, outer)
	}
	inner := outer
	if isLateral(j.Right) {
		inner = &scope{fields: left.fields, parent: outer, boundary: true}
	}
	right, err := b.relation(j.Right, inner)
	if err != nil {
		return nil, err
	}
	if using, ok := j.Criteria.(*ast.JoinUsing); ok {
		return b.joinUsing(j, using, left, right, outer)
	}
	out := &relation{fields: append(append([]*field(nil), left.fields...), right.fields...)}
	var cond plan.Expr
	if on, ok := j.Criteria.(*ast.JoinOn); ok {
		x := &exprBinder{b: b, scope: &scope{fields: out.fields, parent: outer, boundary: true}}
		if cond, err = x.condition(on.Condition, "JOIN ON clause"); err != nil {
			return nil, err
		}
	}
	t := joinTypes[j.Type]
	if t != plan.Inner && cond != nil {
		if err := b.checkOuterCondition(j, cond); err != nil {
			return nil, err
		}
	}
	if isLateral(j.Right) {
		if sym := correlation(left.node, right.node); sym != nil {
			if t == plan.Right || t == plan.Full {
				n := ast.Node(j)
				if ref := b.outerRefs[sym]; ref != nil {
					n = ref
				}
				return nil, errAt(n, trinoerr.InvalidColumnReference, "LATERAL reference not allowed in %s JOIN", t)
			}
			out.node = &plan.LateralJoin{Type: t, Left: left.node, Right: right.node, Filter: cond}
			return out, nil
		}
	}
	if isLateral(j.Right) && (t == plan.Right || t == plan.Full) {
		return b.joinEachRow(j, t, left, right, cond)
	}
	out.node = &plan.Join{Type: t, Left: left.node, Right: right.node, Filter: cond}
	return out, nil
}

// checkOuterCondition refuses correlated subqueries in the condition of an outer join.
func (b *binder) checkOuterCondition(j *ast.Join, cond plan.Expr) error {
	if n, text, ok := b.correlatedIn(j, cond); ok {
		return errAt(n, trinoerr.NotSupported, "Reference to column '%s' from outer scope not allowed in this context", text)
	}
	return nil
}

// correlatedIn finds a column that a subquery in a condition takes from outside of it: where, and as what it is written.
func (b *binder) correlatedIn(stmt ast.Node, cond plan.Expr) (n ast.Node, text string, ok bool) {
	var hit *plan.Symbol
	plan.WalkExpr(cond, func(e plan.Expr) bool {
		if sub := plan.Subplan(e); sub != nil {
			plan.FreeSymbolsOfPlan(sub, func(s *plan.Symbol) {
				if hit == nil {
					hit = s
				}
			})
		}
		return hit == nil
	})
	if hit == nil {
		return nil, "", false
	}
	if ref := b.outerRefs[hit]; ref != nil {
		return ref, exprText(ref), true
	}
	return stmt, hit.Name, true
}

// joinEachRow binds a RIGHT or FULL JOIN with LATERAL, which joins the lateral relation with every left row by itself: the left
// columns of a pair are NULL where the condition does not hold.
func (b *binder) joinEachRow(j *ast.Join, t plan.JoinType, left, right *relation, cond plan.Expr) (*relation, error) {
	out := &relation{fields: append(append([]*field(nil), left.fields...), right.fields...)}
	always := false
	if on, ok := j.Criteria.(*ast.JoinOn); ok {
		literal, ok := on.Condition.(*ast.BooleanLiteral)
		always = ok && literal.Value
		if t == plan.Full && !always {
			return nil, errAt(on.Condition, trinoerr.NotSupported, "FULL JOIN involving LATERAL relation is only supported with condition ON TRUE")
		}
	}
	switch {
	case t == plan.Full:
		out.node = &plan.Join{Type: plan.Left, Left: left.node, Right: right.node, Filter: cond}
	case always:
		out.node = &plan.Join{Type: plan.Cross, Left: left.node, Right: right.node}
	default:
		match := b.syms.New("match", boolType)
		pairs := &plan.Join{Type: plan.Cross, Left: left.node, Right: right.node}
		tested := &plan.Project{Source: pairs, Cols: append(passAll(pairs), plan.Assignment{Sym: match, Expr: cond})}
		p := &plan.Project{Source: tested}
		of := map[*plan.Symbol]*plan.Symbol{}
		for _, s := range left.node.Outputs() {
			of[s] = b.syms.New(s.Name, s.Type)
			p.Cols = append(p.Cols, plan.Assignment{Sym: of[s], Expr: &plan.Case{Typ: s.Type,
				Whens: []plan.When{{Cond: &plan.Ref{Sym: match}, Result: &plan.Ref{Sym: s}}}}})
		}
		for _, s := range right.node.Outputs() {
			p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
		}
		out.node = p
		for i, f := range left.fields {
			c := *f
			c.sym = of[f.sym]
			out.fields[i] = &c
		}
	}
	return out, nil
}

// correlation returns a symbol of left that right reads, nil when there is none.
func correlation(left, right plan.Node) *plan.Symbol {
	have := map[*plan.Symbol]bool{}
	for _, s := range left.Outputs() {
		have[s] = true
	}
	var hit *plan.Symbol
	plan.FreeSymbolsOfPlan(right, func(s *plan.Symbol) {
		if have[s] {
			hit = s
		}
	})
	return hit
}

// isLateral reports whether the right side of a join may refer to the left one.
func isLateral(r ast.Relation) bool {
	switch r := r.(type) {
	case *ast.AliasedRelation:
		return isLateral(r.Relation)
	case *ast.SampledRelation:
		return isLateral(r.Relation)
	case *ast.Lateral:
		return true
	}
	return false
}

// joinUsing binds JOIN … USING: the named columns come first, once, and lose their relations' names.
func (b *binder) joinUsing(j *ast.Join, using *ast.JoinUsing, left, right *relation, outer *scope) (*relation, error) {
	t := joinTypes[j.Type]
	var merged []*field
	gone := map[*field]bool{}
	var conds []plan.Expr
	var leftCols, rightCols, after []plan.Assignment
	seen := map[string]bool{}
	for _, c := range using.Columns {
		name := lower(c)
		if seen[name] {
			return nil, errAt(c, trinoerr.DuplicateColumnName, "Column '%s' appears multiple times in USING clause", c.Value)
		}
		seen[name] = true
		l, err := usingField(c, left, "left")
		if err != nil {
			return nil, err
		}
		r, err := usingField(c, right, "right")
		if err != nil {
			return nil, err
		}
		lt, rt := l.sym.Type, r.sym.Type
		common, ok := types.CommonSuperType(lt, rt)
		if !ok || !common.Comparable() {
			return nil, errAt(c, trinoerr.TypeMismatch, "Column types of '%s' cannot be compared: %s vs %s", strings.ToLower(c.Value), lt, rt)
		}
		ls, rs := b.coercedSymbol(l.sym, common, &leftCols), b.coercedSymbol(r.sym, common, &rightCols)
		conds = append(conds, &plan.Compare{Op: plan.Eq, Left: &plan.Ref{Sym: ls}, Right: &plan.Ref{Sym: rs}})
		sym := ls
		switch t {
		case plan.Right:
			sym = rs
		case plan.Full:
			sym = b.syms.New(name, common)
			after = append(after, plan.Assignment{Sym: sym,
				Expr: &plan.Coalesce{Args: []plan.Expr{&plan.Ref{Sym: ls}, &plan.Ref{Sym: rs}}, Typ: common}})
		}
		gone[l], gone[r] = true, true
		merged = append(merged, &field{name: c.Value, sym: sym})
	}
	out := &relation{fields: merged}
	for _, side := range []*relation{left, right} {
		for _, f := range side.fields {
			if !gone[f] {
				out.fields = append(out.fields, f)
			}
		}
	}
	ln, rn := extended(left.node, leftCols), extended(right.node, rightCols)
	out.node = extended(&plan.Join{Type: t, Left: ln, Right: rn, Filter: plan.And(conds...)}, after)
	return out, nil
}

// usingField finds the column of one side that USING names.
func usingField(c *ast.Identifier, r *relation, side string) (*field, error) {
	var hit *field
	for _, f := range r.fields {
		if !f.matches(nil, lower(c)) {
			continue
		}
		if hit != nil {
			return nil, errAt(c, trinoerr.AmbiguousName, "Column '%s' is ambiguous", lower(c))
		}
		hit = f
	}
	if hit == nil {
		return nil, errAt(c, trinoerr.ColumnNotFound, "Column '%s' is missing from %s side of join", c.Value, side)
	}
	return hit, nil
}

// coercedSymbol returns a symbol for a column as another type and notes how to compute it.
func (b *binder) coercedSymbol(s *plan.Symbol, t types.Type, cols *[]plan.Assignment) *plan.Symbol {
	if s.Type.Equal(t) {
		return s
	}
	out := b.syms.New(s.Name, t)
	*cols = append(*cols, plan.Assignment{Sym: out, Expr: coerce(&plan.Ref{Sym: s}, t)})
	return out
}

// extended adds columns to those of a plan.
func extended(node plan.Node, more []plan.Assignment) plan.Node {
	if len(more) == 0 {
		return node
	}
	return &plan.Project{Source: node, Cols: append(passAll(node), more...)}
}
