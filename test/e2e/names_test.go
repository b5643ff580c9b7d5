//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// TestClustersOfOneName starts a second cluster whose coordinator has the environment, id and base directory of one that is alive. It is not
// started, and the first one, in the middle of a query, is not disturbed.
func TestClustersOfOneName(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 1})
	want := mustRows(t, session(c, manyTasks...), wordy)
	q, hold := suspend(t, c, faults)
	second, err := localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: t.TempDir(), Workers: 1,
		Exchange:   map[string]string{"exchange-manager.name": "filesystem", "exchange.base-directories": c.SpoolDir()},
		Properties: map[string]string{"waterbear.journal-takeover-timeout": "500ms"}})
	if err == nil {
		second.Close()
		t.Error("it started")
	} else if want := "node.id=" + localcluster.CoordinatorID + ": the coordinator at " + c.URL() + " is alive and writes the journal of this node"; !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	disarm(t, hold)
	sameRows(t, "the first cluster's answer", q.wait(t), want)
	emptySpool(t, c)
}
