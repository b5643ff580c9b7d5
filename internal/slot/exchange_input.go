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

// What decrypted inputs may take of an attempt's memory; the rest goes to unnamed files in the scratch directory. Inputs that take less
// than the small share are not worth another DuckDB than the one that is open, whose limit is fixed.
const (
	inputMemoryShare      = 4
	smallInputMemoryShare = 8
)

// weighInputs decodes what the attempt reads from exchanges, and divides its memory between that and DuckDB.
func (a *attempt) weighInputs() error {
	a.wanted = map[string]exchange.Wanted{}
	total := int64(0)
	for _, in := range a.task.Inputs {
		src := in.GetExchange()
		if src == nil {
			continue
		}
		want, err := wanted(src)
		if err != nil {
			return err
		}
		a.wanted[in.Name] = want
		for _, h := range want.Handles {
			for _, s := range h.Segments {
				if want.Partition(s.Partition) {
					total += s.Bytes
				}
			}
		}
	}
	a.inputMemory = min(total, a.memoryBytes()/inputMemoryShare)
	return nil
}

// engineMemory is what the inputs leave to DuckDB: all but small inputs cost it their whole share, so that few limits are in use and an open
// DuckDB mostly has the right one.
func (a *attempt) engineMemory() int64 {
	if a.inputMemory <= a.memoryBytes()/smallInputMemoryShare {
		return a.memoryBytes()
	}
	return a.memoryBytes() - a.memoryBytes()/inputMemoryShare
}

// bindExchange makes partitions of bundles readable under the input's name.
func (a *attempt) bindExchange(ctx context.Context, name string, in *rpcv1.ExchangePartitions) error {
	if a.spool == nil {
		a.spool = exchange.NewSpool(a.slot.cfg.ScratchDir, a.inputMemory)
		a.spool.Quota = a.slot.cfg.ScratchQuota
	}
	// The first attempt that cannot read an output is repeated, perhaps elsewhere; the next one has the output made again.
	reader := &exchange.Reader{Open: a.slot.cfg.Stores.Open, Key: a.key, Condemn: !strings.HasSuffix(a.task.Id, ".0"),
		Parallel: a.slot.cfg.Exchange.Readers, MaxFiles: a.slot.cfg.Exchange.FilesPerRead, MaxRange: a.slot.cfg.Exchange.ReadBytes}
	files, err := reader.Files(ctx, a.wanted[name], a.spool)
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

// memoryBytes is the attempt's memory limit.
func (a *attempt) memoryBytes() int64 {
	if a.task.MemoryBytes > 0 {
		return a.task.MemoryBytes
	}
	return a.slot.cfg.MemoryBytes
}
