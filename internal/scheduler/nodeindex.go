package scheduler

import (
	"cmp"
	"slices"
)

// nodeIndex answers what allocation asks about the nodes without looking at all of them. It follows every change of a
// node's load; when nodes come, go or change it is built anew.
type nodeIndex struct {
	built bool
	stale []*node // changed since they were last looked at

	nodes        []*node // of the cluster, by id
	draining     []*node
	coordinators []*node // that may run CoordinatorOnly stages
	hosts        []host  // by name
	largest      *node   // with the most memory of those that take ordinary tasks
	workers      int     // that take ordinary tasks
	slots        int     // of those that are not draining

	// Of the nodes that take ordinary tasks:
	free  tournament // those with a free slot
	empty tournament // those with a free slot on which nobody has memory
	roomy tournament // all
}

// host is the nodes at one host that are not draining.
type host struct {
	name  string
	nodes []*node
}

// lookahead bounds how many nodes with equally much memory left are compared further.
const lookahead = 16

// roomier orders nodes by memory left, then by the number of tasks.
func roomier(a, b *node) bool {
	if a.left() != b.left() {
		return a.left() > b.left()
	}
	return a.busy < b.busy
}

// refresh takes in how loads have changed.
func (x *nodeIndex) refresh() {
	for _, n := range x.stale {
		n.stale = false
		x.place(n)
	}
	x.stale = x.stale[:0]
}

func (x *nodeIndex) build(nodes []*node) {
	for _, n := range x.stale {
		n.stale = false
	}
	*x = nodeIndex{built: true, nodes: nodes, stale: x.stale[:0]}
	for _, t := range []*tournament{&x.free, &x.empty, &x.roomy} {
		t.reset(nodes)
	}
	for i, n := range nodes {
		n.index, n.pos = x, i
		if n.draining {
			x.draining = append(x.draining, n)
			continue
		}
		x.slots += n.slots
		if n.coordinator {
			x.coordinators = append(x.coordinators, n)
		}
		x.addHost(n)
		if n.slots > 0 {
			x.workers++
			if x.largest == nil || n.mem > x.largest.mem {
				x.largest = n
			}
		}
		x.place(n)
	}
}

func (x *nodeIndex) addHost(n *node) {
	i, ok := x.findHost(n.host)
	if !ok {
		x.hosts = slices.Insert(x.hosts, i, host{name: n.host})
	}
	x.hosts[i].nodes = append(x.hosts[i].nodes, n)
}

func (x *nodeIndex) findHost(name string) (int, bool) {
	return slices.BinarySearchFunc(x.hosts, name, func(h host, name string) int { return cmp.Compare(h.name, name) })
}

// at returns the nodes at a host.
func (x *nodeIndex) at(name string) []*node {
	if i, ok := x.findHost(name); ok {
		return x.hosts[i].nodes
	}
	return nil
}

// place puts the node where its load belongs.
func (x *nodeIndex) place(n *node) {
	takes := n.slots > 0 && !n.draining
	x.roomy.set(n, takes)
	takes = takes && n.busy < n.slots
	x.free.set(n, takes)
	x.empty.set(n, takes && n.empty())
}

// withdraw takes the node out of consideration until it is placed again.
func (x *nodeIndex) withdraw(n *node) {
	for _, t := range []*tournament{&x.free, &x.empty, &x.roomy} {
		t.set(n, false)
	}
}

// node returns the node of that id, or nil.
func (x *nodeIndex) node(id NodeID) *node {
	i, ok := slices.BinarySearchFunc(x.nodes, id, func(n *node, id NodeID) int { return cmp.Compare(n.id, id) })
	if id == "" || !ok {
		return nil
	}
	return x.nodes[i]
}

// tournament is a binary tree over nodes in which the better of two goes up: the best is at the top, the first by id
// among equals.
type tournament struct {
	nodes []*node
	size  int
	won   []int32 // positions in nodes; -1 where nobody takes part
}

func (t *tournament) reset(nodes []*node) {
	t.nodes, t.size = nodes, 1
	for t.size < len(nodes) {
		t.size *= 2
	}
	t.won = make([]int32, 2*t.size)
	for i := range t.won {
		t.won[i] = -1
	}
}

// set lets the node take part, with its present load, or not.
func (t *tournament) set(n *node, in bool) {
	i := t.size + n.pos
	t.won[i] = -1
	if in {
		t.won[i] = int32(n.pos)
	}
	for i /= 2; i > 0; i /= 2 {
		a, b := t.won[2*i], t.won[2*i+1]
		if a < 0 || b >= 0 && roomier(t.nodes[b], t.nodes[a]) {
			a = b
		}
		t.won[i] = a
	}
}

// top returns the best node, or nil.
func (t *tournament) top() *node {
	if len(t.won) < 2 || t.won[1] < 0 {
		return nil
	}
	return t.nodes[t.won[1]]
}

// best calls f with the nodes from the best downwards until it returns false.
func (t *tournament) best(f func(*node) bool) {
	var out []*node
	for n := t.top(); n != nil && f(n); n = t.top() {
		t.set(n, false)
		out = append(out, n)
	}
	for _, n := range out {
		t.set(n, true)
	}
}
