//go:build e2e

package metastore

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/test/servers"
)

// The suite runs against the real metastore of Hive.
func TestThrift(t *testing.T) {
	server := servers.StartHiveMetastore(t)
	n := 0
	Run(t, func(t *testing.T) (Metastore, string) {
		n++
		m, err := OpenThrift("h", ThriftConfig{URIs: []string{"thrift://127.0.0.1:1", server.URL}, User: "alice", ConnectTimeout: time.Minute, ReadTimeout: time.Minute,
			MaxRetries: 3, MaxRetryTime: time.Minute, BackoffScale: 2, MinBackoff: time.Second, MaxBackoff: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.(*hms).client.call(t.Context(), dropDatabase, nil, "suite", true, true); err != nil && !is(err, noSuchObject) {
			t.Fatal(err)
		}
		return m, Join("file:"+server.Warehouse, "of", string(rune('a'+n)))
	})
}

// A metastore that was restarted, or cannot be reached for a while, is reached again.
func TestThriftRestart(t *testing.T) {
	server := servers.StartHiveMetastore(t)
	m, err := OpenThrift("h", ThriftConfig{URIs: []string{server.URL}, ConnectTimeout: time.Minute, ReadTimeout: time.Minute,
		MaxRetries: 100, MaxRetryTime: 5 * time.Minute, BackoffScale: 2, MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if names, err := m.Databases(t.Context()); err != nil || !contains(names, "default") {
		t.Fatal(names, err)
	}
	server.Restart(t)
	if names, err := m.Databases(t.Context()); err != nil || !contains(names, "default") {
		t.Fatal(names, err)
	}
}
