package coordinator

import (
	"context"
	"sync"
)

// A statement is analysed when it comes, but it is carried out only once its client has asked for the first page, which it knows
// of from the answer. So a client that got no answer, because the coordinator died or a connection broke, can send the statement
// again: the first one is never carried out, here or by a successor.

// polled tells that a client has asked.
type polled struct {
	once sync.Once
	is   chan struct{}
}

func newPolled() polled { return polled{is: make(chan struct{})} }

// now says that it has.
func (p *polled) now() { p.once.Do(func() { close(p.is) }) }

// wait returns when it has, or with the cause of ctx's end.
func (p *polled) wait(ctx context.Context) error {
	select {
	case <-p.is:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
