//go:build e2e

package s3

import (
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

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
	for name, start := range servers.S3Servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			storetest.RunOn(t, server, storetest.Driver{
				Open:     func(t *testing.T, bucket, prefix string) store.Store { return open(t, reach(server), bucket, prefix) },
				Pages:    func(s store.Store, entries int) { s.(*Store).client.pageSize = aws.Int32(int32(entries)) },
				PartSize: 5 << 20,
				NoBucket: "NoSuchBucket",
			})
			t.Run("uploads", func(t *testing.T) { uploads(t, server) })
			if server.KMSKey != "" {
				t.Run("encrypts", func(t *testing.T) { encrypts(t, server) })
			}
		})
	}
}

// uploads deletes prefixes with uploads that nobody will complete, as those of processes that were killed.
func uploads(t *testing.T, server *servers.S3) {
	t.Parallel()
	bucket := server.Bucket(t)
	s := open(t, reach(server), bucket, "base")
	unfinished := func() (keys []string) {
		if err := s.Interrupted(t.Context(), func(key string) error { keys = append(keys, key); return nil }); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	for _, key := range []string{"q1/a", "q1/b", "q10/a"} {
		server.Interrupt(t, bucket, "base/"+key)
	}
	if left := unfinished(); len(left) != 3 {
		t.Fatalf("begun: %v", left)
	}
	if err := s.DeletePrefix(t.Context(), "q1/"); err != nil {
		t.Fatal(err)
	}
	if left := unfinished(); len(left) != 1 || left[0] != "q10/a" {
		t.Errorf("left: %v", left)
	}
}

// encrypts has objects encrypted by the server, of one part and of several.
func encrypts(t *testing.T, server *servers.S3) {
	t.Parallel()
	bucket := server.Bucket(t)
	for _, kind := range []Encryption{EncryptS3, EncryptKMS} {
		cfg := reach(server)
		cfg.Encryption = kind
		if kind == EncryptKMS {
			cfg.KMSKeyID = server.KMSKey
		}
		s := open(t, cfg, bucket, string(kind))
		for name, size := range map[string]int{"one": 10, "parts": 5<<20 + 1} {
			if err := store.Put(t.Context(), s, name, make([]byte, size), store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			head, err := s.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(name)})
			if err != nil {
				t.Fatal(err)
			}
			want, _ := s.encryption()
			if head.ServerSideEncryption != want || kind == EncryptKMS && aws.ToString(head.SSEKMSKeyId) == "" {
				t.Errorf("%s of %s: encrypted by %q with %q", name, kind, head.ServerSideEncryption, aws.ToString(head.SSEKMSKeyId))
			}
			if got, err := store.ReadAll(t.Context(), s, name); err != nil || len(got) != size {
				t.Errorf("%s of %s: %d bytes, %v", name, kind, len(got), err)
			}
		}
	}
}
