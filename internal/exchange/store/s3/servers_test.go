//go:build e2e

package s3

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

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

// TestServersRaceParts lets writers of objects in parts race for one name: one of them makes the object.
func TestServersRaceParts(t *testing.T) {
	onServers(t, func(t *testing.T, server *servers.S3) {
		s := open(t, reach(server), server.Bucket(t), "race")
		const size = 5<<20 + 1
		for round := range 3 {
			key := fmt.Sprint("journal/", round)
			errs := make([]error, 4)
			var wg sync.WaitGroup
			for n := range errs {
				wg.Go(func() {
					errs[n] = store.Put(context.Background(), s, key, make([]byte, size+n), store.CreateOptions{IfAbsent: true})
				})
			}
			wg.Wait()
			winner := -1
			for n, err := range errs {
				switch {
				case err == nil && winner >= 0:
					t.Fatalf("writers %d and %d both won", winner, n)
				case err == nil:
					winner = n
				case !errors.Is(err, store.ErrExists):
					t.Errorf("writer %d: %v", n, err)
				}
			}
			if winner < 0 {
				t.Fatalf("nobody won: %v", errs)
			}
			if got, err := store.ReadAll(t.Context(), s, key); err != nil || len(got) != size+winner {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		}
		if left := unfinished(t, s, ""); len(left) != 0 {
			t.Errorf("the losers left %v", left)
		}
	})
}

// unfinished are the uploads under a prefix that were neither completed nor aborted.
func unfinished(t *testing.T, s *Store, prefix string) (keys []string) {
	t.Helper()
	if err := s.uploads(t.Context(), s.prefix+prefix, func(u types.MultipartUpload) { keys = append(keys, aws.ToString(u.Key)) }); err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestServersUploads deletes prefixes with uploads that nobody will complete, as those of processes that were killed.
func TestServersUploads(t *testing.T) {
	onServers(t, func(t *testing.T, server *servers.S3) {
		s := open(t, reach(server), server.Bucket(t), "base")
		for _, key := range []string{"q1/a", "q1/b", "q10/a"} {
			if _, err := s.client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: s.key(key)}); err != nil {
				t.Fatal(err)
			}
		}
		if left := unfinished(t, s, ""); len(left) != 3 {
			t.Fatalf("begun: %v", left)
		}
		if err := s.DeletePrefix(t.Context(), "q1/"); err != nil {
			t.Fatal(err)
		}
		if left := unfinished(t, s, ""); len(left) != 1 || left[0] != "base/q10/a" {
			t.Errorf("left: %v", left)
		}
	})
}

// TestServersPages lists and deletes more objects than one request can.
func TestServersPages(t *testing.T) {
	onServers(t, func(t *testing.T, server *servers.S3) {
		const objects = 1203
		s := open(t, reach(server), server.Bucket(t), "")
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				for k := n; k < objects; k += 8 {
					if err := store.Put(t.Context(), s, fmt.Sprintf("q/%05d", k), nil, store.CreateOptions{}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		count := func() (n int) {
			if err := s.List(t.Context(), "q/", func(o store.Object) error {
				if want := fmt.Sprintf("q/%05d", n); o.Key != want {
					return fmt.Errorf("listed %s, want %s", o.Key, want)
				}
				n++
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count(); n != objects {
			t.Errorf("listed %d objects", n)
		}
		if err := s.DeletePrefix(t.Context(), "q/"); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 0 {
			t.Errorf("%d objects are left", n)
		}
	})
}

// TestServersProbe tries out stores as a node does when it starts.
func TestServersProbe(t *testing.T) {
	onServers(t, func(t *testing.T, server *servers.S3) {
		bucket := server.Bucket(t)
		if err := store.Probe(t.Context(), open(t, reach(server), bucket, "base"), true); err != nil {
			t.Error(err)
		}
		if left := server.Keys(t, bucket); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		cfg := reach(server)
		cfg.MaxErrorRetries = 0
		if err := store.Probe(t.Context(), open(t, cfg, "no-such-bucket", ""), true); err == nil {
			t.Error("there is no such bucket")
		}
	})
}

// TestMinIOEncrypts has objects encrypted by the server, of one part and of several.
func TestMinIOEncrypts(t *testing.T) {
	server := servers.MinIO(t)
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
