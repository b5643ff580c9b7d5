package servers

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// TCPProxy lies between clients and a server that speaks something else than HTTP, and breaks connections off.
type TCPProxy struct {
	// Address is where clients find it.
	Address string

	upstream string
	mu       sync.Mutex
	random   *rand.Rand
	fault    TCPFault
	struck   int
	open     map[net.Conn]bool
	closed   bool
	running  sync.WaitGroup
}

// TCPFault is what connections suffer.
type TCPFault struct {
	// Refuse ends connections at once.
	Refuse bool
	// ResetWithin breaks a connection off after a random part of so many bytes from the server; 0: never.
	ResetWithin int64
	// ResetUploadWithin likewise of so many bytes to the server.
	ResetUploadWithin int64
	// Pause is how long every piece from the server is held back.
	Pause time.Duration
	// Times is how many connections suffer; 0: all.
	Times int
}

// NewTCPProxy starts a proxy in front of a server at host:port. It ends with the test.
func NewTCPProxy(t testing.TB, server string, seed uint64) *TCPProxy {
	t.Helper()
	return newTCPProxyAt(t, "127.0.0.1:0", server, seed)
}

// newTCPProxyAt starts a proxy where clients look for it.
func newTCPProxyAt(t testing.TB, address, server string, seed uint64) *TCPProxy {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	p := &TCPProxy{Address: l.Addr().String(), upstream: server, random: rand.New(rand.NewPCG(seed, 0)), open: map[net.Conn]bool{}}
	p.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // it is closed
			}
			p.running.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		p.closed = true
		for conn := range p.open {
			_ = conn.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return p
}

// Inject lets new connections suffer; the zero fault ends that.
func (p *TCPProxy) Inject(f TCPFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.struck = f, 0
}

// Struck is how many connections have suffered since the last Inject.
func (p *TCPProxy) Struck() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
}

// Break breaks all connections off that there are.
func (p *TCPProxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		reset(conn)
	}
}

// choose returns what a connection suffers, with numbers of bytes that were drawn; negative ones: it does not break off.
func (p *TCPProxy) choose() TCPFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.fault
	if f == (TCPFault{}) || f.Times > 0 && p.struck >= f.Times {
		return TCPFault{ResetWithin: -1, ResetUploadWithin: -1}
	}
	p.struck++
	for _, n := range []*int64{&f.ResetWithin, &f.ResetUploadWithin} {
		if *n > 0 {
			*n = p.random.Int64N(*n)
		} else {
			*n = -1
		}
	}
	return f
}

// keep remembers a connection so that it ends with the proxy; false: it has ended.
func (p *TCPProxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.open[conn] = true
	}
	return !p.closed
}

func (p *TCPProxy) forget(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, conn)
}

func (p *TCPProxy) serve(client net.Conn) {
	defer client.Close()
	f := p.choose()
	if f.Refuse || !p.keep(client) {
		reset(client)
		return
	}
	defer p.forget(client)
	server, err := net.Dial("tcp", p.upstream)
	if err != nil {
		reset(client)
		return
	}
	defer server.Close()
	if !p.keep(server) {
		return
	}
	defer p.forget(server)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if f.ResetUploadWithin >= 0 {
			_, _ = io.CopyN(server, client, f.ResetUploadWithin)
			reset(client)
		} else {
			_, _ = io.Copy(server, client)
		}
		_ = server.(*net.TCPConn).CloseWrite() // the server may still answer
	}()
	var answer io.Reader = server
	if f.ResetWithin >= 0 {
		answer = io.LimitReader(answer, f.ResetWithin)
	}
	if f.Pause > 0 {
		answer = &slow{answer, 64 << 10, f.Pause, sent}
	}
	_, _ = io.Copy(struct{ io.Writer }{client}, struct{ io.Reader }{answer})
	if f.ResetWithin >= 0 {
		reset(client)
	}
	_ = client.Close()
	<-sent
}
