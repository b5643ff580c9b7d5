package metastore

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// lockServer answers calls about locks: that the lock is granted after some questions.
type lockServer struct {
	mu       sync.Mutex
	waits    int
	calls    []string
	released bool
}

// serve answers the calls of a connection.
func (s *lockServer) serve(conn net.Conn) {
	defer conn.Close()
	ctx := context.Background()
	p := thrift.NewTBinaryProtocolConf(thrift.NewTBufferedTransport(thrift.NewTSocketFromConnConf(conn, nil), 1024), nil)
	for {
		name, _, seq, err := p.ReadMessageBegin(ctx)
		if err != nil || p.Skip(ctx, thrift.STRUCT) != nil || p.ReadMessageEnd(ctx) != nil {
			return
		}
		if p.WriteMessageBegin(ctx, name, thrift.REPLY, seq) != nil || s.answer(ctx, p, name) != nil || p.WriteMessageEnd(ctx) != nil || p.Flush(ctx) != nil {
			return
		}
	}
}

func (s *lockServer) answer(ctx context.Context, p thrift.TProtocol, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
	w := &thriftWriter{ctx: ctx, out: p}
	switch {
	case name == unlockTable.name && s.released: // NoSuchLockException is the first that it throws
		w.do(func() error { return p.WriteFieldBegin(ctx, "", thrift.STRUCT, 1) })
		w.do(func() error { return p.WriteFieldStop(ctx) })
	case name == unlockTable.name:
		s.released = true
	default:
		state := int32(lockAcquired)
		if s.waits > 0 {
			s.waits, state = s.waits-1, lockWaiting
		}
		w.do(func() error { return p.WriteFieldBegin(ctx, "", thrift.STRUCT, 0) })
		w.do(func() error { return p.WriteFieldBegin(ctx, "", thrift.I64, 1) })
		w.do(func() error { return p.WriteI64(ctx, 7) })
		w.do(func() error { return p.WriteFieldBegin(ctx, "", thrift.I32, 2) })
		w.do(func() error { return p.WriteI32(ctx, state) })
		w.do(func() error { return p.WriteFieldStop(ctx) })
	}
	w.do(func() error { return p.WriteFieldStop(ctx) })
	return w.err
}

// A lock is waited for, for as long as is allowed, and released whether it was granted or not.
func TestLock(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &lockServer{}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { server.serve(conn) })
		}
	})
	m, err := OpenThrift("h", ThriftConfig{URIs: []string{"thrift://" + l.Addr().String()}, ConnectTimeout: time.Minute, ReadTimeout: time.Minute, BackoffScale: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_, _ = m.Close(), l.Close()
		connections.Wait()
	}()
	for _, x := range []struct {
		waits   int
		maxWait time.Duration
		want    []string
		granted bool
	}{
		{0, time.Minute, []string{"lock", "unlock"}, true},
		{2, time.Minute, []string{"lock", "check_lock", "check_lock", "unlock"}, true},
		{1000, 0, []string{"lock", "unlock"}, false},
	} {
		server.waits, server.calls, server.released = x.waits, nil, false
		release, err := m.Lock(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"}, x.maxWait)
		switch {
		case x.granted && err == nil:
			for range 2 { // the second time it is gone
				if err := release(t.Context()); err != nil {
					t.Error(err)
				}
			}
			x.want = append(x.want, "unlock")
		case x.granted || err == nil || trinoerr.CodeOf(err) != trinoerr.TransactionConflict:
			t.Errorf("after %d waits: %v", x.waits, err)
		}
		if !slices.Equal(server.calls, x.want) {
			t.Errorf("calls %v, want %v", server.calls, x.want)
		}
	}
}
