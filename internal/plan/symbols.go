package plan

import (
	"maps"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Symbols makes symbols with names that are unique within one plan.
type Symbols struct {
	last map[string]int // by base name: the last suffix given
	used map[string]bool
}

// NewSymbols returns an allocator that knows the names which a plan already uses; n may be nil.
func NewSymbols(n Node) *Symbols {
	a := &Symbols{last: map[string]int{}, used: map[string]bool{}}
	if n != nil {
		a.avoid(n)
	}
	return a
}

// Clone returns an allocator that knows the same names. A plan that is made for comparison only takes its symbols of one, so that it leaves
// no gaps.
func (a *Symbols) Clone() *Symbols {
	return &Symbols{last: maps.Clone(a.last), used: maps.Clone(a.used)}
}

// New returns a symbol whose name is the hint, made an identifier and made unique by a suffix where needed.
func (a *Symbols) New(hint string, t types.Type) *Symbol {
	base := symbolBase(hint)
	name := base
	for a.used[name] {
		a.last[base]++
		name = base + "_" + strconv.Itoa(a.last[base])
	}
	a.used[name] = true
	return &Symbol{Name: name, Type: t}
}

// avoid notes the names of a plan and of the plans nested in its expressions.
func (a *Symbols) avoid(n Node) {
	Walk(n, func(n Node) bool {
		for _, s := range n.Outputs() {
			a.used[s.Name] = true
		}
		for _, e := range NodeExprs(n) {
			WalkExpr(e, func(e Expr) bool {
				if l, ok := e.(*Lambda); ok {
					for _, p := range l.Params {
						a.used[p.Name] = true
					}
				}
				if sub := Subplan(e); sub != nil {
					a.avoid(sub)
				}
				return true
			})
		}
		return true
	})
}

// symbolBase keeps of a hint what an identifier may hold.
func symbolBase(hint string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(hint) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '$':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	// The hint may be another symbol's name: its suffix goes.
	if base := strings.TrimRight(b.String(), "0123456789"); len(base) > 1 && len(base) < b.Len() && base[len(base)-1] == '_' {
		return base[:len(base)-1]
	}
	if b.Len() == 0 {
		return "expr"
	}
	return b.String()
}
