package distributedtest

import (
	"context"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// TestRandomOrders counts how many of the random queries have joins in another order than they are written in: what TestRandom executes must be
// what it is there for.
func TestRandomOrders(t *testing.T) {
	const queries = 300
	reordered, outer := 0, 0
	for seed := range uint64(queries) {
		root, err := bind(t, newGenerator(seed+1).query())
		if err != nil {
			continue
		}
		var written, ordered string
		rules.Optimize(root, &rules.Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(statistics), Trace: func(pass string, n plan.Node) {
			switch pass {
			case "inline-ctes":
				written = shape(n)
			case "reorder-joins":
				ordered = shape(n)
			}
		}}, true)
		if written == ordered {
			continue
		}
		reordered++
		has := false
		plan.WalkAll(root, func(n plan.Node) bool {
			j, ok := n.(*plan.Join)
			has = has || ok && (j.Type == plan.Left || j.Type == plan.Right || j.Type == plan.Full)
			return true
		})
		if has {
			outer++
		}
	}
	t.Logf("of %d queries %d have their joins in another order, %d of them with outer joins", queries, reordered, outer)
	if reordered < queries/10 || outer < queries/20 {
		t.Error("too few orders change")
	}
}

func statistics(s *plan.Scan) (connector.Statistics, bool) {
	st, err := metadata{}.Statistics(context.Background(), s.Table)
	return st, err == nil
}

// shape is the tree of a plan's joins, but for their sides.
func shape(n plan.Node) string {
	var below []string
	for _, s := range append(n.Sources(), plan.Subplans(n)...) {
		if text := shape(s); text != "" {
			below = append(below, text)
		}
	}
	text := ""
	switch x := n.(type) {
	case *plan.Join:
		if text = string(x.Type); x.Type == plan.Right {
			text = string(plan.Left)
		}
		slices.Sort(below)
	case *plan.Scan:
		if text = x.Table.Table.Table; len(x.Symbols) > 0 {
			text = x.Symbols[0].Name
		}
	}
	for _, b := range below {
		text += "(" + b + ")"
	}
	return text
}
