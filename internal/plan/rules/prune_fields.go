package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// pruneFields makes columns of their own of the fields of rows, where only fields of a row are read and never the whole of it: from there
// up where the row comes from, so that joins, sorts, windows and exchanges carry the fields and not the rows. Scans of connectors that
// can do so read the fields alone; anything else that makes rows gets a projection right above it that takes the fields.
//
// A symbol is one thing in a whole plan. So what is read of each is gathered first, readers before what they read, and then the symbols of
// which only fields are read are replaced by those of the fields, everywhere.
func pruneFields(c *Context, n plan.Node) plan.Node {
	if !readsFields(n) {
		return n
	}
	n = pruneColumns(c, n) // what nobody reads would have to be read whole
	w := &fieldWants{wants: map[*plan.Symbol]*fieldWant{}, ctes: map[int]*cteWants{}}
	w.all(n.Outputs())
	w.node(n)
	s := &fieldSplitter{c: c, wants: w.wants, parts: map[*plan.Symbol]*fieldPart{}, defs: map[int][]*plan.Symbol{}}
	return s.node(n)
}

// readsFields reports whether a plan takes a field of a row that it has as a column.
func readsFields(n plan.Node) bool {
	found := false
	plan.WalkAll(n, func(n plan.Node) bool {
		for _, e := range plan.NodeExprs(n) {
			plan.WalkExpr(e, func(e plan.Expr) bool {
				_, path := fieldOf(e)
				found = found || len(path) > 0
				return !found
			})
		}
		return !found
	})
	return found
}

// fieldOf takes an expression r.x.y apart, into the symbol r and the positions of the fields. A symbol alone has no path; symbol is nil for
// anything else.
func fieldOf(e plan.Expr) (s *plan.Symbol, path []int) {
	switch e := e.(type) {
	case *plan.Ref:
		return e.Sym, nil
	case *plan.Field:
		if s, path := fieldOf(uncast(e.Row)); s != nil {
			return s, append(path, e.Index)
		}
	}
	return nil, nil
}

// uncast is the row under casts that do no more than name its fields, as in CAST(ROW(1, 2) AS row(x integer, y integer)).
func uncast(e plan.Expr) plan.Expr {
	c, ok := e.(*plan.Cast)
	if !ok || c.Typ.Kind != types.Row || c.Arg.Type().Kind != types.Row {
		return e
	}
	same := func(a, b types.Field) bool { return a.Type.Equal(b.Type) }
	if !slices.EqualFunc(c.Typ.Args, c.Arg.Type().Args, same) {
		return e
	}
	return uncast(c.Arg)
}

// fieldWant is what is read of a value: the whole, or some of its fields. Nothing is read of one that is neither.
type fieldWant struct {
	whole  bool
	fields map[int]*fieldWant
}

// orWhole is what has to be there of a value that has a place in a row: the whole of it, if nothing is read.
func (w *fieldWant) orWhole() *fieldWant {
	if w.whole || len(w.fields) == 0 {
		return wholeValue
	}
	return w
}

// split reports whether fields are read, and not the whole.
func (w *fieldWant) split() bool { return w != nil && !w.whole && len(w.fields) > 0 }

// add adds what is read of the field at a path.
func (w *fieldWant) add(path []int, more *fieldWant) {
	if w.whole {
		return
	}
	if len(path) > 0 {
		if w.fields == nil {
			w.fields = map[int]*fieldWant{}
		}
		f := w.fields[path[0]]
		if f == nil {
			f = &fieldWant{}
			w.fields[path[0]] = f
		}
		f.add(path[1:], more)
		return
	}
	if more.whole {
		w.whole, w.fields = true, nil
		return
	}
	for i, m := range more.fields {
		w.add([]int{i}, m)
	}
}

// fieldWants gathers what a plan reads of its symbols.
type fieldWants struct {
	wants map[*plan.Symbol]*fieldWant
	ctes  map[int]*cteWants // of those in scope
}

// cteWants is what readers want of the columns of a CTE.
type cteWants struct {
	columns []fieldWant
	readers []*plan.CTERef
}

var wholeValue = &fieldWant{whole: true}

func (w *fieldWants) of(s *plan.Symbol) *fieldWant {
	if w.wants[s] == nil {
		w.wants[s] = &fieldWant{}
	}
	return w.wants[s]
}

// all notes that symbols are read as they are.
func (w *fieldWants) all(symbols []*plan.Symbol) {
	for _, s := range symbols {
		w.of(s).add(nil, wholeValue)
	}
}

// expr notes what an expression reads of which want is wanted.
func (w *fieldWants) expr(e plan.Expr, want *fieldWant) {
	if want.split() {
		e = uncast(e)
	}
	if s, path := fieldOf(e); s != nil {
		w.of(s).add(path, want)
		return
	}
	if f, ok := madeHere(e); ok {
		w.expr(f, want)
		return
	}
	switch x := e.(type) {
	case *plan.MakeRow:
		if want.split() && harmless(x) {
			for i, f := range x.Fields {
				if m := want.fields[i]; m != nil {
					w.expr(f, m)
				}
			}
			return
		}
	case *plan.Lambda:
		w.all(x.Params)
	}
	if sub := plan.Subplan(e); sub != nil {
		w.all(sub.Outputs())
		w.node(sub)
	}
	for _, c := range e.Children() {
		w.expr(c, wholeValue)
	}
}

// harmless holds for rows whose fields are columns, their fields, and constants: nobody notices when one is not computed.
func harmless(r *plan.MakeRow) bool {
	for _, f := range r.Fields {
		if s, _ := fieldOf(f); s != nil {
			continue
		}
		if _, ok := f.(*plan.Const); ok {
			continue
		}
		if inner, ok := f.(*plan.MakeRow); !ok || !harmless(inner) {
			return false
		}
	}
	return true
}

// madeHere is what the field is made of that is taken from a row which is put together in the same expression.
func madeHere(e plan.Expr) (plan.Expr, bool) {
	if f, ok := e.(*plan.Field); ok {
		if r, ok := uncast(f.Row).(*plan.MakeRow); ok && harmless(r) {
			return r.Fields[f.Index], true
		}
	}
	return nil, false
}

// node notes what a plan reads whose readers have been seen.
func (w *fieldWants) node(n plan.Node) {
	switch n := n.(type) {
	case *plan.Project:
		for _, a := range n.Cols {
			w.expr(a.Expr, w.of(a.Sym).orWhole())
		}
		w.node(n.Source)
		return
	case *plan.LateralJoin:
		w.exprs(n)
		w.node(n.Right) // reads columns of the left side
		w.node(n.Left)
		return
	case *plan.CTERef:
		if known := w.ctes[n.ID]; known != nil {
			known.readers = append(known.readers, n)
			for i, s := range n.Symbols {
				known.columns[i].add(nil, w.of(s))
			}
		}
		return
	case *plan.CTE:
		w.cte(n)
		return
	case *plan.SetOp:
		if n.Kind != plan.Union || !n.All {
			w.all(n.Symbols)
		}
		for _, in := range n.Inputs {
			for i, s := range in.Outputs() {
				w.of(s).add(nil, w.of(n.Symbols[i]).orWhole())
			}
			w.node(in)
		}
		return
	case *plan.Aggregate:
		w.all(n.Keys)
	case *plan.Output:
		w.all(n.Symbols)
	case *plan.Distinct, *plan.Write, *plan.RecursiveCTE, *plan.MatchRecognize:
		w.all(n.Outputs())
		for _, s := range n.Sources() {
			w.all(s.Outputs())
		}
	}
	w.exprs(n)
	for _, s := range n.Sources() {
		w.node(s)
	}
}

func (w *fieldWants) exprs(n plan.Node) {
	for _, e := range plan.NodeExprs(n) {
		w.expr(e, wholeValue)
	}
}

// cte notes what the body reads, and then what the definition does. Readers get what the definition has: at least what any of them wants.
func (w *fieldWants) cte(n *plan.CTE) {
	known := &cteWants{columns: make([]fieldWant, len(n.Def.Outputs()))}
	w.ctes[n.ID] = known
	w.node(n.Body)
	delete(w.ctes, n.ID)
	for i, s := range n.Def.Outputs() {
		w.of(s).add(nil, known.columns[i].orWhole())
	}
	w.node(n.Def)
	for _, r := range known.readers {
		for i, s := range n.Def.Outputs() {
			if want := w.of(s); want.split() {
				w.wants[r.Symbols[i]] = want
			}
		}
	}
}
