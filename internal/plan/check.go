package plan

import (
	"fmt"
	"maps"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Check reports the first violation of what holds for every plan, between any two rewrites:
//
//   - a node reads only symbols that its sources put out, or, in a nested plan and on the right of a lateral join, those
//     of the queries around it;
//   - a symbol is made in one place, and no two symbols have the same name (the same nested plan may stand in several
//     expressions, and the body of a CTE does not see the symbols of its definition);
//   - expressions have the types that their places ask for;
//   - a CTERef is inside the body of its CTE (or the step of its recursion) and has its columns' types.
//
// It is for tests and for builds with invariants on; it costs about as much as a rewrite.
func Check(n Node) error {
	c := &checker{names: map[string]*Symbol{}, maker: map[*Symbol]Node{}, ctes: map[int][]*Symbol{}, subs: map[Node]bool{}}
	return c.node(n, nil)
}

type checker struct {
	names map[string]*Symbol
	maker map[*Symbol]Node
	ctes  map[int][]*Symbol // the columns of the definitions in scope
	subs  map[Node]bool     // nested plans that were seen
}

// visible are the symbols that expressions can read: those of a node's sources, then those of outer queries.
type visible struct {
	own   map[*Symbol]bool
	outer *visible
}

func (v *visible) has(s *Symbol) bool {
	for ; v != nil; v = v.outer {
		if v.own[s] {
			return true
		}
	}
	return false
}

func (v *visible) add(list []*Symbol) {
	for _, s := range list {
		v.own[s] = true
	}
}

func (c *checker) node(n Node, outer *visible) error {
	in := &visible{own: map[*Symbol]bool{}, outer: outer}
	for i, s := range n.Sources() {
		around := outer
		if _, ok := n.(*LateralJoin); ok && i == 1 {
			around = in
		}
		if err := c.source(n, i, s, around); err != nil {
			return err
		}
		for _, o := range s.Outputs() {
			if in.own[o] && len(n.Sources()) > 1 && !distinctInputs(n) {
				return fmt.Errorf("%T: both sources put out %s", n, o.Name)
			}
		}
		in.add(s.Outputs())
	}
	for _, e := range NodeExprs(n) {
		if err := c.expr(n, e, in); err != nil {
			return err
		}
	}
	if err := c.shape(n, in); err != nil {
		return fmt.Errorf("%T: %w", n, err)
	}
	return c.made(n)
}

// distinctInputs tells nodes whose sources' columns do not stand side by side.
func distinctInputs(n Node) bool {
	switch n.(type) {
	case *SetOp, *CTE, *RecursiveCTE:
		return true
	}
	return false
}

// source checks a source, with the CTE that its parent defines in scope.
func (c *checker) source(n Node, i int, s Node, outer *visible) error {
	switch n := n.(type) {
	case *CTE:
		if i == 0 {
			// The body does not see the definition's symbols and may make them again.
			made := c.maker
			c.maker = maps.Clone(made)
			defer func() { c.maker = made }()
			break
		}
		c.ctes[n.ID] = n.Def.Outputs()
		defer delete(c.ctes, n.ID)
	case *RecursiveCTE:
		if i == 1 {
			c.ctes[n.ID] = n.Symbols
			defer delete(c.ctes, n.ID)
		}
	}
	return c.node(s, outer)
}

// expr checks an expression that a node holds.
func (c *checker) expr(n Node, e Expr, in *visible) (err error) {
	fail := func(format string, args ...any) bool {
		if err == nil {
			err = fmt.Errorf("%T: "+format, append([]any{n}, args...)...)
		}
		return false
	}
	WalkExpr(e, func(e Expr) bool {
		if err != nil {
			return false
		}
		switch e := e.(type) {
		case *Ref:
			if !in.has(e.Sym) {
				return fail("nothing below puts out %s", e.Sym.Name)
			}
		case *Lambda:
			inner := &visible{own: map[*Symbol]bool{}, outer: in}
			inner.add(e.Params)
			err = c.expr(n, e.Body, inner)
			return false
		case *Compare:
			if !e.Left.Type().Equal(e.Right.Type()) && !alike(e.Left.Type(), e.Right.Type()) {
				return fail("%s compares %s with %s", e.Op, e.Left.Type(), e.Right.Type())
			}
		case *Logical:
			for _, t := range e.Terms {
				if !isBoolean(t) {
					return fail("a term of type %s", t.Type())
				}
			}
		case *Not:
			if !isBoolean(e.Arg) {
				return fail("NOT of type %s", e.Arg.Type())
			}
		}
		if sub := Subplan(e); sub != nil {
			if _, exists := e.(*Exists); !exists && len(sub.Outputs()) != 1 {
				return fail("subquery with %d columns", len(sub.Outputs()))
			}
			// An expression that stands in two places, as the operand of a simple CASE does, brings its plan twice.
			if !c.subs[sub] {
				c.subs[sub] = true
				err = c.node(sub, in)
			}
		}
		return err == nil
	})
	return err
}

func isBoolean(e Expr) bool { return e.Type().Kind == types.Boolean }

// alike holds for types that differ in length or in names of fields only.
func alike(a, b types.Type) bool {
	if a.Kind != b.Kind || len(a.Args) != len(b.Args) {
		return false
	}
	for i := range a.Args {
		if !alike(a.Args[i].Type, b.Args[i].Type) {
			return false
		}
	}
	return a.Kind == types.Varchar || a.Kind == types.Char || len(a.Args) > 0 || a.Equal(b)
}

// shape checks what is particular to a kind of node.
func (c *checker) shape(n Node, in *visible) error {
	switch n := n.(type) {
	case *Scan:
		if len(n.Symbols) != len(n.Table.Columns) {
			return fmt.Errorf("%d symbols for %d columns", len(n.Symbols), len(n.Table.Columns))
		}
	case *Values:
		for _, r := range n.Rows {
			if err := match(n.Symbols, ExprTypes(r)); err != nil {
				return err
			}
		}
	case *Filter:
		return predicate(n.Pred)
	case *Project:
		for _, a := range n.Cols {
			if !alike(a.Sym.Type, a.Expr.Type()) {
				return fmt.Errorf("%s %s is assigned a %s", a.Sym.Name, a.Sym.Type, a.Expr.Type())
			}
		}
	case *Aggregate:
		for _, k := range n.Keys {
			if !in.own[k] {
				return fmt.Errorf("the source does not put out the key %s", k.Name)
			}
		}
		for _, set := range n.Sets {
			for _, i := range set {
				if i < 0 || i >= len(n.Keys) {
					return fmt.Errorf("a set names key %d of %d", i, len(n.Keys))
				}
			}
		}
		if n.GroupID != nil && n.Sets == nil {
			return fmt.Errorf("a group id without sets")
		}
	case *MatchRecognize:
		return checkMatch(n, in)
	case *Join:
		return c.join(n, in.outer)
	case *LateralJoin:
		return predicate(n.Filter)
	case *SetOp:
		for _, in := range n.Inputs {
			if err := match(n.Symbols, symbolTypes(in.Outputs())); err != nil {
				return err
			}
		}
	case *RecursiveCTE:
		for _, s := range n.Sources() {
			if len(s.Outputs()) != len(n.Symbols) {
				return fmt.Errorf("%d columns, want %d", len(s.Outputs()), len(n.Symbols))
			}
		}
	case *CTERef:
		def, ok := c.ctes[n.ID]
		if !ok {
			return fmt.Errorf("CTE %s (%d) is not defined here", n.Name, n.ID)
		}
		return match(n.Symbols, symbolTypes(def))
	case *Write:
		if c := n.Change; c != nil {
			if err := allIn(append([]*Symbol{c.Operation}, c.RowID...), in); err != nil {
				return err
			}
		}
		return allIn(n.Columns, in)
	case *Output:
		if len(n.Names) != len(n.Symbols) {
			return fmt.Errorf("%d names for %d columns", len(n.Names), len(n.Symbols))
		}
		return allIn(n.Symbols, in)
	}
	return nil
}

// join checks which side the parts of a join's condition read.
func (c *checker) join(n *Join, outer *visible) error {
	left := &visible{own: map[*Symbol]bool{}, outer: outer}
	left.add(n.Left.Outputs())
	right := &visible{own: map[*Symbol]bool{}, outer: outer}
	right.add(n.Right.Outputs())
	for _, q := range n.Equi {
		if !reads(q.Left, left) || !reads(q.Right, right) {
			return fmt.Errorf("an equality clause reads the other side")
		}
		if !alike(q.Left.Type(), q.Right.Type()) {
			return fmt.Errorf("an equality clause compares %s with %s", q.Left.Type(), q.Right.Type())
		}
	}
	switch {
	case n.NullAware && (len(n.Equi) != 1 || n.Type != Anti && n.Type != Mark):
		return fmt.Errorf("a null-aware %s join with %d equality clauses", n.Type, len(n.Equi))
	case (n.Type == Mark) != (n.MarkSym != nil):
		return fmt.Errorf("a %s join and its mark do not agree", n.Type)
	case n.Type == Cross && (len(n.Equi) > 0 || n.Filter != nil):
		return fmt.Errorf("a cross join with a condition")
	}
	return predicate(n.Filter)
}

func reads(e Expr, v *visible) bool {
	ok := true
	FreeSymbols(e, func(s *Symbol) { ok = ok && v.has(s) })
	return ok
}

func predicate(e Expr) error {
	if e != nil && !isBoolean(e) {
		return fmt.Errorf("a condition of type %s", e.Type())
	}
	return nil
}

func allIn(list []*Symbol, in *visible) error {
	for _, s := range list {
		if !in.own[s] {
			return fmt.Errorf("the source does not put out %s", s.Name)
		}
	}
	return nil
}

// ExprTypes are the types of expressions.
func ExprTypes(es []Expr) []types.Type {
	out := make([]types.Type, len(es))
	for i, e := range es {
		out[i] = e.Type()
	}
	return out
}

func symbolTypes(list []*Symbol) []types.Type {
	out := make([]types.Type, len(list))
	for i, s := range list {
		out[i] = s.Type
	}
	return out
}

// match checks columns against the symbols that stand for them.
func match(symbols []*Symbol, have []types.Type) error {
	if len(symbols) != len(have) {
		return fmt.Errorf("%d columns, want %d", len(have), len(symbols))
	}
	for i, s := range symbols {
		if !alike(s.Type, have[i]) {
			return fmt.Errorf("column %s is %s, want %s", s.Name, have[i], s.Type)
		}
	}
	return nil
}

// made notes the symbols that a node makes itself.
func (c *checker) made(n Node) error {
	for _, s := range makes(n) {
		if other, ok := c.maker[s]; ok {
			return fmt.Errorf("%T makes %s, which a %T makes too", n, s.Name, other)
		}
		c.maker[s] = n
		if other := c.names[s.Name]; other != nil && other != s {
			return fmt.Errorf("%T: two symbols have the name %s", n, s.Name)
		}
		c.names[s.Name] = s
	}
	return nil
}

// makes lists the outputs of a node that are not passed on from its sources.
func makes(n Node) []*Symbol {
	switch n := n.(type) {
	case *Project:
		var out []*Symbol
		for _, a := range n.Cols {
			if r, ok := a.Expr.(*Ref); !ok || r.Sym != a.Sym {
				out = append(out, a.Sym)
			}
		}
		return out
	case *Output:
		return nil
	}
	passed := map[*Symbol]bool{}
	for _, s := range n.Sources() {
		for _, o := range s.Outputs() {
			passed[o] = true
		}
	}
	var out []*Symbol
	for _, s := range n.Outputs() {
		if !passed[s] {
			out = append(out, s)
		}
	}
	return out
}
