package filesystem

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// recorder is a server that remembers requests, and answers so that writers of objects are content.
type recorder struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
}

func record(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *recorder {
	t.Helper()
	rec := &recorder{}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		rec.mu.Lock()
		rec.seen = append(rec.seen, r)
		rec.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(rec.Close)
	return rec
}

// requests are those that were seen so far.
func (r *recorder) requests() []*http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

// The properties of S3 are in its requests.
func TestS3Requests(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) { w.Header().Set("ETag", `"x"`) }
	base := map[string]string{"fs.native-s3.enabled": "true", "s3.aws-access-key": "the-key", "s3.aws-secret-key": "x", "s3.region": "eu-north-1", "s3.path-style-access": "true"}
	for _, tt := range []struct {
		property, value string
		header, want    string
		more            map[string]string
	}{
		{"s3.aws-access-key", "the-key", "Authorization", "Credential=the-key/", nil},
		{"s3.region", "eu-south-2", "Authorization", "/eu-south-2/s3/", nil},
		{"s3.canned-acl", "BUCKET_OWNER_FULL_CONTROL", "X-Amz-Acl", "bucket-owner-full-control", nil},
		{"s3.canned-acl", "NONE", "X-Amz-Acl", "", nil},
		{"s3.storage-class", "STANDARD_IA", "X-Amz-Storage-Class", "STANDARD_IA", nil},
		{"s3.requester-pays", "true", "X-Amz-Request-Payer", "requester", nil},
		{"s3.requester-pays", "false", "X-Amz-Request-Payer", "", nil},
		{"s3.sse.type", "S3", "X-Amz-Server-Side-Encryption", "AES256", nil},
		{"s3.sse.type", "KMS", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "my-key", map[string]string{"s3.sse.kms-key-id": "my-key"}},
		{"s3.application-id", "Lakehouse", "User-Agent", "Lakehouse", nil},
	} {
		server := record(t, answer)
		properties := map[string]string{"s3.endpoint": server.URL}
		for _, more := range []map[string]string{base, tt.more} {
			for k, v := range more {
				properties[k] = v
			}
		}
		properties[tt.property] = tt.value
		f := New(configured(t, properties), Options{})
		if err := WriteAll(t.Context(), f, "s3a://bucket/a b", []byte("x"), CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		r := server.requests()[0]
		if got := r.Header.Get(tt.header); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s=%s: %s is %q", tt.property, tt.value, tt.header, got)
		}
		if r.URL.Path != "/bucket/a b" {
			t.Errorf("path is %s", r.URL.Path)
		}
		f.Close()
	}
}

// A role's credentials are asked for with all that is said of it.
func TestS3Role(t *testing.T) {
	sts := record(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>of-the-role</AccessKeyId>
			<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	})
	server := record(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("ETag", `"x"`) })
	f := New(configured(t, map[string]string{"fs.native-s3.enabled": "true", "s3.aws-access-key": "the-key", "s3.aws-secret-key": "x", "s3.region": "eu-north-1",
		"s3.endpoint": server.URL, "s3.path-style-access": "true", "s3.iam-role": "arn:role", "s3.external-id": "outside", "s3.role-session-name": "me",
		"s3.sts.endpoint": sts.URL, "s3.sts.region": "eu-west-3"}), Options{})
	defer f.Close()
	if err := WriteAll(t.Context(), f, "s3://bucket/k", []byte("x"), CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	asked := sts.requests()[0]
	for key, want := range map[string]string{"RoleArn": "arn:role", "ExternalId": "outside", "RoleSessionName": "me"} {
		if got := asked.PostFormValue(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if got := asked.Header.Get("Authorization"); !strings.Contains(got, "the-key/") || !strings.Contains(got, "/eu-west-3/sts/") {
		t.Errorf("the role was asked for with %s", got)
	}
	if got := server.requests()[0].Header.Get("Authorization"); !strings.Contains(got, "of-the-role/") {
		t.Errorf("the file was written with %s", got)
	}
}

// The SDK repeats requests as often as is said. What fails for good has the catalog's identity.
func TestS3Retries(t *testing.T) {
	server := record(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	f := New(configured(t, map[string]string{"fs.native-s3.enabled": "true", "s3.aws-access-key": "k", "s3.aws-secret-key": "x", "s3.region": "r",
		"s3.endpoint": server.URL, "s3.path-style-access": "true", "s3.max-error-retries": "2"}), Options{Failed: trinoerr.IcebergFilesystemError})
	defer f.Close()
	p, _ := split("s3://bucket/k")
	d := f.driver(p)
	s, err := d.open(t.Context(), d.root)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.(store.Directories).Stat(t.Context(), "k")
	if err == nil || len(server.requests()) != 3 {
		t.Errorf("%d requests, %v", len(server.requests()), err)
	}
	if got := trinoerr.CodeOf(f.failed(t.Context(), err, "look for", "s3://bucket/k")); got != trinoerr.IcebergFilesystemError {
		t.Errorf("the error is %s", got.Name)
	}
}

// The properties of Azure are in its requests; the account is that of the location.
func TestAzureRequests(t *testing.T) {
	server := record(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusCreated) })
	f := New(configured(t, map[string]string{"fs.native-azure.enabled": "true", "azure.endpoint": server.URL, "azure.auth-type": "ACCESS_KEY", "azure.access-key": "a2V5",
		"azure.application-id": "Lakehouse"}), Options{})
	defer f.Close()
	for _, location := range []string{"abfss://box@first.dfs.core.windows.net/a/b", "wasb://box@second.blob.core.windows.net/a/b"} {
		if err := WriteAll(t.Context(), f, location, []byte("x"), CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, account := range []string{"first", "second"} {
		r := server.requests()[i]
		if r.URL.Path != "/"+account+"/box/a/b" || !strings.HasPrefix(r.Header.Get("Authorization"), "SharedKey "+account+":") || !strings.Contains(r.UserAgent(), "Lakehouse") {
			t.Errorf("request %d: %s, %s, %s", i, r.URL.Path, r.Header.Get("Authorization"), r.UserAgent())
		}
	}
}

// A file that is missing, or has no such bytes, holds no connection: with the only one there is, others are asked for.
func TestErrorsHoldNoConnection(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable} {
		server := record(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Authorization"), "SharedKey") {
				w.Header().Set("X-Ms-Error-Code", map[int]string{http.StatusNotFound: "BlobNotFound", http.StatusRequestedRangeNotSatisfiable: "InvalidRange"}[status])
			}
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", map[int]string{http.StatusNotFound: "NoSuchKey", http.StatusRequestedRangeNotSatisfiable: "InvalidRange"}[status])
		})
		f := New(configured(t, map[string]string{"fs.native-s3.enabled": "true", "s3.aws-access-key": "k", "s3.aws-secret-key": "x", "s3.region": "r", "s3.endpoint": server.URL,
			"s3.path-style-access": "true", "s3.max-connections": "1", "fs.native-azure.enabled": "true", "azure.endpoint": server.URL, "azure.auth-type": "ACCESS_KEY",
			"azure.access-key": "a2V5", "azure.max-http-requests": "1"}), Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range 3 {
			for _, location := range []string{"s3://bucket/k", "abfss://c@a.dfs.core.windows.net/k"} {
				_, err := ReadAll(ctx, f, location)
				if status == http.StatusNotFound && !errors.Is(err, ErrNotFound) || status != http.StatusNotFound && err != nil {
					t.Fatalf("%s: status %d: %v", location, status, err)
				}
				if status != http.StatusNotFound {
					continue
				}
				if _, err := f.Stat(ctx, location); !errors.Is(err, ErrNotFound) {
					t.Fatalf("%s: %v", location, err)
				}
			}
		}
		f.Close()
	}
}

// The name of an account's host is made of the account and the endpoint.
func TestAzureAccount(t *testing.T) {
	for endpoint, want := range map[string]string{"core.windows.net": "https://a.blob.core.windows.net", "core.chinacloudapi.cn": "https://a.blob.core.chinacloudapi.cn",
		"http://127.0.0.1:1/": "http://127.0.0.1:1/a"} {
		if got := (&Azure{Endpoint: endpoint}).account("a"); got != want {
			t.Errorf("%s: %s, want %s", endpoint, got, want)
		}
	}
}
