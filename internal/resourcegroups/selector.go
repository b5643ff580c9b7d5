package resourcegroups

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/regex"
)

// Query is what selectors look at.
type Query struct {
	User, OriginalUser, AuthenticatedUser string
	Groups                                []string // of the user
	Source                                string   // empty: the client has not said
	Tags                                  []string
	Type                                  string // SELECT, INSERT, …
	// What the client expects the query to take; nil: it has not said.
	ExecutionTime, CPUTime *time.Duration
	PeakMemory             *int64
}

// Selector says for which queries a group is. All that it says must hold.
type Selector struct {
	patterns               []subject // of names whose parts can be variables of the group, in Trino's order
	userGroup              *pattern
	tags                   []string
	queryType              string
	executionTime, cpuTime bounds[time.Duration]
	peakMemory             bounds[int64]
	group                  []Template
	at                     position
}

// subject is a name of the query with the pattern that it must match.
type subject struct {
	pattern *pattern
	of      func(*Query) string
	absent  func(*Query) bool // nil: it is always there
}

// pattern is a regular expression of Java's syntax, for whole texts.
type pattern struct {
	expr  *regex.Regex
	names []string // of its named groups
}

func parsePattern(text string) (*pattern, error) {
	if _, err := regex.Compile(text); err != nil { // by itself, so that what is put around it changes nothing
		return nil, err
	}
	expr, err := regex.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return nil, err
	}
	p := &pattern{expr: expr}
	for _, m := range namedGroup.FindAllStringSubmatch(text, -1) {
		if _, ok := expr.Group(m[1]); ok {
			p.names = append(p.names, m[1])
		}
	}
	return p, nil
}

// match reports whether the pattern matches all of a text, and puts what its named groups match into values.
func (p *pattern) match(text string, values map[string]string) (bool, error) {
	found, err := p.expr.Find(text, 0, 1)
	if err != nil || len(found) == 0 {
		return false, err
	}
	for _, name := range p.names {
		n, _ := p.expr.Group(name)
		if from, to := found[0][2*n], found[0][2*n+1]; from >= 0 && values != nil {
			values[name] = text[from:to]
		}
	}
	return true, nil
}

// bounds are the least and the most of an estimate; nil: none. Without any, an estimate need not be there.
type bounds[T int64 | time.Duration] struct{ least, most *T }

func (b bounds[T]) hold(v *T) bool {
	if b.least == nil && b.most == nil {
		return true
	}
	return v != nil && (b.least == nil || *v >= *b.least) && (b.most == nil || *v <= *b.most)
}

// Selection is the group of a query: its name and what configures it and the groups above, from the root on.
type Selection struct {
	ID    []string
	specs []*GroupSpec
}

// String returns the group's full name.
func (s *Selection) String() string { return strings.Join(s.ID, ".") }

// Select finds the group of a query: that of the first selector that matches; false: none does.
func (s *Spec) Select(q *Query) (Selection, bool, error) {
	for i := range s.Selectors {
		values := map[string]string{}
		ok, err := s.Selectors[i].match(q, values)
		if err != nil {
			return Selection{}, false, err
		}
		if ok {
			out, err := s.expand(s.Selectors[i].group, q, values)
			return out, err == nil, err
		}
	}
	return Selection{}, false, nil
}

func (s *Selector) match(q *Query, values map[string]string) (bool, error) {
	for _, p := range s.patterns {
		if p.absent != nil && p.absent(q) {
			return false, nil
		}
		if ok, err := p.pattern.match(p.of(q), values); !ok || err != nil {
			return false, err
		}
	}
	if s.userGroup != nil {
		member := false
		for _, g := range q.Groups {
			ok, err := s.userGroup.match(g, nil)
			if err != nil {
				return false, err
			}
			member = member || ok
		}
		if !member {
			return false, nil
		}
	}
	for _, tag := range s.tags {
		if !slices.Contains(q.Tags, tag) {
			return false, nil
		}
	}
	return (s.queryType == "" || strings.EqualFold(s.queryType, q.Type)) &&
		s.executionTime.hold(q.ExecutionTime) && s.cpuTime.hold(q.CPUTime) && s.peakMemory.hold(q.PeakMemory), nil
}

// expand finds the groups from the root to the one that a selector names.
func (s *Spec) expand(path []Template, q *Query, values map[string]string) (Selection, error) {
	for name, v := range map[string]string{userVariable: q.User, sourceVariable: q.Source} {
		if _, ok := values[name]; !ok {
			values[name] = v
		}
	}
	var out Selection
	groups := s.Roots
	for _, t := range path {
		name, err := t.expand(values)
		if err != nil {
			return Selection{}, err
		}
		i := slices.IndexFunc(groups, func(g GroupSpec) bool { return g.Name.text == t.text })
		if i < 0 {
			return Selection{}, fmt.Errorf("no group '%s'", pathText(path))
		}
		out.ID = append(out.ID, name)
		out.specs = append(out.specs, &groups[i])
		groups = groups[i].SubGroups
	}
	return out, nil
}

// The variables that are always there.
const (
	userVariable   = "USER"
	sourceVariable = "SOURCE"
)
