package bench

import (
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Each query is asked so many times by so many clients; those that fail are counted, with the first reason.
func TestLatency(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(protocol.New(protocol.Config{}, protocoltest.New(func(r protocol.SubmitRequest) protocoltest.Answer {
		if asked.Add(1)%10 == 0 {
			return protocoltest.Failed(trinoerr.New(trinoerr.ClusterOutOfMemory, "too full"))
		}
		return protocoltest.Rows(nil)
	})))
	defer server.Close()
	l := MeasureLatency(t.Context(), &Server{URL: server.URL}, SmallQueries[0], 7, 100)
	if asked.Load() != 100 || l.Failed != 10 || !strings.Contains(l.Failure, "CLUSTER_OUT_OF_MEMORY") || l.PerSecond <= 0 {
		t.Errorf("asked %d times: %+v", asked.Load(), l)
	}
	if l.Median <= 0 || l.P99 < l.Median || l.Longest < l.P99 {
		t.Errorf("%+v", l)
	}
	r := &LatencyReport{Setup: [][2]string{{"Workers", "3"}}, Latencies: []*Latency{l}, Memory: []ProcessMemory{{"coordinator", 5_000_000}}}
	for format, want := range map[string]string{"text": "coordinator    5.0 MB", "markdown": "| coordinator | 5.0 MB |", "json": `"failed": 10`} {
		var b strings.Builder
		if err := r.Write(&b, format); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v\n%s", format, err, b.String())
		}
	}
}
