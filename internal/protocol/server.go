package protocol

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config is what the protocol is told about the server it runs in. The zero value of an optional field means what its
// comment says.
type Config struct {
	NodeID          string
	Version         string // of the server, in /v1/info
	Environment     string // node.environment
	InternalAddress string
	ExternalAddress string

	// ProcessForwarded is http-server.process-forwarded: X-Forwarded-* headers make the URIs. Without it requests
	// that carry such headers are refused, as in Trino.
	ProcessForwarded bool

	// ClientTimeout is query.client.timeout: a query whose client was not heard of for so long is abandoned.
	// Default 5 minutes.
	ClientTimeout time.Duration

	// Starting reports whether the server is not ready yet; nil: it is ready.
	Starting func() bool

	// State returns the node's state: ACTIVE, SHUTTING_DOWN, DRAINING, DRAINED, INACTIVE; nil: always ACTIVE.
	State func() string

	// Shutdown starts the graceful end of the node; nil: PUT /v1/info/state is refused.
	Shutdown func()

	// Management reports whether a user may use management resources (node state and node list); nil: nobody may, as in
	// Trino without access control.
	Management func(user string) bool

	// Memory returns the bytes of memory used and available on this node for /v1/status; nil: both are zero.
	Memory func() (used, available int64)

	// Log is where bugs are reported; nil: nowhere.
	Log *slog.Logger

	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

func (c *Config) setDefaults() {
	if c.ClientTimeout == 0 {
		c.ClientTimeout = 5 * time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Starting == nil {
		c.Starting = func() bool { return false }
	}
	if c.State == nil {
		c.State = func() string { return "ACTIVE" }
	}
	if c.Management == nil {
		c.Management = func(string) bool { return false }
	}
	if c.Memory == nil {
		c.Memory = func() (int64, int64) { return 0, 0 }
	}
}

// Server serves the protocol. It is an http.Handler; Run must run beside it to notice clients that vanish.
type Server struct {
	config     Config
	dispatcher Dispatcher // nil on a worker
	started    time.Time
	handler    http.Handler

	mu      sync.Mutex
	queries map[string]*clientQuery
}

// New returns the server of a coordinator.
func New(config Config, dispatcher Dispatcher) *Server {
	s := newServer(config)
	s.dispatcher = dispatcher
	mux := s.nodeRoutes()
	s.statementRoutes(mux)
	s.queryRoutes(mux)
	s.handler = s.refuseForwarded(mux)
	return s
}

// NewWorker returns the server of a worker: only the resources that tell about the node itself.
func NewWorker(config Config) *Server {
	s := newServer(config)
	s.handler = s.refuseForwarded(s.nodeRoutes())
	return s
}

func newServer(config Config) *Server {
	config.setDefaults()
	return &Server{config: config, started: config.Now(), queries: map[string]*clientQuery{}}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// refuseForwarded refuses X-Forwarded headers that nobody asked us to believe.
func (s *Server) refuseForwarded(next http.Handler) http.Handler {
	if s.config.ProcessForwarded {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Forwarded-") {
				writeText(w, http.StatusNotAcceptable, "Server configuration does not allow processing of the "+name+" header")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// handle adapts a handler that returns its failure.
func handle(f func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return // answered
		}
		var re *requestError
		switch {
		case errors.As(err, &re) && re.status == http.StatusUnauthorized:
			w.Header().Set("WWW-Authenticate", `Basic realm="Trino"`)
			writePlain(w, re.status, re.text)
		case errors.As(err, &re):
			writeText(w, re.status, re.text)
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			writeText(w, http.StatusServiceUnavailable, "Server is shutting down")
		default:
			writeText(w, http.StatusInternalServerError, err.Error())
		}
	}
}

// writeText answers with a failure in Trino's form: "Error 404 Not Found: Query not found".
func writeText(w http.ResponseWriter, status int, text string) {
	writePlain(w, status, "Error "+statusLine(status)+": "+text)
}

func writePlain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that is gone needs no answer
}
