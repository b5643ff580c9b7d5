package coordinator

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
)

// Forward answers clients while this coordinator stands by: with what the leading one answers. The URIs in its answers lead
// here again, so a client that has begun here goes on here after a takeover. Workers are sent on.
func (s *Standby) Forward() http.Handler {
	unavailable := func(w http.ResponseWriter, _ *http.Request, _ error) {
		http.Error(w, "this coordinator stands by", http.StatusServiceUnavailable)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(s.leader.Load())
			r.Out.Host = r.In.Host
			for name, values := range r.In.Header {
				if strings.HasPrefix(name, "X-Forwarded-") || name == "Forwarded" {
					r.Out.Header[name] = values
				}
			}
		},
		ErrorHandler: unavailable,
		ErrorLog:     slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		internal := strings.HasPrefix(r.URL.Path, "/"+rpcv1connect.CoordinatorsName+"/") || strings.HasPrefix(r.URL.Path, blob.Path)
		if internal || r.URL.Path == LeaderPath || s.leader.Load() == nil {
			unavailable(w, r, nil)
			return
		}
		ctx, done, ok := s.forwarding.begin(r.Context())
		if !ok {
			unavailable(w, r, nil)
			return
		}
		defer done()
		proxy.ServeHTTP(w, r.WithContext(ctx))
	})
}

// gate lets requests through until it ends, which ends them too.
type gate struct {
	mu  sync.Mutex
	ctx context.Context // ends with the gate; nil before the first reset
	end context.CancelFunc
}

// reset opens the gate.
func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ctx, g.end = context.WithCancel(context.Background())
}

// begin returns a context for what passes the gate; done must be called after it. ok is false when the gate is shut.
func (g *gate) begin(parent context.Context) (ctx context.Context, done func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx == nil || g.ctx.Err() != nil {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(parent)
	stop := context.AfterFunc(g.ctx, cancel)
	return ctx, func() { stop(); cancel() }, true
}
