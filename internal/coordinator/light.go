package coordinator

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// systemCatalog is the catalog that shows the cluster's own state.
const systemCatalog = "system"

// lighten marks a stage that reads metadata only: it requests no memory and waits for no long task, so that a full cluster
// can still be asked what it does. What Trino runs on the coordinator for that gets as much memory here at most. light tells
// which of the earlier stages are such ones.
func (f *fragment) lighten(st *scheduler.Stage, s Settings, light func(stage int) bool) {
	if !st.Writer && readsMetadataOnly(f.Root, light) {
		st.NoMemory, st.MemoryRequest = true, s.Scheduler.CoordinatorTaskMemory
	}
}

// isLight is lighten's last argument for stages that have been planned.
func isLight(planned []stagePlan) func(int) bool {
	return func(stage int) bool { return stage < len(planned) && planned[stage].Graph.NoMemory }
}

// readsMetadataOnly reports whether all that a plan reads are tables of the catalog system, what describes catalogs, or
// outputs of stages that read nothing else.
func readsMetadataOnly(n plan.Node, light func(stage int) bool) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return n.Catalog == systemCatalog
	case *plan.Values:
		return n.Metadata
	case *plan.RemoteSource:
		return light(n.Stage)
	}
	reads := slices.Concat(n.Sources(), plan.Subplans(n))
	return len(n.Sources()) > 0 && !slices.ContainsFunc(reads, func(n plan.Node) bool { return !readsMetadataOnly(n, light) })
}
