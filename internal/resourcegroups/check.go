package resourcegroups

import (
	"slices"
	"strings"
)

// check looks for what is wrong with groups and selectors together, in Trino's words.
func (s *Spec) check() error {
	if err := s.checkGroups(s.Roots, "Duplicated root group: %s", nil); err != nil {
		return err
	}
	for i := range s.Selectors {
		if err := s.checkSelector(&s.Selectors[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Spec) checkGroups(groups []GroupSpec, duplicate string, parent *GroupSpec) error {
	seen := map[string]bool{}
	for i := range groups {
		g := &groups[i]
		if seen[g.Name.text] {
			return g.at.error(duplicate, g.Name)
		}
		seen[g.Name.text] = true
		if parent != nil && parent.Policy == QueryPriority {
			if g.policySet && g.Policy != QueryPriority {
				return g.at.error("Parent of %s uses query priority scheduling, so %s must also", g.Name, g.Name)
			}
			g.Policy = QueryPriority
		}
		if err := s.checkGroup(g); err != nil {
			return err
		}
		if err := s.checkGroups(g.SubGroups, "Duplicated sub group: %s", g); err != nil {
			return err
		}
	}
	return nil
}

func (s *Spec) checkGroup(g *GroupSpec) error {
	weights := 0
	for _, sub := range g.SubGroups {
		if sub.Weight > 0 {
			weights++
		}
	}
	switch {
	case (g.SoftCPU > 0 || g.HardCPU > 0) && s.CPUPeriod == 0:
		return g.at.error("cpuQuotaPeriod must be specified to use CPU limits on group: %s", g.Name)
	case g.SoftCPU > 0 && g.HardCPU == 0:
		return g.at.error("Must specify hard CPU limit in addition to soft limit")
	case g.SoftCPU > g.HardCPU:
		return g.at.error("Soft CPU limit cannot be greater than hard CPU limit")
	case g.HardScan > 0 && s.ScanPeriod == 0:
		return g.at.error("physicalDataScanQuotaPeriod must be specified to use physical data scan limits on group: %s", g.Name)
	case (g.Policy == Weighted || g.Policy == WeightedFair) && weights > 0 && weights < len(g.SubGroups):
		return g.at.error("Must specify scheduling weight for all sub-groups of '%s' or none of them", g.Name)
	case g.policySet && (g.Policy == Fair || g.Policy == QueryPriority) && weights > 0:
		return g.at.error("Must use 'weighted' or 'weighted_fair' scheduling policy if specifying scheduling weight for '%s'", g.Name)
	}
	return nil
}

func (s *Spec) checkSelector(sel *Selector) error {
	known := []string{userVariable, sourceVariable}
	for _, p := range sel.patterns {
		for _, name := range p.pattern.names {
			if slices.Contains(known, name) {
				return sel.at.error("Multiple definitions found for variable ${%s}", name)
			}
			known = append(known, name)
		}
	}
	groups := s.Roots
	for i, t := range sel.group {
		for _, v := range t.variables() {
			if !slices.Contains(known, v) {
				return sel.at.error("unresolved variables [%s] in resource group ID '%s', available: [%s]", v, pathText(sel.group), strings.Join(known, ", "))
			}
		}
		at := slices.IndexFunc(groups, func(g GroupSpec) bool { return g.Name.text == t.text })
		if at < 0 {
			return sel.at.error("Selector refers to nonexistent group: %s", pathText(sel.group[:i+1]))
		}
		groups = groups[at].SubGroups
	}
	return nil
}
