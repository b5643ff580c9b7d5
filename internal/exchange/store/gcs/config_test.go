package gcs

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestConfigShows writes an object under each property and looks at what the server is sent.
func TestConfigShows(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(c *Config)
		size   int
		check  func(r []request) error
	}{
		{"defaults", func(*Config) {}, 10, func(r []request) error {
			return storetest.First(len(r) == 1, r[0].Method == "POST", r[0].Path == "/upload/storage/v1/b/bucket/o", r[0].Query.Get("uploadType") == "multipart",
				r[0].Query.Get("name") == "base/k", r[0].Query.Get("ifGenerationMatch") == "0", r[0].Query.Get("kmsKeyName") == "",
				r[0].Header.Get("Authorization") == "Bearer the-token", strings.Contains(r[0].Body, writerKey))
		}},
		{"an object of one part", func(*Config) {}, 5 << 20, func(r []request) error { return storetest.First(len(r) == 1) }},
		{"an object of three parts", func(*Config) {}, 10<<20 + 1, func(r []request) error {
			return storetest.First(len(r) == 4, r[0].Query.Get("uploadType") == "resumable", r[0].Query.Get("ifGenerationMatch") == "0",
				r[1].Header.Get("Content-Range") == "bytes 0-5242879/*", r[3].Header.Get("Content-Range") == "bytes 10485760-10485760/10485761")
		}},
		{"larger parts, cut to what is allowed", func(c *Config) { c.PartSize = 6<<20 + 7 }, 10<<20 + 1, func(r []request) error {
			return storetest.First(len(r) == 3, r[1].Header.Get("Content-Range") == "bytes 0-6291455/*")
		}},
		{"a key of the key management", func(c *Config) { c.KMSKey = "projects/p" }, 10, func(r []request) error {
			return storetest.First(r[0].Query.Get("kmsKeyName") == "projects/p")
		}},
		{"a key of parts", func(c *Config) { c.KMSKey = "projects/p" }, 5<<20 + 1, func(r []request) error {
			return storetest.First(r[0].Query.Get("kmsKeyName") == "projects/p")
		}},
		{"an endpoint with a slash", func(c *Config) { c.Endpoint += "/" }, 10, func(r []request) error {
			return storetest.First(r[0].Path == "/upload/storage/v1/b/bucket/o")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, accept)
			cfg := sound(f.URL)
			tt.change(&cfg)
			if err := store.Put(t.Context(), opened(t, cfg), "k", make([]byte, tt.size), store.CreateOptions{IfAbsent: true}); err != nil {
				t.Fatal(err)
			}
			if err := tt.check(f.Requests()); err != nil {
				for _, r := range f.Requests() {
					t.Errorf("%v: %s %s?%s %v", err, r.Method, r.Path, r.Query.Encode(), r.Header)
				}
			}
			if f.tokens.Load() != 1 {
				t.Errorf("asked for a token %d times", f.tokens.Load())
			}
		})
	}
}

func TestKeys(t *testing.T) {
	for _, name := range []string{"GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"} {
		t.Setenv(name, "")
	}
	f := newFake(t, accept)
	file := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(file, []byte(serviceAccount(f.URL+"/token")), 0o600); err != nil {
		t.Fatal(err)
	}
	const secret = "hush"
	for _, tt := range []struct {
		name, file, key, environment, want string
	}{
		{name: "a file", file: file},
		{name: "by the environment", environment: file},
		{name: "no such file", file: file + "x", want: "no such file"},
		{name: "no JSON", key: secret, want: "the JSON key is no JSON"},
		{name: "no type", key: `{"private_key":"` + secret + `"}`, want: `the JSON key has no "type"`},
		{name: "an unknown type", key: `{"type":"other"}`, want: `the JSON key of type "other" cannot be used`},
		{name: "no account", key: `{"type":"service_account","private_key":"` + secret + `"}`, want: "email must be provided"},
		{name: "the environment names no file", environment: file + "x", want: "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", tt.environment)
			cfg := sound(f.URL)
			cfg.KeyFile, cfg.Key = tt.file, tt.key
			s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "gs", Host: "bucket"})
			if err == nil {
				defer s.Close()
				err = store.Put(t.Context(), s, "k", nil, store.CreateOptions{})
			} else if trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid {
				t.Errorf("%v has the code %v", err, trinoerr.CodeOf(err))
			}
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// TestRetries counts how often requests are made that fail each time.
func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name     string
		status   int
		retries  int
		adaptive bool
		size     int
		want     int
	}{
		{"not repeated", 500, 0, true, 10, 1},
		{"repeated", 500, 1, true, 10, 2},
		{"an upload that is throttled goes on", 429, 1, true, 5<<20 + 1, 2},
		{"an upload that is called bad", 400, 1, true, 5<<20 + 1, 2},
		{"not allowed", 403, 3, true, 10, 1},
		{"reading, not repeated", 500, 0, true, -1, 1},
		{"reading", 500, 1, true, -1, 2},
		{"reading while it is throttled", 429, 1, true, -1, 1},
		{"reading while it is throttled, as often as others", 429, 1, false, -1, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(w http.ResponseWriter, _ request, _ int) { fail(w, tt.status, "r", "no") })
			cfg := sound(f.URL)
			cfg.MaxErrorRetries, cfg.Adaptive = tt.retries, tt.adaptive
			s := opened(t, cfg)
			var err error
			if tt.size < 0 {
				_, err = store.ReadAll(t.Context(), s, "k")
			} else {
				err = store.Put(t.Context(), s, "k", make([]byte, tt.size), store.CreateOptions{})
			}
			if n := len(f.Requests()); err == nil || n != tt.want {
				t.Errorf("%d requests, %v", n, err)
			}
		})
	}
}

// TestQueue holds a request up and lets others wait.
func TestQueue(t *testing.T) {
	release, held := make(chan struct{}), make(chan struct{}, 1)
	f := newFake(t, func(w http.ResponseWriter, r request, n int) {
		held <- struct{}{}
		<-release
		accept(w, r, n)
	})
	cfg := sound(f.URL)
	cfg.Connections, cfg.Waiting, cfg.WaitTimeout = 1, 1, time.Millisecond
	s := opened(t, cfg)
	done := make(chan error)
	go func() { done <- store.Put(t.Context(), s, "k", nil, store.CreateOptions{}) }()
	<-held
	_, err := store.ReadAll(t.Context(), s, "k")
	if err == nil || !strings.Contains(err.Error(), cfg.names().WaitTimeout) {
		t.Errorf("another request: %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
