package coordinator

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// ioPlan is the document of EXPLAIN (TYPE IO): the tables that a statement reads, which of their rows, and the one it writes.
type ioPlan struct {
	Inputs   []*ioInput `json:"inputTableColumnInfos"`
	Output   *ioTable   `json:"outputTable,omitempty"`
	Estimate ioEstimate `json:"estimate"`
}

type ioInput struct {
	Table      ioTable      `json:"table"`
	Constraint ioConstraint `json:"constraint"`
	Estimate   ioEstimate   `json:"estimate"`
}

type ioTable struct {
	Catalog     string `json:"catalog"`
	SchemaTable struct {
		Schema string `json:"schema"`
		Table  string `json:"table"`
	} `json:"schemaTable"`
}

type ioConstraint struct {
	None    bool       `json:"none"`
	Columns []ioColumn `json:"columnConstraints"`
}

type ioColumn struct {
	Name   string   `json:"columnName"`
	Type   string   `json:"type"`
	Domain ioDomain `json:"domain"`
}

type ioDomain struct {
	NullsAllowed bool      `json:"nullsAllowed"`
	Ranges       []ioRange `json:"ranges"`
}

type ioRange struct {
	Low  ioBound `json:"low"`
	High ioBound `json:"high"`
}

// ioBound is an end of a range: a value itself, what is above or below it, or no end when there is no value.
type ioBound struct {
	Value *string `json:"value,omitempty"`
	Bound string  `json:"bound"`
}

type ioEstimate struct {
	OutputRowCount    jsonDouble `json:"outputRowCount"`
	OutputSizeInBytes jsonDouble `json:"outputSizeInBytes"`
	CPUCost           jsonDouble `json:"cpuCost"`
	MaxMemory         jsonDouble `json:"maxMemory"`
	NetworkCost       jsonDouble `json:"networkCost"`
}

// ioText is the document of a bound statement. Filters are pushed to the scans whatever the size of the query.
func (q *query) ioText(b *binder.Query, s Settings) (string, error) {
	est := stats.New(q.statistics)
	ctx := q.optimizing(b.Plan, s, est)
	ctx.Pushdown = nil // the document is about tables, and what is wanted of them
	root := rules.Optimize(b.Plan, ctx, true)
	doc := ioPlan{Inputs: []*ioInput{}, Estimate: ioEstimated(est, root)}
	plan.WalkAll(root, func(n plan.Node) bool {
		if scan, ok := n.(*plan.Scan); ok {
			doc.Inputs = append(doc.Inputs, ioInputOf(scan, est))
		}
		return true
	})
	if b.Write != nil {
		t := ioTableOf(b.Write.Catalog, b.Write.Table.Name)
		doc.Output = &t
	}
	return indented(doc)
}

func ioEstimated(est *stats.Estimator, n plan.Node) ioEstimate {
	e := estimated(est, n)
	return ioEstimate{e.OutputRowCount, e.OutputSizeInBytes, e.CPUCost, e.MemoryCost, e.NetworkCost}
}

func ioTableOf(catalog string, name connector.SchemaTable) ioTable {
	t := ioTable{Catalog: catalog}
	t.SchemaTable.Schema, t.SchemaTable.Table = name.Schema, name.Table
	return t
}

func ioInputOf(n *plan.Scan, est *stats.Estimator) *ioInput {
	in := &ioInput{Table: ioTableOf(n.Catalog, n.Table.Table), Estimate: ioEstimated(est, n)}
	in.Constraint.Columns = []ioColumn{}
	var names []string
	for _, d := range n.Table.Constraint {
		if !slices.Contains(names, d.Column) {
			names = append(names, d.Column)
		}
	}
	for _, name := range names {
		i := slices.IndexFunc(n.Table.Columns, func(c connector.Column) bool { return c.Name == name })
		if i < 0 {
			continue
		}
		t := n.Table.Columns[i].Type
		in.Constraint.Columns = append(in.Constraint.Columns, ioColumn{Name: name, Type: t.String(), Domain: ioDomainOf(n.Table.Constraint, name, t)})
	}
	return in
}

// ioDomainOf combines the domains of a column: listed values are ranges of their own, other ranges are cut to what all allow.
func ioDomainOf(domains []connector.Domain, column string, t types.Type) ioDomain {
	out := ioDomain{NullsAllowed: true}
	whole := ioRange{Low: ioBound{Bound: "ABOVE"}, High: ioBound{Bound: "BELOW"}}
	for _, d := range domains {
		if d.Column != column {
			continue
		}
		out.NullsAllowed = out.NullsAllowed && d.NullAllowed
		for _, v := range d.Values {
			b := ioBoundOf(t, v, "EXACTLY")
			out.Ranges = append(out.Ranges, ioRange{b, b})
		}
		if d.Low != nil {
			whole.Low = ioBoundOf(t, d.Low.Value, map[bool]string{true: "EXACTLY", false: "ABOVE"}[d.Low.Inclusive])
		}
		if d.High != nil {
			whole.High = ioBoundOf(t, d.High.Value, map[bool]string{true: "EXACTLY", false: "BELOW"}[d.High.Inclusive])
		}
	}
	if len(out.Ranges) == 0 {
		out.Ranges = []ioRange{whole}
	}
	return out
}

func ioBoundOf(t types.Type, v any, bound string) ioBound {
	text := types.Text(t, v)
	if t.Kind == types.Char {
		text = strings.TrimRight(text, " ")
	}
	return ioBound{Value: &text, Bound: bound}
}
