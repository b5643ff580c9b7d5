package rpc

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Epoch numbers the coordinators of a cluster that has a journal: each has a higher one than those before it, and sends it
// with all its calls. Zero is a coordinator without a journal, which nobody can replace.
type Epoch uint64

const epochHeader = "Waterbear-Epoch"

// Interceptor sends the epoch with the calls of a connect client.
func (e Epoch) Interceptor() connect.Interceptor { return epochSender{e} }

type epochSender struct{ epoch Epoch }

func (s epochSender) send(h http.Header) {
	if s.epoch != 0 {
		h.Set(epochHeader, strconv.FormatUint(uint64(s.epoch), 10))
	}
}

func (s epochSender) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		s.send(req.Header())
		return next(ctx, req)
	}
}

func (s epochSender) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		conn := next(ctx, spec)
		s.send(conn.RequestHeader())
		return conn
	}
}

func (s epochSender) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}

// Obedience is a worker's: it obeys the coordinator with the highest epoch that it has heard of. So one that was paused, and
// replaced meanwhile, starts and deletes nothing when it wakes up.
type Obedience struct{ highest atomic.Uint64 }

// Interceptor refuses the calls of coordinators that have been replaced.
func (o *Obedience) Interceptor() connect.Interceptor { return obedient{o} }

func (o *Obedience) hear(h http.Header) error {
	text := h.Get(epochHeader)
	if text == "" {
		return nil
	}
	epoch, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return connect.NewError(connect.CodeInvalidArgument, trinoerr.New(trinoerr.GenericInternalError, "bad epoch %q", text))
	}
	for {
		highest := o.highest.Load()
		switch {
		case epoch < highest:
			return connect.NewError(connect.CodeFailedPrecondition, trinoerr.New(trinoerr.ServerShuttingDown,
				"this coordinator was replaced: its epoch is %d, that of its successor %d", epoch, highest))
		case epoch == highest || o.highest.CompareAndSwap(highest, epoch):
			return nil
		}
	}
}

type obedient struct{ o *Obedience }

func (o obedient) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if err := o.o.hear(req.Header()); err != nil {
			return nil, err
		}
		return next(ctx, req)
	}
}

func (o obedient) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (o obedient) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		if err := o.o.hear(conn.RequestHeader()); err != nil {
			return err
		}
		return next(ctx, conn)
	}
}
