//go:build e2e

package servers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/azure"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/gcs"
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
	// refusals are the server's, and unchecked says that it does not check every part that arrives.
	refusals  servers.Refusals
	unchecked bool
}

// partSize is that of uploads: the least that servers take.
const partSize = 5 << 20

// begun is a server that was started: it makes storages, each with a bucket, a proxy and a driver of its own. A proxy's seed is given.
type begun func(t *testing.T, seed uint64, l retry.Config) storage

// How long requests are repeated: long where the storage comes back, as the machine may be busy.
var (
	patient   = retry.Config{MaxError: time.Minute, ReadTimeout: 3 * time.Second, WriteTimeout: 20 * time.Second, Concurrent: 50}
	impatient = retry.Config{MaxError: 5 * time.Second, ReadTimeout: 2 * time.Second, WriteTimeout: 5 * time.Second, Concurrent: 50}
)

// storages start each kind of server.
var storages = map[string]func(t *testing.T) begun{
	"versitygw":       func(t *testing.T) begun { return s3Begun(servers.VersityGW(t)) },
	"minio":           func(t *testing.T) begun { return s3Begun(servers.MinIO(t)) },
	"azurite":         func(t *testing.T) begun { return azureBegun(servers.Azurite(t)) },
	"fake-gcs-server": func(t *testing.T) begun { return gcsBegun(servers.FakeGCS(t)) },
}

// onStorages runs a test on each kind of server.
func onStorages(t *testing.T, test func(t *testing.T, on begun)) {
	for name, begin := range storages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, begin(t))
		})
	}
}

// The limits of every driver.
const (
	repetitions = 3
	connections = 100
	waiting     = 10000
	turn        = time.Minute
)

func s3Begun(server *servers.S3) begun {
	return func(t *testing.T, seed uint64, l retry.Config) storage {
		bucket := server.Bucket(t)
		proxy := servers.NewProxy(t, server.URL, seed)
		open := s3.Opener(s3.Config{AccessKey: server.AccessKey, SecretKey: server.SecretKey, Region: server.Region, Endpoint: proxy.URL, PathStyle: true,
			MaxErrorRetries: repetitions, PartSize: partSize, Connections: connections, Waiting: waiting, WaitTimeout: turn})
		return storage{proxy: proxy, store: opened(t, l, open, "s3://"+bucket+"/base"), refusals: servers.S3Refusals,
			left: func() []string { return append(server.Keys(t, bucket), unfinished(server.Interrupted(t, bucket))...) }}
	}
}

func azureBegun(server *servers.Azure) begun {
	return func(t *testing.T, seed uint64, l retry.Config) storage {
		bucket := server.Bucket(t)
		proxy := servers.NewProxy(t, server.URL, seed)
		open := azure.Opener(azure.Config{ConnectionString: strings.Replace(server.ConnectionString, server.URL, proxy.URL, 1), MaxErrorRetries: repetitions,
			BlockSize: partSize, Connections: connections, Waiting: waiting, WaitTimeout: turn})
		return storage{proxy: proxy, store: opened(t, l, open, server.BaseDirectory(bucket, "base")), refusals: servers.AzureRefusals, unchecked: true,
			left: func() []string { return append(server.Keys(t, bucket), unfinished(server.Unfinished(t, bucket))...) }}
	}
}

func gcsBegun(server *servers.GCS) begun {
	return func(t *testing.T, seed uint64, l retry.Config) storage {
		bucket := server.Bucket(t)
		proxy := servers.NewProxy(t, server.URL, seed)
		open := gcs.Opener(gcs.Config{Key: server.Key, Endpoint: proxy.URL, MaxErrorRetries: repetitions, PartSize: partSize,
			Connections: connections, Waiting: waiting, WaitTimeout: turn})
		return storage{proxy: proxy, store: opened(t, l, open, "gs://"+bucket+"/base"), refusals: servers.GCSRefusals, unchecked: true,
			left: func() []string { return server.Keys(t, bucket) }}
	}
}

// opened opens a store as nodes have it.
func opened(t *testing.T, l retry.Config, open store.Opener, uri string) *retry.Store {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	driver, err := open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.Close() })
	return retry.New(driver, l)
}

// unfinished says of keys that there is no object.
func unfinished(keys []string) (out []string) {
	for _, key := range keys {
		out = append(out, "unfinished: "+key)
	}
	return out
}

// bounded is how long writing and reading a bundle may take at most, whatever happens: far longer than the repetitions that are configured,
// as the machine may be busy, but not for ever.
const bounded = 3 * time.Minute

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

// kind is a kind of fault.
type kind struct {
	name  string
	fault servers.Fault
}

// kinds are the faults that a proxy puts in the way of requests to a server.
func kinds(r servers.Refusals) []kind {
	return []kind{
		{"503 with Retry-After", r.Throttled},
		{"429 with Retry-After", servers.Refuse(429, "", "Retry-After", "1")},
		{"400 without a reason 27069", r.Bad},
		{"400 without a word 27069", servers.Refuse(400, "")},
		{"expired credentials", r.Expired},
		{"500", r.Broken},
		{"bucket away", r.Gone},
		{"not an answer", servers.Refuse(200, "<html>welcome to this hotel</html>")},
		{"upload reset", servers.ResetUpload(8000)},
		{"answer reset", servers.ResetAnswer(8000)},
		{"answer lost", servers.LoseAnswer},
		{uploadChanged, servers.FlipUpload(8000)},
		{answerChanged, servers.FlipAnswer(8000)},
		{"answer cut short", servers.Truncate},
		{silence, servers.Silence},
	}
}

// The kinds after which a bundle need not come through. What arrived otherwise at a server that does not check it is found when the object is
// complete, or by its readers, who have it made again, as they have what comes damaged twice. Of silence nobody can tell how long it lasts.
const (
	uploadChanged = "upload changed"
	answerChanged = "answer changed"
	silence       = "silence"
)

// TestStorageFaults27069 lets every kind of fault strike writes and reads a few times: the rows are exact, whatever it is.
func TestStorageFaults27069(t *testing.T) {
	onStorages(t, func(t *testing.T, on begun) {
		for n, tt := range kinds(servers.Refusals{}) {
			for _, key := range []*exchange.QueryKey{nil, exchange.NewQueryKey()} {
				t.Run(fmt.Sprintf("%s/encrypted=%t", tt.name, key != nil), func(t *testing.T) {
					t.Parallel()
					limits := patient
					if tt.name == silence {
						limits = impatient
					}
					s := on(t, 1, limits)
					strike(t, s, kinds(s.refusals)[n], key)
				})
			}
		}
	})
}

// strike lets a fault strike while a bundle is written and read.
func strike(t *testing.T, s storage, k kind, key *exchange.QueryKey) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
	defer cancel()
	s.proxy.Inject(servers.Rule{Name: "writes", Method: "PUT|POST", Times: 2, Fault: k.fault}, servers.Rule{Name: "reads", Method: "GET", Times: 2, Fault: k.fault})
	begun := time.Now()
	err := carry(ctx, s.store, "q", key)
	judge(t, err, time.Since(begun))
	_, lost := errors.AsType[*exchange.LostError](err)
	if err != nil && k.name != silence && !(k.name == uploadChanged && s.unchecked) && !(k.name == answerChanged && lost) {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
	if s.proxy.Struck() == 0 {
		t.Error("nothing struck")
	}
	s.emptied(t, "q")
}

// TestStorageFaultsLast lets every fault strike for ever: there is an error that says why, in bounded time, and when the
// storage is well again, all is.
func TestStorageFaultsLast(t *testing.T) {
	for _, name := range []string{"versitygw", "azurite", "fake-gcs-server"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lastEach(t, storages[name](t))
		})
	}
}

// lastEach lets each fault last.
func lastEach(t *testing.T, on begun) {
	refusals := on(t, 0, impatient).refusals
	says := refusals.Texts
	for _, tt := range []struct {
		name, method string
		fault        servers.Fault
		says         string
	}{
		{"throttled", "PUT|POST", refusals.Throttled, says.Throttled},
		{"expired", "PUT|POST", refusals.Expired, says.Expired},
		{"400 for reads", "GET", refusals.Bad, says.Bad},
		{"no bucket", "GET", refusals.Gone, says.Gone},
		{"uploads reset", "PUT|POST", servers.ResetUpload(8000), "the exchange storage"},
		{"answers reset", "GET", servers.ResetAnswer(8000), ""}, // some bytes come each time, which may be enough
		{"damaged", "GET", servers.FlipAnswer(8000), "damaged"},
		{"silent", "GET", servers.Silence, "nothing came for too long"},
		{"refused", "", func(x *servers.Passage) { x.Reset() }, "the exchange storage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := on(t, 7, impatient)
			ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
			defer cancel()
			s.proxy.Inject(servers.Rule{Method: tt.method, Fault: tt.fault})
			begun := time.Now()
			err := carry(ctx, s.store, "q1", exchange.NewQueryKey())
			took := time.Since(begun)
			t.Logf("%s: %v", took, err)
			judge(t, err, took)
			if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
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
	onStorages(t, func(t *testing.T, on begun) {
		var exact atomic.Int64
		t.Run("seeds", func(t *testing.T) {
			for seed := range uint64(2) {
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					t.Parallel()
					exact.Add(mixed(t, on(t, seed, patient), seed))
				})
			}
		})
		if exact.Load() < 10 {
			t.Errorf("%d of 16 bundles came through: faults that pass should be got over", exact.Load())
		}
	})
}

// mixed carries eight bundles and returns how many came through.
func mixed(t *testing.T, s storage, seed uint64) int64 {
	faults := kinds(s.refusals)
	for _, n := range mathrand.New(mathrand.NewPCG(seed, 0)).Perm(len(faults)) {
		s.proxy.Inject(servers.Rule{Name: faults[n].name, Chance: 0.1 / float64(len(faults)) * 2, Fault: faults[n].fault})
	}
	var wg sync.WaitGroup
	var exact atomic.Int64
	for n := range 8 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*bounded)
			defer cancel()
			begun := time.Now()
			err := carry(ctx, s.store, fmt.Sprintf("q/%d", n), exchange.NewQueryKey())
			judge(t, err, time.Since(begun))
			if err == nil {
				exact.Add(1)
			} else {
				t.Logf("seed %d: %v", seed, err)
			}
		})
	}
	wg.Wait()
	if s.proxy.Struck() == 0 {
		t.Error("nothing struck")
	}
	s.emptied(t, "q")
	return exact.Load()
}

// TestBucketComesBack takes the bucket away while a bundle is read, for seconds.
func TestBucketComesBack(t *testing.T) {
	onStorages(t, func(t *testing.T, on begun) {
		s := on(t, 1, patient)
		key := exchange.NewQueryKey()
		h, err := writeBundle(t.Context(), s.store, "q1", key)
		if err != nil {
			t.Fatal(err)
		}
		s.proxy.Inject(servers.Rule{Until: time.Now().Add(2 * time.Second), Fault: s.refusals.Gone})
		if err := readBundle(t.Context(), s.store, h, key); err != nil {
			t.Error(err)
		}
		if s.proxy.Struck() == 0 {
			t.Error("the bucket was not away")
		}
		s.emptied(t, "q1")
	})
}
