//go:build e2e

package servers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/s3"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// storage is a driver behind a proxy in front of its server.
type storage struct {
	proxy *servers.Proxy
	store *retry.Store
	// left are the names of what is in the storage.
	left func() []string
}

// partSize is that of uploads: the least that servers take.
const partSize = 5 << 20

// storages begin each kind of server; a proxy's seed is given.
var storages = map[string]func(t *testing.T, seed uint64) storage{
	"versitygw": func(t *testing.T, seed uint64) storage { return behindProxy(t, servers.VersityGW(t), seed) },
	"minio":     func(t *testing.T, seed uint64) storage { return behindProxy(t, servers.MinIO(t), seed) },
}

func behindProxy(t *testing.T, server *servers.S3, seed uint64) storage {
	bucket := server.Bucket(t)
	proxy := servers.NewProxy(t, server.URL, seed)
	driver, err := s3.Opener(s3.Config{AccessKey: server.AccessKey, SecretKey: server.SecretKey, Region: server.Region, Endpoint: proxy.URL, PathStyle: true,
		MaxErrorRetries: 3, PartSize: partSize, Connections: 100, Waiting: 10000, WaitTimeout: time.Minute})(t.Context(), &url.URL{Scheme: "s3", Host: bucket, Path: "/base"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.Close() })
	left := func() []string {
		keys := server.Keys(t, bucket)
		for _, key := range server.Interrupted(t, bucket) {
			keys = append(keys, "unfinished upload of "+key)
		}
		return keys
	}
	return storage{proxy: proxy, left: left, store: retry.New(driver, retry.Config{
		MaxError: 5 * time.Second, ReadTimeout: 2 * time.Second, WriteTimeout: 15 * time.Second, Concurrent: 50})}
}

// bounded is how long writing and reading a bundle may take at most, whatever happens: far longer than the repetitions that are configured,
// as the machine may be busy, but not for ever.
const bounded = 90 * time.Second

// rows are the contents of partitions: of one object in one part, and of one in several.
var rows = func() (out [][]byte) {
	for _, size := range []int{10_000, 70_000, partSize + 1000, 300_000} {
		b := make([]byte, size)
		rand.Read(b)
		out = append(out, b)
	}
	return out
}()

// carry writes a bundle and reads it back; its error is that of the one or the other.
func carry(ctx context.Context, s *retry.Store, query string, key *exchange.QueryKey) error {
	h, err := writeBundle(ctx, s, query, key)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := readBundle(ctx, s, h, key); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

func writeBundle(ctx context.Context, s *retry.Store, query string, key *exchange.QueryKey) (*exchange.Handle, error) {
	w, err := exchange.NewWriter(ctx, exchange.WriterConfig{Store: s, Prefix: exchange.AttemptPrefix(query, 0, 0, 0), Producer: query + ".0.0.0", Key: key,
		MaxObject: partSize + 100_000})
	if err != nil {
		return nil, err
	}
	for n, b := range rows {
		if err := w.Add(n, 1, int64(len(b)), bytes.NewReader(b)); err != nil {
			return nil, errors.Join(err, w.Abort())
		}
	}
	h, err := w.Close()
	return &h, err
}

// wrong is a difference between what was written and what was read: what must never be.
type wrong struct{ error }

func readBundle(ctx context.Context, s *retry.Store, h *exchange.Handle, key *exchange.QueryKey) error {
	got := make([]*piece, len(rows))
	var mu sync.Mutex
	r := &exchange.Reader{Key: key, Condemn: true, Open: func(context.Context, string) (store.Store, error) { return s, nil }}
	err := r.Read(ctx, exchange.Wanted{Handles: []*exchange.Handle{h}, Partition: func(int) bool { return true }}, func(_ *exchange.Handle, s exchange.Segment) (exchange.Target, error) {
		mu.Lock()
		defer mu.Unlock()
		got[s.Partition] = &piece{}
		return got[s.Partition], nil
	})
	if err != nil {
		return err
	}
	for n, want := range rows {
		if !bytes.Equal(got[n].Bytes(), want) {
			return wrong{fmt.Errorf("partition %d is not as it was written", n)}
		}
	}
	return nil
}

type piece struct{ bytes.Buffer }

// Restart implements exchange.Target.
func (p *piece) Restart() error { p.Reset(); return nil }

// judge fails the test when something is wrong, or without an identity, or was not bounded.
func judge(t *testing.T, err error, took time.Duration) {
	t.Helper()
	if _, ok := errors.AsType[wrong](err); ok {
		t.Error(err)
	}
	if errors.Is(err, context.DeadlineExceeded) || took > bounded {
		t.Errorf("no end within %s: %v", took, err)
	}
	if err == nil {
		return
	}
	_, named := errors.AsType[*trinoerr.Error](err)
	_, lost := errors.AsType[*exchange.LostError](err)
	if !named && !lost {
		t.Errorf("an error without a name: %v", err)
	}
}

// emptied deletes a query's objects, with no faults, and sees that nothing is left.
func (s storage) emptied(t *testing.T, query string) {
	t.Helper()
	s.proxy.Clear()
	if err := s.store.DeletePrefix(t.Context(), exchange.QueryPrefix(query)); err != nil {
		t.Errorf("clean: %v", err)
	}
	if left := s.left(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// The faults that a proxy puts in the way of each kind of request.
var faults = []struct {
	name  string
	fault servers.Fault
}{
	{"503 with Retry-After", servers.RefuseS3(503, "SlowDown", "Retry-After", "1")},
	{"429 with Retry-After", servers.Refuse(429, "", "Retry-After", "1")},
	{"400 without a reason 27069", servers.RefuseS3(400, "BadRequest")},
	{"400 without a word 27069", servers.Refuse(400, "")},
	{"expired credentials", servers.RefuseS3(403, "ExpiredToken")},
	{"500", servers.RefuseS3(500, "InternalError")},
	{"bucket away", servers.RefuseS3(404, "NoSuchBucket")},
	{"not an answer", servers.Refuse(200, "<html>welcome to this hotel</html>")},
	{"upload reset", servers.ResetUpload(8000)},
	{"answer reset", servers.ResetAnswer(8000)},
	{"answer lost", servers.LoseAnswer},
	{"upload changed", servers.FlipUpload(8000)},
	{"answer changed", servers.FlipAnswer(8000)},
	{"answer cut short", servers.Truncate},
	{"silence", servers.Silence},
}

// TestStorageFaults27069 lets every kind of fault strike writes and reads a few times: the rows are exact, whatever it is.
func TestStorageFaults27069(t *testing.T) {
	for name, begin := range storages {
		t.Run(name, func(t *testing.T) {
			s := begin(t, 1)
			t.Run("strike", func(t *testing.T) { strikeEach(t, s) })
			s.proxy.Clear()
			if left := s.left(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func strikeEach(t *testing.T, s storage) {
	for _, key := range []*exchange.QueryKey{nil, exchange.NewQueryKey()} {
		for n, tt := range faults {
			t.Run(fmt.Sprintf("%s/encrypted=%t", tt.name, key != nil), func(t *testing.T) {
				t.Parallel()
				query := fmt.Sprintf("q%d%t", n, key != nil)
				mine := regexp.MustCompile("/base/" + query + "/")
				ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
				defer cancel()
				s.proxy.Inject(servers.Rule{Name: tt.name, Method: "PUT|POST", Path: mine, Times: 2, Fault: tt.fault},
					servers.Rule{Name: tt.name, Method: "GET", Path: mine, Times: 2, Fault: tt.fault})
				begun := time.Now()
				err := carry(ctx, s.store, query, key)
				judge(t, err, time.Since(begun))
				if err != nil && tt.name != "silence" { // of which nobody can tell how long it lasts
					t.Errorf("after %s: %v", time.Since(begun), err)
				}
				if err := s.store.DeletePrefix(ctx, exchange.QueryPrefix(query)); err != nil {
					t.Errorf("clean: %v", err)
				}
			})
		}
	}
}

// TestStorageFaultsLast lets every fault strike for ever: there is an error that says why, in bounded time, and when the
// storage is well again, all is.
func TestStorageFaultsLast(t *testing.T) {
	begin := storages["versitygw"]
	for _, tt := range []struct {
		name, method string
		fault        servers.Fault
		says         string
	}{
		{"throttled", "PUT|POST", servers.RefuseS3(503, "SlowDown", "Retry-After", "1"), "SlowDown"},
		{"expired", "PUT|POST", servers.RefuseS3(403, "ExpiredToken"), "ExpiredToken"},
		{"400 for reads", "GET", servers.RefuseS3(400, "BadRequest"), "BadRequest"},
		{"no bucket", "GET", servers.RefuseS3(404, "NoSuchBucket"), "NoSuchBucket"},
		{"uploads reset", "PUT|POST", servers.ResetUpload(8000), "the exchange storage"},
		{"answers reset", "GET", servers.ResetAnswer(8000), ""},
		{"damaged", "GET", servers.FlipAnswer(8000), "damaged"},
		{"silent", "GET", servers.Silence, "nothing came for too long"},
		{"refused", "", func(x *servers.Passage) { x.Reset() }, "the exchange storage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, 7)
			ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
			defer cancel()
			s.proxy.Inject(servers.Rule{Method: tt.method, Fault: tt.fault})
			begun := time.Now()
			err := carry(ctx, s.store, "q1", exchange.NewQueryKey())
			took := time.Since(begun)
			t.Logf("%s: %v", took, err)
			judge(t, err, took)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v: want %q", err, tt.says)
			}
			s.proxy.Clear()
			if err := carry(ctx, s.store, "q1", exchange.NewQueryKey()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			s.emptied(t, "q1")
		})
	}
}

// TestStorageFaultsMixed draws faults for a tenth of all requests, by seeds: rows are exact, or there is an error with a name.
func TestStorageFaultsMixed(t *testing.T) {
	for name, begin := range storages {
		t.Run(name, func(t *testing.T) {
			exact := 0
			for seed := range uint64(4) {
				s := begin(t, seed)
				order := mathrand.New(mathrand.NewPCG(seed, 0)).Perm(len(faults))
				for _, n := range order {
					s.proxy.Inject(servers.Rule{Name: faults[n].name, Chance: 0.1 / float64(len(faults)) * 2, Fault: faults[n].fault})
				}
				var wg sync.WaitGroup
				var mu sync.Mutex
				for n := range 8 {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
						defer cancel()
						begun := time.Now()
						err := carry(ctx, s.store, fmt.Sprintf("q/%d", n), exchange.NewQueryKey())
						judge(t, err, time.Since(begun))
						mu.Lock()
						defer mu.Unlock()
						if err == nil {
							exact++
						} else {
							t.Logf("seed %d: %v", seed, err)
						}
					})
				}
				wg.Wait()
				if s.proxy.Struck() == 0 {
					t.Errorf("seed %d: nothing struck", seed)
				}
				s.emptied(t, "q")
			}
			if exact < 24 {
				t.Errorf("%d of 32 bundles came through: faults that pass should be got over", exact)
			}
		})
	}
}

// TestBucketComesBack takes the bucket away while a bundle is read, for seconds.
func TestBucketComesBack(t *testing.T) {
	s := storages["versitygw"](t, 1)
	key := exchange.NewQueryKey()
	h, err := writeBundle(t.Context(), s.store, "q1", key)
	if err != nil {
		t.Fatal(err)
	}
	s.proxy.Inject(servers.Rule{Until: time.Now().Add(2 * time.Second), Fault: servers.RefuseS3(http.StatusNotFound, "NoSuchBucket")})
	if err := readBundle(t.Context(), s.store, h, key); err != nil {
		t.Error(err)
	}
	if s.proxy.Struck() == 0 {
		t.Error("the bucket was not away")
	}
	s.emptied(t, "q1")
}
