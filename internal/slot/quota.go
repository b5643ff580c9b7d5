package slot

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// scratchEvery is how often the scratch directory is measured.
const scratchEvery = 50 * time.Millisecond

// scratch is what an attempt takes of the disk: inputs that memory has no room for, what DuckDB spills, and the output as long as it has not
// been sent. Together they have one quota. Inputs and spilled data have their own bounds below it; the sum is measured while the
// attempt runs.
type scratch struct {
	quota  int64
	dir    string                         // the slot's
	output string                         // below it
	spool  atomic.Pointer[exchange.Spool] // of the inputs, whose files have no names
	others atomic.Int64                   // what is not the output, when it was last measured
}

// withinQuota runs the attempt, and ends it when it takes more of the disk than it may.
func (a *attempt) withinQuota(ctx context.Context, run func(context.Context) error) error {
	quota := a.slot.cfg.ScratchQuota
	if quota <= 0 {
		return run(ctx)
	}
	a.scratch = &scratch{quota: quota, dir: a.slot.cfg.ScratchDir, output: a.outputDir()}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		a.scratch.watch(done, cancel)
	}()
	err := run(ctx)
	close(done)
	<-ended
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// watch measures until the attempt is done, and cancels it when there is too much.
func (s *scratch) watch(done <-chan struct{}, cancel context.CancelCauseFunc) {
	t := time.NewTimer(scratchEvery)
	defer t.Stop()
	for {
		select {
		case <-done:
			return
		case now := <-t.C:
			if err := s.check(); err != nil {
				cancel(err)
				return
			}
			t.Reset(max(scratchEvery, streamShare*time.Since(now)))
		}
	}
}

// check reports whether there is too much; nil has no quota.
func (s *scratch) check() error {
	if s == nil {
		return nil
	}
	output, others := s.measure()
	s.others.Store(others)
	if output+others <= s.quota {
		return nil
	}
	return trinoerr.New(trinoerr.ExceededSpillLimit, "the task exceeds its scratch quota of %d bytes ('waterbear.scratch-quota'): its output that was not sent yet takes %d, all else %d",
		s.quota, output, others)
}

// measure is what the files take of the disk, holes excepted.
func (s *scratch) measure() (output, others int64) {
	others = s.spool.Load().Disk()
	_ = filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // gone again
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		size := info.Size()
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			size = st.Blocks * 512
		}
		if strings.HasPrefix(path, s.output+string(filepath.Separator)) {
			output += size
		} else {
			others += size
		}
		return nil
	})
	return output, others
}

// room is how much of pool bytes an output may hold before its statement is held back: half of what all else leaves, and not less than
// least, which cannot be sent.
func (s *scratch) room(pool, least int64) int64 {
	if s == nil {
		return pool
	}
	return max(least, min(pool, (s.quota-s.others.Load())/2))
}

// inputsOnDisk is how much of the inputs memory has no room for.
func (a *attempt) inputsOnDisk() (disk int64, err error) {
	left := a.inputMemory
	for _, in := range a.task.Inputs {
		if in.GetExchange() == nil {
			continue
		}
		sizes, err := a.wanted[in.Name].Sizes()
		if err != nil {
			return 0, err
		}
		for _, n := range sizes {
			if n <= left {
				left -= n
			} else {
				disk += n
			}
		}
	}
	return disk, nil
}
