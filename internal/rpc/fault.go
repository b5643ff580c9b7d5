package rpc

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path"
	"strings"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
)

// callPoints are the points that calls pass on the side of the one that is called.
var callPoints = map[string]string{
	rpcv1connect.WorkersStartProcedure:         faultpoint.CallStart,
	rpcv1connect.WorkersCancelProcedure:        faultpoint.CallCancel,
	rpcv1connect.WorkersEventsProcedure:        faultpoint.CallEvents,
	rpcv1connect.WorkersAcknowledgeProcedure:   faultpoint.CallAcknowledge,
	rpcv1connect.WorkersDeleteOutputsProcedure: faultpoint.CallDeleteOutputs,
	rpcv1connect.CoordinatorsRegisterProcedure: faultpoint.CallRegister,
}

// Faults makes the calls of a connect handler pass the points of a process. Without points it costs nothing.
func Faults(p *faultpoint.Points) connect.HandlerOption {
	if p == nil {
		return connect.WithHandlerOptions()
	}
	return connect.WithInterceptors(faulty{p})
}

type faulty struct{ points *faultpoint.Points }

func (f faulty) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		point, task := callPoints[req.Spec().Procedure], taskOf(req.Any())
		if err := f.pass(ctx, point, task); err != nil {
			return nil, err
		}
		res, err := next(ctx, req)
		if err == nil {
			err = f.pass(ctx, point+faultpoint.Answer, task)
		}
		return res, err
	}
}

func (f faulty) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (f faulty) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		if err := f.pass(ctx, callPoints[conn.Spec().Procedure], ""); err != nil {
			return err
		}
		return next(ctx, faultyStream{conn, ctx, f})
	}
}

// faultyStream is a stream whose messages about attempts pass points, before and after they are sent.
type faultyStream struct {
	connect.StreamingHandlerConn
	ctx    context.Context
	faults faulty
}

// Send sends a message.
func (s faultyStream) Send(msg any) error {
	task := taskOf(msg)
	if task == "" {
		return s.StreamingHandlerConn.Send(msg)
	}
	if err := s.faults.pass(s.ctx, faultpoint.CallEvent, task); err != nil {
		return err
	}
	if err := s.StreamingHandlerConn.Send(msg); err != nil {
		return err
	}
	return s.faults.pass(s.ctx, faultpoint.CallEvent+faultpoint.Answer, task)
}

// pass passes a point. What it injects becomes status 500, or the end of the connection.
func (f faulty) pass(ctx context.Context, point, task string) error {
	err := f.points.Reach(ctx, point, task)
	if errors.Is(err, faultpoint.ErrDrop) || err != nil && ctx.Err() != nil { // who is held does not answer that it was
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		return connect.NewError(connect.CodeInternal, err)
	}
	return nil
}

// CallPoint is the point that calls of a procedure pass, which has its name in connect's form; empty for an unknown one.
func CallPoint(procedure string) string { return callPoints[procedure] }

// taskOf is the attempt, or at least the query, that a message concerns; empty when it is none.
func taskOf(message any) string {
	switch r := message.(type) {
	case *rpcv1.Event:
		return cmp.Or(r.GetFinished().GetTask(), r.GetFailed().GetTask())
	case *rpcv1.StartRequest:
		return r.GetTask().GetId()
	case *rpcv1.CancelRequest:
		if len(r.Tasks) > 0 {
			return r.Tasks[0]
		}
	case *rpcv1.DeleteOutputsRequest:
		if len(r.Prefixes) > 0 {
			return TaskOfKey(r.Prefixes[0])
		}
	}
	return ""
}

// TaskOfKey is the attempt that a bundle belongs to by a prefix of its key, query/stage/partition.attempt, or as much of it as
// the prefix tells.
func TaskOfKey(key string) string {
	return strings.Trim(strings.ReplaceAll(key, "/", "."), ".")
}

// FaultyObjects makes requests for objects pass a point, on behalf of the attempt that has written them: task tells it from the
// directory in which an object lies.
func FaultyObjects(p *faultpoint.Points, point string, task func(dir string) string, next http.Handler) http.Handler {
	if p == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		object := task(path.Dir(strings.TrimPrefix(r.URL.Path, "/")))
		err := p.Reach(r.Context(), point, object)
		switch {
		case errors.Is(err, faultpoint.ErrDrop):
			panic(http.ErrAbortHandler)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			next.ServeHTTP(&faultyBody{ResponseWriter: w, middle: func() error { return p.Reach(r.Context(), point+faultpoint.Middle, object) }}, r)
			if r.Method != http.MethodGet && p.Reach(r.Context(), point+faultpoint.Answer, object) != nil {
				panic(http.ErrAbortHandler)
			}
		}
	})
}

// faultyBody is an answer that passes a point when half of its first bytes are sent.
type faultyBody struct {
	http.ResponseWriter
	middle func() error // nil when it has been passed
}

// Write sends bytes. What is injected ends the connection.
func (b *faultyBody) Write(p []byte) (int, error) {
	if b.middle == nil || len(p) < 2 {
		return b.ResponseWriter.Write(p)
	}
	middle := b.middle
	b.middle = nil
	n, err := b.ResponseWriter.Write(p[:len(p)/2])
	if err != nil {
		return n, err
	}
	_ = http.NewResponseController(b.ResponseWriter).Flush() // who cannot is not read from afar
	if err := middle(); err != nil {
		panic(http.ErrAbortHandler)
	}
	m, err := b.ResponseWriter.Write(p[n:])
	return n + m, err
}
