//go:build e2e

package e2e

import (
	"encoding/json"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/s3"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// killAll kills a cluster's processes at once.
func killAll(c *localcluster.Cluster, workers int) {
	c.KillCoordinator()
	for n := range workers {
		c.KillWorker(n)
	}
}

// suspend begins a query of a cluster and waits until it is in the middle, with outputs in the exchange.
func suspend(t *testing.T, c *localcluster.Cluster, faults fault.Dir) (*statement, *fault.Armed) {
	t.Helper()
	cl := session(c, manyTasks...)
	o := observe(t, c, faults)
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
	q := begin(t, cl, wordy)
	struck(t, hold, 1)
	o.rest(q.id, 1)
	return q, hold
}

// orphansCommand runs the command on the configuration of a cluster's coordinator.
func orphansCommand(t *testing.T, dataDir string, args ...string) string {
	t.Helper()
	etc := filepath.Join(dataDir, "run", "etc", "coordinator")
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"exchange", "orphans", "--etc-dir", etc}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// aDayPasses sets back what the marks of all coordinators but those of a node's say, as if nobody had seen them for longer than a day.
func aDayPasses(t *testing.T, st store.Store, but string) {
	t.Helper()
	var keys []string
	if err := st.List(t.Context(), "owners/", func(o store.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	aged := 0
	for _, key := range keys {
		data, err := store.ReadAll(t.Context(), st, key)
		if err != nil {
			t.Fatal(err)
		}
		var m exchange.OwnerMark
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		if m.URL == but {
			continue
		}
		m.Seen = m.Seen.Add(-25 * time.Hour)
		if err := m.Write(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		aged++
	}
	if aged == 0 {
		t.Fatalf("no mark of a dead coordinator: %v", keys)
	}
}

// TestOrphansOfDeadClusters25707 lets two clusters that know nothing of each other share a base directory. One dies with all its
// processes in the middle of a query and does not come back; the other one, in the middle of its own, loses nothing when orphans are removed.
func TestOrphansOfDeadClusters25707(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (map[string]string, store.Store){
		"local": func(t *testing.T) (map[string]string, store.Store) {
			dir := t.TempDir()
			st, err := local.New(dir)
			if err != nil {
				t.Fatal(err)
			}
			return map[string]string{"exchange-manager.name": "filesystem", "exchange.base-directories": dir}, st
		},
		"s3": func(t *testing.T) (map[string]string, store.Store) {
			server := servers.VersityGW(t)
			bucket := server.Bucket(t)
			st, err := s3.Opener(s3.Config{AccessKey: server.AccessKey, SecretKey: server.SecretKey, Region: server.Region, Endpoint: server.URL, PathStyle: true,
				PartSize: 5 << 20, Connections: 10, Waiting: 100, WaitTimeout: time.Minute})(t.Context(), &url.URL{Scheme: "s3", Host: bucket, Path: "/spool"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { st.Close() })
			key := "spool/20260101_000000_00001_stray/0/0.0/0.bundle" // of a process that was killed while it sent parts
			server.Interrupt(t, bucket, key)
			t.Cleanup(func() {
				if keys := server.Interrupted(t, bucket); len(keys) != 0 {
					t.Errorf("unfinished uploads: %q", keys)
				}
			})
			return server.Properties(bucket, "spool"), st
		},
	} {
		t.Run(name, func(t *testing.T) {
			x, st := open(t)
			config := func() localcluster.Config {
				return localcluster.Config{DataDir: t.TempDir(), Workers: 1, Exchange: x, Properties: map[string]string{"waterbear.journal": t.TempDir()}}
			}
			deadConfig, liveConfig := config(), config()
			dead, deadFaults := faulty(t, deadConfig)
			live, liveFaults := faulty(t, liveConfig)
			want := mustRows(t, session(live, manyTasks...), wordy)
			gone, _ := suspend(t, dead, deadFaults)
			running, hold := suspend(t, live, liveFaults)
			killAll(dead, 1)
			before := runsOf(t, st)
			if !slices.Contains(before, gone.id) || !slices.Contains(before, running.id) {
				t.Fatalf("in the exchange: %v", before)
			}
			if out := orphansCommand(t, liveConfig.DataDir, "--older-than", "0s", "--remove"); strings.Contains(out, gone.id) || strings.Contains(out, running.id) {
				t.Errorf("a coordinator that was there a minute ago counts as dead:\n%s", out)
			}
			aDayPasses(t, st, live.URL())
			out := orphansCommand(t, liveConfig.DataDir, "--older-than", "0s")
			if !strings.Contains(out, gone.id) || strings.Contains(out, running.id) || !slices.Equal(runsOf(t, st), before) && name == "local" {
				t.Errorf("listed:\n%s", out)
			}
			out = orphansCommand(t, liveConfig.DataDir, "--older-than", "0s", "--remove")
			if left := runsOf(t, st); !strings.Contains(out, "removed") || !slices.Equal(left, []string{running.id}) {
				t.Errorf("after removal %v\n%s", left, out)
			}
			disarm(t, hold)
			sameRows(t, "the other cluster's answer", running.wait(t), want)
			until(t, "nothing is left", func() bool { return len(runsOf(t, st)) == 0 })
		})
	}
}

// runsOf are the queries of which there is something in a store.
func runsOf(t *testing.T, st store.Store) (ids []string) {
	t.Helper()
	runs, err := exchange.FindRuns(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		ids = append(ids, r.Run)
	}
	return ids
}

// listens waits until a coordinator that was started takes connections.
func listens(t *testing.T, url string) {
	t.Helper()
	until(t, "the coordinator listens", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
}

// TestNothingIsLeftOfDeath kills a coordinator and all workers in the middle of a query and starts them again. The query is gone on with, and
// nothing is left; nor is anything when it is cancelled after that.
func TestNothingIsLeftOfDeath(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		t.Run(map[bool]string{false: "finished", true: "cancelled"}[cancelled], func(t *testing.T) {
			t.Parallel()
			c, faults := faulty(t, localcluster.Config{Workers: 2})
			want := mustRows(t, session(c, manyTasks...), wordy)
			q, hold := suspend(t, c, faults)
			killAll(c, 2)
			disarm(t, hold)
			if err := c.StartCoordinator(); err != nil {
				t.Fatal(err)
			}
			if cancelled { // before anybody is there who could finish it
				listens(t, c.URL())
				q.cancel(t, c)
			}
			for range 2 {
				if _, err := c.AddWorker(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if cancelled {
				q.fails(t, "USER_CANCELED")
			} else {
				sameRows(t, "after all have died", q.wait(t), want)
			}
			emptySpool(t, c)
		})
	}
}
