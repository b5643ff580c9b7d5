package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// Footprint is what a cluster costs before it does anything.
type Footprint struct {
	// FirstAnswer is the time from the start of the first process to the first query's answer.
	FirstAnswer time.Duration `json:"first_answer_ns"`
	// Select1 is the median latency of SELECT 1 through HTTP, over Select1Runs.
	Select1 time.Duration `json:"select_1_ns"`
	// Processes are the idle processes.
	Processes []ProcessMemory `json:"processes"`
	// BinaryBytes is the size of the program without symbols.
	BinaryBytes int64 `json:"binary_bytes"`
}

// ProcessMemory is the memory that a process occupies.
type ProcessMemory struct {
	Name          string `json:"name"`
	ResidentBytes int64  `json:"resident_bytes"`
}

// Select1Runs is how often the latency of SELECT 1 is measured.
const Select1Runs = 101

// MeasureFootprint starts a cluster in a fresh directory and measures it.
func MeasureFootprint(ctx context.Context, cfg localcluster.Config) (*Footprint, error) {
	dir, err := os.MkdirTemp("", "waterbear-footprint")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cfg.DataDir, cfg.Port, cfg.Catalogs = dir, 0, nil
	var f Footprint
	begin := time.Now()
	c, err := localcluster.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	s := &Server{URL: c.URL()}
	if _, err := s.column(ctx, "SELECT count(*) FROM tpch.tiny.nation"); err != nil {
		return nil, err
	}
	f.FirstAnswer = time.Since(begin)
	if f.Processes, err = ClusterMemory(c); err != nil {
		return nil, err
	}
	var latencies []time.Duration
	for range Select1Runs {
		_, d, err := s.Run(ctx, "SELECT 1", nil)
		if err != nil {
			return nil, err
		}
		latencies = append(latencies, d)
	}
	f.Select1 = median(latencies)
	binary := cfg.Binary
	if binary == "" {
		if binary, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	f.BinaryBytes, err = strippedSize(ctx, binary)
	return &f, err
}

// ClusterMemory lists the processes of a cluster.
func ClusterMemory(c *localcluster.Cluster) ([]ProcessMemory, error) {
	var out []ProcessMemory
	var errs []error
	add := func(name string, pid int) {
		bytes, err := memoryOf(pid, "VmRSS:")
		errs = append(errs, err)
		out = append(out, ProcessMemory{name, bytes})
	}
	add(localcluster.CoordinatorID, c.CoordinatorPID())
	for i, pid := range c.WorkerPIDs() {
		add(localcluster.WorkerID(i), pid)
		for n, slot := range c.SlotPIDs(i) {
			add(fmt.Sprintf("%s, slot %d", localcluster.WorkerID(i), n+1), slot)
		}
	}
	return out, errors.Join(errs...)
}

// strippedSize is the size of a program without symbols and debugging information, made with strip of the C toolchain.
func strippedSize(ctx context.Context, binary string) (int64, error) {
	dir, err := os.MkdirTemp("", "waterbear-strip")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	stripped := filepath.Join(dir, "stripped")
	if out, err := exec.CommandContext(ctx, "strip", "-o", stripped, binary).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("strip: %w: %s", err, out)
	}
	info, err := os.Stat(stripped)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// lines are names and values for a report.
func (f *Footprint) lines() [][2]string {
	out := [][2]string{
		{"Start to first answer", fmt.Sprintf("%.2f s", f.FirstAnswer.Seconds())},
		{"SELECT 1 through HTTP", fmt.Sprintf("%s ms (median of %d)", millis(f.Select1), Select1Runs)},
		{"Binary without symbols", megabytes(f.BinaryBytes)},
	}
	for _, p := range f.Processes {
		out = append(out, [2]string{"Idle memory of " + p.Name, megabytes(p.ResidentBytes)})
	}
	return out
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
