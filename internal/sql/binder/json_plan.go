package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// jsonTablePath is a path of a JSON_TABLE with the paths nested in it.
type jsonTablePath struct {
	node    ast.Node
	name    *ast.Identifier // nil when it has none
	text    string          // empty for the root, whose path is the table's
	columns []int
	nested  []*jsonTablePath
}

// plan makes the plan of the rows of a table's root. Without a PLAN clause, children are joined OUTER and siblings by
// UNION.
func (p *jsonTablePath) plan(clause ast.JSONTablePlan) (*sqljson.Plan, error) {
	switch clause := clause.(type) {
	case nil:
		return p.byDefault(false, false), nil
	case *ast.JSONDefaultPlan:
		return p.byDefault(clause.Inner, clause.Cross), nil
	}
	if err := p.mustBeNamed(); err != nil {
		return nil, err
	}
	if _, ok := clause.(*ast.JSONPlanSiblings); ok {
		return nil, errAt(clause, trinoerr.InvalidPlan,
			"JSON_TABLE plan must either be a single path name or it must be rooted in parent-child relationship (OUTER or INNER)")
	}
	return (&jsonPlanner{clause}).plan([]*jsonTablePath{p}, clause)
}

func (p *jsonTablePath) mustBeNamed() error {
	if p.name == nil {
		return errAt(p.node, trinoerr.MissingPathName, "All JSON paths must be named when specific plan is given")
	}
	for _, n := range p.nested {
		if err := n.mustBeNamed(); err != nil {
			return err
		}
	}
	return nil
}

// byDefault joins the nested paths all in the same way.
func (p *jsonTablePath) byDefault(inner, cross bool) *sqljson.Plan {
	out := &sqljson.Plan{Path: p.text, Columns: p.columns}
	var children []sqljson.Plan
	for _, n := range p.nested {
		children = append(children, *n.byDefault(inner, cross))
	}
	switch len(children) {
	case 0:
		return out
	case 1:
		out.Child = &children[0]
	default:
		out.Child = &sqljson.Plan{Siblings: children, Cross: cross}
	}
	out.Inner = inner
	return out
}

// jsonPlanner makes the plan that a clause describes.
type jsonPlanner struct{ root ast.JSONTablePlan }

// plan makes the plan that a part of the clause gives for the paths of one level, all of which it has to name.
func (pl *jsonPlanner) plan(paths []*jsonTablePath, clause ast.JSONTablePlan) (*sqljson.Plan, error) {
	var names []string
	if err := levelNames(clause, &names); err != nil {
		return nil, err
	}
	var missing, surplus []string
	for _, p := range paths {
		if n := canonical(p.name); !slices.Contains(names, n) {
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 {
		return nil, pl.missing(missing)
	}
	for _, n := range names {
		if find(paths, n) == nil {
			surplus = append(surplus, n)
		}
	}
	if len(surplus) > 0 {
		return nil, pl.unavailable(surplus)
	}
	return pl.level(paths, clause)
}

func (pl *jsonPlanner) missing(names []string) error {
	return errAt(pl.root, trinoerr.InvalidPlan,
		"JSON_TABLE plan should contain all JSON paths available at each level of nesting. Paths not included: %s", strings.Join(names, ", "))
}

func (pl *jsonPlanner) unavailable(names []string) error {
	return errAt(pl.root, trinoerr.InvalidPlan, "JSON_TABLE plan includes unavailable JSON path names: %s", strings.Join(names, ", "))
}

func find(paths []*jsonTablePath, name string) *jsonTablePath {
	for _, p := range paths {
		if canonical(p.name) == name {
			return p
		}
	}
	return nil
}

// levelNames collects the paths that a clause names as siblings.
func levelNames(clause ast.JSONTablePlan, names *[]string) error {
	var leaf *ast.JSONPlanLeaf
	switch c := clause.(type) {
	case *ast.JSONPlanLeaf:
		leaf = c
	case *ast.JSONPlanJoin:
		leaf = c.Parent
	case *ast.JSONPlanSiblings:
		for _, s := range c.Siblings {
			if err := levelNames(s, names); err != nil {
				return err
			}
		}
		return nil
	}
	n := canonical(leaf.Name)
	if slices.Contains(*names, n) {
		return errAt(leaf, trinoerr.InvalidPlan, "Duplicate reference to JSON path name in sibling plan: %s", n)
	}
	*names = append(*names, n)
	return nil
}

func (pl *jsonPlanner) level(paths []*jsonTablePath, clause ast.JSONTablePlan) (*sqljson.Plan, error) {
	switch c := clause.(type) {
	case *ast.JSONPlanSiblings:
		out := &sqljson.Plan{Cross: c.Cross}
		for _, s := range c.Siblings {
			p, err := pl.level(paths, s)
			if err != nil {
				return nil, err
			}
			out.Siblings = append(out.Siblings, *p)
		}
		return out, nil
	case *ast.JSONPlanJoin:
		path := find(paths, canonical(c.Parent.Name))
		child, err := pl.plan(path.nested, c.Child)
		return &sqljson.Plan{Path: path.text, Columns: path.columns, Inner: c.Inner, Child: child}, err
	}
	leaf := clause.(*ast.JSONPlanLeaf)
	path := find(paths, canonical(leaf.Name))
	if len(path.nested) > 0 {
		var missing []string
		for _, n := range path.nested {
			missing = append(missing, canonical(n.name))
		}
		return nil, pl.missing(missing)
	}
	return &sqljson.Plan{Path: path.text, Columns: path.columns}, nil
}
