package hdfs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
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

func (p *pool) closeIdle() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, s := range idle {
		s.expiry.Stop()
		s.close()
	}
	if p.kerberos != nil {
		p.kerberos.logout()
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
	node  string // the name node that was dialed last
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
		s.pool.prefer(node, true)
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

// dialer makes connections that belong to the session.
func (s *session) dialer(data bool) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, address string) (net.Conn, error) {
		s.mu.Lock()
		ctx, err := s.ctx, s.err
		if ctx == nil && err == nil {
			err = errSessionEnded // renewing the leases of nobody
		}
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		plain, err := (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext(ctx, network, address)
		if err != nil {
			if !data {
				s.pool.prefer(address, false)
			}
			return nil, err
		}
		c := &conn{Conn: plain, s: s, data: data, address: address}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err != nil {
			_ = plain.Close() // nobody has it
			return nil, s.err
		}
		s.conns[c] = struct{}{}
		if !data {
			s.node = address
		}
		return c, nil
	}
}

// conn is a connection of a session. When one to a name node breaks, so does the session: the library would go on reading in
// the middle of an answer.
type conn struct {
	net.Conn
	s       *session
	data    bool
	address string
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
		return 0, c.broken(err)
	}
	n, err := c.Conn.Read(p)
	if err != nil {
		err = c.broken(err)
	}
	return n, err
}

// Write implements net.Conn. To a data node it always succeeds: when a write fails, the library leaves the goroutine behind that
// reads acknowledgements, and not when these do not come, which is what is made to happen.
func (c *conn) Write(p []byte) (int, error) {
	err := c.Conn.SetWriteDeadline(time.Now().Add(silence))
	if err == nil {
		var n int
		if n, err = c.Conn.Write(p); err == nil {
			return n, nil
		}
	}
	err = c.broken(err)
	if c.data {
		_ = c.Conn.Close() // so that reading fails
		return len(p), nil
	}
	return 0, err
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.s.mu.Lock()
	delete(c.s.conns, c)
	c.s.mu.Unlock()
	return c.Conn.Close()
}

func (c *conn) broken(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("%s did not answer for %s: %w", c.address, silence, err)
	}
	if c.data {
		return err
	}
	c.s.pool.prefer(c.address, false)
	c.s.fail(fmt.Errorf("name node: %w", err))
	if why := c.s.failure(); why != nil {
		return why
	}
	return err
}
