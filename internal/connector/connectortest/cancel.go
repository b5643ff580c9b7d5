package connectortest

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// patience bounds waiting for what has to happen at once. Machines that run tests are busy.
const patience = 30 * time.Second

// cancelled checks that what is told to stop stops: an enumeration, and a reader in the middle. Nothing of it is left running.
func cancelled(t *testing.T, c connector.Connector, scan connector.Scan) {
	t.Helper()
	splits := splitsOf(t, c, scan, 1000)
	if len(splits) == 0 {
		return
	}
	warm := make(chan bool)
	go func() { // connections that stay for the next are no leak
		if <-warm {
			warm <- false
		}
	}()
	err := readUntil(t.Context(), c, scan, splits, warm)
	must(t, err)
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	opened := make(chan bool)
	go func() { done <- readUntil(ctx, c, scan, splits, opened) }()
	select {
	case <-opened:
	case err := <-done:
		t.Fatalf("the reader ends early: %v", err)
	case <-time.After(patience):
		t.Fatal("the reader does not begin")
	}
	cancel(errors.New("enough"))
	close(opened)
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the reader goes on after it was cancelled")
	}
	must(t, goleak.Find(before))
}

// readUntil opens a source, says so, waits until it is told to go on, and then reads to the end or an error.
func readUntil(ctx context.Context, c connector.Connector, scan connector.Scan, splits []connector.Split, opened chan bool) error {
	src, err := c.Source(ctx, scan, splits)
	if err != nil {
		return err
	}
	if src.Close != nil {
		defer func() { _ = src.Close() }()
	}
	var readers []connector.BatchReader
	defer func() {
		for _, r := range readers {
			_ = r.Close()
		}
	}()
	projection := make([]int, len(scan.Columns))
	for i := range projection {
		projection[i] = i
	}
	var batches []*connector.Batch
	if src.Batches != nil {
		for p := range min(2, src.Batches.Partitions()) {
			r, err := src.Batches.Open(ctx, p, projection)
			if err != nil {
				return err
			}
			readers, batches = append(readers, r), append(batches, &connector.Batch{})
			if _, err := r.Next(batches[p], 10); err != nil {
				return err
			}
		}
	}
	opened <- true
	<-opened
	for p, r := range readers {
		for {
			if n, err := r.Next(batches[p], 10); n == 0 || err != nil {
				break
			}
		}
	}
	return ctx.Err()
}
