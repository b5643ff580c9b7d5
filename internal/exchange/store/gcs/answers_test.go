package gcs

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestErrors(t *testing.T) {
	final := func(err error) bool { _, ok := errors.AsType[*store.FinalError](err); return ok }
	passing := func(err error) bool { return !retry.Final(err) }
	for _, tt := range []struct {
		status               int
		why, text, retryLate string
		check                func(err error) bool
	}{
		{404, "notFound", "No such object: bucket/base/k", "", func(err error) bool { return errors.Is(err, store.ErrNotFound) }},
		{404, "notFound", "The specified bucket does not exist.", "", func(err error) bool {
			return !errors.Is(err, store.ErrNotFound) && trinoerr.CodeOf(err) == trinoerr.GenericInternalError && !final(err)
		}},
		{401, "authError", "Invalid Credentials", "", passing},
		{403, "forbidden", "a@b does not have storage.objects.get access", "", passing},
		{403, "rateLimitExceeded", "Quota exceeded", "", storetest.After(0)},
		{429, "rateLimitExceeded", "Too many requests", "7", storetest.After(7 * time.Second)},
		{503, "backendError", "We encountered an error", "100000", storetest.After(time.Hour)},
		{500, "internalError", "Error", "7", func(err error) bool { return !errors.As(err, new(*store.ThrottledError)) && !final(err) }},
	} {
		f := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
			w.Header().Set("X-Guploader-Uploadid", "R1")
			if tt.retryLate != "" {
				w.Header().Set("Retry-After", tt.retryLate)
			}
			fail(w, tt.status, tt.why, tt.text)
		})
		_, err := store.ReadAll(t.Context(), opened(t, sound(f.URL)), "k")
		if err == nil || !tt.check(err) {
			t.Errorf("%d %s: %#v", tt.status, tt.why, err)
			continue
		}
		if want := fmt.Sprintf("read an object in gs://bucket/base/: %s (HTTP status %d, request R1)", trimDot(tt.text), tt.status); err.Error() != want &&
			!errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

func trimDot(s string) string {
	if s != "" && s[len(s)-1] == '.' {
		return s[:len(s)-1]
	}
	return s
}

// TestLostAnswer loses the answer to the request that makes an object. The request is repeated, and what it then meets is its
// own object, or somebody else's.
func TestLostAnswer(t *testing.T) {
	for _, own := range []bool{true, false} {
		var id string
		tried := 0
		f := newFake(t, func(out http.ResponseWriter, r request, n int) {
			switch {
			case r.Method == http.MethodPost && tried == 0:
				tried++
				fail(out, 500, "backendError", "lost")
			case r.Method == http.MethodPost:
				fail(out, 412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
			default:
				writer := id
				if !own {
					writer = "another"
				}
				out.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(out, `{"name":"base/k","metadata":{"%s":"%s"}}`, writerKey, writer)
			}
		})
		cfg := sound(f.URL)
		cfg.MaxErrorRetries = 1
		made, err := opened(t, cfg).Create(t.Context(), "k", store.CreateOptions{IfAbsent: true})
		if err != nil {
			t.Fatal(err)
		}
		id = written(made).id
		err = made.Close()
		if own && err != nil || !own && !errors.Is(err, store.ErrExists) || tried != 1 {
			t.Errorf("own: %v: %v after %d tries", own, err, tried)
		}
	}
}

// TestDamagedOnItsWay has a server say that an object has another checksum than what was sent: it is deleted.
func TestDamagedOnItsWay(t *testing.T) {
	for _, size := range []int{10, 5<<20 + 1} {
		f := newFake(t, func(w http.ResponseWriter, r request, n int) {
			if r.Method == http.MethodDelete {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			accept(damaging{w}, r, n)
		})
		err := store.Put(t.Context(), opened(t, sound(f.URL)), "k", make([]byte, size), store.CreateOptions{})
		if err == nil || !strings.Contains(err.Error(), "it was damaged on its way") {
			t.Errorf("%d bytes: %v", size, err)
		}
		all := f.Requests()
		if last := all[len(all)-1]; last.Method != http.MethodDelete || last.Path != "/storage/v1/b/bucket/o/base/k" || last.Query.Get("ifGenerationMatch") != "7" {
			t.Errorf("the last request was %s %s %v", last.Method, last.Path, last.Query)
		}
	}
}

// damaging says of an object that it is another one.
type damaging struct{ http.ResponseWriter }

// Write implements io.Writer.
func (d damaging) Write([]byte) (int, error) {
	return io.WriteString(d.ResponseWriter, `{"name":"base/k","crc32c":"AAAAAQ==","generation":"7"}`)
}

// TestNotAnswered has somebody else answer uploads, whose status says that all is well: they are made again.
func TestNotAnswered(t *testing.T) {
	for _, tt := range []struct {
		size    int
		strange int // number of the request that is answered so
	}{{10, 0}, {5<<20 + 1, 0}, {5<<20 + 1, 1}, {5<<20 + 1, 2}} {
		f := newFake(t, func(w http.ResponseWriter, r request, n int) {
			if n == tt.strange {
				io.WriteString(w, "<html>welcome</html>")
				return
			}
			accept(w, r, n)
		})
		cfg := sound(f.URL)
		cfg.MaxErrorRetries = 1
		if err := store.Put(t.Context(), opened(t, cfg), "k", make([]byte, tt.size), store.CreateOptions{}); err != nil {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// TestCancelledUpload ends the context in the middle of an upload: the server is told, although the context has ended.
func TestCancelledUpload(t *testing.T) {
	storetest.Cancelled(t, func() (store.Store, *storetest.Fake) {
		f := newFake(t, accept)
		return opened(t, sound(f.URL)), f.Fake
	}, func(t *testing.T, all []request) {
		if last := all[len(all)-1]; last.Method != http.MethodDelete || last.Query.Get("upload_id") != "1" {
			t.Errorf("the last request was %s %v", last.Method, last.Query)
		}
	})
}

// TestCutOff reads a body that ends too soon.
func TestCutOff(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
		w.Header().Set("Content-Range", "bytes 0-2/3")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, "abc")
	})
	r, err := opened(t, sound(f.URL)).Open(t.Context(), "k", 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); string(got) != "abc" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", got, err)
	}
}
