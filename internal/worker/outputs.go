package worker

import (
	"errors"
	"io/fs"
	"os"
)

// outputs lists the runs of queries that have bundles on this node's disk: of this process, and of those before it. The coordinator
// is told of them, and has those removed that are over.
func (w *Worker) outputs() []string {
	if w.cfg.BundleDir == "" {
		return nil
	}
	entries, err := os.ReadDir(w.cfg.BundleDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.cfg.Log.Warn("bundles not listed", "err", err)
	}
	var runs []string
	for _, e := range entries {
		if e.IsDir() {
			runs = append(runs, e.Name())
		}
	}
	return runs
}
