package distributedtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// facts are those of a stage's output that the stage gathers.
func (c *cluster) facts(s *adaptive.Stage) (out []facts.Column, err error) {
	for _, r := range s.Facts {
		value := fmt.Sprintf("c%d", r.Output)
		if s.Root.Outputs()[r.Output].Type.Kind == types.Date {
			value += " - DATE '1970-01-01'"
		}
		sketch := facts.New(r)
		err := c.db.QueryChunks(context.Background(), fmt.Sprintf("SELECT CAST(%s AS VARCHAR) FROM stage_%d", value, s.ID), func(ch *engine.Chunk) error {
			for row := range ch.Rows {
				text := ch.Columns[0].Bytes
				switch {
				case ch.Columns[0].IsNull(row):
					sketch.Nulls(1)
				case r.Text:
					sketch.Text(text(row), 1)
				default:
					v, err := strconv.ParseInt(string(text(row)), 10, 64)
					if err != nil {
						return err
					}
					sketch.Ints([]int64{v}, nil)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, sketch.Column())
	}
	return out, nil
}

// next is the stage to run next: one that reads no other if there is any. With key filters those that are read last run first, because they are
// what others are filtered by.
func next(current []adaptive.Stage, o adaptive.Options) int {
	open := func(s *adaptive.Stage) bool { return s.Measured == nil }
	if !o.KeyFilters {
		if i := slices.IndexFunc(current, func(s adaptive.Stage) bool { return open(&s) && len(s.Inputs) == 0 }); i >= 0 {
			return i
		}
		return slices.IndexFunc(current, func(s adaptive.Stage) bool { return open(&s) })
	}
	for i := range slices.Backward(current) {
		ready := !slices.ContainsFunc(current, func(p adaptive.Stage) bool {
			return open(&p) && (slices.Contains(current[i].After, p.ID) || slices.ContainsFunc(current[i].Inputs, func(r *plan.RemoteSource) bool { return r.Stage == p.ID }))
		})
		if open(&current[i]) && ready {
			return i
		}
	}
	return -1
}
