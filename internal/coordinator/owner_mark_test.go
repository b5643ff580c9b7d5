package coordinator

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// marked reports whether a coordinator has its mark in a store.
func marked(t *testing.T, s store.Store, c *Coordinator) bool {
	t.Helper()
	_, err := store.ReadAll(t.Context(), s, "owners/"+c.suffix+".json")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// A coordinator marks what its queries have as in use, its successor goes on with that, and who is dead for a day is cleaned up after.
func TestMarks(t *testing.T) {
	c, spool, next := journaled(t, func(cfg *Config) { cfg.Marks = true })
	until(t, "the mark is written", func() bool { return marked(t, spool, c) })
	mine := "20260101_000000_00001_" + c.suffix + "/0/0.0/0.bundle"
	put := func(key string) {
		t.Helper()
		if err := store.Put(t.Context(), spool, key, []byte("x"), store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	put(mine)
	rules := exchange.OrphanRules{Now: time.Now()}
	if found, err := exchange.FindOrphans(t.Context(), spool, rules); err != nil || len(found) != 0 {
		t.Errorf("orphans of a living coordinator: %v, %v", found, err)
	}
	dead := []exchange.OwnerMark{
		{Environment: c.cfg.Environment, Suffix: "deadd", Seen: time.Now().Add(-25 * time.Hour)},
		{Environment: c.cfg.Environment, Suffix: "young", Seen: time.Now().Add(-23 * time.Hour)},
		{Environment: "another", Suffix: "other", Seen: time.Now().Add(-25 * time.Hour)},
	}
	for _, m := range dead {
		put("20260101_000000_00001_" + m.Suffix + "/0/0.0/0.bundle")
		if err := m.Write(t.Context(), spool); err != nil {
			t.Fatal(err)
		}
	}
	introduced(t, c)
	c.broken(errCrash)
	first := c
	c = next()
	until(t, "what is left is removed", func() bool {
		runs, err := exchange.FindRuns(t.Context(), spool)
		if err != nil {
			t.Fatal(err)
		}
		return len(runs) == 2 && runs[0].Suffix == "other" && runs[1].Suffix == "young"
	})
	until(t, "the successor's mark has taken the place", func() bool { return marked(t, spool, c) && !marked(t, spool, first) })
}

// A coordinator that ends with nothing left takes its mark with it.
func TestMarksEnd(t *testing.T) {
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.Marks = true })
	until(t, "the mark is written", func() bool { return marked(t, spool, c) })
	run := "20260101_000000_00001_" + c.suffix
	if err := store.Put(t.Context(), spool, run+"/0/0.0/0.bundle", nil, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.unmark()
	if !marked(t, spool, c) {
		t.Error("the mark is gone before what it stands for")
	}
	if err := spool.DeletePrefix(context.Background(), exchange.QueryPrefix(run)); err != nil {
		t.Fatal(err)
	}
	c.unmark()
	if marked(t, spool, c) {
		t.Error("the mark is left")
	}
}
