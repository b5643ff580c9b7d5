//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestQueriesThroughStorageFaults27069 has a proxy between all nodes and their storage do harm while queries run: answers are exact, whatever
// has struck, and a storage that never recovers ends queries with a clear error.
func TestQueriesThroughStorageFaults27069(t *testing.T) {
	server := servers.VersityGW(t)
	bucket := server.Bucket(t)
	proxy := servers.NewProxy(t, server.URL, 1)
	x := server.Properties(bucket, "spool")
	x["exchange.s3.endpoint"] = proxy.URL
	c := start(t, localcluster.Config{Workers: 2, Exchange: x, Catalogs: standardCatalogs(""), Properties: map[string]string{
		"waterbear.journal": t.TempDir(), "retry-initial-delay": "10ms", "retry-max-delay": "100ms", "exchange.max-error-duration": "3s",
		"waterbear.exchange-read-timeout": "2s", "waterbear.exchange-write-timeout": "10s"}})
	cl := session(c, manyTasks...)
	want := mustRows(t, cl, wordy)
	if len(want) == 0 {
		t.Fatal("no rows to compare")
	}
	empty := func() {
		t.Helper()
		proxy.Clear()
		until(t, "outputs are deleted", func() bool { return len(outputs(t, server, bucket)) == 0 })
	}
	all := servers.Rule{Chance: 0.2}
	with := func(r servers.Rule, f servers.Fault) servers.Rule { r.Fault = f; return r }
	reads := servers.Rule{Method: "GET", Chance: 0.3}
	for _, tt := range []struct {
		name string
		rule servers.Rule
	}{
		{"throttled", with(all, servers.RefuseS3(503, "SlowDown", "Retry-After", "1"))},
		{"400", with(all, servers.RefuseS3(400, "BadRequest"))},
		{"expired for a while", servers.Rule{Times: 20, Fault: servers.RefuseS3(403, "ExpiredToken")}},
		{"uploads reset", with(all, servers.ResetUpload(4000))},
		{"answers reset", with(all, servers.ResetAnswer(4000))},
		{"answers lost", with(all, servers.LoseAnswer)},
		{"reads changed", with(reads, servers.FlipAnswer(4000))},
		{"writes changed", servers.Rule{Method: "PUT", Chance: 0.3, Fault: servers.FlipUpload(4000)}},
		{"reads cut short", with(reads, servers.Truncate)},
		{"slow", with(all, servers.Slow(2000, 20*time.Millisecond))},
		{"silent", servers.Rule{Chance: 0.1, Fault: servers.Silence}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy.Inject(tt.rule)
			q := begin(t, cl, wordy)
			sameRows(t, tt.name, q.wait(t), want)
			if proxy.Struck() == 0 {
				t.Error("nothing struck")
			}
			empty()
		})
	}
	t.Run("bucket deleted and back", func(t *testing.T) {
		dir, aside := filepath.Join(server.Dir, bucket), filepath.Join(t.TempDir(), "aside")
		first := begin(t, cl, wordy)
		if err := os.Rename(dir, aside); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := os.Rename(aside, dir); err != nil {
			t.Fatal(err)
		}
		sameRows(t, "while the bucket was away", first.wait(t), want)
		empty()
	})
	t.Run("for ever", func(t *testing.T) {
		proxy.Inject(servers.Rule{Method: "PUT", Fault: servers.RefuseS3(403, "ExpiredToken")})
		begun := time.Now()
		q := begin(t, session(c, append([]string{"task_retry_attempts_per_task=1"}, manyTasks...)...), wordy)
		q.within(t, 3*time.Minute)
		var failed *failure
		if !errors.As(q.err, &failed) || failed.name != "PAGE_TRANSPORT_TIMEOUT" && failed.name != "PAGE_TRANSPORT_ERROR" {
			t.Errorf("after %s: %v", time.Since(begun), q.err)
		}
		t.Log(fmt.Sprint(time.Since(begun), ": ", q.err))
		empty()
	})
}

// within waits for the statement's end for so long.
func (r *statement) within(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(d):
		t.Fatalf("query %s does not end", r.id)
	}
}
