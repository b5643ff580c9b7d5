package slot

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// broken is a store that cannot be written to.
type broken struct {
	store.Store
	asked *atomic.Int64
}

func (b broken) URI() string { return "broken://x" }

func (b broken) Create(context.Context, string, store.CreateOptions) (store.Writer, error) {
	b.asked.Add(1)
	return nil, trinoerr.New(trinoerr.GenericInsufficientResources, "exchange directory is full")
}

// An output goes to another place when the first cannot be written to, and the next ones go there at once.
func TestOutputGoesElsewhere14496(t *testing.T) {
	var asked atomic.Int64
	f := begin(t, func(c *Config) {
		c.Stores = &store.Registry{Openers: map[string]store.Opener{"file": local.Open, "broken": func(context.Context, *url.URL) (store.Store, error) {
			return broken{asked: &asked}, nil
		}, "none": func(context.Context, *url.URL) (store.Store, error) {
			return nil, errors.New("there is no such place")
		}}}
	})
	for _, id := range []string{"q.0.0.0", "q.0.1.0"} {
		task := f.writing(id, many, 3)
		out := task.GetExchange()
		out.Store, out.Alternatives = "broken://x", []string{"none://y", f.spool.URI()}
		h, failed := f.run(task)
		if failed != nil {
			t.Fatal(failed)
		}
		if h.Base != f.spool.URI() || h.Rows() != 300_000 || len(h.Objects) != 1 {
			t.Errorf("%s: %d rows in %d objects in %s", id, h.Rows(), len(h.Objects), h.Base)
		}
		if asked.Load() != 1 {
			t.Errorf("%s: the broken place has been asked %d times", id, asked.Load())
		}
		f.idle()
	}
	task := f.writing("q.0.2.0", many, 3)
	task.GetExchange().Store, task.GetExchange().Alternatives = "broken://x", []string{"none://y"}
	if _, failed := f.run(task); failed == nil || !strings.Contains(failed.Message, "no such place") && failed.Code != "GENERIC_INSUFFICIENT_RESOURCES" {
		t.Errorf("with no place left: %v", failed)
	}
}
