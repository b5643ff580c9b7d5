package scheduler

import (
	"encoding/json"
	"fmt"
)

// NodeMemory says how much memory a node and its attempts use at the moment. It is worth an event only now and then:
// Worthy.
type NodeMemory struct {
	At        Instant
	Node      NodeID
	Instance  string
	UsedBytes int64 // by all attempts, and whatever else there is on the node
	PoolBytes int64 // what there is
	Tasks     []TaskMemory
}

// TaskMemory is what one attempt uses, after how much work.
type TaskMemory struct {
	Task   TaskID
	Bytes  int64
	Millis int64 // since it began
}

// MarshalJSON returns [task, bytes, millis]: there is one for each attempt in each event.
func (m TaskMemory) MarshalJSON() ([]byte, error) {
	return json.Marshal([3]any{m.Task.String(), m.Bytes, m.Millis})
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (m *TaskMemory) UnmarshalJSON(data []byte) error {
	var id string
	if err := json.Unmarshal(data, &[3]any{&id, &m.Bytes, &m.Millis}); err != nil {
		return err
	}
	var err error
	m.Task, err = ParseTaskID(id)
	return err
}

func (e NodeMemory) when() Instant  { return e.At }
func (e NodeMemory) query() QueryID { return "" }

// String returns the event as one line.
func (e NodeMemory) String() string {
	s := fmt.Sprintf("node-memory %s used=%d of=%d", e.Node, e.UsedBytes, e.PoolBytes)
	for _, t := range e.Tasks {
		s += fmt.Sprintf(" %s=%d", t.Task, t.Bytes)
	}
	return s
}

// blocked reports whether more is used than there is.
func (e NodeMemory) blocked() bool { return e.UsedBytes > e.PoolBytes }

// Worthy reports whether a decision may depend on what has changed from prev, the last report that became an event, to
// next. Reports are events like others, written to the journal; a node whose tasks go about their work as before needs
// none.
func Worthy(prev, next NodeMemory) bool {
	change := next.UsedBytes - prev.UsedBytes
	return prev.blocked() || next.blocked() || prev.Instance != next.Instance || prev.PoolBytes != next.PoolBytes ||
		max(change, -change) > next.PoolBytes/20
}

// nodeMemory takes note of what a node says that it uses.
func (s *State) nodeMemory(ev NodeMemory) {
	n := s.node(ev.Node)
	if n == nil || ev.Instance != n.instance {
		return
	}
	for _, p := range n.leases {
		p.on(n.id).live = 0
	}
	for _, m := range ev.Tasks {
		if _, a := s.running(m.Task); a != nil && a.node == n.id {
			a.live, a.millis = m.Bytes, m.Millis
		}
	}
	n.reported, n.pool = ev.UsedBytes, ev.PoolBytes
	n.claimAgain(s.cfg.RuntimeMemoryOverhead)
	s.dropVictims(n.id, ev.Tasks)
	s.killForMemory()
}

// claimAgain adds up what the attempts on the node have or use, whatever is more.
func (n *node) claimAgain(overhead int64) {
	n.claimed = 0
	for _, p := range n.leases {
		a := p.on(n.id)
		a.claim = a.mem
		if a.live > a.mem {
			a.claim = a.live
			if a.mem > 0 {
				a.claim += min(overhead, n.mem/8)
			}
		}
		n.claimed += a.claim
	}
	n.changed()
}

// leftNow is what the node has for another attempt when what is used counts, by its attempts or by others.
//
// An attempt is held to what was set aside for it, so one that stays within that counts with just that. One that has
// gone beyond may go further: then it counts with what it uses and something more (Trino adds that to all). Small nodes
// add less, at most an eighth of what they have.
func (n *node) leftNow() int64 {
	if len(n.leases) == 0 {
		return n.mem // what was reported is over
	}
	return n.mem - max(n.claimed, n.reported)
}
