package resourcegroups

import "slices"

// Info is a group as it is at present.
type Info struct {
	ID    []string
	State string // CAN_RUN, CAN_QUEUE or FULL
	Spec  *GroupSpec
	// SoftMemory is the limit of memory in bytes, -1 when there is none.
	SoftMemory        int64
	Used              Usage
	Queued, Running   int
	EligibleSubGroups int
	SubGroups         []Info   // that have queries
	RunningQueries    []string // here and below
}

// Info shows a group; false when it is not in use.
func (t *Tree) Info(id []string) (Info, bool) {
	g := &t.top
	for _, name := range id {
		if g = g.sub(name); g == nil {
			return Info{}, false
		}
	}
	if g.parent == nil {
		return Info{}, false
	}
	out := t.info(g)
	for _, sub := range g.subs {
		if sub.running+sub.queued > 0 {
			out.SubGroups = append(out.SubGroups, t.info(sub))
		}
	}
	for _, q := range t.queries {
		if q.running && q.group.within(g) {
			out.RunningQueries = append(out.RunningQueries, q.id)
		}
	}
	slices.Sort(out.RunningQueries)
	return out, true
}

func (g *group) within(above *group) bool {
	for ; g != nil; g = g.parent {
		if g == above {
			return true
		}
	}
	return false
}

func (t *Tree) info(g *group) Info {
	out := Info{ID: g.id, State: "FULL", Spec: g.spec, SoftMemory: -1, Used: g.used, Queued: g.queued, Running: g.running}
	switch {
	case t.canRun(g):
		out.State = "CAN_RUN"
	case g.queued < g.spec.MaxQueued:
		out.State = "CAN_QUEUE"
	}
	switch {
	case g.spec.SoftMemory > 0:
		out.SoftMemory = g.spec.SoftMemory
	case g.spec.MemoryShare > 0:
		out.SoftMemory = int64(float64(t.memory) * g.spec.MemoryShare)
	}
	for _, sub := range g.subs {
		if t.eligible(sub) {
			out.EligibleSubGroups++
		}
	}
	return out
}
