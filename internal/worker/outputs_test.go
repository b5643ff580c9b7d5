package worker

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// A worker tells whose outputs lie on its disk, those of a process before it too, until they are deleted.
func TestTellsOfOutputs(t *testing.T) {
	dir := t.TempDir()
	for _, key := range []string{"q1/0/0", "q2/1/3"} {
		if err := os.MkdirAll(filepath.Join(dir, key), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	_, r, client, _ := testWorker(t, func(cfg *Config) { cfg.BundleDir = dir })
	r.until(t, "it tells of both", func(req *rpcv1.RegisterRequest) bool { return slices.Equal(req.Outputs, []string{"q1", "q2"}) })
	if _, err := client.DeleteOutputs(t.Context(), &rpcv1.DeleteOutputsRequest{Prefixes: []string{"q1/"}}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "it tells of one", func(req *rpcv1.RegisterRequest) bool { return slices.Equal(req.Outputs, []string{"q2"}) })
}
