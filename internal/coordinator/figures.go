package coordinator

import (
	"encoding/json"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// figures are what an attempt reported of itself at its end, beyond what the scheduler's event has.
type figures struct {
	CPUMillis   int64 `json:"cpu,omitempty"`
	WallMillis  int64 `json:"wall,omitempty"`
	InputRows   int64 `json:"inRows,omitempty"`
	InputBytes  int64 `json:"inBytes,omitempty"`
	Scanned     int64 `json:"scanned,omitempty"` // of InputBytes
	OutputBytes int64 `json:"outBytes,omitempty"`
	Spilled     int64 `json:"spilled,omitempty"`
	PeakMemory  int64 `json:"peak,omitempty"`
}

// figuresOf keeps a report for the journal.
func figuresOf(s *rpcv1.Stats) *figures {
	return &figures{CPUMillis: s.GetCpuMillis(), WallMillis: s.GetWallMillis(), InputRows: s.GetInputRows(), InputBytes: s.GetInputBytes(), Scanned: s.GetScannedBytes(),
		OutputBytes: s.GetOutputBytes(), Spilled: s.GetSpilledBytes(), PeakMemory: s.GetPeakMemoryBytes()}
}

// totals add up what attempts reported.
type totals struct {
	CPU, Wall               time.Duration
	InputRows, InputBytes   int64
	ScannedBytes            int64 // of InputBytes
	WrittenBytes, Spilled   int64
	ExchangeBytes, PeakTask int64
	FailedRuns              int
}

// add adds an ended attempt.
func (t *totals) add(f *figures) {
	t.CPU += time.Duration(f.CPUMillis) * time.Millisecond
	t.Wall += time.Duration(f.WallMillis) * time.Millisecond
	t.InputRows += f.InputRows
	t.InputBytes += f.InputBytes
	t.ScannedBytes += f.Scanned
	t.Spilled += f.Spilled
	t.ExchangeBytes += f.OutputBytes
	t.PeakTask = max(t.PeakTask, f.PeakMemory)
}

// MarshalJSON writes rows and bytes.
func (i input) MarshalJSON() ([]byte, error) { return json.Marshal([2]int64{i.rows, i.bytes}) }

// UnmarshalJSON is the inverse of MarshalJSON.
func (i *input) UnmarshalJSON(data []byte) error {
	var pair [2]int64
	err := json.Unmarshal(data, &pair)
	i.rows, i.bytes = pair[0], pair[1]
	return err
}
