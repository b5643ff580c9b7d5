package coordinator

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// query.remote-task.*: the requests that tell of a large task keep below their limits, lose nothing, and change no order.
func TestRequestSizes(t *testing.T) {
	const pieces, size = 100, 1000
	task := func() *rpcv1.Task {
		table, x := &rpcv1.TableSplits{Catalog: "c"}, &rpcv1.ExchangePartitions{Partitions: []int32{3}}
		for i := range pieces {
			piece := fmt.Appendf(nil, "%0*d", size, i)
			table.Splits, x.Bundles = append(table.Splits, piece), append(x.Bundles, piece)
		}
		return &rpcv1.Task{Id: "q.0.0.0", Sql: "SELECT 1", Inputs: []*rpcv1.Input{{Name: "in0", Source: &rpcv1.Input_Table{Table: table}},
			{Name: "in1", Source: &rpcv1.Input_Exchange{Exchange: x}}}}
	}
	for _, test := range []struct {
		name     string
		limits   requestLimits
		requests int
	}{
		{"small enough", requestLimits{MaxBytes: 1 << 20}, 1},
		{"not divided", requestLimits{Whole: true, MaxBytes: 10_000}, 1},
		{"ten pieces each", requestLimits{MaxBytes: 10_000}, 20},
		{"five, for the headroom", requestLimits{MaxBytes: 10_000, Headroom: 5000}, 40},
		{"fifty are guaranteed", requestLimits{MaxBytes: 10_000, Headroom: 5000, Guaranteed: 50}, 4},
		{"one at least", requestLimits{MaxBytes: 1, Headroom: 100}, 200},
	} {
		requests := test.limits.divide(task())
		if len(requests) != test.requests {
			t.Errorf("%s: %d requests", test.name, len(requests))
			continue
		}
		var splits, bundles [][]byte
		for i, r := range requests {
			if len(requests) > 1 && (int(r.Part) != i || int(r.Parts) != len(requests)) {
				t.Errorf("%s: part %d of %d", test.name, r.Part, r.Parts)
			}
			if n := rpc.Size(r); len(requests) > 1 && test.limits.Guaranteed == 0 && test.limits.MaxBytes > size && n > test.limits.MaxBytes+200 {
				t.Errorf("%s: a request of %d bytes", test.name, n)
			}
			splits = append(splits, r.Task.Inputs[0].GetTable().Splits...)
			bundles = append(bundles, r.Task.Inputs[1].GetExchange().Bundles...)
		}
		whole := task()
		if !slices.EqualFunc(splits, whole.Inputs[0].GetTable().Splits, slices.Equal) || !slices.EqualFunc(bundles, whole.Inputs[1].GetExchange().Bundles, slices.Equal) {
			t.Errorf("%s: splits or bundles are lost", test.name)
		}
		if first := requests[0].Task; first.Sql != "SELECT 1" || first.Inputs[1].GetExchange().Partitions[0] != 3 {
			t.Errorf("%s: the first is %v", test.name, first)
		}
	}
}
