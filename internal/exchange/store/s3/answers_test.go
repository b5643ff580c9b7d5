package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestLostAnswer loses the answer to the request that makes an object. The request is repeated, and what it then meets is its
// own object, or somebody else's.
func TestLostAnswer(t *testing.T) {
	withoutEnvironment(t)
	for _, tt := range []struct {
		name, code string
		status     int
		size       int
		own        bool
		want       error
	}{
		{"own", "PreconditionFailed", 412, 10, true, nil},
		{"another's", "PreconditionFailed", 412, 10, false, store.ErrExists},
		{"own of parts", "PreconditionFailed", 412, 5<<20 + 1, true, nil},
		{"another's of parts", "PreconditionFailed", 412, 5<<20 + 1, false, store.ErrExists},
		{"own upload that is no more", "NoSuchUpload", 404, 5<<20 + 1, true, nil},
		{"after a conflict", "ConditionalRequestConflict", 409, 10, false, store.ErrExists},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var id string
			tried := 0
			f := newFake(t, func(w http.ResponseWriter, r request, n int) {
				if v := r.Header.Get("X-Amz-Meta-" + writerKey); v != "" {
					id = v
				}
				commits := r.Method == http.MethodPut && r.Query.Get("partNumber") == "" || r.Method == http.MethodPost && r.Query.Has("uploadId")
				switch {
				case commits && r.Header.Get("If-None-Match") != "*":
					t.Error("no condition")
				case commits && tried == 0:
					tried++
					panic(http.ErrAbortHandler) // the object is there; the connection is not
				case commits:
					fail(w, tt.status, tt.code, "no")
				case r.Method == http.MethodHead:
					if !tt.own {
						id = "another"
					}
					w.Header().Set("X-Amz-Meta-"+writerKey, id)
				default:
					accept(w, r, n)
				}
			})
			cfg := sound(f.URL)
			cfg.MaxErrorRetries = 1
			err := store.Put(t.Context(), opened(t, cfg), "k", make([]byte, tt.size), store.CreateOptions{IfAbsent: true})
			if !errors.Is(err, tt.want) || tried != 1 {
				t.Errorf("%v after %d tries, want %v", err, tried, tt.want)
			}
		})
	}
}

// TestConflict repeats a conditional write that met another one.
func TestConflict(t *testing.T) {
	withoutEnvironment(t)
	f := newFake(t, func(w http.ResponseWriter, r request, n int) {
		if n < 2 {
			fail(w, 409, "ConditionalRequestConflict", "A conflicting operation occurred.")
		}
	})
	cfg := sound(f.URL)
	cfg.MaxErrorRetries = 2
	if err := store.Put(t.Context(), opened(t, cfg), "k", nil, store.CreateOptions{IfAbsent: true}); err != nil || len(f.Requests()) != 3 {
		t.Errorf("%v after %d requests", err, len(f.Requests()))
	}
}

func TestErrors(t *testing.T) {
	withoutEnvironment(t)
	for _, tt := range []struct {
		status     int
		code, text string
		retryAfter string
		check      func(err error) bool
	}{
		{404, "NoSuchKey", "", "", func(err error) bool { return errors.Is(err, store.ErrNotFound) }},
		{404, "NoSuchBucket", "The specified bucket does not exist", "", func(err error) bool {
			return !errors.Is(err, store.ErrNotFound) && trinoerr.CodeOf(err) == trinoerr.GenericInternalError
		}},
		{403, "AccessDenied", "User is not authorized to perform: s3:GetObject", "", func(err error) bool { return trinoerr.Retryable(err) }},
		{503, "SlowDown", "Please reduce your request rate.", "7", storetest.After(7 * time.Second)},
		{503, "ServiceUnavailable", "", "", storetest.After(0)},
		{429, "TooManyRequests", "", "100000", storetest.After(time.Hour)},
		{400, "ThrottlingException", "", "", storetest.After(0)},
		{500, "InternalError", "", "7", func(err error) bool { return !errors.As(err, new(*store.ThrottledError)) }},
	} {
		f := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
			w.Header().Set("X-Amz-Request-Id", "R1")
			if tt.retryAfter != "" {
				w.Header().Set("Retry-After", tt.retryAfter)
			}
			fail(w, tt.status, tt.code, tt.text)
		})
		s := opened(t, sound(f.URL))
		_, err := store.ReadAll(t.Context(), s, "k")
		if err == nil || !tt.check(err) {
			t.Errorf("%s: %#v", tt.code, err)
			continue
		}
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		want := fmt.Sprintf("read an object in s3://bucket/base/: %s (HTTP status %d, request R1)", tt.code, tt.status)
		if tt.text != "" {
			want = strings.Replace(want, " (", ": "+tt.text+" (", 1)
		}
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

// TestReadAnswers reads from servers that answer otherwise than asked.
func TestReadAnswers(t *testing.T) {
	withoutEnvironment(t)
	open := func(a answer) store.Store { return opened(t, sound(newFake(t, a).URL)) }
	storetest.ReadAnswers(t, open, func(w http.ResponseWriter, _ request, _ int) { fail(w, 416, "InvalidRange", "no") },
		func(w http.ResponseWriter, _ request, _ int) { w.WriteHeader(404) })
	s := opened(t, sound(newFake(t, func(w http.ResponseWriter, _ request, _ int) { io.WriteString(w, "abc") }).URL))
	if _, err := s.Open(t.Context(), "k", 1, 2); err == nil || !strings.Contains(err.Error(), "does not answer requests for ranges") {
		t.Errorf("from the wrong offset: %v", err)
	}
}

// TestSingleDeletes25707 deletes from servers that do not know the request which deletes many objects, or answer it and leave
// objects, as in Trino's issue 25707.
func TestSingleDeletes25707(t *testing.T) {
	withoutEnvironment(t)
	const listing = `<ListBucketResult><Contents><Key>base/q/1</Key></Contents><Contents><Key>base/q/2</Key></Contents></ListBucketResult>`
	for _, tt := range []struct {
		name    string
		many    func(w http.ResponseWriter)
		single  func(w http.ResponseWriter)
		deleted []string
		want    string
		asked   int // for many, of two deletions
	}{
		{"known", func(w http.ResponseWriter) { fmt.Fprint(w, `<DeleteResult/>`) }, nil, nil, "", 2},
		{"unknown", func(w http.ResponseWriter) { fail(w, 501, "NotImplemented", "no") }, func(http.ResponseWriter) {},
			[]string{"/bucket/base/q/1", "/bucket/base/q/2"}, "", 1},
		{"misread", func(w http.ResponseWriter) { fail(w, 400, "InvalidArgument", "no") }, func(http.ResponseWriter) {},
			[]string{"/bucket/base/q/1", "/bucket/base/q/2"}, "", 1},
		{"one is left", func(w http.ResponseWriter) {
			fmt.Fprint(w, `<DeleteResult><Error><Key>base/q/2</Key><Code>InternalError</Code></Error></DeleteResult>`)
		}, func(http.ResponseWriter) {}, []string{"/bucket/base/q/2"}, "", 2},
		{"one cannot be deleted", func(w http.ResponseWriter) {
			fmt.Fprint(w, `<DeleteResult><Error><Key>base/q/2</Key><Code>AccessDenied</Code></Error></DeleteResult>`)
		}, func(w http.ResponseWriter) { fail(w, 403, "AccessDenied", "no") }, []string{"/bucket/base/q/2"},
			"1 of 1 objects were not deleted: delete an object in s3://bucket/base/: AccessDenied: no", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			f := newFake(t, func(w http.ResponseWriter, r request, _ int) {
				switch {
				case r.Query.Get("list-type") == "2":
					fmt.Fprint(w, listing)
				case r.Query.Has("uploads"):
					fmt.Fprint(w, `<ListMultipartUploadsResult/>`)
				case r.Query.Has("delete"):
					asked++
					tt.many(w)
				default:
					tt.single(w)
				}
			})
			s := opened(t, sound(f.URL))
			for range 2 {
				err := s.DeletePrefix(t.Context(), "q/")
				if err == nil && tt.want != "" || err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("%v, want %q", err, tt.want)
				}
			}
			var deleted []string
			for _, r := range f.Requests() {
				if r.Method == http.MethodDelete {
					deleted = append(deleted, r.Path)
				}
			}
			slices.Sort(deleted)
			if want := append(slices.Clone(tt.deleted), tt.deleted...); len(deleted) != len(want) || !slices.Equal(slices.Compact(deleted), tt.deleted) {
				t.Errorf("deleted %v", deleted)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times to delete many", asked)
			}
		})
	}
}

// TestCancelledUpload ends the context in the middle of an upload: it is aborted, although the context has ended.
func TestCancelledUpload(t *testing.T) {
	withoutEnvironment(t)
	storetest.Cancelled(t, func() (store.Store, *storetest.Fake) {
		f := newFake(t, accept)
		return opened(t, sound(f.URL)), f
	}, func(t *testing.T, all []request) {
		if last := all[len(all)-1]; last.Method != http.MethodDelete || last.Query.Get("uploadId") != "u" {
			t.Errorf("the last request was %s %v", last.Method, last.Query)
		}
	})
}
