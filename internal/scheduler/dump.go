package scheduler

import (
	"fmt"
	"strings"
)

// Dump returns the whole state as text. Two states with the same dump behave the same ever after; replaying a
// journal must reach the same dump, byte for byte.
func (s *State) Dump() string {
	var b strings.Builder
	fmt.Fprintf(&b, "now=%d timer=%d lines=%d config=%v victims=%v\n", s.now, s.timer, s.lines, s.cfg, s.victims)
	for _, n := range s.nodes {
		fmt.Fprintf(&b, "node %s instance=%s host=%s mem=%d slots=%d coordinator=%t draining=%t drained=%t used=%d holders=%d busy=%d light=%d spare=%d/%d eager=%d over=%d claimed=%d reported=%d pool=%d leases=(",
			n.id, n.instance, n.host, n.mem, n.slots, n.coordinator, n.draining, n.drained, n.used, n.holders, n.busy, n.light, n.spare, n.spareSlots, n.eager, n.over, n.claimed, n.reported, n.pool)
		for i, p := range n.leases {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(p.id(p.on(n.id)).String())
		}
		b.WriteString(")\n")
	}
	for _, q := range s.queries {
		q.dump(&b)
	}
	return b.String()
}

func (q *query) dump(b *strings.Builder) {
	fmt.Fprintf(b, "query %s %s %s direct=%t adaptive=%t submitted=%d ended=%d waits=%d attempt=%d restart=%d asked=%d answered=%d stranded=%d host-due=%d failed=%d settings=%v\n",
		q.id, q.policy, q.state, q.direct, q.adaptive, q.submitted, q.ended, q.waits, q.attempt, q.restartAt, q.asked, q.answered, q.stranded, q.hostDue, q.failedAttempts, q.settings)
	if q.failure != nil {
		fmt.Fprintf(b, "  failure %s\n", q.failure)
	}
	for _, f := range q.recent {
		fmt.Fprintf(b, "  recent %s task=%v node=%s\n", f, f.Task, f.Node)
	}
	for _, t := range q.past {
		fmt.Fprintf(b, "  past %v\n", t)
	}
	for _, st := range q.stages {
		st.dump(b)
	}
}

func (st *stage) dump(b *strings.Builder) {
	fmt.Fprintf(b, "  stage %v %s sealed=%t announced=%t published=%d/%d running=%d finished=%d skipped=%d failed=%d cpu=%d held=%d rows=%v bytes=%v ready=%v delayed=%v peaks=%v scans=%v runtimes=%v slow=%v race=%d early=%t tainted=%t await=%d/%t\n",
		st.Stage, st.state, st.sealed, st.announced, st.published, st.shown, st.running, st.finished, st.skipped, st.failed, st.cpu, st.held, st.rows, st.bytes,
		&st.ready, st.delays(), st.peaks.sorted, st.scans, st.runtimes.sorted, st.slow, st.raceAt, st.early, st.tainted, st.awaitUntil, st.impatient)
	if a := st.assign; a != nil {
		fmt.Fprintf(b, "    assigner grouped=%v decided=%t pending=%d/%d made=%d filled=%d grown=%v rounded=%d\n", a.grouped, a.decided, len(a.pending), a.pendingBytes, a.made, a.filled, a.grown, a.rounded)
		for _, u := range a.pending {
			fmt.Fprintf(b, "      unit splits=%v input=%d bundle=%d bytes=%d hosts=%v pinned=%t\n", u.splits, u.input, u.bundle, u.bytes, u.hosts, u.pinned)
		}
		for _, t := range a.open {
			fmt.Fprintf(b, "      open %q bytes=%d count=%d work=%v\n", t.key, t.bytes, t.count, t.work)
		}
	}
	if st.single != nil {
		fmt.Fprintf(b, "    single work=%v\n", *st.single)
	}
	for _, p := range st.parts {
		d := p.peek()
		fmt.Fprintf(b, "    partition %d %s next=%d failures=%d delays=%d mem=%d avoid=%s before=%d since=%d counted=%t work=%v",
			p.n, p.state, d.next, d.failures, d.delays, d.mem, d.avoid, d.notBefore, d.since, p.counted, d.work)
		if p.stored {
			fmt.Fprintf(b, " output=%v", d.out)
		}
		b.WriteByte('\n')
		for i := range d.attempts {
			fmt.Fprintf(b, "      attempt %v\n", d.attempts[i])
		}
	}
}
