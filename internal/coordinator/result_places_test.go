package coordinator

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

// Rows that are held back go to another base directory when the first cannot take them, and only then to the coordinator's disk.
func TestHeldBackElsewhere14496(t *testing.T) {
	more, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := newHolding(t, func(c *Config) {
		c.Query.DeduplicationBufferSize = 0
		c.SpoolURIs = append(c.SpoolURIs, more.URI())
	})
	w := join(t, h.Coordinator, "w")
	q := submit(t, h.Coordinator, anyQuery)
	bases := []*local.Store{h.spool, more}
	first := int(q.created.UnixNano() % 2)
	obstacle := filepath.Join(dirOf(bases[first]), string(q.id))
	if err := os.WriteFile(obstacle, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rows := longRows(3)
	w.finish(w.next(), h.disk, rows...)
	visible(t, q)
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	if other, own := found(t, bases[1-first]), found(t, h.scratch); len(other) == 0 || len(own) > 0 {
		t.Errorf("in the other base directory: %v; on the coordinator's disk: %v", other, own)
	}
	if got, err := result(t, q); err != nil || len(got) < 300_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	h.clear(t, q)
}
