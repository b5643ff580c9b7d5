package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// field is a column that can be named.
type field struct {
	// relation is the qualified name, in lower case, that may stand before the column's; nil when there is none.
	relation []string
	name     string // as written where it was named; "" when it has no name
	hidden   bool
	aliased  bool // the name was given by the statement
	sym      *plan.Symbol
}

// matches reports whether a name in lower case, given as prefix and column, means this field.
func (f *field) matches(prefix []string, column string) bool {
	if f.name == "" || !strings.EqualFold(f.name, column) || len(prefix) > len(f.relation) {
		return false
	}
	tail := f.relation[len(f.relation)-len(prefix):]
	for i, p := range prefix {
		if tail[i] != p {
			return false
		}
	}
	return true
}

// relation is a bound relation: a plan and the columns that it offers. Several fields may share a symbol, and the plan may
// put out more symbols than there are fields, in another order.
type relation struct {
	node   plan.Node
	fields []*field
}

// visible returns the fields that * stands for.
func (r *relation) visible() []*field {
	var out []*field
	for _, f := range r.fields {
		if !f.hidden {
			out = append(out, f)
		}
	}
	return out
}

// scope is a set of columns that an expression sees, and what lies outside of it.
type scope struct {
	fields []*field
	parent *scope
	// boundary says that the parent is the scope of an outer query.
	boundary bool
	// lambda marks the parameters of a lambda expression.
	lambda bool
}

// resolve finds a column by its name. found is false when there is none; ambiguous names are an error at n.
func (s *scope) resolve(n ast.Node, parts []string) (f *field, found bool, err error) {
	prefix, column := parts[:len(parts)-1], parts[len(parts)-1]
	for ; s != nil; s = s.parent {
		var hit *field
		for _, f := range s.fields {
			if !f.matches(prefix, column) {
				continue
			}
			if hit != nil {
				return nil, false, errAt(n, trinoerr.AmbiguousName, "Column '%s' is ambiguous", strings.Join(parts, "."))
			}
			hit = f
		}
		if hit != nil {
			return hit, true, nil
		}
		if s.prefixIsColumn(parts) {
			return nil, false, nil
		}
	}
	return nil, false, nil
}

// prefixIsColumn reports whether the beginning of a dotted name is a column here, so that the rest are fields of a row.
func (s *scope) prefixIsColumn(parts []string) bool {
	for n := len(parts) - 1; n > 0; n-- {
		for _, f := range s.fields {
			if f.matches(parts[:n-1], parts[n-1]) {
				return true
			}
		}
	}
	return false
}

// startsWithColumn is prefixIsColumn for this scope and those outside of it.
func (s *scope) startsWithColumn(parts []string) bool {
	for ; s != nil; s = s.parent {
		if s.prefixIsColumn(parts) {
			return true
		}
	}
	return false
}
