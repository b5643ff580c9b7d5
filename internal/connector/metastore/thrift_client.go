package metastore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Bounds of what a client keeps and takes.
const (
	idleConnections = 8
	maxMessageBytes = 256 << 20
)

// client calls the first metastore of a list that can be reached, over connections that it keeps for the next call.
type client struct {
	cfg       ThriftConfig
	addresses []string
	tls       *tls.Config

	mu     sync.Mutex
	idle   []*connection
	closed bool
}

// connection is one to a metastore. One call at a time uses it.
type connection struct {
	transport thrift.TTransport
	client    *thrift.TStandardClient
}

func newClient(cfg ThriftConfig) (*client, error) {
	c := &client{cfg: cfg}
	for _, uri := range cfg.URIs {
		address, err := thriftAddress(uri)
		if err != nil {
			return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "hive.metastore.uri: %v", err)
		}
		c.addresses = append(c.addresses, address)
	}
	if cfg.TLS {
		c.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if cfg.TrustCertificate != "" {
			pem, err := os.ReadFile(cfg.TrustCertificate)
			if err != nil {
				return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "hive.metastore.thrift.client.ssl.trust-certificate: %v", err)
			}
			c.tls.RootCAs = x509.NewCertPool()
			if !c.tls.RootCAs.AppendCertsFromPEM(pem) {
				return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "hive.metastore.thrift.client.ssl.trust-certificate: there is no certificate in %s", cfg.TrustCertificate)
			}
		}
	}
	return c, nil
}

// thriftAddress returns the host and port of thrift://host:port.
func thriftAddress(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "thrift" || u.Hostname() == "" || u.Port() == "" || strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("'%s' is not thrift://host:port", uri)
	}
	return u.Host, nil
}

// call calls a method; value is a pointer to what it gives, or nil. An exception is *thrown; all else is HIVE_METASTORE_ERROR.
func (c *client) call(ctx context.Context, method call, value any, args ...any) error {
	begin := time.Now()
	delay := c.cfg.MinBackoff
	for attempt := 0; ; attempt++ {
		sent, err := c.attempt(ctx, method, value, args)
		var e *thrown
		switch {
		case err == nil:
			return nil
		case errors.As(err, &e):
			if e.kind == metaException {
				return trinoerr.Wrap(e, trinoerr.HiveMetastoreError, "%s", method.name)
			}
			return e
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case sent && !method.repeatable, isRefusal(err), attempt >= c.cfg.MaxRetries, time.Since(begin)+delay > c.cfg.MaxRetryTime:
			return trinoerr.Wrap(err, trinoerr.HiveMetastoreError, "Failed connecting to Hive metastore: [%s]", strings.Join(c.addresses, ", "))
		}
		wait := time.NewTimer(time.Duration(float64(delay) * (1 + rand.Float64()/10)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return context.Cause(ctx)
		}
		delay = time.Duration(math.Min(float64(delay)*c.cfg.BackoffScale, float64(c.cfg.MaxBackoff)))
	}
}

// isRefusal reports whether the metastore has answered that it cannot do what it was asked, which it will say again.
func isRefusal(err error) bool {
	var refused thrift.TApplicationException
	return errors.As(err, &refused)
}

// attempt calls a method once. sent says that the metastore may have got the call.
func (c *client) attempt(ctx context.Context, method call, value any, args []any) (sent bool, err error) {
	for {
		conn := c.kept()
		fresh := conn == nil
		if fresh {
			if conn, err = c.connect(ctx); err != nil {
				return false, err
			}
		}
		err = conn.call(ctx, method, value, args)
		var e *thrown
		if err == nil || errors.As(err, &e) {
			c.keep(conn)
			return true, err
		}
		_ = conn.transport.Close()
		// The metastore closes connections that nobody used for a while: that is noticed when they are used again.
		if fresh || !method.repeatable {
			return true, err
		}
	}
}

// call calls a method, and gives up when the context ends.
func (n *connection) call(ctx context.Context, method call, value any, args []any) error {
	stop := context.AfterFunc(ctx, func() { _ = n.transport.Close() })
	defer stop()
	a := &answer{call: method, value: value}
	if _, err := n.client.Call(ctx, method.name, arguments(args), a); err != nil {
		return err
	}
	return a.err
}

// kept takes a connection that was kept; nil when there is none.
func (c *client) kept() *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.idle) > 0 {
		n := c.idle[len(c.idle)-1]
		c.idle = c.idle[:len(c.idle)-1]
		if n.transport.IsOpen() { // looks whether the other end has closed it
			return n
		}
		_ = n.transport.Close()
	}
	return nil
}

func (c *client) keep(n *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.idle) >= idleConnections {
		_ = n.transport.Close()
		return
	}
	c.idle = append(c.idle, n)
}

// connect connects to the first metastore of the list that can be reached.
func (c *client) connect(ctx context.Context) (*connection, error) {
	var errs []error
	for _, address := range c.addresses {
		n, err := c.connectTo(ctx, address)
		if err == nil {
			return n, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

func (c *client) connectTo(ctx context.Context, address string) (*connection, error) {
	dialer := net.Dialer{Timeout: c.cfg.ConnectTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if c.tls != nil {
		host, _, _ := net.SplitHostPort(address) // an address that was dialed is one
		cfg := c.tls.Clone()
		cfg.ServerName = host
		secure := tls.Client(conn, cfg)
		within, cancel := context.WithTimeout(ctx, c.cfg.ConnectTimeout)
		defer cancel()
		if err := secure.HandshakeContext(within); err != nil {
			_ = conn.Close()
			return nil, err
		}
		conn = secure
	}
	cfg := &thrift.TConfiguration{SocketTimeout: c.cfg.ReadTimeout, MaxMessageSize: maxMessageBytes}
	transport := thrift.NewTBufferedTransport(thrift.NewTSocketFromConnConf(conn, cfg), 32<<10)
	protocol := thrift.NewTBinaryProtocolConf(transport, cfg)
	n := &connection{transport: transport, client: thrift.NewTStandardClient(protocol, protocol)}
	if c.cfg.User != "" {
		// As whom a metastore that does not ask for credentials acts.
		if err := n.call(ctx, setUGI, new([]string), []any{c.cfg.User, []string{}}); err != nil {
			_ = transport.Close()
			return nil, err
		}
	}
	return n, nil
}

// close closes the connections that nobody uses, and those in use when they are given back.
func (c *client) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	var errs []error
	for _, n := range c.idle {
		errs = append(errs, n.transport.Close())
	}
	c.idle = nil
	return errors.Join(errs...)
}
