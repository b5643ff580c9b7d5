package slot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
)

// largeBytes is the peak memory from which on an instance is not kept: DuckDB's allocator holds on to what it has freed,
// and the system shall have it back.
const largeBytes = 256 << 20

// resetScratch empties a slot's scratch directory, in which a predecessor may have died.
func resetScratch(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("empty scratch directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create scratch directory: %w", err)
	}
	return nil
}

// engineConfig is that of an instance for an attempt of which the process may take so much memory, and DuckDB so much of it.
func (s *slot) engineConfig(resident, memory int64, threads int32, keepJoinOrder bool) engine.Config {
	c := engine.Config{MemoryLimit: memory, ResidentLimit: resident, Threads: int(threads), ScratchDir: filepath.Clean(s.cfg.ScratchDir), MaxTempBytes: s.cfg.ScratchQuota,
		KeepJoinOrder: keepJoinOrder, ReadDirs: s.readDirs()}
	if c.Threads <= 0 || c.Threads > s.cfg.Threads {
		c.Threads = s.cfg.Threads
	}
	return c
}

// readDirs are the directories in which the catalogs' files lie, one a line.
func (s *slot) readDirs() string {
	var dirs []string
	for _, c := range s.cfg.Catalogs {
		if l, ok := c.(connector.LocalFiles); ok {
			dirs = append(dirs, l.LocalDirs()...)
		}
	}
	slices.Sort(dirs)
	return strings.Join(slices.Compact(dirs), "\n")
}

// warm makes sure that an instance with the usual limits is open, so that a short task does not wait for it. It fails
// silently: the next attempt tries again and reports.
func (s *slot) warm() {
	memory := s.cfg.MemoryBytes
	cfg := s.engineConfig(memory, memory-s.cfg.Exchange.around(memory), 0, false)
	i := s.instance(cfg)
	if *i == nil {
		*i, _ = engine.Open(context.Background(), cfg)
	}
}

// instance is the place of one of the three instances that a slot keeps: tasks of large queries want their joins kept in
// order, tasks of small ones want DuckDB to order them, and tasks whose rows depend on an order want a single thread.
func (s *slot) instance(cfg engine.Config) **engine.Instance {
	switch {
	case cfg.Threads == 1 && s.cfg.Threads != 1:
		return &s.serial
	case cfg.KeepJoinOrder:
		return &s.ordered
	}
	return &s.free
}

// acquire returns an instance with the limits of a task.
func (s *slot) acquire(ctx context.Context, cfg engine.Config) (*engine.Instance, error) {
	i := s.instance(cfg)
	if *i != nil && (*i).Reusable(cfg) {
		return *i, nil
	}
	closeInstance(i)
	opened, err := engine.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	*i = opened
	return opened, nil
}

// release prepares the instance that an attempt used for another one, or closes it when it has grown or is damaged.
func (s *slot) release(cfg engine.Config, peakBytes int64) {
	i := s.instance(cfg)
	if *i == nil {
		return
	}
	if peakBytes > largeBytes || (*i).Reset(context.Background()) != nil {
		closeInstance(i)
		engine.GiveBackMemory()
		debug.FreeOSMemory()
	}
}

func closeInstance(i **engine.Instance) {
	if *i != nil {
		(*i).Close()
		*i = nil
	}
}

func (s *slot) closeInstances() {
	closeInstance(&s.free)
	closeInstance(&s.ordered)
	closeInstance(&s.serial)
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
