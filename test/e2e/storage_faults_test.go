//go:build e2e

package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// harmed is a cluster with a proxy between all its nodes and their storage.
type harmed struct {
	server interface {
		storage
		Recreate(t testing.TB, bucket string)
	}
	url      string // the server's
	bucket   string
	refusals servers.Refusals
	x        map[string]string // properties of the exchange
	env      []string

	proxy  *servers.Proxy
	c      *localcluster.Cluster
	faults fault.Dir
	cl     *client.Client
	want   []string // the answer to wordy
}

// start starts the cluster and asks for what is compared with.
func (h *harmed) start(t *testing.T) {
	t.Helper()
	h.proxy = servers.NewProxy(t, h.url, 1)
	for name, value := range h.x {
		h.x[name] = strings.ReplaceAll(value, h.url, h.proxy.URL)
	}
	h.c, h.faults = faulty(t, localcluster.Config{Workers: 2, Exchange: h.x, Env: h.env, Properties: map[string]string{
		"waterbear.journal": t.TempDir(), "retry-initial-delay": "10ms", "retry-max-delay": "100ms", "exchange.max-error-duration": "3s",
		"waterbear.exchange-read-timeout": "2s", "waterbear.exchange-write-timeout": "10s"}})
	h.cl = session(h.c, manyTasks...)
	if h.want = mustRows(t, h.cl, wordy); len(h.want) == 0 {
		t.Fatal("no rows to compare")
	}
}

// empty ends all harm and waits until nothing is left of queries.
func (h *harmed) empty(t *testing.T) {
	t.Helper()
	h.proxy.Clear()
	until(t, "outputs are deleted", func() bool { return len(lying(t, h.server, h.bucket)) == 0 })
}

// midway does something when a query has outputs that were not read yet, and judges its answer. It returns the tasks that ran again.
func (h *harmed) midway(t *testing.T, do func()) (again []string) {
	t.Helper()
	o := observe(t, h.c, h.faults)
	hold := arm(t, h.faults, "task-held-before-read", fault.Aim{Task: midway(t, h.cl, wordy)})
	q := begin(t, h.cl, wordy)
	struck(t, hold, 1)
	o.rest(q.id, 1)
	if len(lying(t, h.server, h.bucket)) == 0 {
		t.Fatal("no outputs")
	}
	do()
	disarm(t, hold)
	sameRows(t, "answer", q.wait(t), h.want)
	again = o.retried(q.id)
	h.empty(t)
	return again
}

// TestQueriesThroughStorageFaults27069 has a proxy between all nodes and their storage do harm while queries run: answers are exact, whatever
// has struck, and a storage that never recovers ends queries with a clear error.
func TestQueriesThroughStorageFaults27069(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T) *harmed{
		"versitygw": func(t *testing.T) *harmed {
			s := servers.VersityGW(t)
			return &harmed{server: s, url: s.URL, refusals: servers.S3Refusals}
		},
		"azurite": func(t *testing.T) *harmed {
			s := servers.Azurite(t)
			return &harmed{server: s, url: s.URL, refusals: servers.AzureRefusals}
		},
		"fake-gcs-server": func(t *testing.T) *harmed {
			s := servers.FakeGCS(t)
			return &harmed{server: s, url: s.URL, refusals: servers.GCSRefusals}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := begin(t)
			h.bucket = h.server.Bucket(t)
			h.x = h.server.Properties(h.bucket, "spool")
			h.start(t)
			h.passing(t)
			t.Run("bucket deleted and back, empty", h.recreated)
			if name == "versitygw" {
				t.Run("at rest", h.atRest)
			}
			t.Run("for ever", h.forEver)
		})
	}
}

// passing lets each kind of fault strike a query.
func (h *harmed) passing(t *testing.T) {
	all := servers.Rule{Chance: 0.2}
	reads := servers.Rule{Method: "GET", Chance: 0.3}
	writes := servers.Rule{Method: "PUT|POST", Chance: 0.3}
	with := func(r servers.Rule, f servers.Fault) servers.Rule { r.Fault = f; return r }
	for _, tt := range []struct {
		name string
		rule servers.Rule
	}{
		{"throttled", with(all, h.refusals.Throttled)},
		{"400", with(all, h.refusals.Bad)},
		{"expired for a while", servers.Rule{Times: 20, Fault: h.refusals.Expired}},
		{"uploads reset", with(all, servers.ResetUpload(4000))},
		{"answers reset", with(all, servers.ResetAnswer(4000))},
		{"answers lost", with(all, servers.LoseAnswer)},
		{"reads changed", with(reads, servers.FlipAnswer(4000))},
		{"writes changed", with(writes, servers.FlipUpload(4000))},
		{"reads cut short", with(reads, servers.Truncate)},
		{"slow", with(all, servers.Slow(2000, 20*time.Millisecond))},
		{"silent", servers.Rule{Chance: 0.1, Fault: servers.Silence}},
		{"bucket away", with(all, h.refusals.Gone)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.proxy.Inject(tt.rule)
			q := begin(t, h.cl, wordy)
			sameRows(t, tt.name, q.wait(t), h.want)
			if h.proxy.Struck() == 0 {
				t.Error("nothing struck")
			}
			h.empty(t)
		})
	}
}

// recreated deletes the bucket in the middle of a query; it comes back without what was in it, which is made again.
func (h *harmed) recreated(t *testing.T) {
	if again := h.midway(t, func() { h.server.Recreate(t, h.bucket) }); len(again) < 2 {
		t.Errorf("ran again: %v, want a reader and what it reads", again)
	}
}

// forEver refuses all writes.
func (h *harmed) forEver(t *testing.T) {
	h.proxy.Inject(servers.Rule{Method: "PUT|POST", Fault: h.refusals.Expired})
	q := begin(t, session(h.c, append([]string{"task_retry_attempts_per_task=1"}, manyTasks...)...), wordy)
	q.ended(t)
	var failed *failure
	if !errors.As(q.err, &failed) || failed.name != "PAGE_TRANSPORT_TIMEOUT" && failed.name != "PAGE_TRANSPORT_ERROR" ||
		!strings.Contains(q.err.Error(), h.refusals.Texts.Expired) {
		t.Errorf("ended with %v", q.err)
	}
	h.empty(t)
}

// atRest does something to what tasks have written, in the middle of queries: it is noticed, and made again.
func (h *harmed) atRest(t *testing.T) {
	dir := filepath.Join(h.server.(*servers.S3).Dir, h.bucket) // VersityGW keeps objects as they are
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, file, other string)
	}{
		{"bits have changed", func(t *testing.T, file, _ string) {
			content := read(t, file)
			for n := 0; n < len(content); n += 100 { // some of it is for the reader that is still to come
				content[n] ^= 16
			}
			write(t, file, content)
		}},
		{"cut short", func(t *testing.T, file, _ string) {
			if err := os.Truncate(file, 100); err != nil {
				t.Error(err)
			}
		}},
		{"another's", func(t *testing.T, file, other string) { write(t, file, read(t, other)) }}, // authentic, but not where it belongs
	} {
		t.Run(tt.name, func(t *testing.T) {
			again := h.midway(t, func() {
				keys := lying(t, h.server, h.bucket)
				for n, key := range keys[1:] {
					tt.harm(t, filepath.Join(dir, key), filepath.Join(dir, keys[n]))
				}
			})
			if len(again) < 2 {
				t.Errorf("ran again: %v, want a reader and what it reads", again)
			}
		})
	}
}

// TestQueriesWithRenewedCredentials has the credentials with which nodes came expire in the middle of a query: they ask for others, and
// nothing runs again.
func TestQueriesWithRenewedCredentials(t *testing.T) {
	t.Parallel()
	server := servers.MinIO(t)
	lender := servers.NewLender(t, server)
	h := &harmed{server: server, url: server.URL, bucket: server.Bucket(t), env: []string{lender.Env}}
	h.x = server.Properties(h.bucket, "spool")
	delete(h.x, "exchange.s3.aws-access-key")
	delete(h.x, "exchange.s3.aws-secret-key")
	h.start(t)
	before := 0
	again := h.midway(t, func() {
		before = lender.Renew()
		h.proxy.Inject(lender.Rule())
	})
	if len(again) > 0 {
		t.Errorf("ran again: %v", again)
	}
	if lender.Lent() == before {
		t.Error("nobody asked for other credentials")
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
