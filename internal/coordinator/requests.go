package coordinator

import (
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// requestLimits are the properties query.remote-task.*: how large the requests are in which a worker is told of a task.
type requestLimits struct {
	Whole      bool  `json:"whole,omitempty"` // in one request, however large
	MaxBytes   int64 `json:"maxBytes,omitempty"`
	Headroom   int64 `json:"headroom,omitempty"`
	Guaranteed int   `json:"guaranteed,omitempty"` // splits and bundles that a request has at least, if there are so many
}

func (s *Settings) requestLimits() requestLimits {
	return requestLimits{Whole: !s.RemoteTaskAdaptiveRequestSize, MaxBytes: s.RemoteTaskMaxRequestSize, Headroom: s.RemoteTaskRequestHeadroom,
		Guaranteed: s.RemoteTaskGuaranteedSplits}
}

// divide makes the requests that tell a worker of a task: one, unless it would be too large.
func (l requestLimits) divide(t *rpcv1.Task) []*rpcv1.StartRequest {
	if l.Whole || l.MaxBytes <= 0 || rpc.Size(t) <= l.MaxBytes {
		return []*rpcv1.StartRequest{{Task: t}}
	}
	var out []*rpcv1.StartRequest
	var count, bytes int64
	next := func(task *rpcv1.Task) {
		out = append(out, &rpcv1.StartRequest{Task: task, Part: int32(len(out))})
		count, bytes = 0, 0
	}
	inputs := t.Inputs
	t.Inputs = emptyInputs(inputs)
	next(t)
	put := func(piece []byte, list func(*rpcv1.Task) *[][]byte) {
		if count >= int64(max(1, l.Guaranteed)) && bytes+int64(len(piece)) > l.MaxBytes-l.Headroom {
			next(&rpcv1.Task{Id: t.Id, Inputs: emptyInputs(inputs)})
		}
		into := list(out[len(out)-1].Task)
		*into = append(*into, piece)
		count, bytes = count+1, bytes+int64(len(piece))
	}
	for i, in := range inputs {
		for _, piece := range in.GetTable().GetSplits() {
			put(piece, func(t *rpcv1.Task) *[][]byte { return &t.Inputs[i].GetTable().Splits })
		}
		for _, piece := range in.GetExchange().GetBundles() {
			put(piece, func(t *rpcv1.Task) *[][]byte { return &t.Inputs[i].GetExchange().Bundles })
		}
	}
	for _, r := range out {
		r.Parts = int32(len(out))
	}
	return out
}

// emptyInputs are copies of inputs without splits and bundles.
func emptyInputs(inputs []*rpcv1.Input) []*rpcv1.Input {
	out := make([]*rpcv1.Input, len(inputs))
	for i, in := range inputs {
		out[i] = &rpcv1.Input{Name: in.Name}
		switch src := in.Source.(type) {
		case *rpcv1.Input_Table:
			out[i].Source = &rpcv1.Input_Table{Table: &rpcv1.TableSplits{Catalog: src.Table.Catalog, Scan: src.Table.Scan, Types: src.Table.Types}}
		case *rpcv1.Input_Exchange:
			out[i].Source = &rpcv1.Input_Exchange{Exchange: &rpcv1.ExchangePartitions{Partitions: src.Exchange.Partitions, Columns: src.Exchange.Columns,
				Ordered: src.Exchange.Ordered}}
		}
	}
	return out
}
