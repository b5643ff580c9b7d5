package coordinator

import (
	"maps"

	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// stageFacts are what the tasks of a stage have told of the columns of their outputs, merged as they come: one attempt of each partition,
// because all of them put out the same.
type stageFacts struct {
	told    map[int]bool // partitions
	columns []*facts.Sketch
}

// learn adds what an attempt tells of its output. It is in time for the plan that is made when the stage has finished, because
// the scheduler hears of the attempt only then. What cannot be read is not known: facts are for speed alone.
func (q *query) learn(id scheduler.TaskID, data []byte) {
	q.mu.Lock()
	r := q.replanner
	q.mu.Unlock()
	if r == nil || len(data) == 0 {
		return
	}
	columns, err := facts.Decode(data)
	if err == nil {
		err = r.learn(id, columns)
	}
	if err != nil {
		q.c.log.Warn("facts of an output are not understood", "task", id.String(), "err", err)
	}
}

func (r *replanner) learn(id scheduler.TaskID, columns []*facts.Sketch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.facts[int(id.Stage)]
	switch {
	case f == nil:
		r.facts[int(id.Stage)] = &stageFacts{map[int]bool{id.Partition: true}, columns}
		return nil
	case f.told[id.Partition] || len(f.columns) != len(columns):
		return nil
	}
	f.told[id.Partition] = true
	for i, c := range columns {
		if err := f.columns[i].Merge(c); err != nil {
			return err
		}
	}
	return nil
}

// conclude notes what has come out for a stage that has finished. The caller holds the lock.
func (r *replanner) conclude(stage int) {
	f := r.facts[stage]
	if f == nil || r.columns[stage] != nil {
		return
	}
	for _, c := range f.columns {
		r.columns[stage] = append(r.columns[stage], c.Column())
	}
	delete(r.facts, stage)
}

// known are the columns of the outputs that are complete.
func (r *replanner) known() map[int][]facts.Column {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.columns)
}

// factRequests ask a task for the facts that its stage gathers.
func (p *stagePlan) factRequests() (out []*rpcv1.FactRequest) {
	for _, f := range p.Facts {
		if f.Output >= len(p.Columns) {
			continue
		}
		c := p.Columns[f.Output]
		value, ok := duck.FactValue(c.Name, c.Type, f.Text)
		if !ok {
			continue
		}
		out = append(out, &rpcv1.FactRequest{Output: int32(f.Output), Value: value, Text: f.Text, FilterWords: int32(f.FilterWords), Every: int32(f.Every)})
	}
	return out
}
