package sim

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// after checks the load of the nodes, and the numbers of their attempts.
func (c *checker) after(state *scheduler.State) string {
	for _, n := range state.Nodes() {
		if n.Attempts != len(c.running[n.ID]) {
			return fmt.Sprintf("node %s is said to have %d attempts, not %d", n.ID, n.Attempts, len(c.running[n.ID]))
		}
		most, busy, light := n.MemBytes, 0, 0
		for t := range c.running[n.ID] {
			if t.action.Class == scheduler.EagerSpeculative {
				most = n.MemBytes + n.MemBytes/3 // these may overcommit
			}
			switch {
			case t.stage.CoordinatorOnly:
			case t.stage.NoMemory:
				light++
			default:
				busy++
			}
		}
		switch {
		case n.UsedBytes > most:
			return fmt.Sprintf("node %s has %d of %d bytes in use", n.ID, n.UsedBytes, n.MemBytes)
		case busy > n.Slots || light > scheduler.LightSlots:
			return fmt.Sprintf("node %s runs %d attempts in %d slots, and %d without memory", n.ID, busy, n.Slots, light)
		}
	}
	return ""
}

// compareRunning checks that the attempts which the machine says are on a node are those that were started there.
func (c *checker) compareRunning(state *scheduler.State) string {
	for _, n := range state.Nodes() {
		for _, id := range state.Running(n.ID) {
			if t := c.started[id]; t == nil || !c.running[n.ID][t] {
				return fmt.Sprintf("%s is said to run on node %s", id, n.ID)
			}
		}
	}
	return ""
}
