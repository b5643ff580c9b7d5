package resourcegroups

import (
	"strings"
	"time"
)

// Spec is a configuration of resource groups that was found right.
type Spec struct {
	Roots     []GroupSpec
	Selectors []Selector
	// CPUPeriod and ScanPeriod are how long a group takes to get back all of its CPU time and of the data it may scan; 0: never.
	CPUPeriod, ScanPeriod time.Duration
}

// GroupSpec is a group, or the template of many.
type GroupSpec struct {
	Name Template
	// SoftMemory is how much memory its queries may have before others wait; MemoryShare, when that is 0, the share of the
	// cluster's memory; both 0: no limit.
	SoftMemory  int64
	MemoryShare float64
	MaxQueued   int
	// Hard is how many queries run at a time; from Soft on, groups beside it that are below theirs go first.
	Soft, Hard       int
	Policy           Policy
	Weight           int // among the groups beside it; 0: not given, which is 1
	SoftCPU, HardCPU time.Duration
	HardScan         int64 // bytes; 0: no limit
	SubGroups        []GroupSpec

	policySet bool
	at        position
}

// Policy says in which order waiting queries start.
type Policy uint8

// The policies, with Trino's names.
const (
	// Fair starts queries as they came, and lets sub-groups take turns.
	Fair Policy = iota
	// Weighted draws queries in proportion to their priority, and gives sub-groups turns in proportion to their weights.
	Weighted
	// WeightedFair takes the sub-group that has the fewest running queries for its weight.
	WeightedFair
	// QueryPriority takes the query with the highest priority of all sub-groups.
	QueryPriority
)

var policyNames = [...]string{"FAIR", "WEIGHTED", "WEIGHTED_FAIR", "QUERY_PRIORITY"}

// String returns Trino's name of the policy.
func (p Policy) String() string { return policyNames[p] }

func policyOf(name string) (Policy, bool) {
	for p, n := range policyNames {
		if strings.EqualFold(n, name) {
			return Policy(p), true
		}
	}
	return 0, false
}

// Global is what holds without a configuration: one group for all queries.
func Global(maxRunning, maxQueued int) *Spec {
	return &Spec{
		Roots:     []GroupSpec{{Name: literal("global"), Hard: maxRunning, Soft: maxRunning, MaxQueued: maxQueued}},
		Selectors: []Selector{{group: []Template{literal("global")}}},
	}
}

// weight is what the group counts among those beside it.
func (s *GroupSpec) weight() int64 { return int64(max(1, s.Weight)) }

// measured reports whether a limit of the group is about what its queries use.
func (s *GroupSpec) measured() bool {
	return s.SoftMemory > 0 || s.MemoryShare > 0 || s.HardCPU > 0 || s.SoftCPU > 0 || s.HardScan > 0
}

// Measured reports whether a limit is about what queries use, so that Tree.Use has to be told.
func (s *Spec) Measured() bool { return measured(s.Roots) }

func measured(groups []GroupSpec) bool {
	for i := range groups {
		if groups[i].measured() || measured(groups[i].SubGroups) {
			return true
		}
	}
	return false
}
