package scheduler

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// node is a member of the cluster.
type node struct {
	id          NodeID
	instance    string
	host        string
	mem         int64
	slots       int
	coordinator bool
	draining    bool
	drained     bool // NodeDrained has been said

	leases  []*partition // whose attempts are here, in order of start
	used    int64        // memory set aside for them
	claimed int64        // the same, but for each of them what it uses if that is more

	// Of SPECULATIVE attempts, which make room for others:
	spare      int64 // memory set aside for them
	spareSlots int   // slots taken by them
	// Of the others:
	eager   int64 // memory set aside for EAGER_SPECULATIVE attempts
	holders int   // how many have memory set aside
	busy    int   // slots taken
	light   int   // of all classes: attempts of NoMemory stages, which have slots of their own

	over     int64 // memory that EAGER_SPECULATIVE attempts may have beyond what there is
	reported int64 // what the node says that is used on it; 0 if it has not said
	pool     int64 // what it says that it has

	// In a round of allocation:
	kept int64 // memory that is kept for a task that does not fit yet
	full bool  // such a task is to have the whole node

	index *nodeIndex
	pos   int  // among the nodes of the index
	stale bool // the index has not seen the present load
}

// unused is the memory that is neither set aside nor seen to be used.
func (n *node) unused() int64 { return min(n.mem-n.used, n.leftNow()) }

// left is the memory that STANDARD attempts can have: what SPECULATIVE ones have counts as free, and what EAGER ones
// have beyond what there is does not count.
func (n *node) left() int64 { return n.unused() + n.spare + min(n.eager, n.over) - n.kept }

// leftFor is the memory that attempts of the class can have.
func (n *node) leftFor(c Class) int64 {
	switch c {
	case EagerSpeculative:
		return n.unused() + n.spare + n.over
	case Speculative:
		return n.unused() - n.kept
	}
	return n.left()
}

// empty reports whether nobody who counts has memory set aside: the node takes a task of any size.
func (n *node) empty() bool { return n.holders == 0 && !n.full }

// changed tells the index that the load is another.
func (n *node) changed() {
	if n.index != nil && !n.stale {
		n.stale = true
		n.index.stale = append(n.index.stale, n)
	}
}

// add takes what an attempt of p needs.
func (n *node) add(p *partition, a *attempt) {
	n.leases = append(n.leases, p)
	n.count(p, a, 1)
}

// count adds an attempt to the node's load, or takes it off.
func (n *node) count(p *partition, a *attempt, sign int) {
	mem := int64(sign) * a.mem
	n.used += mem
	n.claimed += int64(sign) * a.claim
	holds, slots := 0, 0
	if a.mem > 0 {
		holds = sign
	}
	if p.stage.takesSlot() {
		slots = sign
	}
	if p.stage.light() {
		n.light += sign
	}
	switch a.class {
	case Speculative:
		n.spare += mem
		n.spareSlots += slots
	case EagerSpeculative:
		n.eager += mem
		fallthrough
	default:
		n.holders += holds
		n.busy += slots
	}
	n.changed()
}

// remove gives it back, and what the attempt was seen to use.
func (n *node) remove(p *partition, a *attempt) {
	n.reported = max(n.reported-a.live, 0)
	i := slices.Index(n.leases, p)
	n.leases = slices.Delete(n.leases, i, i+1)
	n.count(p, a, -1)
}

func (s *State) findNode(id NodeID) (int, bool) {
	return slices.BinarySearchFunc(s.nodes, id, func(n *node, id NodeID) int { return cmp.Compare(n.id, id) })
}

// node returns the node, or nil if it is not there.
func (s *State) node(id NodeID) *node {
	if i, ok := s.findNode(id); ok {
		return s.nodes[i]
	}
	return nil
}

// cluster returns the index of the nodes.
func (s *State) cluster() *nodeIndex {
	if !s.index.built {
		s.index.build(s.nodes)
	}
	s.index.refresh()
	return &s.index
}

// largest returns the node with the most memory among those that take tasks, or nil.
func (s *State) largest() *node { return s.cluster().largest }

// workers counts the nodes that take ordinary tasks.
func (s *State) workers() int { return s.cluster().workers }

// slots counts the attempts that may run at a time.
func (s *State) slots() int { return s.cluster().slots }

// hostPreferred reports whether tasks that read data at that host should run there: whether a node is there.
func (s *State) hostPreferred(host string) bool {
	return s.cfg.LocalScheduling && s.cluster().at(host) != nil
}

func (s *State) nodeJoined(ev NodeJoined) {
	i, ok := s.findNode(ev.Node)
	if ok && s.nodes[i].instance != ev.Instance {
		s.removeNode(s.nodes[i], failure(trinoerr.RemoteTaskMismatch, fmt.Sprintf("%s (%s)", workerRestarted, ev.Node)), false)
		i, ok = s.findNode(ev.Node)
	}
	if !ok {
		s.nodes = slices.Insert(s.nodes, i, &node{id: ev.Node, instance: ev.Instance})
	}
	n := s.nodes[i]
	n.host, n.mem, n.slots, n.coordinator = ev.Host, ev.MemBytes, ev.Slots, ev.Coordinator
	n.over = min(s.cfg.EagerOvercommit, n.mem/3)
	s.index.built = false
}

func (s *State) nodeDraining(id NodeID) {
	if n := s.node(id); n != nil {
		n.draining = true
		s.index.built = false
	}
}

func (s *State) nodeLost(ev NodeLost) {
	n := s.node(ev.Node)
	if n == nil || ev.Instance != "" && ev.Instance != n.instance {
		return
	}
	msg := ev.Message
	if msg == "" {
		msg = fmt.Sprintf("%s (%s)", workerNodeError, ev.Node)
	}
	s.removeNode(n, failure(trinoerr.RemoteHostGone, msg), n.draining)
}

func (s *State) nodeLeft(ev NodeLeft) {
	n := s.node(ev.Node)
	if n == nil || ev.Instance != "" && ev.Instance != n.instance {
		return
	}
	s.removeNode(n, failure(trinoerr.ServerShuttingDown, fmt.Sprintf("Worker node %s has shut down", ev.Node)), true)
}

// removeNode drops a node: its attempts run again elsewhere, and outputs that live on it are made again if they are
// needed.
func (s *State) removeNode(n *node, f Failure, free bool) {
	s.nodes = slices.DeleteFunc(s.nodes, func(o *node) bool { return o == n })
	s.dropVictims(n.id, nil)
	s.index.built = false
	for _, p := range slices.Clone(n.leases) {
		// An earlier one may have ended the query or restarted it.
		if a := p.on(n.id); a != nil {
			s.nodeGone(p, a, f, free)
		}
	}
	for _, q := range slices.Clone(s.queries) {
		if !q.direct || q.state == QueryFailedState {
			continue
		}
		// Consumers first: what they have lost decides what is needed of their producers.
		for _, st := range slices.Backward(slices.Clone(q.stages)) {
			for _, p := range st.homes.at(n.id, st) {
				if o, ok := p.output(); ok && o.Node == n.id && q.state != QueryFailedState {
					f.Node = n.id
					s.lose(p, f)
				}
			}
		}
	}
}

// announceDrained says which draining nodes may leave.
func (s *State) announceDrained() {
	for _, n := range s.cluster().draining {
		if !n.drained && len(n.leases) == 0 && !s.holdsOutputs(n.id) {
			n.drained = true
			s.do(NodeDrained{Node: n.id})
		}
	}
}

// holdsOutputs reports whether outputs that are still needed live on the node.
func (s *State) holdsOutputs(id NodeID) bool {
	for _, q := range s.queries {
		if !q.direct || q.state == QueryFailedState {
			continue
		}
		for _, st := range q.stages {
			if !st.needed() {
				continue
			}
			if st.homes.any(id, st) {
				return true
			}
		}
	}
	return false
}
