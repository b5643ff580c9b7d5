package slot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// bindExchange makes partitions of bundles readable under the input's name.
func (a *attempt) bindExchange(ctx context.Context, name string, in *rpcv1.ExchangePartitions) error {
	// The first attempt that cannot read an output is repeated, perhaps elsewhere; the next one has the output made again.
	reader := &exchange.Reader{Open: a.slot.cfg.Stores.Open, Key: a.key, Condemn: !strings.HasSuffix(a.task.Id, ".0"),
		Parallel: a.slot.cfg.Exchange.Readers, MaxFiles: a.slot.cfg.Exchange.FilesPerRead, MaxRange: a.slot.cfg.Exchange.ReadBytes}
	files, err := reader.Files(ctx, a.wanted[name], a.spooled())
	if err != nil {
		return err
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, engine.QuoteText(a.instance.Bind(f.File)))
		a.stats.InputRows += f.Rows
		a.stats.InputBytes += f.Bytes
	}
	if len(paths) == 0 {
		return a.createView(ctx, name, emptySelect(in.Columns))
	}
	var cols []string
	for _, c := range in.Columns {
		cols = append(cols, engine.QuoteName(c.FileName)+"::"+c.Type+" AS "+engine.QuoteName(c.Name))
	}
	if cols == nil {
		cols = []string{"1 AS none"}
	}
	return a.createView(ctx, name, "SELECT "+strings.Join(cols, ", ")+" FROM read_parquet(["+strings.Join(paths, ", ")+"], hive_partitioning=false)")
}

// spooled is what makes the files of the attempt's inputs.
func (a *attempt) spooled() *exchange.Spool {
	if a.spool == nil {
		a.spool = exchange.NewSpool(a.slot.cfg.ScratchDir, a.inputMemory)
		a.spool.Quota = a.slot.cfg.ScratchQuota
		if a.scratch != nil {
			a.scratch.spool.Store(a.spool)
		}
	}
	return a.spool
}

// wanted decodes what an input selects.
func wanted(in *rpcv1.ExchangePartitions) (exchange.Wanted, error) {
	handles := make([]*exchange.Handle, len(in.Bundles))
	for i, raw := range in.Bundles {
		handles[i] = new(exchange.Handle)
		if err := json.Unmarshal(raw, handles[i]); err != nil {
			return exchange.Wanted{}, trinoerr.Wrap(err, trinoerr.SerializationError, "decode bundle")
		}
	}
	partitions := map[int]bool{}
	for _, p := range in.Partitions {
		partitions[int(p)] = true
	}
	return exchange.Wanted{Handles: handles, Partition: func(p int) bool { return partitions[p] }}, nil
}
