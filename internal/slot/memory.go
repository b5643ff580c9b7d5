package slot

import "github.com/waterbear-sql/waterbear/internal/exchange"

// An attempt's memory is divided between what goes on around DuckDB, decrypted inputs, and DuckDB.
const (
	// What decrypted inputs may take; the rest of them goes to unnamed files in the scratch directory. Inputs that take less
	// than the small share are not worth another DuckDB than the one that is open, whose limit is fixed.
	inputMemoryShare      = 4
	smallInputMemoryShare = 8
	// What is around DuckDB: Go's heap, the descriptions of row groups that were written, and so many parts of an output on their way. In
	// a small memory it is a share.
	aroundBytes       = 32 << 20
	aroundBuffers     = 4
	aroundMemoryShare = 8
)

// around is how much of a memory is not for DuckDB.
func (e Exchange) around(memory int64) int64 {
	return min(memory/aroundMemoryShare, aroundBytes+aroundBuffers*orDefault(e.BufferBytes, defaultBufferBytes))
}

// memoryBytes is the attempt's memory limit.
func (a *attempt) memoryBytes() int64 {
	if a.task.MemoryBytes > 0 {
		return a.task.MemoryBytes
	}
	return a.slot.cfg.MemoryBytes
}

// weighInputs decodes what the attempt reads from exchanges, and says how much of its memory that may take.
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

// engineMemory is what is left to DuckDB: all but small inputs cost it their whole share, so that few limits are in use and an open
// DuckDB mostly has the right one.
func (a *attempt) engineMemory() int64 {
	memory := a.memoryBytes()
	left := memory - a.slot.cfg.Exchange.around(memory)
	if a.inputMemory > memory/smallInputMemoryShare {
		left -= memory / inputMemoryShare
	}
	return left
}

// peakMemory is how much of its memory the attempt has used, given what DuckDB did. An output that was too small to fill the memory that is
// left to it has not used that either.
func (a *attempt) peakMemory(engine int64) int64 {
	return engine + a.spool.Memory() + min(a.stats.OutputBytes, a.slot.cfg.Exchange.around(a.memoryBytes()))
}
