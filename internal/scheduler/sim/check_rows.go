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
	groups := map[int]int{}
	for _, s := range a.Splits {
		rows = append(rows, row(s.ID))
		groups[s.Group]++
	}
	delete(groups, 0)
	for g, n := range groups {
		if want := q.groups[[2]int{int(a.Task.Stage), g}]; n != want {
			return fmt.Sprintf("reads %d of %d splits of group %d", n, want, g)
		}
	}
	reads := make([][]row, len(a.Inputs))
	for i, in := range a.Inputs {
		reads[i] = c.read(a.Task.Query, in)
		if spec.Inputs[i].Replicated {
			if !q.limited && len(reads[i]) != len(q.expected(in.Stage)) {
				return fmt.Sprintf("reads %d of %d rows of replicated stage %d", len(reads[i]), len(q.expected(in.Stage)), in.Stage)
			}
			reads[i] = nil
		}
	}
	if shares(spec) && !q.limited {
		if bad := q.divide(spec, a.Inputs, reads); bad != "" {
			return bad
		}
		q.join(spec, reads)
	}
	rows = append(rows, slices.Concat(reads...)...)
	t.rows = make([][]row, spec.OutputPartitions)
	for _, r := range rows {
		p := partitionOf(spec, r, a.Task.Attempt)
		t.rows[p] = append(t.rows[p], r)
	}
	return ""
}

// partitionOf is the exchange partition to which an attempt of the stage gives a row.
func partitionOf(st *scheduler.Stage, r row, attempt int) int {
	h := fnv.New32a()
	h.Write([]byte(r))
	if st.Indeterminate {
		fmt.Fprintf(h, "/%d", attempt)
	}
	return int(h.Sum32() % uint32(st.OutputPartitions))
}

// divide looks at what a task reads that may share an exchange partition with others: of one input a part, and all of the others,
// as for a join. What all of them read only one lets through, who has the first row of the input that is divided.
func (q *watched) divide(spec *scheduler.Stage, inputs []scheduler.InputSelection, reads [][]row) string {
	divided, first := -1, row("")
	for i, in := range inputs {
		if spec.Inputs[i].Replicated || len(in.Partitions) != 1 {
			continue
		}
		whole := q.expectedIn(in.Stage, in.Partitions[0])
		if len(reads[i]) == len(whole) {
			continue
		}
		if spec.Inputs[i].Whole {
			return fmt.Sprintf("reads a part of stage %d, which is to be read as a whole", in.Stage)
		}
		if divided >= 0 {
			return fmt.Sprintf("reads a part of stage %d and a part of stage %d", inputs[divided].Stage, in.Stage)
		}
		divided, first = i, whole[0]
	}
	if divided >= 0 && !slices.Contains(reads[divided], first) {
		for i := range reads {
			if i != divided {
				reads[i] = nil
			}
		}
	}
	return ""
}

// shares reports whether tasks of the stage may share an exchange partition of several inputs.
func shares(st *scheduler.Stage) bool {
	return st.ScaleWriters && st.Distribution == scheduler.Hash && len(st.Inputs) > 1
}

// join takes away from what is read of each input whatever meets nothing, as an inner join does: the rows of exchange partitions that
// are empty in another input. Of such an input it cannot be said who has its first row.
func (q *watched) join(st *scheduler.Stage, reads [][]row) {
	met := map[int]int{} // exchange partition: how many inputs have rows in it
	divided := 0
	for _, in := range st.Inputs {
		if in.Replicated {
			continue
		}
		divided++
		in, here := stageOf(q, in.Stage), map[int]bool{}
		for _, r := range q.expected(in.ID) {
			if p := partitionOf(in, r, 0); !here[p] {
				here[p] = true
				met[p]++
			}
		}
	}
	for i, in := range st.Inputs {
		if !in.Replicated {
			in := stageOf(q, in.Stage)
			reads[i] = slices.DeleteFunc(reads[i], func(r row) bool { return met[partitionOf(in, r, 0)] < divided })
		}
	}
}

// expectedIn returns the rows that flow into an exchange partition of a stage, in order.
func (q *watched) expectedIn(id scheduler.StageID, p int) []row {
	st := stageOf(q, id)
	return slices.DeleteFunc(q.expected(id), func(r row) bool { return partitionOf(st, r, 0) != p })
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

// expected returns the rows of all splits that flow through a stage.
func (q *watched) expected(id scheduler.StageID) []row {
	st := stageOf(q, id)
	var rows []row
	for source := range st.Sources {
		for s := range q.splits[[2]int{int(id), source}] {
			rows = append(rows, row(s))
		}
	}
	reads := make([][]row, len(st.Inputs))
	for i, in := range st.Inputs {
		if !in.Replicated {
			reads[i] = q.expected(in.Stage)
		}
	}
	if shares(st) {
		q.join(st, reads)
	}
	rows = append(rows, slices.Concat(reads...)...)
	slices.Sort(rows)
	return rows
}

// resultGrown checks that what is shown of the result while the query runs is there, and goes on where it ended. A process that has taken
// over shows all of it again.
func (c *checker) resultGrown(a scheduler.ResultGrown) string {
	q := c.queries[a.Query]
	if q.over && !c.lostRoot(q) || a.From > len(q.grown) || len(a.Outputs) == 0 {
		return fmt.Sprintf("shows more of a result from %d on: %d partitions of it were shown", a.From, len(q.grown))
	}
	if q.unstable && q.spec.Policy != scheduler.RetryNone {
		return "shows rows that may come out another way"
	}
	for i, b := range a.Outputs {
		if id := b.Task(a.Query, a.Stage); !c.stored[id] || c.gone[id] {
			return fmt.Sprintf("shows %s, which is not there", id)
		}
		if at := a.From + i; at < len(q.grown) && q.grown[at] != b.Partition {
			return fmt.Sprintf("shows partition %d where %d was", b.Partition, q.grown[at])
		}
	}
	if end := a.From + len(a.Outputs); end > len(q.grown) {
		for _, b := range a.Outputs[len(q.grown)-a.From:] {
			q.grown = append(q.grown, b.Partition)
		}
	}
	return ""
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
	for i, n := range q.grown {
		if i >= len(a.Outputs) || a.Outputs[i].Partition != n {
			return fmt.Sprintf("gives a result that does not begin with partitions %v, which were shown before", q.grown)
		}
	}
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
