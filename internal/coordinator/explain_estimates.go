package coordinator

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// EXPLAIN shows what each node is expected to put out, and EXPLAIN ANALYZE beside it what it has put out, where that is known: a
// stage is one statement of DuckDB, so it is known of the last node of a stage and of what reads a stage.

// explainer describes a stage for EXPLAIN ANALYZE, with what is expected of its nodes.
type explainer func(f stages.Fragment, est *stats.Estimator) *explained

// explainStages returns the query's explainer.
func (q *query) explainStages(verbose bool) explainer {
	return func(f stages.Fragment, est *stats.Estimator) *explained {
		estimate := estimateOf(est)
		details := func(n plan.Node) []string {
			lines := estimate(n)
			r, reads := n.(*plan.RemoteSource)
			switch {
			case reads:
				lines = append(lines, factMark+strconv.Itoa(r.Stage))
			case n == f.Root:
				lines = append(lines, factMark+strconv.Itoa(f.ID))
			}
			return lines
		}
		return &explained{fragmentHead(f), q.fragmentBody(f, verbose, details), rowsText(est.Estimate(f.Root))}
	}
}

// factMark stands before the number of a stage in the place of what that has put out.
const factMark = "Output: \x1f"

var factLine = regexp.MustCompile(`(?m)^([ │]*)` + factMark + `(\d+)\n`)

// withFacts puts what stages have put out in the place of the marks; a mark of a stage that has not run is left out.
func withFacts(body string, tasks []scheduler.TaskInfo) string {
	type output struct{ rows, bytes int64 }
	known := map[string]output{}
	for _, t := range tasks {
		if t.State == scheduler.AttemptFinished {
			id := strconv.Itoa(int(t.Task.Stage))
			o := known[id]
			known[id] = output{o.rows + t.Rows, o.bytes + t.Bytes}
		}
	}
	return factLine.ReplaceAllStringFunc(body, func(line string) string {
		parts := factLine.FindStringSubmatch(line)
		o, ok := known[parts[2]]
		if !ok {
			return ""
		}
		return parts[1] + "Output: " + rowsText(float64(o.rows), float64(o.bytes)) + "\n"
	})
}

// estimateOf makes the line on what a node is expected to put out, in Trino's form. What it costs is not estimated apart from that.
func estimateOf(est *stats.Estimator) func(plan.Node) []string {
	return func(n plan.Node) []string {
		rows, bytes := est.Estimate(n)
		text := "? (?)"
		if rows >= 0 {
			text = fmt.Sprintf("%.0f (%s)", rows, succinct(int64(bytes)))
		}
		return []string{"Estimates: {rows: " + text + ", cpu: ?, memory: ?, network: ?}"}
	}
}

// rowsText writes the size of an output; less than no rows are unknown.
func rowsText(rows, bytes float64) string {
	if rows < 0 {
		return "?"
	}
	return fmt.Sprintf("%.0f rows (%s)", rows, succinct(int64(bytes)))
}

// estimates returns an estimator for the plan's fragments.
func (p planned) estimates() *stats.Estimator {
	roots := map[int]plan.Node{}
	for _, f := range p.fragments {
		roots[f.ID] = f.Root
	}
	return stageEstimates(p.estimator, func(id int) (plan.Node, *adaptive.Size) { return roots[id], nil })
}

// changedEstimates returns an estimator for the fragments of a plan that has changed, given what has been measured.
func changedEstimates(est *stats.Estimator, all []adaptive.Stage, p *adaptive.Plan) *stats.Estimator {
	roots, sizes := map[int]plan.Node{}, map[int]*adaptive.Size{}
	for _, s := range all {
		roots[s.ID], sizes[s.ID] = s.Root, s.Measured
	}
	for _, f := range p.Fragments {
		roots[f.ID] = f.Root
	}
	return stageEstimates(est, func(id int) (plan.Node, *adaptive.Size) { return roots[id], sizes[id] })
}

// stageEstimates returns an estimator for plans of stages; of gives the plan of a stage, and what it has put out if that is known.
func stageEstimates(est *stats.Estimator, of func(stage int) (plan.Node, *adaptive.Size)) *stats.Estimator {
	return est.WithStages(func(r *plan.RemoteSource) stats.StageOutput {
		root, size := of(r.Stage)
		out := stats.StageOutput{Plan: root}
		if size != nil {
			out.Measured, out.Rows, out.Bytes = true, float64(size.Rows), float64(size.Bytes)
		}
		return out
	})
}
