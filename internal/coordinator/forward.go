package coordinator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
)

const (
	// holdTimeout is how long a client's request waits for a coordinator that leads. Clients that wait less ask again.
	holdTimeout = 2 * time.Minute

	// maxHeldBytes bounds a request that can be held, and the part of an answer that is held until it is whole.
	maxHeldBytes = 64 << 20

	// heldMemory bounds what is held of all requests and answers together.
	heldMemory = 256 << 20

	// standbyHeader marks what was forwarded. It is not forwarded twice: that would be in a circle.
	standbyHeader = "Waterbear-Standby"
)

// errAway is a leader's answer that it cannot answer.
var errAway = errors.New("the leading coordinator is not available")

// forwarding is the transport to the leader.
var forwarding = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression, t.MaxIdleConnsPerHost = true, 64
	return t
}()

// Forward answers clients while this coordinator stands by: with what the leading one answers. The URIs in its answers lead
// here again. While nobody leads, or the one that does is away, requests are held until somebody answers them, this
// coordinator itself perhaps: clients notice a pause. That holds for statements too: one that was not answered is not carried
// out, see polled. Workers are sent on.
func (s *Standby) Forward() http.Handler {
	s.memory.give(heldMemory) // it begins with nothing
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if way := s.way.now(); way.local != nil { // since a moment ago
			way.local.ServeHTTP(w, r)
			return
		}
		internal := strings.HasPrefix(r.URL.Path, "/"+rpcv1connect.CoordinatorsName+"/") || strings.HasPrefix(r.URL.Path, blob.Path)
		if internal || r.URL.Path == LeaderPath || r.Header.Get(standbyHeader) != "" {
			http.Error(w, "this coordinator stands by", http.StatusServiceUnavailable)
			return
		}
		body, taken, whole, err := s.memory.read(r.Body)
		defer s.memory.give(taken)
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		case !whole && taken >= maxHeldBytes:
			http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		case !whole:
			http.Error(w, "this coordinator stands by and holds too many requests", http.StatusServiceUnavailable)
		default:
			s.hold(w, r, body)
		}
	})
}

// hold has a request answered, as soon as somebody does.
func (s *Standby) hold(w http.ResponseWriter, r *http.Request, body []byte) {
	timeout := holdTimeout
	if s.holdTimeout > 0 {
		timeout = s.holdTimeout
	}
	expired := time.NewTimer(timeout)
	defer expired.Stop()
	deadline := time.Now().Add(timeout)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		way := s.way.now()
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		if way.local != nil {
			way.local.ServeHTTP(w, r)
			return
		}
		var retry <-chan time.Time
		if way.leader != nil {
			if s.try(w, r, way, deadline) == nil {
				return
			}
			retry = time.After(pause)
		}
		select {
		case <-way.ctx.Done(): // somebody else to ask
			pause = 10 * time.Millisecond
		case <-retry:
		case <-r.Context().Done(): // the client is gone, or this process ends
			http.Error(w, "Server is shutting down", http.StatusServiceUnavailable)
			return
		case <-expired.C:
			http.Error(w, "no coordinator leads", http.StatusServiceUnavailable)
			return
		}
	}
}

// try forwards a request once. With an error nothing has been answered. It is given up when somebody else is to be asked.
func (s *Standby) try(w http.ResponseWriter, r *http.Request, way *way, deadline time.Time) (failure error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	late := time.AfterFunc(time.Until(deadline), cancel)
	defer late.Stop()
	stay := context.AfterFunc(way.ctx, cancel)
	defer stay()
	var taken int64
	defer func() { s.memory.give(taken) }()
	proxy := &httputil.ReverseProxy{
		Transport: forwarding,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(way.leader)
			p.Out.Host = p.In.Host
			for name, values := range p.In.Header {
				if strings.HasPrefix(name, "X-Forwarded-") || name == "Forwarded" {
					p.Out.Header[name] = values
				}
			}
			p.Out.Header.Set(standbyHeader, s.NodeID)
		},
		// An answer is read before it goes on: one that breaks off is asked for again. What is too large for that goes on as
		// it comes.
		ModifyResponse: func(res *http.Response) error {
			switch res.StatusCode {
			case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
				return errAway
			}
			held, n, _, err := s.memory.read(res.Body)
			if taken = n; err != nil {
				return err
			}
			res.Body = answer{io.MultiReader(bytes.NewReader(held), res.Body), res.Body}
			late.Stop()
			stay()
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) { failure = err },
		ErrorLog:     slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	proxy.ServeHTTP(w, r.WithContext(ctx))
	return failure
}

// answer is the body of an answer of which the beginning has been read.
type answer struct {
	io.Reader
	io.Closer
}

// heldStep is how much of the budget is taken at a time.
const heldStep = 64 << 10

// read reads as much as the budget allows, at most maxHeldBytes; whole says that this is all there is. What was taken of the
// budget has to be given back.
func (b *budget) read(r io.Reader) (data []byte, taken int64, whole bool, err error) {
	var held bytes.Buffer
	for taken < maxHeldBytes && b.take(heldStep) {
		taken += heldStep
		if _, err := io.CopyN(&held, r, heldStep); err != nil {
			whole = errors.Is(err, io.EOF)
			if whole {
				err = nil
			}
			return held.Bytes(), taken, whole, err
		}
	}
	return held.Bytes(), taken, false, nil
}
