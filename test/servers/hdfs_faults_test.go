//go:build e2e

package servers_test

import (
	"bytes"
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/hdfs"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// hdfsBehind is a driver behind proxies in front of a cluster's nodes.
type hdfsBehind struct {
	*servers.HDFSProxies
	server *servers.HDFS
}

func (h *hdfsBehind) open(t *testing.T, l retry.Config) (s *retry.Store, left func() []string) {
	t.Helper()
	dir := h.server.Bucket(t)
	open := hdfs.Opener(hdfs.Config{Resources: []string{h.Resources}, BlockSize: partSize, User: servers.HDFSUser})
	return opened(t, l, open, "hdfs://"+servers.NameService+"/"+dir), func() []string { return h.server.Keys(t, dir) }
}

// heal ends all faults.
func (h *hdfsBehind) heal() {
	for _, p := range h.All() {
		p.Inject(servers.TCPFault{})
	}
}

// TestHDFSFaults lets connections to the nodes of a cluster be refused, break off and crawl.
func TestHDFSFaults(t *testing.T) {
	server := servers.HDFSCluster(t)
	h := &hdfsBehind{server.Behind(t, 1), server}
	t.Run("strike", h.strike)
	t.Run("mixed", h.mixed)
	t.Run("last", h.last)
}

// The faults of connections. Of the small ones some break off while they are being made.
var tcpFaults = map[string]servers.TCPFault{
	"refused":       {Refuse: true, Times: 3},
	"answer reset":  {ResetWithin: 100, Times: 3},
	"read reset":    {ResetWithin: 2 << 20, Times: 3},
	"request reset": {ResetUploadWithin: 1000, Times: 3},
	"write reset":   {ResetUploadWithin: 2 << 20, Times: 3},
	"slow":          {Pause: 10 * time.Millisecond, Times: 5},
}

// strike lets every fault strike a few times, at each kind of node: what is read, and written at once, is exact. A large object that is
// being written is lost, which ends its task's attempt; the next one succeeds.
func (h *hdfsBehind) strike(t *testing.T) {
	for name, fault := range tcpFaults {
		for kind, proxies := range map[string][]*servers.TCPProxy{"name nodes": h.Names, "data nodes": h.Data} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				s, left := h.open(t, patient)
				ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
				defer cancel()
				struck := 0
				// again lets the fault strike, after connections that are kept have ended.
				again := func() {
					for _, p := range proxies {
						struck += p.Struck()
						p.Inject(fault)
						p.Break()
					}
				}
				bundle, err := writeBundle(ctx, s, "read", nil)
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				again()
				if err := readBundle(ctx, s, bundle, nil); err != nil {
					t.Errorf("read: %v", err)
				}
				again()
				if err := store.Put(ctx, s, "small", rows[1], store.CreateOptions{IfAbsent: true}); err != nil {
					t.Errorf("write: %v", err)
				}
				again()
				if _, err := attempts(ctx, t, s, "q"); err != nil {
					t.Errorf("write and read: %v", err)
				}
				if got, err := store.ReadAll(ctx, s, "small"); err != nil || !bytes.Equal(got, rows[1]) {
					t.Errorf("read what was written at once: %d bytes, %v", len(got), err)
				}
				judge(t, nil, time.Since(begun))
				if again(); struck == 0 {
					t.Error("nothing struck")
				}
				h.empty(t, s, left)
			})
		}
	}
}

// attempts writes and reads a bundle as tasks do: again when that failed, a few times. It returns how often it took.
func attempts(ctx context.Context, t *testing.T, s *retry.Store, query string) (n int, err error) {
	t.Helper()
	for n = range 20 {
		begun := time.Now()
		err = carry(ctx, s, fmt.Sprint(query, n), exchange.NewQueryKey())
		if judge(t, err, time.Since(begun)); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return n + 1, err
}

// empty deletes all, with no faults, and sees that nothing is left.
func (h *hdfsBehind) empty(t *testing.T, s *retry.Store, left func() []string) {
	t.Helper()
	h.heal()
	if err := s.DeletePrefix(t.Context(), ""); err != nil {
		t.Errorf("clean: %v", err)
	}
	if left := left(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// mixed draws faults at all nodes while bundles are written and read at the same time, and breaks connections off that were well:
// rows are exact, or there is an error with a name.
func (h *hdfsBehind) mixed(t *testing.T) {
	s, left := h.open(t, patient)
	random := mathrand.New(mathrand.NewPCG(1, 0))
	var faults []servers.TCPFault
	for _, name := range []string{"refused", "answer reset", "read reset", "request reset", "write reset", "slow"} {
		faults = append(faults, tcpFaults[name])
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	struck := 0
	go func() {
		defer close(stopped)
		for {
			p := h.All()[random.IntN(len(h.All()))]
			struck += p.Struck()
			p.Inject(faults[random.IntN(len(faults))])
			if random.IntN(4) == 0 {
				p.Break()
			}
			select {
			case <-done:
				return
			case <-time.After(300 * time.Millisecond):
			}
		}
	}()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
			defer cancel()
			took, err := attempts(ctx, t, s, fmt.Sprint(n, "-"))
			t.Logf("bundle %d after %d attempts: %v", n, took, err)
		})
	}
	wg.Wait()
	close(done)
	<-stopped
	for _, p := range h.All() {
		struck += p.Struck()
	}
	if struck == 0 {
		t.Error("nothing struck")
	}
	h.empty(t, s, left)
}

// last lets faults last: there is an error that says why, in bounded time, and when the nodes are well again, all is.
func (h *hdfsBehind) last(t *testing.T) {
	for _, tt := range []struct {
		name    string
		proxies []*servers.TCPProxy
		fault   servers.TCPFault
		says    string
	}{
		{"name nodes refuse", h.Names, servers.TCPFault{Refuse: true}, "name node"},
		{"data nodes refuse", h.Data, servers.TCPFault{Refuse: true}, "the exchange storage"},
		{"data nodes break off", h.Data, servers.TCPFault{ResetUploadWithin: 10_000}, "the exchange storage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, left := h.open(t, impatient)
			ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
			defer cancel()
			for _, p := range tt.proxies {
				p.Inject(tt.fault)
				p.Break()
			}
			begun := time.Now()
			err := carry(ctx, s, "q1", nil)
			took := time.Since(begun)
			t.Logf("%s: %v", took, err)
			judge(t, err, took)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v: want %q", err, tt.says)
			}
			h.heal()
			if err := carry(ctx, s, "q2", nil); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			h.empty(t, s, left)
		})
	}
}
