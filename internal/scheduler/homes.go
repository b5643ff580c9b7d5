package scheduler

import (
	"cmp"
	"slices"
)

// homes lists, for each node, the partitions of a stage whose outputs live there: only those are looked at when the
// node is lost. Entries are not taken out when an output goes; who reads the list asks whether they still hold.
type homes struct {
	nodes []home // by id
}

type home struct {
	node  NodeID
	parts []int32
}

func (h *homes) find(id NodeID) (int, bool) {
	return slices.BinarySearchFunc(h.nodes, id, func(o home, id NodeID) int { return cmp.Compare(o.node, id) })
}

// add notes that partition n has an output on the node.
func (h *homes) add(id NodeID, n int) {
	i, ok := h.find(id)
	if !ok {
		h.nodes = slices.Insert(h.nodes, i, home{node: id})
	}
	h.nodes[i].parts = append(h.nodes[i].parts, int32(n))
}

// at returns the partitions whose outputs are on the node, in order.
func (h *homes) at(id NodeID, st *stage) []*partition {
	i, ok := h.find(id)
	if !ok {
		return nil
	}
	list := slices.Compact(slices.Sorted(slices.Values(h.nodes[i].parts)))
	var out []*partition
	for _, n := range list {
		if o, ok := st.parts[n].output(); ok && o.Node == id {
			out = append(out, st.parts[n])
		}
	}
	return out
}

// any reports whether an output is on the node. Entries that do not hold any more are dropped on the way.
func (h *homes) any(id NodeID, st *stage) bool {
	i, ok := h.find(id)
	if !ok {
		return false
	}
	parts := h.nodes[i].parts
	for len(parts) > 0 {
		if o, ok := st.parts[parts[len(parts)-1]].output(); ok && o.Node == id {
			break
		}
		parts = parts[:len(parts)-1]
	}
	h.nodes[i].parts = parts
	return len(parts) > 0
}
