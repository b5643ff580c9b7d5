package sim

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// The checker follows every row, from the split that it came from to the result: none may be lost or doubled.

// row is the name of the split it came from.
type row string

// fill computes the rows of the attempt's output.
func (c *checker) fill(q *watched, t *started) string {
	a := t.action
	spec := t.stage
	var rows []row
	for _, s := range a.Splits {
		rows = append(rows, row(s.ID))
	}
	for i, in := range a.Inputs {
		read := c.read(a.Task.Query, in)
		if spec.Inputs[i].Replicated {
			if !q.limited && len(read) != len(q.expected(in.Stage)) {
				return fmt.Sprintf("reads %d of %d rows of replicated stage %d", len(read), len(q.expected(in.Stage)), in.Stage)
			}
			continue
		}
		rows = append(rows, read...)
	}
	t.rows = make([][]row, spec.OutputPartitions)
	for _, r := range rows {
		h := fnv.New32a()
		h.Write([]byte(r))
		if spec.Indeterminate {
			fmt.Fprintf(h, "/%d", a.Task.Attempt)
		}
		p := int(h.Sum32() % uint32(spec.OutputPartitions))
		t.rows[p] = append(t.rows[p], r)
	}
	return ""
}

// read returns the rows of a selection.
func (c *checker) read(query scheduler.QueryID, in scheduler.InputSelection) []row {
	var rows []row
	for _, b := range in.Bundles {
		for p, part := range c.started[b.Task(query, in.Stage)].rows {
			if in.Partitions == nil || slices.Contains(in.Partitions, p) {
				rows = append(rows, part...)
			}
		}
	}
	return rows
}

func stageOf(q *watched, id scheduler.StageID) *scheduler.Stage {
	return &q.spec.Stages[slices.IndexFunc(q.spec.Stages, func(st scheduler.Stage) bool { return st.ID == id })]
}

// expected returns the rows of all splits that flow into a stage.
func (q *watched) expected(id scheduler.StageID) []row {
	st := stageOf(q, id)
	var rows []row
	for source := range st.Sources {
		for s := range q.splits[[2]int{int(id), source}] {
			rows = append(rows, row(s))
		}
	}
	for _, in := range st.Inputs {
		if !in.Replicated {
			rows = append(rows, q.expected(in.Stage)...)
		}
	}
	slices.Sort(rows)
	return rows
}

// queryFinished checks that the result is there, and has every row once.
func (c *checker) queryFinished(a scheduler.QueryFinished) string {
	q := c.queries[a.Query]
	if q.over && !c.lostRoot(q) {
		return "ends a query twice"
	}
	if !q.over {
		c.finished++
	}
	q.over = true
	for _, b := range a.Outputs {
		if id := b.Task(a.Query, a.Stage); !c.stored[id] || c.gone[id] {
			return fmt.Sprintf("gives %s as result, which is not there", id)
		}
	}
	rows := c.read(a.Query, scheduler.InputSelection{Stage: a.Stage, Bundles: a.Outputs})
	slices.Sort(rows)
	if want := q.expected(a.Stage); !q.limited && !slices.Equal(rows, want) {
		return fmt.Sprintf("gives rows %v instead of %v", rows, want)
	}
	return ""
}
