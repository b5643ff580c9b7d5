//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestSpoolInS3 keeps outputs in buckets, and kills a worker and the coordinator in the middle of a query.
func TestSpoolInS3(t *testing.T) {
	for name, begun := range servers.S3Servers {
		t.Run(name, func(t *testing.T) {
			server := begun(t)
			first, second := server.Bucket(t), server.Bucket(t)
			x := server.Properties(first, "spool")
			x["exchange.base-directories"] += ",s3://" + second
			c, faults := faulty(t, localcluster.Config{Workers: 2, Exchange: x})
			cl := session(c, manyTasks...)
			want := mustRows(t, cl, wordy)
			if len(want) == 0 {
				t.Fatal("no rows to compare")
			}
			for _, kill := range []string{"worker", "coordinator"} {
				t.Run(kill, func(t *testing.T) {
					o := observe(t, c, faults)
					hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
					q := begin(t, cl, wordy)
					victim := struck(t, hold, 1)[0]
					o.rest(q.id, 1)
					if a, b := len(outputs(t, server, first)), len(outputs(t, server, second)); a+b == 0 || a+b > 20 && a*b == 0 {
						t.Errorf("outputs are not spread over the buckets: %d and %d", a, b)
					}
					if kill == "worker" {
						c.KillWorker(workerOf(t, c, victim))
					} else {
						c.KillCoordinator()
						if err := c.StartCoordinator(); err != nil {
							t.Fatal(err)
						}
					}
					disarm(t, hold)
					if kill == "worker" {
						if _, err := c.AddWorker(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
					sameRows(t, "after the kill", q.wait(t), want)
					until(t, "outputs are deleted", func() bool {
						return len(outputs(t, server, first)) == 0 && len(outputs(t, server, second)) == 0
					})
				})
			}
		})
	}
}

// outputs are the objects of a bucket, the coordinators' journal and their marks excepted.
func outputs(t *testing.T, server *servers.S3, bucket string) []string {
	t.Helper()
	return slices.DeleteFunc(server.Keys(t, bucket), func(key string) bool {
		return strings.Contains("/"+key, "/journal/") || strings.Contains("/"+key, "/owners/")
	})
}

// TestStartIsStoppedByStorage starts nodes whose exchange cannot be used: they end with the storage's own reason.
func TestStartIsStoppedByStorage(t *testing.T) {
	server := servers.VersityGW(t)
	bucket := server.Bucket(t)
	for _, tt := range []struct {
		name, property, value, want string
	}{
		{"bucket", "exchange.base-directories", "s3://no-such-bucket", "NoSuchBucket"},
		{"access key", "exchange.s3.aws-access-key", "stranger", "No user exists with the provided access key ID"},
		{"secret key", "exchange.s3.aws-secret-key", "wrong", "SignatureDoesNotMatch"},
		{"endpoint", "exchange.s3.endpoint", "http://127.0.0.1:1", "connection refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := server.Properties(bucket, "")
			x[tt.property] = tt.value
			c, err := localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: t.TempDir(), Workers: 1, Exchange: x})
			if err == nil {
				c.Close()
				t.Fatal("it started")
			}
			for _, want := range []string{"exchange.base-directories: s3://", "cannot create an object", tt.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: want %q", err, want)
				}
			}
		})
	}
}
