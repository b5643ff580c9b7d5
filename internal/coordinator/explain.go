package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// explain answers EXPLAIN; EXPLAIN ANALYZE runs the query first.
func (q *query) explain(b *binder.Explain, s Settings) error {
	inner, ok := b.Statement.(*binder.Query)
	switch {
	case b.Statement == nil && !b.Analyze:
		q.answerText(b.Text)
		return nil
	case !ok && b.Analyze:
		return trinoerr.New(trinoerr.NotSupported, "EXPLAIN ANALYZE is not supported for this statement")
	case !ok:
		q.answerText(b.Statement.UpdateType() + "\n")
		return nil
	case b.Type == "IO" && b.Format == "GRAPHVIZ":
		return trinoerr.New(trinoerr.NotSupported, "EXPLAIN (TYPE IO, FORMAT GRAPHVIZ) is not supported")
	case b.Analyze:
		return q.explainAnalyze(inner, b.Verbose, s)
	case b.Type == "IO":
		text, err := q.ioText(inner, s)
		if err != nil {
			return err
		}
		q.answerText(text)
		return nil
	}
	p, err := q.plan(inner.Plan, s)
	if err != nil {
		return err
	}
	logical := b.Type == "LOGICAL"
	var text string
	switch {
	case b.Format == "JSON":
		if text, err = jsonText(p, !logical); err != nil {
			return err
		}
	case b.Format == "GRAPHVIZ":
		text = graphText(p, !logical)
	case logical:
		text = plan.Print(p.root, plan.PrintOptions{Layout: b.Verbose, Details: estimateOf(p.estimator)})
	default:
		text = q.fragmentsText(p, b.Verbose)
	}
	q.answerText(text)
	return nil
}

// answerText ends the statement with a plan's text, of a type as long as it is.
func (q *query) answerText(text string) {
	raw, _ := json.Marshal(text) // a string always encodes
	q.answer("Query Plan", types.VarcharN(utf8.RuneCountInString(text)), string(raw))
}

// answer ends the statement with one rendered value.
func (q *query) answer(column string, t types.Type, value string) {
	q.update(func() {
		q.columns = []protocol.Column{{Name: column, Type: t}}
		q.rows = &fixedRows{data: []byte("[" + value + "]")}
	})
}

// fragmentsText prints the stages of a plan.
func (q *query) fragmentsText(p planned, verbose bool) string {
	var b strings.Builder
	details := estimateOf(p.estimates())
	for _, f := range slices.Backward(p.fragments) {
		b.WriteString(fragmentHead(f) + q.fragmentBody(f, verbose, details) + "\n")
	}
	return b.String()
}

func fragmentHead(f stages.Fragment) string {
	return fmt.Sprintf("Fragment %d [%s]\n", f.ID, distributionText(f.Distribution))
}

// fragmentBody is what comes below the head; details are further lines for each node.
func (q *query) fragmentBody(f stages.Fragment, verbose bool, details func(plan.Node) []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "    Output: %s\n", outputText(f.Output))
	for line := range strings.SplitSeq(strings.TrimRight(plan.Print(f.Root, plan.PrintOptions{Layout: verbose, Details: details}), "\n"), "\n") {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	if verbose {
		if st, err := duck.Lower(lowered(f), q.lowerOptions(f)); err == nil {
			fmt.Fprintf(&b, "    Statement: %s\n", strings.ReplaceAll(st.SQL, "\n", "\n    "))
		}
	}
	return b.String()
}

func distributionText(d stages.Distribution) string {
	return [...]string{"SINGLE", "SOURCE", "HASH"}[d]
}

func outputText(o stages.Output) string {
	if o.Root {
		return "RESULT"
	}
	if o.Ranges {
		return fmt.Sprintf("RANGES into %d partitions", o.Partitions)
	}
	if o.Kind == plan.Repartition {
		return fmt.Sprintf("%s into %d partitions", o.Kind, o.Partitions)
	}
	return string(o.Kind)
}

// explainAnalyze runs the query; completed then answers with the plan and what was measured.
func (q *query) explainAnalyze(b *binder.Query, verbose bool, s Settings) error {
	exec, err := q.prepare(b, s, q.explainStages(verbose))
	if err != nil {
		return err
	}
	q.update(func() { q.columns = []protocol.Column{{Name: "Query Plan", Type: types.Of(types.Varchar)}} })
	q.launchQuery(exec, s)
	return nil
}

// analyzedText is the plan of an execution with what was measured.
func (q *query) analyzedText(exec *execution) string {
	var tasks []scheduler.TaskInfo
	var info scheduler.QueryInfo
	q.c.loop.read(context.WithoutCancel(q.ctx), func(s *scheduler.State) {
		tasks = s.Tasks(q.sid)
		info, _ = s.Query(q.sid)
	})
	read := q.readBy(tasks)
	var b strings.Builder
	for _, is := range slices.Backward(info.Stages) { // those of the last plan, and what others have done
		st := exec.Stages[is.ID]
		b.WriteString(st.Explained.Head)
		for _, line := range measured(tasks, st.Graph.ID, read, st.Explained.Estimate) {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		b.WriteString(withFacts(st.Explained.Body, tasks) + "\n")
	}
	return b.String()
}
