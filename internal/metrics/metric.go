// Package metrics has what a process of a cluster counts and measures about itself, for Prometheus: one table of metrics, from
// which the registry, the page docs/reference/metrics.md and the checks of dashboards and alerts derive.
//
// It knows nobody: whoever has a fact tells the registry. A label has one of few values, or one for each node or group that is
// configured; there are none of queries, users or objects. Start with Registry; table.go has the metrics.
package metrics

// Kind is what may be done with the values of a metric.
type Kind uint8

// The kinds.
const (
	Counter   Kind = iota // only grows
	Gauge                 // is as it is when it is asked for
	Histogram             // is a distribution
)

// String returns Prometheus's name of the kind.
func (k Kind) String() string { return [...]string{"counter", "gauge", "histogram"}[k] }

// Label is a dimension of a metric.
type Label struct {
	Name string
	// Values are all that there are; none: Of says where they come from.
	Values []string
	Of     string
}

// Metric is one row of the table.
type Metric struct {
	Name string // with the unit, as Prometheus wants it
	Help string
	Kind Kind
	// Role is the process that has it.
	Role   Role
	Labels []Label
	// Buckets are the upper bounds of a histogram's.
	Buckets []float64
}

// Role is a kind of process.
type Role uint8

// The roles. A node that is both has all metrics.
const (
	Node        Role = iota // every node
	Coordinator             // a coordinator, most of them only while it leads
	Worker                  // a node that runs tasks
)

// String returns the name of the role.
func (r Role) String() string { return [...]string{"node", "coordinator", "worker"}[r] }

// all are the metrics, in the order of the table.
var all []*Metric

func define(m Metric) *Metric {
	all = append(all, &m)
	return &m
}

// Combinations are all that the labels can be; none when that is not known beforehand.
func (m *Metric) Combinations() [][]string {
	out := [][]string{nil}
	for _, l := range m.Labels {
		var longer [][]string
		for _, values := range out {
			for _, v := range l.Values {
				longer = append(longer, append(values[:len(values):len(values)], v))
			}
		}
		out = longer
	}
	return out
}

func (m *Metric) labelNames() []string {
	names := make([]string, len(m.Labels))
	for i, l := range m.Labels {
		names[i] = l.Name
	}
	return names
}
