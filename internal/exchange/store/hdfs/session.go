package hdfs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/colinmarc/hdfs/v2"
)

// Limits of connections.
const (
	dialTimeout = 10 * time.Second
	// silence is how long a server may let a request wait without a byte.
	silence = time.Minute
	// A session that is kept renews its leases every second, which is why few are, and not for long.
	maxIdle  = 4
	idleTime = 10 * time.Second
	// maxAge ends sessions whose keys and tickets are old.
	maxAge = 10 * time.Minute
)

// pool makes and keeps the sessions with one cluster. The library sends the requests of a client one by one and cannot take one
// back; so every read, write, listing and deletion has a session of its own while it lasts, all of whose connections are closed
// when its context ends. An idle session has a goroutine of the library and a timer, and ends after idleTime.
type pool struct {
	options  hdfs.ClientOptions
	kerberos *kerberos // nil without
	layout   layout

	mu    sync.Mutex
	nodes []string // addresses of name nodes; the one that was of use last comes first
	idle  []*session
}

// newPool makes the pool for the authority of a URI. It connects to nothing yet.
func newPool(cfg Config, authority string) (*pool, error) {
	conf, err := loadResources(cfg.Resources)
	if err != nil {
		return nil, err
	}
	p := &pool{options: hdfs.ClientOptionsFromConf(map[string]string(conf))}
	if p.nodes, err = conf.nameNodes(authority); err != nil {
		return nil, err
	}
	if p.layout, err = conf.layout(); err != nil {
		return nil, err
	}
	if p.kerberos, err = newKerberos(cfg.Kerberos, conf); err != nil {
		return nil, err
	}
	if p.options.DataTransferProtection, err = conf.protection(); err != nil {
		return nil, err
	}
	p.options.User, p.options.KerberosClient = cfg.User, nil
	if p.kerberos == nil && cfg.User == "" {
		return nil, errors.New("the system knows no name for the user of this process")
	}
	return p, nil
}

// enter returns a session whose requests fail when the context ends. Who gets one calls leave.
func (p *pool) enter(ctx context.Context) (*session, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for {
		p.mu.Lock()
		n := len(p.idle)
		if n == 0 {
			p.mu.Unlock()
			return p.dial(ctx)
		}
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		if s.expiry.Stop() && s.begin(ctx) {
			return s, nil
		}
		s.close()
	}
}

// dial makes a session.
func (p *pool) dial(ctx context.Context) (*session, error) {
	s := &session{pool: p, born: time.Now(), conns: map[*conn]struct{}{}}
	s.begin(ctx)
	options := p.options
	p.mu.Lock()
	options.Addresses = slices.Clone(p.nodes)
	p.mu.Unlock()
	options.NamenodeDialFunc = s.dialer(false)
	options.DatanodeDialFunc = s.dialer(true)
	var err error
	if p.kerberos != nil {
		if options.KerberosClient, err = p.kerberos.login(); err != nil {
			s.close()
			return nil, err
		}
	}
	if s.client, err = hdfs.NewClient(options); err != nil {
		why := s.failure()
		s.close()
		if why != nil {
			err = why
		}
		return nil, fmt.Errorf("connect to a name node (%v): %w", options.Addresses, err)
	}
	if s.call, err = caller(s.client); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// keep puts an idle session aside for the next who needs one.
func (p *pool) keep(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == maxIdle {
		return false
	}
	p.idle = append(p.idle, s)
	s.expiry = time.AfterFunc(idleTime, func() {
		if p.forget(s) {
			s.close()
		}
	})
	return true
}

// forget takes a session out of the idle ones, and reports whether it was one.
func (p *pool) forget(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := slices.Index(p.idle, s)
	if n < 0 {
		return false
	}
	p.idle = slices.Delete(p.idle, n, n+1)
	return true
}

// closeIdle closes what nobody uses, and forgets the ticket.
func (p *pool) closeIdle() {
	p.drain()
	if p.kerberos != nil {
		p.kerberos.logout()
	}
}

// drain closes the idle sessions.
func (p *pool) drain() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, s := range idle {
		s.expiry.Stop()
		s.close()
	}
}

// prefer asks a name node first or, when it failed, last.
func (p *pool) prefer(node string, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := slices.Index(p.nodes, node)
	if n < 0 || first && n == 0 {
		return
	}
	p.nodes = slices.Delete(slices.Clone(p.nodes), n, n+1)
	if first {
		p.nodes = slices.Insert(p.nodes, 0, node)
	} else {
		p.nodes = append(p.nodes, node)
	}
}

// session is a client with its connections: one to a name node, which the library opens again when it breaks, and those to data
// nodes.
type session struct {
	pool   *pool
	client *hdfs.Client
	call   call
	born   time.Time
	expiry *time.Timer // while it is idle

	mu    sync.Mutex
	ctx   context.Context // of whoever uses it, which its connections are made in; nil: it is idle
	stop  func() bool     // ends waiting for the context's end
	err   error           // why it is of no use any more
	conns map[*conn]struct{}
	node  *conn // to the name node that was dialed last
}

// said is what the name node said in the last exception, in the words of reason; "": there was none.
func (s *session) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node == nil {
		return ""
	}
	return s.node.answers.said()
}

// begin lends the session, and reports whether it is of use.
func (s *session) begin(ctx context.Context) bool {
	s.mu.Lock()
	s.ctx = ctx
	ok := s.err == nil && time.Since(s.born) < maxAge
	s.mu.Unlock()
	s.stop = context.AfterFunc(ctx, func() { s.fail(context.Cause(ctx)) })
	return ok
}

// leave gives the session back; err is what the last request ended with. A session in which something failed but what was asked
// for is closed.
func (s *session) leave(err error) {
	if !s.stop() {
		s.fail(errSessionEnded) // the context has ended, and what that does may come later than the next user
	}
	s.mu.Lock()
	for c := range s.conns {
		if c.data {
			_ = c.Conn.Close() // its block is read or written, or given up
			delete(s.conns, c)
		}
	}
	ok := s.err == nil && answered(err)
	s.ctx = nil
	node := s.node
	s.mu.Unlock()
	if ok {
		s.pool.prefer(node.address, true)
		ok = s.pool.keep(s)
	}
	if !ok {
		s.close()
	}
}

var errSessionEnded = errors.New("the connection was closed")

// fail closes all connections, so that requests end, and lets none be made.
func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	for c := range s.conns {
		_ = c.Conn.Close() // it is of no use
	}
	clear(s.conns)
}

// failure is why requests fail, nil as long as they do not.
func (s *session) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// close ends the session.
func (s *session) close() {
	s.stop()
	s.fail(errSessionEnded)
	if s.client != nil {
		_ = s.client.Close() // closes what is closed already
	}
}
