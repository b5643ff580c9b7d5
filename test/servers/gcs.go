package servers

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// GCS is a server that speaks Google Cloud Storage's protocol. It asks nobody who he is, but clients do not know that: they
// ask for tokens with Key.
type GCS struct {
	*Server
	// Key is that of a service account, in JSON. What gives it tokens ends with the test.
	Key string
}

// FakeGCS starts fake-gcs-server on a directory.
func FakeGCS(t testing.TB) *GCS {
	t.Helper()
	s := start(t, program{
		name: "fake-gcs-server", ready: "/_internal/healthcheck",
		args: func(s *Server) []string {
			return []string{"-scheme", "http", "-host", "127.0.0.1", "-port", fmt.Sprint(s.port), "-backend", "filesystem", "-filesystem-root", s.Dir,
				"-public-host", fmt.Sprintf("127.0.0.1:%d", s.port), "-external-url", s.URL, "-log-level", "warn"}
		},
		env: func(*Server) []string { return nil },
	})
	return &GCS{Server: s, Key: serviceAccount(t)}
}

// serviceAccount makes the key of a service account, and what gives tokens for it.
func serviceAccount(t testing.TB) string {
	t.Helper()
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || strings.Count(r.PostFormValue("assertion"), ".") != 2 {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"%s","token_type":"Bearer","expires_in":3600}`, rand.Text())
	}))
	t.Cleanup(tokens.Close)
	return ServiceAccountKey(t, tokens.URL)
}

// ServiceAccountKey makes the key of a service account, in JSON, for which tokens are had at a URL.
func ServiceAccountKey(t testing.TB, tokens string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "waterbear", "client_email": "test@waterbear.iam.gserviceaccount.com", "private_key_id": "test",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})), "token_uri": tokens,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Bucket makes a bucket and returns its name.
func (s *GCS) Bucket(t testing.TB) string {
	t.Helper()
	name := "bucket-" + strings.ToLower(rand.Text()[:10])
	s.ask(t, http.MethodPost, "/storage/v1/b?project=waterbear", map[string]string{"name": name}, nil)
	return name
}

// Recreate deletes a bucket with all that is in it and makes an empty one of its name.
func (s *GCS) Recreate(t testing.TB, bucket string) {
	t.Helper()
	for _, key := range s.Keys(t, bucket) {
		s.ask(t, http.MethodDelete, "/storage/v1/b/"+bucket+"/o/"+url.PathEscape(key), nil, nil)
	}
	s.ask(t, http.MethodDelete, "/storage/v1/b/"+bucket, nil, nil)
	s.ask(t, http.MethodPost, "/storage/v1/b?project=waterbear", map[string]string{"name": bucket}, nil)
}

// Keys are the keys of a bucket's objects.
func (s *GCS) Keys(t testing.TB, bucket string) (keys []string) {
	t.Helper()
	for token := ""; ; {
		var page struct {
			Items         []struct{ Name string }
			NextPageToken string
		}
		s.ask(t, http.MethodGet, "/storage/v1/b/"+bucket+"/o?pageToken="+url.QueryEscape(token), nil, &page)
		for _, o := range page.Items {
			keys = append(keys, o.Name)
		}
		if token = page.NextPageToken; token == "" {
			slices.Sort(keys)
			return keys
		}
	}
}

// ask makes a request of the server, with a body and an answer in JSON.
func (s *GCS) ask(t testing.TB, method, path string, body, answer any) {
	t.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, &sent)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if answer != nil {
		if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
			t.Fatal(err)
		}
	}
}

// Properties are those of exchange-manager.properties with which nodes use a prefix of a bucket.
func (s *GCS) Properties(bucket, prefix string) map[string]string {
	return map[string]string{
		"exchange-manager.name":     "filesystem",
		"exchange.base-directories": "gs://" + bucket + "/" + prefix,
		"exchange.s3.endpoint":      s.URL,
		"exchange.gcs.json-key":     s.Key,
	}
}

// Catalog are the properties of a catalog with which its files can be in the server's buckets.
func (s *GCS) Catalog() map[string]string {
	return map[string]string{"fs.native-gcs.enabled": "true", "gcs.endpoint": s.URL, "gcs.json-key": s.Key}
}
