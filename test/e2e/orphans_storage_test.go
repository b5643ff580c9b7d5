//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// partial is a storage on which objects can be left half written, in a way that no ordinary listing shows.
type partial interface {
	storage
	Interrupt(t testing.TB, bucket, key string)
	Interrupted(t testing.TB, bucket string) []string
}

// TestNothingIsLeftOfDeathInStorage lets two clusters share a bucket. One is killed with all its processes in the middle of a query and started
// again, while a query of the other one waits in its middle. Of the first nothing is left, neither objects nor parts of some: not of the query
// that is gone on with, nor of one that nobody knows any more. Of the other nothing is missing.
func TestNothingIsLeftOfDeathInStorage(t *testing.T) {
	for name, begun := range map[string]func(t testing.TB) partial{
		"versitygw": func(t testing.TB) partial { return servers.VersityGW(t) },
		"azurite":   func(t testing.TB) partial { return servers.Azurite(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := begun(t)
			bucket := server.Bucket(t)
			cluster := func() localcluster.Config {
				return localcluster.Config{Workers: 1, Exchange: server.Properties(bucket, "spool"), Properties: map[string]string{"waterbear.journal": t.TempDir()}}
			}
			dying, dyingFaults := faulty(t, cluster())
			liveConfig := cluster()
			liveConfig.DataDir = t.TempDir()
			live, liveFaults := faulty(t, liveConfig)
			want := mustRows(t, session(live, manyTasks...), wordy)
			running, liveHold := suspend(t, live, liveFaults)
			server.Interrupt(t, bucket, "spool/"+running.id+"/99/0.0/0.bundle") // an attempt that writes
			lies := func(id string) []string {
				return slices.DeleteFunc(append(lying(t, server, bucket), server.Interrupted(t, bucket)...), func(key string) bool { return !strings.Contains(key, id) })
			}
			others := lies(running.id)
			if len(others) < 2 {
				t.Fatalf("of the other cluster's query: %q", others)
			}
			for _, how := range []string{"finished", "cancelled"} {
				t.Run(how, func(t *testing.T) {
					q, hold := suspend(t, dying, dyingFaults)
					suffix, _, _ := exchange.RunSuffix(q.id)
					forgotten := "20260101_000000_00001_" + suffix // of the same coordinator, whose journal has nothing of it
					for _, id := range []string{q.id, forgotten} {
						server.Interrupt(t, bucket, "spool/"+id+"/99/0.0/0.bundle")
					}
					killAll(dying, len(dying.WorkerPIDs()))
					if n := len(lies(q.id)); n < 2 || len(lies(forgotten)) != 1 {
						t.Fatalf("%d things of the query, %q of one that is forgotten", n, lies(forgotten))
					}
					disarm(t, hold)
					if err := dying.StartCoordinator(); err != nil {
						t.Fatal(err)
					}
					if how == "cancelled" { // before anybody is there who could finish it
						listens(t, dying.URL())
						q.cancel(t, dying)
					}
					if _, err := dying.AddWorker(t.Context()); err != nil {
						t.Fatal(err)
					}
					if how == "cancelled" {
						q.fails(t, "USER_CANCELED")
					} else {
						sameRows(t, "after all have died", q.wait(t), want)
					}
					for _, id := range []string{q.id, forgotten} {
						until(t, "nothing is left of "+id, func() bool { return len(lies(id)) == 0 })
					}
					if left := lies(running.id); !slices.Equal(left, others) {
						t.Errorf("of the other cluster's query %q was there, and then %q", others, left)
					}
				})
			}
			if out := orphansCommand(t, liveConfig.DataDir, "--older-than", "0s", "--remove"); strings.Contains(out, running.id) {
				t.Errorf("a query that waits is an orphan:\n%s", out)
			}
			disarm(t, liveHold)
			sameRows(t, "the other cluster's answer", running.wait(t), want)
			until(t, "nothing is left", func() bool { return len(lies("spool")) == 0 })
		})
	}
}
