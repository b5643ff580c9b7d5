package scheduler

import (
	"slices"
	"time"
)

// partState is where a partition is in its life.
type partState uint8

const (
	partReady    partState = iota // waits for a node
	partDelayed                   // waits for its retry delay
	partRunning                   // has an attempt on a node
	partFinished                  // has been finished; its output may have been deleted since
	partSkipped                   // not needed: the stage's row limit was reached without it
	partReplaced                  // not needed: two others have its input
)

// String returns the word used in dumps.
func (s partState) String() string {
	return [...]string{"ready", "delayed", "running", "finished", "skipped", "replaced"}[s]
}

// partition is one logical task of a stage, the unit of retry.
type partition struct {
	stage   *stage
	n       int
	state   partState
	stored  bool // has a selected output that is still there
	counted bool // its sizes are part of the stage's sums
	warm    bool // is in the query's list of what may be packed

	// What there is to say beyond that is packed while the partition rests (pack.go): then detail is nil.
	*detail
	packed string
}

// detail is what is known of a partition at work.
type detail struct {
	work     work
	attempts []attempt // in order of start
	// next is the number of the next attempt (TASK; under QUERY it is the query's).
	next     int
	failures int // attempts that count against the limit
	delays   int // failures that were followed by a delay
	mem      int64
	avoid    NodeID // where it failed last: another node is tried first
	// notBefore is when the delay ends.
	notBefore Instant
	// since is when it was first denied a node at the host of its data; 0 if it was not.
	since Instant
	out   Bundle // the selected output; see partition.output
}

// work is the input of a partition.
type work struct {
	splits []Split
	// bundles are, per input, the producer partitions to read; a nil entry means all.
	bundles [][]int
	// exchange is the set of exchange partitions to read of partitioned inputs; nil means all.
	exchange []int
	// An oversized hash partition is shared by several tasks: of input share.input this one reads every share.of-th
	// bundle. share.of is 0 if not.
	share share
	host  string   // near the data: preferred, not waited for
	hosts []string // of pinned splits: the only places where they can be read
}

type share struct {
	input, part, of int
}

// attempt is one run of a partition.
type attempt struct {
	number     int
	node       NodeID
	state      AttemptState
	start, end Instant
	mem, peak  int64
	rows       int64
	bytes      int64
	cpu, wall  time.Duration
	code       string // of its failure
	nodeLost   bool   // failed only because its node was lost
	class      Class
	backup     bool // was started beside another
	// While it runs: what its node said that it used and since how many milliseconds it worked, and what it counts with.
	live, millis, claim int64
}

// running reports whether the attempt is on a node.
func (a *attempt) running() bool { return a.state == AttemptScheduled || a.state == AttemptRunning }

// id names attempt a of the partition.
func (p *partition) id(a *attempt) TaskID {
	return TaskID{Query: p.stage.q.id, Stage: p.stage.ID, Partition: p.n, Attempt: a.number}
}

// dropped reports whether p will never have an output.
func (p *partition) dropped() bool { return p.state == partSkipped || p.state == partReplaced }

// pending reports whether p still has to be finished, in a stage that is at work.
func (p *partition) pending() bool {
	return p.stage.state == StageRunning && p.state != partFinished && !p.dropped()
}

// current returns the newest attempt that is on a node, or nil.
func (p *partition) current() *attempt {
	if p.state != partRunning {
		return nil
	}
	for i := len(p.attempts) - 1; i >= 0; i-- {
		if p.attempts[i].running() {
			return &p.attempts[i]
		}
	}
	return nil
}

// on returns the attempt that is on that node, or nil. Attempts of a partition are never on the same one.
func (p *partition) on(id NodeID) *attempt {
	if p.state != partRunning {
		return nil
	}
	for i := range p.attempts {
		if a := &p.attempts[i]; a.running() && a.node == id {
			return a
		}
	}
	return nil
}

// find returns the attempt of that number, or nil.
func (p *partition) find(number int) *attempt {
	i := slices.IndexFunc(p.attempts, func(a attempt) bool { return a.number == number })
	if i < 0 {
		return nil
	}
	return &p.attempts[i]
}

// readsAll reports whether p reads every output of input i.
func (p *partition) readsAll(i int) bool {
	return (p.work.bundles == nil || p.work.bundles[i] == nil) && (p.work.share.of == 0 || p.work.share.input != i)
}

// reads returns the producer partitions of input i that p reads.
func (p *partition) reads(i int) []*partition {
	producer := p.stage.producer(i)
	var list []int
	if p.work.bundles != nil {
		list = p.work.bundles[i]
	}
	sh := p.work.share
	var out []*partition
	take := func(o *partition) {
		if !o.dropped() {
			out = append(out, o)
		}
	}
	if list != nil {
		for _, n := range list {
			take(producer.parts[n])
		}
		return out
	}
	for _, o := range producer.parts {
		if sh.of > 0 && sh.input == i && o.n%sh.of != sh.part {
			continue
		}
		take(o)
	}
	return out
}

// sharedSelection is what p reads of input i where it has a share of it, as soon as the whole input is there.
func (p *partition) sharedSelection(i int) ([]Bundle, bool) {
	if sh := p.work.share; sh.of > 0 && sh.input == i && (p.work.bundles == nil || p.work.bundles[i] == nil) {
		return p.stage.producer(i).selectedShare(sh)
	}
	return nil, false
}

// selection returns what p reads of each input; ok is false while some of it is missing.
func (p *partition) selection() (sel []InputSelection, ok bool) {
	for i, in := range p.stage.Inputs {
		s := InputSelection{Stage: in.Stage}
		if p.readsAll(i) {
			if s.Bundles, ok = p.stage.producer(i).selected(); !ok {
				return nil, false
			}
		} else if shared, ok := p.sharedSelection(i); ok {
			s.Bundles = shared
		} else {
			for _, o := range p.reads(i) {
				b, stored := o.output()
				if !stored {
					return nil, false
				}
				s.Bundles = append(s.Bundles, b)
			}
		}
		if !in.Replicated && p.work.exchange != nil {
			s.Partitions = p.work.exchange
		}
		sel = append(sel, s)
	}
	return sel, true
}
