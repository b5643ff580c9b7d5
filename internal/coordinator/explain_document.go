package coordinator

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// planNode is a node in the JSON form of a plan.
type planNode struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Descriptor map[string]string `json:"descriptor"`
	Outputs    []planColumn      `json:"outputs"`
	Details    []string          `json:"details"`
	Estimates  []planEstimate    `json:"estimates"`
	Children   []*planNode       `json:"children"`
}

type planColumn struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// planEstimate is what a node is expected to put out. Cost is not estimated apart from sizes.
type planEstimate struct {
	OutputRowCount    jsonDouble `json:"outputRowCount"`
	OutputSizeInBytes jsonDouble `json:"outputSizeInBytes"`
	CPUCost           jsonDouble `json:"cpuCost"`
	MemoryCost        jsonDouble `json:"memoryCost"`
	NetworkCost       jsonDouble `json:"networkCost"`
}

// jsonDouble is a number that may be "NaN" in a document.
type jsonDouble float64

func (d jsonDouble) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(d)) || math.IsInf(float64(d), 0) {
		return []byte(`"NaN"`), nil
	}
	s := strconv.FormatFloat(float64(d), 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return []byte(s), nil
}

// estimated is what is known of the size of a node's output.
func estimated(est *stats.Estimator, n plan.Node) planEstimate {
	rows, bytes := est.Estimate(n)
	nan := jsonDouble(math.NaN())
	if rows < 0 {
		return planEstimate{nan, nan, nan, nan, nan}
	}
	return planEstimate{jsonDouble(rows), jsonDouble(bytes), nan, nan, nan}
}

// document makes the JSON form of a plan. Nodes are numbered from the root on.
func document(t *plan.Tree, est *stats.Estimator, next *int) *planNode {
	d := &planNode{ID: strconv.Itoa(*next), Name: t.Name, Descriptor: map[string]string{}, Outputs: []planColumn{}, Details: []string{},
		Estimates: []planEstimate{}, Children: []*planNode{}}
	*next++
	if t.Label != "" {
		d.Descriptor["source"] = t.Label
	}
	for i, a := range t.Attributes {
		name := a.Name
		if name == "" {
			name = "argument" + strconv.Itoa(i)
		}
		d.Descriptor[name] = a.Value
	}
	for _, s := range t.Node.Outputs() {
		d.Outputs = append(d.Outputs, planColumn{s.Type.String(), s.Name})
	}
	d.Details = append(d.Details, t.Details...)
	d.Estimates = append(d.Estimates, estimated(est, t.Node))
	for _, c := range t.Children {
		d.Children = append(d.Children, document(c, est, next))
	}
	return d
}

// jsonText is the JSON form of a plan, or of its fragments by their numbers.
func jsonText(p planned, distributed bool) (string, error) {
	next := 0
	if !distributed {
		return indented(document(plan.Describe(p.root), p.estimator, &next))
	}
	out, est := map[string]*planNode{}, p.estimates()
	for _, f := range p.fragments {
		out[strconv.Itoa(f.ID)] = document(plan.Describe(f.Root), est, &next)
	}
	return indented(out)
}

func indented(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// graph writes plans in the language of Graphviz.
type graph struct {
	b    strings.Builder
	next int
	// heads are the first nodes of fragments, edges the arrows; feeds those from a node to the fragment that it reads.
	heads map[int]int
	edges strings.Builder
	feeds [][2]int
}

// graphText is the Graphviz form of a plan or of its fragments.
func graphText(p planned, distributed bool) string {
	g := &graph{next: 1, heads: map[int]int{}}
	if !distributed {
		g.b.WriteString("digraph logical_plan {\n")
		g.cluster("graphviz_plan", "SINGLE", p.root)
	} else {
		g.b.WriteString("digraph distributed_plan {\n")
		for i := len(p.fragments) - 1; i >= 0; i-- {
			f := p.fragments[i]
			g.heads[f.ID] = g.next
			g.cluster(strconv.Itoa(f.ID), distributionText(f.Distribution), f.Root)
		}
	}
	g.b.WriteString(g.edges.String())
	for _, f := range g.feeds {
		fmt.Fprintf(&g.b, "plannode_%d -> plannode_%d;\n", f[0], g.heads[f[1]])
	}
	g.b.WriteString("}\n")
	return g.b.String()
}

func (g *graph) cluster(name, label string, root plan.Node) {
	fmt.Fprintf(&g.b, "subgraph cluster_%s {\nlabel = %q\n", name, label)
	g.node(plan.Describe(root))
	g.b.WriteString("}\n")
}

// node writes a node and what is below it, and returns its number.
func (g *graph) node(t *plan.Tree) int {
	id := g.next
	g.next++
	var attrs []string
	for _, a := range t.Attributes {
		if a.Name == "" {
			attrs = append(attrs, a.Value)
		} else {
			attrs = append(attrs, a.Name+" = "+a.Value)
		}
	}
	label := recordText(t.Name + "[" + strings.Join(attrs, ", ") + "]")
	for _, d := range t.Details {
		label += "|" + recordText(d)
	}
	fmt.Fprintf(&g.b, "plannode_%d[label=\"{%s}\", style=\"rounded, filled\", shape=record, fillcolor=%s];\n", id, label, nodeColor(t.Node))
	if r, ok := t.Node.(*plan.RemoteSource); ok {
		g.feeds = append(g.feeds, [2]int{id, r.Stage})
	}
	for _, c := range t.Children {
		fmt.Fprintf(&g.edges, "plannode_%d -> plannode_%d;\n", id, g.node(c))
	}
	return id
}

// recordText escapes what has a meaning in a record's label.
func recordText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "{", `\{`, "}", `\}`, "|", `\|`, "<", `\<`, ">", `\>`, "\n", `\n`).Replace(s)
}

func nodeColor(n plan.Node) string {
	switch n.(type) {
	case *plan.Scan, *plan.Values:
		return "deepskyblue"
	case *plan.Filter:
		return "yellow"
	case *plan.Project:
		return "bisque"
	case *plan.Join, *plan.LateralJoin:
		return "orange"
	case *plan.Aggregate, *plan.Distinct:
		return "chartreuse3"
	case *plan.Exchange, *plan.RemoteSource:
		return "gold"
	case *plan.Sort, *plan.TopN:
		return "aliceblue"
	case *plan.Limit:
		return "gray83"
	case *plan.Window:
		return "darkolivegreen4"
	case *plan.SetOp:
		return "turquoise4"
	case *plan.Unnest:
		return "crimson"
	case *plan.Write:
		return "cyan"
	}
	return "white"
}
