//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// storage is a server that holds the exchange of a cluster.
type storage interface {
	Bucket(t testing.TB) string
	Keys(t testing.TB, bucket string) []string
	Properties(bucket, prefix string) map[string]string
}

// storages are the servers, by name.
var storages = map[string]func(t testing.TB) storage{
	"versitygw":       func(t testing.TB) storage { return servers.VersityGW(t) },
	"minio":           func(t testing.TB) storage { return servers.MinIO(t) },
	"fake-gcs-server": func(t testing.TB) storage { return servers.FakeGCS(t) },
	"azurite":         func(t testing.TB) storage { return servers.Azurite(t) },
	"hdfs":            func(t testing.TB) storage { return servers.HDFSCluster(t) },
}

// TestStorageQueries asks the 22 queries of the benchmark with their outputs on each storage, and kills a worker in
// the middle of each.
func TestStorageQueries(t *testing.T) {
	for name, begun := range storages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := begun(t)
			bucket := server.Bucket(t)
			c, faults := faulty(t, localcluster.Config{Workers: 2, Exchange: server.Properties(bucket, "spool")})
			// A changed plan might do without the task that is held.
			cl := session(c, append(manyTasks, "fault_tolerant_execution_adaptive_query_planning_enabled=false")...)
			spooled := 0 // queries that had outputs there: small ones travel otherwise
			for n := 1; n <= bench.QueryCount; n++ {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					sql, err := bench.Query(n, scale)
					if err != nil {
						t.Fatal(err)
					}
					o := observe(t, c, faults)
					want := mustRows(t, session(c), sql)
					// Which stages read others is not known before.
					hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: "[1-9]*.0.0"})
					q := begin(t, cl, sql)
					victim := struck(t, hold, 1)[0]
					o.rest(q.id, 1)
					if len(lying(t, server, bucket)) > 0 {
						spooled++
					}
					c.KillWorker(workerOf(t, c, victim))
					disarm(t, hold)
					if _, err := c.AddWorker(t.Context()); err != nil {
						t.Fatal(err)
					}
					sameRows(t, "after the kill", q.wait(t), want)
				})
			}
			if spooled < 3 {
				t.Errorf("%d queries had outputs on the storage", spooled)
			}
			until(t, "outputs are deleted", func() bool { return len(lying(t, server, bucket)) == 0 })
		})
	}
}

// lying are the objects of queries in a bucket: neither the coordinators' journal nor their marks.
func lying(t *testing.T, server storage, bucket string) []string {
	t.Helper()
	return slices.DeleteFunc(server.Keys(t, bucket), func(key string) bool {
		return strings.Contains("/"+key, "/journal/") || strings.Contains("/"+key, "/owners/")
	})
}

// TestStorageAzureStopsStart starts nodes whose exchange in Azure cannot be used: they end with the storage's own reason.
func TestStorageAzureStopsStart(t *testing.T) {
	server := servers.Azurite(t)
	bucket := server.Bucket(t)
	wrongKey := strings.Replace(server.ConnectionString, "AccountKey=Eby8", "AccountKey=Abcd", 1)
	stopsStart(t, server.Properties(bucket, ""), "exchange.base-directories: abfs://", []badProperty{
		{"container", "exchange.base-directories", server.BaseDirectory("no-such-container", ""), "cannot create an object: write an object in abfs://no-such-container@devstoreaccount1.dfs.core.windows.net/: ContainerNotFound"},
		{"key", "exchange.azure.connection-string", wrongKey, "cannot create an object: write an object in " + server.BaseDirectory(bucket, "") + ": AuthorizationFailure"},
		{"server", "exchange.azure.connection-string", strings.Replace(server.ConnectionString, server.URL, "http://127.0.0.1:1", 1), "connection refused"},
		{"connection string", "exchange.azure.connection-string", "AccountName=a", "exchange.azure.connection-string: connection string needs either AccountKey or SharedAccessSignature"},
	})
}

// TestStorageGCSStopsStart starts nodes whose exchange in Google Cloud Storage cannot be used: they end with Google's own reason.
func TestStorageGCSStopsStart(t *testing.T) {
	server := servers.FakeGCS(t)
	bucket := server.Bucket(t)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`)) // to a client that may have gone
	}))
	defer refuses.Close()
	stopsStart(t, server.Properties(bucket, ""), "exchange.base-directories: gs://", []badProperty{
		{"bucket", "exchange.base-directories", "gs://no-such-bucket/spool", "cannot create an object: write an object in gs://no-such-bucket/spool/: Not Found (HTTP status 404)"},
		{"key", "exchange.gcs.json-key", servers.ServiceAccountKey(t, refuses.URL), "Invalid JWT Signature."},
		{"not a key", "exchange.gcs.json-key", `{"type":"service_account"}`, `the JSON key of type "service_account" cannot be used: auth: email must be provided`},
		{"server", "exchange.s3.endpoint", "http://127.0.0.1:1", "connection refused"},
	})
}

// badProperty is a value of a property with which no node starts, and what it says then.
type badProperty struct{ name, property, value, want string }

// stopsStart starts nodes whose exchange has one bad property: they end with an error that begins so and has the reason.
func stopsStart(t *testing.T, good map[string]string, begin string, bad []badProperty) {
	t.Helper()
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			x := maps.Clone(good)
			x[tt.property] = tt.value
			c, err := localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: t.TempDir(), Workers: 1, Exchange: x})
			if err == nil {
				c.Close()
				t.Fatal("it started")
			}
			for _, want := range []string{begin, tt.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: want %q", err, want)
				}
			}
		})
	}
}
