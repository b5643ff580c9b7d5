package coordinator

import (
	"fmt"
	"math"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// readBy is what each attempt has read.
func (q *query) readBy(tasks []scheduler.TaskInfo) map[scheduler.TaskID]input {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := map[scheduler.TaskID]input{}
	for _, t := range tasks {
		out[t.Task] = q.inputs[keyOf(t.Task)]
	}
	return out
}

// spread is the least, the mean and the most of some sizes.
type spread struct{ n, least, sum, most int64 }

func (s *spread) add(bytes int64) {
	if s.n == 0 || bytes < s.least {
		s.least = bytes
	}
	s.n, s.sum, s.most = s.n+1, s.sum+bytes, max(s.most, bytes)
}

// String writes sizes per task as EXPLAIN ANALYZE does.
func (s spread) String() string {
	if s.n == 0 {
		return "per task: min.: 0B avg.: 0B max.: 0B"
	}
	return fmt.Sprintf("per task: min.: %s avg.: %s max.: %s", succinct(s.least), succinct(s.sum/s.n), succinct(s.most))
}

// measured describes what the attempts of a stage have done, and how the stage was divided into tasks. estimate is what it was
// expected to put out.
func measured(tasks []scheduler.TaskInfo, stage scheduler.StageID, read map[scheduler.TaskID]input, estimate string) []string {
	var out, in input
	var cpu, wall float64
	var inputs, requests, peaks spread
	finished, failed, cancelled, splits := 0, 0, 0, 0
	nodes := map[scheduler.NodeID]bool{}
	for _, t := range tasks {
		if t.Task.Stage != stage {
			continue
		}
		switch t.State {
		case scheduler.AttemptFinished:
			finished++
			splits += t.Splits
			out.rows, out.bytes = out.rows+t.Rows, out.bytes+t.Bytes
			in.rows, in.bytes = in.rows+read[t.Task].rows, in.bytes+read[t.Task].bytes
			inputs.add(read[t.Task].bytes)
		case scheduler.AttemptFailed:
			failed++
		case scheduler.AttemptCanceled:
			cancelled++
		}
		nodes[t.Node] = true
		requests.add(t.MemBytes)
		peaks.add(t.PeakMemory)
		cpu, wall = cpu+t.CPU.Seconds(), wall+t.Wall.Seconds()
	}
	return []string{
		fmt.Sprintf("Tasks count: %d, failed attempts: %d, cancelled attempts: %d, on %d nodes, Splits: %d", finished, failed, cancelled, len(nodes), splits),
		fmt.Sprintf("CPU: %.2fs, Scheduled: %.2fs, Input: %d rows (%s); %s", cpu, wall, in.rows, succinct(in.bytes), inputs),
		fmt.Sprintf("Output: %s, Estimated: %s, Requested Memory: %s", rowsText(float64(out.rows), float64(out.bytes)), estimate, requests),
		fmt.Sprintf("Peak Memory: %s", peaks),
	}
}

// succinct writes a size as Trino's plans do: 131.84kB, 2MB.
func succinct(bytes int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	v, u := float64(bytes), 0
	for v >= 1024 && u < len(units)-1 {
		v, u = v/1024, u+1
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) + units[u]
}
