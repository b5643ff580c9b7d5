//go:build e2e

package s3

import (
	"net/url"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// onServers runs a test on each server.
func onServers(t *testing.T, test func(t *testing.T, server *servers.S3)) {
	for name, start := range servers.S3Servers {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

// reach says how a server is reached.
func reach(s *servers.S3) Config {
	return Config{AccessKey: s.AccessKey, SecretKey: s.SecretKey, Region: s.Region, Endpoint: s.URL, PathStyle: true, MaxErrorRetries: 10, Adaptive: true,
		PartSize: 5 << 20, Connections: 100, Waiting: 10000, WaitTimeout: time.Minute}
}

// open opens a store.
func open(t *testing.T, cfg Config, bucket, prefix string) *Store {
	t.Helper()
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "s3", Host: bucket, Path: "/" + prefix})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Store)
}

func TestServers(t *testing.T) {
	onServers(t, func(t *testing.T, server *servers.S3) {
		t.Run("in a prefix", func(t *testing.T) {
			bucket := server.Bucket(t)
			storetest.Run(t, func(t *testing.T) store.Store { return open(t, reach(server), bucket, t.Name()) })
		})
		t.Run("in a bucket", func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) store.Store { return open(t, reach(server), server.Bucket(t), "") })
		})
	})
}
