package coordinator

import (
	"context"
	"fmt"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// budget is an amount that queries share.
type budget struct {
	mu   sync.Mutex
	left int64
}

// take takes n of it, if there is as much.
func (b *budget) take(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

// give gives back what was taken.
func (b *budget) give(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}

// scratch is the coordinator's own disk, for what outgrows its memory when there is no exchange storage. What lies there is
// encrypted with keys that only this process has, so nothing there is of use after it.
type scratch struct {
	store.Store
	quota   int64
	results budget // what is left of the quota for rows that are held back
}

// openScratch opens the scratch directory and empties it of what a process before this one has left.
func openScratch(ctx context.Context, cfg *Config) (*scratch, error) {
	if cfg.Scratch == "" {
		return nil, nil
	}
	st, err := cfg.Stores.Open(ctx, cfg.Scratch)
	if err == nil {
		err = st.DeletePrefix(ctx, "")
	}
	if err != nil {
		return nil, fmt.Errorf("scratch directory of the coordinator: %w", err)
	}
	return &scratch{Store: st, quota: cfg.Query.ResultScratchQuota, results: budget{left: cfg.Query.ResultScratchQuota}}, nil
}
