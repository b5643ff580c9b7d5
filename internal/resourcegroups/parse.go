package resourcegroups

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// Parse reads a configuration in the format of Trino's file based manager. An *Error says what is wrong and where; unknown
// properties are wrong, and so is what Trino would refuse.
func Parse(text string) (*Spec, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	s := &Spec{}
	var groups, selectors bool
	if err := object(root, properties{
		"rootGroups":                  func(n node) error { groups = true; return list(n, &s.Roots, parseGroup) },
		"selectors":                   func(n node) error { selectors = true; return list(n, &s.Selectors, parseSelector) },
		"cpuQuotaPeriod":              func(n node) error { return duration(n, &s.CPUPeriod) },
		"physicalDataScanQuotaPeriod": func(n node) error { return duration(n, &s.ScanPeriod) },
	}); err != nil {
		return nil, err
	}
	switch {
	case !groups:
		return nil, root.at.error("rootGroups is null")
	case !selectors:
		return nil, root.at.error("selectors is null")
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// properties are those of an object.
type properties map[string]func(node) error

// object reads an object. A property that is null counts as not given.
func object(n node, known properties) error {
	if n.token != json.Delim('{') {
		return n.at.error("an object is expected")
	}
	for _, f := range n.fields {
		read, ok := known[f.name]
		if !ok {
			return f.at.error("Unknown property at line %d:%d: %s", f.at.line, f.at.column, f.name)
		}
		if f.value.token == nil {
			continue
		}
		if err := read(f.value); err != nil {
			return err
		}
	}
	return nil
}

func list[T any](n node, out *[]T, read func(node) (T, error)) error {
	if n.token != json.Delim('[') {
		return n.at.error("a list is expected")
	}
	for _, item := range n.items {
		v, err := read(item)
		if err != nil {
			return err
		}
		*out = append(*out, v)
	}
	return nil
}

func text(n node, out *string) error {
	s, ok := n.token.(string)
	if !ok {
		return n.at.error("a text is expected")
	}
	*out = s
	return nil
}

// number reads a number that is not below least; name is what the error calls it.
func number(n node, out *int, name string, least int) error {
	s, ok := n.token.(json.Number)
	if !ok {
		return n.at.error("%s: a number is expected", name)
	}
	v, err := strconv.ParseInt(s.String(), 10, 32)
	switch {
	case err != nil:
		return n.at.error("%s: %s is no whole number that can be used", name, s)
	case v < 0:
		return n.at.error("%s is negative", name)
	case v < int64(least):
		return n.at.error("%s must be positive", name)
	}
	*out = int(v)
	return nil
}

func duration(n node, out *time.Duration) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	d, err := config.ParseDuration(s)
	if err != nil {
		return n.at.error("%v", err)
	}
	if d == 0 {
		return n.at.error("%s: it must be more than nothing", s)
	}
	*out = d
	return nil
}

func size(n node, out *int64) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	v, err := config.ParseSize(s)
	if err != nil {
		return n.at.error("%v", err)
	}
	*out = v
	return nil
}

var percent = regexp.MustCompile(`^(\d{1,3}(?:\.\d+)?)%$`)

// memory reads a size or a share of the cluster's memory. None at all is as little as can be said.
func memory(n node, g *GroupSpec) error {
	var s string
	if err := text(n, &s); err != nil {
		return err
	}
	m := percent.FindStringSubmatch(s)
	if m == nil {
		err := size(n, &g.SoftMemory)
		g.SoftMemory = max(1, g.SoftMemory)
		return err
	}
	share, _ := strconv.ParseFloat(m[1], 64)
	if share > 100 {
		return n.at.error("softMemoryLimit percentage is over 100%%")
	}
	if g.MemoryShare = share / 100; share == 0 {
		g.SoftMemory = 1
	}
	return nil
}

func parseGroup(n node) (GroupSpec, error) {
	g := GroupSpec{at: n.at}
	var name, policy string
	var soft, hard bool
	err := object(n, properties{
		"name":            func(n node) error { return text(n, &name) },
		"softMemoryLimit": func(n node) error { return memory(n, &g) },
		"maxQueued":       func(n node) error { return number(n, &g.MaxQueued, "maxQueued", 0) },
		"softConcurrencyLimit": func(n node) error {
			soft = true
			return number(n, &g.Soft, "softConcurrencyLimit", 0)
		},
		"hardConcurrencyLimit": func(n node) error {
			hard = true
			return number(n, &g.Hard, "hardConcurrencyLimit", 0)
		},
		"maxRunning": func(n node) error { // its name of old
			if hard {
				return nil
			}
			hard = true
			return number(n, &g.Hard, "hardConcurrencyLimit", 0)
		},
		"schedulingPolicy": func(n node) error {
			if err := text(n, &policy); err != nil {
				return err
			}
			var ok bool
			if g.Policy, ok = policyOf(policy); !ok {
				return n.at.error("schedulingPolicy must be one of fair, weighted, weighted_fair, query_priority, but is '%s'", policy)
			}
			g.policySet = true
			return nil
		},
		"schedulingWeight":          func(n node) error { return number(n, &g.Weight, "schedulingWeight", 1) },
		"subGroups":                 func(n node) error { return list(n, &g.SubGroups, parseGroup) },
		"jmxExport":                 flag,
		"softCpuLimit":              func(n node) error { return duration(n, &g.SoftCPU) },
		"hardCpuLimit":              func(n node) error { return duration(n, &g.HardCPU) },
		"hardPhysicalDataScanLimit": func(n node) error { return size(n, &g.HardScan) },
	})
	if err != nil {
		return g, err
	}
	if g.Name, err = parseTemplate(name); err != nil {
		return g, n.at.error("%v", err)
	}
	switch {
	case !hard:
		return g, n.at.error("Missing required property: hardConcurrencyLimit")
	case !soft:
		g.Soft = g.Hard
	case g.Soft > g.Hard:
		return g, n.at.error("hardConcurrencyLimit must be greater than or equal to softConcurrencyLimit")
	}
	return g, nil
}

// flag reads jmxExport, which says nothing here: there is no JMX, and the state of every group can be asked for.
func flag(n node) error {
	if _, ok := n.token.(bool); !ok {
		return n.at.error("true or false is expected")
	}
	return nil
}

// queryTypes are those that selectors can ask for.
var queryTypes = []string{"DATA_DEFINITION", "DELETE", "DESCRIBE", "EXPLAIN", "ANALYZE", "INSERT", "SELECT", "UPDATE", "MERGE", "ALTER_TABLE_EXECUTE"}

func parseSelector(n node) (Selector, error) {
	s := Selector{at: n.at}
	subjects := map[string]*pattern{}
	regular := func(name string) func(node) error {
		return func(n node) error {
			p, err := patternOf(n)
			subjects[name] = p
			return err
		}
	}
	err := object(n, properties{
		"user": regular("user"), "originalUser": regular("originalUser"), "authenticatedUser": regular("authenticatedUser"), "source": regular("source"),
		"userGroup": func(n node) (err error) { s.userGroup, err = patternOf(n); return err },
		"clientTags": func(n node) error {
			return list(n, &s.tags, func(n node) (tag string, err error) { err = text(n, &tag); return tag, err })
		},
		"queryType": func(n node) error {
			if err := text(n, &s.queryType); err != nil {
				return err
			}
			if !slices.Contains(queryTypes, strings.ToUpper(s.queryType)) {
				return n.at.error("Selector specifies an invalid query type: %s", s.queryType)
			}
			return nil
		},
		"selectorResourceEstimate": func(n node) error {
			return object(n, properties{
				"executionTime": func(n node) error { return between(n, &s.executionTime, duration) },
				"cpuTime":       func(n node) error { return between(n, &s.cpuTime, duration) },
				"peakMemory":    func(n node) error { return between(n, &s.peakMemory, size) },
			})
		},
		"group": func(n node) error {
			var id string
			if err := text(n, &id); err != nil {
				return err
			}
			var err error
			if s.group, err = parsePath(id); err != nil {
				return n.at.error("%v", err)
			}
			return nil
		},
	})
	if err != nil {
		return s, err
	}
	if s.group == nil {
		return s, n.at.error("group is null")
	}
	for _, of := range []struct {
		name   string
		value  func(*Query) string
		absent func(*Query) bool
	}{
		{"user", func(q *Query) string { return q.User }, nil},
		{"originalUser", func(q *Query) string { return q.OriginalUser }, nil},
		{"authenticatedUser", func(q *Query) string { return q.AuthenticatedUser }, func(q *Query) bool { return q.AuthenticatedUser == "" }},
		{"source", func(q *Query) string { return q.Source }, func(q *Query) bool { return q.Source == "" }},
	} {
		if p := subjects[of.name]; p != nil {
			s.patterns = append(s.patterns, subject{p, of.value, of.absent})
		}
	}
	return s, nil
}

// namedGroup is the beginning of a named group in a regular expression.
var namedGroup = regexp.MustCompile(`\(\?<([a-zA-Z][a-zA-Z0-9]*)>`)

func patternOf(n node) (*pattern, error) {
	var s string
	if err := text(n, &s); err != nil {
		return nil, err
	}
	p, err := parsePattern(s)
	if err != nil {
		return nil, n.at.error("Invalid regular expression '%s': %v", s, err)
	}
	return p, nil
}

func between[T int64 | time.Duration](n node, out *bounds[T], read func(node, *T) error) error {
	bound := func(to **T) func(node) error {
		return func(n node) error {
			*to = new(T)
			return read(n, *to)
		}
	}
	return object(n, properties{"min": bound(&out.least), "max": bound(&out.most)})
}
