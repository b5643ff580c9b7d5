//go:build e2e

package e2e

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestStorageHDFS does all that needs a cluster of HDFS to itself.
func TestStorageHDFS(t *testing.T) {
	t.Parallel()
	server := servers.HDFSCluster(t)
	t.Run("start is stopped", func(t *testing.T) { stoppedByHDFS(t, server) })
	t.Run("queries through faults", func(t *testing.T) { throughHDFSFaults(t, server) })
}

// throughHDFSFaults has proxies between all nodes and those of HDFS, which refuse connections, break them off and slow them down while
// queries run: answers are exact, and nodes that never come back end queries with a clear error.
func throughHDFSFaults(t *testing.T, server *servers.HDFS) {
	proxies := server.Behind(t, 1)
	bucket := server.Bucket(t)
	x := server.Properties(bucket, "spool")
	x["hdfs.config.resources"] = proxies.Resources
	c := start(t, localcluster.Config{Workers: 2, Exchange: x, Catalogs: standardCatalogs(""), Properties: map[string]string{
		"waterbear.journal": t.TempDir(), "retry-initial-delay": "10ms", "retry-max-delay": "100ms", "exchange.max-error-duration": "5s",
		"waterbear.exchange-read-timeout": "3s", "waterbear.exchange-write-timeout": "10s"}})
	cl := session(c, manyTasks...)
	want := mustRows(t, cl, wordy)
	if len(want) == 0 {
		t.Fatal("no rows to compare")
	}
	// harm lets new connections suffer, and those that there are break off.
	harm := func(f servers.TCPFault, all ...*servers.TCPProxy) {
		for _, p := range all {
			p.Inject(f)
			if f != (servers.TCPFault{}) {
				p.Break()
			}
		}
	}
	empty := func(t *testing.T) {
		t.Helper()
		harm(servers.TCPFault{}, proxies.All()...)
		until(t, "outputs are deleted", func() bool { return len(lying(t, server, bucket)) == 0 })
	}
	const times = 6
	for _, tt := range []struct {
		name    string
		proxies []*servers.TCPProxy
		fault   servers.TCPFault
	}{
		{"name nodes refuse", proxies.Names, servers.TCPFault{Refuse: true, Times: times}},
		{"name nodes break off requests", proxies.Names, servers.TCPFault{ResetUploadWithin: 2000, Times: times}},
		{"name nodes break off answers", proxies.Names, servers.TCPFault{ResetWithin: 2000, Times: times}},
		{"data nodes refuse", proxies.Data, servers.TCPFault{Refuse: true, Times: times}},
		{"data nodes break off writes", proxies.Data, servers.TCPFault{ResetUploadWithin: 4000, Times: times}},
		{"data nodes break off reads", proxies.Data, servers.TCPFault{ResetWithin: 4000, Times: times}},
		{"all are slow", proxies.All(), servers.TCPFault{Pause: 5 * time.Millisecond, Times: 20}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			harm(tt.fault, tt.proxies...)
			q := begin(t, cl, wordy)
			sameRows(t, tt.name, q.wait(t), want)
			struck := 0
			for _, p := range tt.proxies {
				struck += p.Struck()
			}
			if struck == 0 {
				t.Error("nothing struck")
			}
			empty(t)
		})
	}
	t.Run("for ever", func(t *testing.T) {
		harm(servers.TCPFault{Refuse: true}, proxies.Data...)
		q := begin(t, session(c, append([]string{"task_retry_attempts_per_task=1"}, manyTasks...)...), wordy)
		q.ended(t)
		var failed *failure
		if !errors.As(q.err, &failed) || failed.name != "PAGE_TRANSPORT_TIMEOUT" && failed.name != "PAGE_TRANSPORT_ERROR" || !strings.Contains(failed.Error(), "hdfs://") {
			t.Errorf("ended with %v", q.err)
		}
		empty(t)
	})
}

// TestStorageHDFSWithKerberos21993 keeps outputs in a cluster that wants Kerberos, and kills a worker in the middle of a query; and it
// starts nodes that cannot prove who they are.
func TestStorageHDFSWithKerberos21993(t *testing.T) {
	t.Parallel()
	server := servers.SecureHDFSCluster(t)
	bucket := server.Bucket(t)
	t.Run("queries", func(t *testing.T) {
		c, faults := faulty(t, localcluster.Config{Workers: 2, Exchange: server.Properties(bucket, "spool")})
		cl := session(c, manyTasks...)
		want := mustRows(t, cl, wordy)
		o := observe(t, c, faults)
		hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
		q := begin(t, cl, wordy)
		victim := struck(t, hold, 1)[0]
		o.rest(q.id, 1)
		if len(lying(t, server, bucket)) == 0 {
			t.Error("no outputs are in HDFS")
		}
		c.KillWorker(workerOf(t, c, victim))
		disarm(t, hold)
		if _, err := c.AddWorker(t.Context()); err != nil {
			t.Fatal(err)
		}
		sameRows(t, "after the kill", q.wait(t), want)
		until(t, "outputs are deleted", func() bool { return len(lying(t, server, bucket)) == 0 })
	})
	stopsStart(t, server.Properties(bucket, ""), "exchange.base-directories: hdfs://", []badProperty{
		{"keytab", "hive.hdfs.trino.keytab", server.Keytab(servers.HDFSStranger), "log in as waterbear@EXAMPLE.COM: "},
		{"principal", "hive.hdfs.trino.principal", "nobody@EXAMPLE.COM", "Client not found in Kerberos database"},
		{"no keytab", "hive.hdfs.trino.keytab", "/no/such/keytab", "/no/such/keytab: no such file or directory"},
		{"protection", "hdfs.config.resources", server.SecureResources(t, nil), "as data nodes do that want dfs.data.transfer.protection"},
	})
}

// stoppedByHDFS starts nodes whose exchange in HDFS cannot be used: they end with the name node's own reason.
func stoppedByHDFS(t *testing.T, server *servers.HDFS) {
	private := server.Bucket(t)
	server.MakePrivate(t, private)
	const base = "exchange.base-directories"
	noXML := filepath.Join(t.TempDir(), "core-site.xml")
	write(t, noXML, []byte("fs.defaultFS=hdfs://cluster"))
	stopsStart(t, server.Properties(server.Bucket(t), ""), base+": hdfs://", []badProperty{
		{"name node", base, "hdfs://127.0.0.1:1/spool", "connect to a name node ([127.0.0.1:1]): no available namenodes: dial tcp 127.0.0.1:1: connect: connection refused"},
		{"permission", base, "hdfs://cluster/" + private + "/spool", "AccessControlException: Permission denied: user="},
		{"not a directory", base, "hdfs://cluster/" + private + "/file/spool", "ParentNotDirectoryException: /" + private + "/file"},
		{"resources", "hdfs.config.resources", noXML, "not a configuration of Hadoop"},
	})
}
