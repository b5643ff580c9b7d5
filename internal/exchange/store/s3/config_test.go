package s3

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
)

// withoutEnvironment hides what the machine that runs the test knows about Amazon.
func withoutEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
}

// TestConfigShows writes an object under each property and looks at what the server is sent.
func TestConfigShows(t *testing.T) {
	withoutEnvironment(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "7") // not for the exchange
	for _, tt := range []struct {
		name   string
		change func(c *Config)
		size   int
		check  func(requests []request) error
	}{
		{"defaults", func(*Config) {}, 10, func(r []request) error {
			return storetest.First(len(r) == 1, r[0].Method == "PUT", r[0].Path == "/bucket/base/k", r[0].Header.Get("X-Amz-Storage-Class") == "",
				r[0].Header.Get("X-Amz-Server-Side-Encryption") == "", strings.Contains(r[0].Header.Get("Authorization"), "Credential=key/"),
				strings.Contains(r[0].Header.Get("Authorization"), "/us-east-1/s3/"), r[0].Header.Get("X-Amz-Sdk-Checksum-Algorithm") == "", len(r[0].Body) == 10)
		}},
		{"region", func(c *Config) { c.Region = "EU-West-3" }, 10, func(r []request) error {
			return storetest.First(strings.Contains(r[0].Header.Get("Authorization"), "/eu-west-3/s3/"))
		}},
		{"storage class", func(c *Config) { c.StorageClass = "ONEZONE_IA" }, 10, func(r []request) error {
			return storetest.First(r[0].Header.Get("X-Amz-Storage-Class") == "ONEZONE_IA")
		}},
		{"storage class of parts", func(c *Config) { c.StorageClass = "ONEZONE_IA" }, 5<<20 + 1, func(r []request) error {
			return storetest.First(r[0].Method == "POST", r[0].Query.Has("uploads"), r[0].Header.Get("X-Amz-Storage-Class") == "ONEZONE_IA")
		}},
		{"SSE with S3's keys", func(c *Config) { c.Encryption = EncryptS3 }, 10, func(r []request) error {
			return storetest.First(r[0].Header.Get("X-Amz-Server-Side-Encryption") == "AES256")
		}},
		{"SSE with a key", func(c *Config) { c.Encryption, c.KMSKeyID = EncryptKMS, "our-key" }, 10, func(r []request) error {
			return storetest.First(r[0].Header.Get("X-Amz-Server-Side-Encryption") == "aws:kms", r[0].Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") == "our-key")
		}},
		{"SSE of parts", func(c *Config) { c.Encryption, c.KMSKeyID = EncryptKMS, "our-key" }, 5<<20 + 1, func(r []request) error {
			return storetest.First(r[0].Header.Get("X-Amz-Server-Side-Encryption") == "aws:kms", r[0].Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") == "our-key")
		}},
		{"an object of one part", func(*Config) {}, 5 << 20, func(r []request) error { return storetest.First(len(r) == 1, r[0].Method == "PUT") }},
		{"an object of three parts", func(*Config) {}, 10<<20 + 1, func(r []request) error { return storetest.First(len(r) == 5) }},
		{"larger parts", func(c *Config) { c.PartSize = 6 << 20 }, 10<<20 + 1, func(r []request) error { return storetest.First(len(r) == 4) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, accept)
			cfg := sound(f.URL)
			tt.change(&cfg)
			if err := store.Put(t.Context(), opened(t, cfg), "k", make([]byte, tt.size), store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := tt.check(f.Requests()); err != nil {
				for _, r := range f.Requests() {
					t.Logf("%s %s %v %v, %d bytes", r.Method, r.Path, r.Query, r.Header, len(r.Body))
				}
				t.Error(err)
			}
		})
	}
}

// accept answers as a server that writes objects.
func accept(w http.ResponseWriter, r request, _ int) {
	w.Header().Set("Etag", `"e"`)
	switch {
	case r.Query.Has("uploads"):
		fmt.Fprint(w, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
	case r.Method == http.MethodPost:
		fmt.Fprint(w, "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
	}
}

// TestHostStyle puts the bucket into the host name unless told otherwise.
func TestHostStyle(t *testing.T) {
	withoutEnvironment(t)
	for _, path := range []bool{false, true} {
		cfg := sound("http://s3.example.test:1")
		cfg.PathStyle = path
		s := opened(t, cfg)
		signed := s3.NewPresignClient(s.client.Client)
		req, err := signed.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key("k")})
		if err != nil {
			t.Fatal(err)
		}
		want := "http://bucket.s3.example.test:1/base/k?"
		if path {
			want = "http://s3.example.test:1/bucket/base/k?"
		}
		if !strings.HasPrefix(req.URL, want) {
			t.Errorf("%s, want %s", req.URL, want)
		}
	}
}

// TestCredentials takes them from where there are some.
func TestCredentials(t *testing.T) {
	withoutEnvironment(t)
	f := newFake(t, accept)
	cfg := sound(f.URL)
	cfg.AccessKey, cfg.SecretKey = "", ""
	if err := store.Put(t.Context(), opened(t, cfg), "k", nil, store.CreateOptions{}); err == nil || !strings.Contains(err.Error(), "credentials") {
		t.Errorf("without credentials: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "from-environment")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	if err := store.Put(t.Context(), opened(t, cfg), "k", nil, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if a := f.Requests()[0].Header.Get("Authorization"); !strings.Contains(a, "Credential=from-environment/") {
		t.Error(a)
	}
	cfg.Endpoint = ""
	if _, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "s3", Host: "b"}); err == nil || !strings.Contains(err.Error(), "neither a region nor an endpoint") {
		t.Errorf("nowhere to go: %v", err)
	}
}

// TestExpiredCredentials has temporary credentials expire before their time: others are asked for.
func TestExpiredCredentials(t *testing.T) {
	withoutEnvironment(t)
	lender := newFake(t, func(w http.ResponseWriter, _ request, n int) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"AccessKeyId":"key-%d","SecretAccessKey":"s","Token":"t","Expiration":%q}`, n, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	})
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", lender.URL)
	f := newFake(t, func(w http.ResponseWriter, r request, n int) {
		if strings.Contains(r.Header.Get("Authorization"), "=key-0/") {
			fail(w, 400, "ExpiredToken", "The provided token has expired.")
			return
		}
		accept(w, r, n)
	})
	cfg := sound(f.URL)
	cfg.AccessKey, cfg.SecretKey, cfg.MaxErrorRetries = "", "", 1
	s := opened(t, cfg)
	if err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{}); err == nil || !strings.Contains(err.Error(), "ExpiredToken") {
		t.Errorf("with the first: %v", err)
	}
	if err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{}); err != nil {
		t.Errorf("with the second: %v", err)
	}
	if n := len(lender.Requests()); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// TestRole assumes a role at the security token service, and uses what that gives.
func TestRole(t *testing.T) {
	withoutEnvironment(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "own")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	sts := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>of-role</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
			<SessionToken>token</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	})
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	f := newFake(t, accept)
	for _, external := range []string{"", "external"} {
		cfg := sound(f.URL)
		cfg.AccessKey, cfg.SecretKey, cfg.IAMRole, cfg.ExternalID = "", "", "arn:aws:iam::1:role/spool", external
		if err := store.Put(t.Context(), opened(t, cfg), "k", nil, store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		asked := sts.Requests()[len(sts.Requests())-1]
		form, err := url.ParseQuery(asked.Body)
		if err != nil {
			t.Fatal(err)
		}
		if form.Get("RoleArn") != cfg.IAMRole || form.Get("ExternalId") != external || form.Get("RoleSessionName") != "trino-exchange" ||
			!strings.Contains(asked.Header.Get("Authorization"), "Credential=own/") {
			t.Errorf("asked for %v with %v", form, asked.Header)
		}
		sent := f.Requests()[len(f.Requests())-1]
		if !strings.Contains(sent.Header.Get("Authorization"), "Credential=of-role/") || sent.Header.Get("X-Amz-Security-Token") != "token" {
			t.Errorf("sent %v", sent.Header)
		}
	}
}

// TestRetries counts requests until a store gives up.
func TestRetries(t *testing.T) {
	withoutEnvironment(t)
	for _, tt := range []struct {
		retries, want int
		adaptive      bool
	}{{0, 1, false}, {2, 3, false}, {1, 2, true}} {
		f := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
			fail(w, 500, "InternalError", "We encountered an internal error.")
		})
		cfg := sound(f.URL)
		cfg.MaxErrorRetries, cfg.Adaptive = tt.retries, tt.adaptive
		err := store.Put(t.Context(), opened(t, cfg), "k", nil, store.CreateOptions{})
		if err == nil || !strings.Contains(err.Error(), "InternalError: We encountered an internal error. (HTTP status 500") {
			t.Error(err)
		}
		if got := len(f.Requests()); got != tt.want {
			t.Errorf("%d requests with %d retries", got, tt.retries)
		}
	}
}

// TestQueue14496 bounds requests that are under way, as users asked for in Trino's issue 14496; package transport tests the rest.
func TestQueue14496(t *testing.T) {
	withoutEnvironment(t)
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	f := newFake(t, func(http.ResponseWriter, request, int) { entered <- struct{}{}; <-leave })
	cfg := sound(f.URL)
	cfg.Connections, cfg.Waiting, cfg.WaitTimeout = 1, 1, 50*time.Millisecond
	s := opened(t, cfg)
	put := func(ctx context.Context) error { return store.Put(ctx, s, "k", nil, store.CreateOptions{}) }
	done := make(chan error, 1)
	go func() { done <- put(t.Context()) }()
	<-entered
	if err := put(t.Context()); err == nil || !strings.Contains(err.Error(), "none of 1 requests ended within 50ms ("+cfg.names().WaitTimeout+")") {
		t.Errorf("waited: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := put(t.Context()); err != nil { // there is room again
		t.Error(err)
	}
}
