package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// meter measures what processes use while something runs: their processor time, which means the same on a busy machine, and the most
// memory that was resident.
type meter struct {
	coordinator int // process; 0: none
	workers     func() []int
}

// ownMeter measures this process, in which DuckDB runs.
func ownMeter() *meter { return &meter{workers: func() []int { return []int{os.Getpid()} }} }

// clusterMeter measures the processes of a cluster; nil when there are none on this machine.
func clusterMeter(c *localcluster.Cluster) *meter {
	if c == nil {
		return nil
	}
	return &meter{coordinator: c.CoordinatorPID(), workers: func() (out []int) {
		for i, pid := range c.WorkerPIDs() {
			if pid != 0 {
				out = append(append(out, pid), c.SlotPIDs(i)...)
			}
		}
		return out
	}}
}

// spent is what was used.
type spent struct {
	cpu                         time.Duration
	coordinatorPeak, workerPeak int64
}

// begin begins a measurement; the returned function ends it. A nil meter measures nothing.
func (m *meter) begin() (end func() spent) {
	if m == nil {
		return func() spent { return spent{} }
	}
	before := time.Duration(0)
	for _, pid := range m.all() {
		before += processorTimeOf(pid)
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) // forgets the peak so far; without the right to, it is that since the start
	}
	return func() (s spent) {
		for _, pid := range m.all() {
			s.cpu += processorTimeOf(pid)
			peak, _ := memoryOf(pid, "VmHWM:") // a slot may have ended
			if pid == m.coordinator {
				s.coordinatorPeak += peak
			} else {
				s.workerPeak += peak
			}
		}
		s.cpu -= before
		return s
	}
}

func (m *meter) all() []int {
	out := m.workers()
	if m.coordinator != 0 {
		out = append(out, m.coordinator)
	}
	return out
}

// processorTimeOf is the processor time of a process and of those of its children that have ended.
func processorTimeOf(pid int) time.Duration {
	var t unix.Timespec
	const schedClock = 2 // see clock_getcpuclockid(3): the process's clock is part of the system's interface
	if unix.ClockGettime(int32(^pid<<3|schedClock), &t) != nil {
		return 0 // it has ended: its parent counts it
	}
	return time.Duration(t.Nano()) + endedChildren(pid)
}

// endedChildren is the processor time of children that a process has waited for, to a hundredth of a second.
func endedChildren(pid int) (total time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const user, system = 13, 14 // of the fields after the name; see proc(5): cutime, cstime
	fields := strings.Fields(string(text)[strings.LastIndexByte(string(text), ')')+1:])
	for _, at := range []int{user, system} {
		if at < len(fields) {
			ticks, _ := strconv.ParseInt(fields[at], 10, 64)
			total += time.Duration(ticks) * (time.Second / 100)
		}
	}
	return total
}

// memoryOf is a figure of a process's memory, in bytes: VmRSS is what it occupies, VmHWM the most that it did.
func memoryOf(pid int, name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == name {
			kb, err := strconv.ParseInt(fields[1], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no %s", pid, strings.TrimSuffix(name, ":"))
}
