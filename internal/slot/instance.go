package slot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

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

func (s *slot) engineConfig(memory int64, threads int32) engine.Config {
	c := engine.Config{MemoryLimit: memory, Threads: int(threads), ScratchDir: filepath.Clean(s.cfg.ScratchDir), MaxTempBytes: s.cfg.ScratchQuota}
	if c.MemoryLimit <= 0 {
		c.MemoryLimit = s.cfg.MemoryBytes
	}
	if c.Threads <= 0 {
		c.Threads = s.cfg.Threads
	}
	return c
}

// warm makes sure that an instance with the usual limits is open, so that a short task does not wait for it. It fails
// silently: the next attempt tries again and reports.
func (s *slot) warm() {
	if s.instance == nil {
		s.instance, _ = engine.Open(context.Background(), s.engineConfig(0, 0))
	}
}

// acquire returns an instance with the limits of a task.
func (s *slot) acquire(ctx context.Context, cfg engine.Config) (*engine.Instance, error) {
	if s.instance != nil && s.instance.Reusable(cfg) {
		return s.instance, nil
	}
	s.closeInstance()
	inst, err := engine.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.instance = inst
	return inst, nil
}

// release prepares the instance for another attempt, or closes it when it has grown or is damaged.
func (s *slot) release(peakBytes int64) {
	if s.instance == nil {
		return
	}
	if peakBytes > largeBytes || s.instance.Reset(context.Background()) != nil {
		s.closeInstance()
		debug.FreeOSMemory()
	}
}

func (s *slot) closeInstance() {
	if s.instance != nil {
		s.instance.Close()
		s.instance = nil
	}
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
