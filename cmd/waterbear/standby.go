package main

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/waterbear-sql/waterbear/internal/coordinator"
	"github.com/waterbear-sql/waterbear/internal/journal"
)

// front serves what is not served by a more special handler: the protocol, or, while a coordinator stands by, what the
// leading one answers.
type front struct{ now atomic.Pointer[http.Handler] }

func (f *front) set(h http.Handler) { f.now.Store(&h) }

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*f.now.Load()).ServeHTTP(w, r) }

// lead makes this node the coordinator of its cluster, unless another one writes the journal: then it is made to stand by.
func (n *node) lead() error {
	if n.journal == nil {
		return n.addCoordinator()
	}
	n.standby = &coordinator.Standby{Journal: n.journal, NodeID: n.cfg.Node.ID, URL: n.url, TakeoverAfter: n.cfg.Resources.TakeoverAfter,
		Log: n.log("coordinator")}
	if !n.journal.Shared {
		if err := n.standby.Alone(context.Background()); err != nil {
			return err
		}
		n.standby = nil
		return n.addCoordinator()
	}
	due, err := n.standby.Due(context.Background())
	if err != nil {
		return err
	}
	if due {
		n.standby = nil
		return n.addCoordinator()
	}
	n.front.set(n.standby.Forward())
	return nil
}

// coordinate runs the coordinator, once it is this node's turn to.
func (n *node) coordinate(ctx context.Context) error {
	for n.coordinator == nil {
		if err := n.standby.Wait(ctx); err != nil {
			return nil // it never was this node's turn
		}
		n.journal.Yield = true
		err := n.addCoordinator()
		if errors.Is(err, journal.ErrFenced) {
			n.log("coordinator").Info("another coordinator was quicker")
			continue
		}
		if err != nil {
			return err
		}
		n.addProtocol()
		n.standby.Lead(n.protocol)
	}
	ended := make(chan error, 1)
	go func() { ended <- n.coordinator.Run(ctx) }()
	for _, q := range n.coordinator.Recovered() { // clients may have vanished meanwhile
		n.protocol.Adopt(q)
	}
	return <-ended
}

// watchClients abandons the queries of clients that have vanished, on a node that speaks the protocol.
func (n *node) watchClients(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-n.speaks:
		n.protocol.Run(ctx)
	}
}

// leaving is ctx with the cause that makes the coordinator leave its queries to a successor, when it is a SIGTERM that ends
// it. After a Ctrl-C nobody is to come.
func (n *node) leaving(ctx context.Context) context.Context {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		if n.cfg.Resources.LeaveQueries && terminated(ctx) {
			cancel(coordinator.ErrLeave)
			return
		}
		cancel(context.Cause(ctx))
	})
	return out
}
