package sim

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// after checks the load of the nodes, and the numbers of failed attempts.
func (c *checker) after(state *scheduler.State) string {
	running := map[scheduler.NodeID]int{}
	for _, t := range c.started {
		if t.running {
			running[t.action.Node]++
		}
	}
	for _, n := range state.Nodes() {
		most := n.MemBytes
		for _, id := range state.Running(n.ID) {
			if c.started[id].action.Class == scheduler.EagerSpeculative {
				most = n.MemBytes + n.MemBytes/3 // these may overcommit
			}
		}
		if n.UsedBytes > most {
			return fmt.Sprintf("node %s has %d of %d bytes in use", n.ID, n.UsedBytes, n.MemBytes)
		}
		if n.Attempts != running[n.ID] {
			return fmt.Sprintf("node %s is said to have %d attempts, not %d", n.ID, n.Attempts, running[n.ID])
		}
		busy, light := 0, 0
		for _, id := range state.Running(n.ID) {
			switch st := stageOf(c.queries[id.Query], id.Stage); {
			case st.CoordinatorOnly:
			case st.NoMemory:
				light++
			default:
				busy++
			}
		}
		if busy > n.Slots || light > scheduler.LightSlots {
			return fmt.Sprintf("node %s runs %d attempts in %d slots, and %d without memory", n.ID, busy, n.Slots, light)
		}
	}
	return ""
}
