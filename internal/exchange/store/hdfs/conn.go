package hdfs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

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
		c := &conn{Conn: plain, s: s, data: data, address: address, begun: negotiation{secure: s.pool.kerberos != nil}}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err != nil {
			_ = plain.Close() // nobody has it
			return nil, s.err
		}
		s.conns[c] = struct{}{}
		if !data {
			s.node = c
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

	answers answers // of a name node

	mu    sync.Mutex
	begun negotiation // with a data node
	err   error       // why the data node is of no use
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.watch(func(*negotiation) error { return nil }); err != nil {
		return 0, err
	}
	if err := c.Conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
		return 0, c.broken(err)
	}
	n, err := c.Conn.Read(p)
	if c.data {
		if refused := c.watch(func(b *negotiation) error { return b.came(p[:n], err) }); refused != nil {
			return 0, refused
		}
	} else {
		c.answers.came(p[:n])
	}
	if err != nil {
		err = c.broken(err)
	}
	return n, err
}

// watch lets the negotiation with a data node see something. When that is an error, so is all that follows.
func (c *conn) watch(see func(*negotiation) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := see(&c.begun); err != nil && c.err == nil {
		c.err = fmt.Errorf("data node %s: %w", c.address, err)
		_ = c.Conn.Close() // it is of no use
	}
	return c.err
}

// Write implements net.Conn. To a data node it always succeeds: when a write fails, the library leaves the goroutine behind that
// reads acknowledgements, and not when these do not come, which is what is made to happen.
func (c *conn) Write(p []byte) (int, error) {
	if c.data && c.watch(func(b *negotiation) error { return b.sent(p) }) != nil {
		return len(p), nil // reading tells
	}
	err := c.Conn.SetWriteDeadline(time.Now().Add(silence))
	if err == nil {
		var n int
		if n, err = c.Conn.Write(p); err == nil {
			return n, nil
		}
	}
	if c.data {
		_ = c.watch(func(*negotiation) error { return err }) // so that reading fails
		return len(p), nil
	}
	return 0, c.broken(c.refusal(err))
}

// refusal is what a name node said before it closed the connection that could not be written to, if anything, instead of that: one that
// wants Kerberos says so in the middle of the library's introduction.
func (c *conn) refusal(err error) error {
	if c.Conn.SetReadDeadline(time.Now().Add(time.Second)) != nil {
		return err
	}
	c.answers.forget()
	for b := make([]byte, 4<<10); ; {
		n, end := c.Conn.Read(b)
		c.answers.came(b[:n])
		if end != nil {
			break
		}
	}
	if said := c.answers.said(); said != "" {
		return errors.New(said)
	}
	return err
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
