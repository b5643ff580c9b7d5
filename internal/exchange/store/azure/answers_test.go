package azure

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
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestLostAnswer loses the answer to the request that makes an object. The request is repeated, and what it then meets is its
// own object, or somebody else's.
func TestLostAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		status     int
		size       int
		own        bool
		want       error
	}{
		{"own", "BlobAlreadyExists", 409, 10, true, nil},
		{"another's", "BlobAlreadyExists", 409, 10, false, store.ErrExists},
		{"own of blocks", "ConditionNotMet", 412, 4<<20 + 1, true, nil},
		{"another's of blocks", "BlobAlreadyExists", 409, 4<<20 + 1, false, store.ErrExists},
		{"blocks that another's has dropped", "InvalidBlockList", 400, 4<<20 + 1, false, store.ErrExists},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var id string
			tried := 0
			f := newFake(t, func(w http.ResponseWriter, r request, n int) {
				if v := r.Header.Get("X-Ms-Meta-" + writerKey); v != "" {
					id = v
				}
				switch {
				case r.Query.Get("comp") == "block":
					accept(w, r, n)
				case r.Method == http.MethodPut && tried == 0:
					tried++
					panic(http.ErrAbortHandler) // the object is there; the connection is not
				case r.Method == http.MethodPut:
					fail(w, tt.status, tt.code, "no")
				case r.Method == http.MethodHead:
					if !tt.own {
						id = "another"
					}
					w.Header().Set("X-Ms-Meta-"+writerKey, id)
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

func TestErrors(t *testing.T) {
	final := func(err error) bool { return errors.As(err, new(*store.FinalError)) }
	passing := func(err error) bool { return !retry.Final(err) }
	for _, tt := range []struct {
		status     int
		code, text string
		retryAfter string
		check      func(err error) bool
	}{
		{404, "BlobNotFound", "", "", func(err error) bool { return errors.Is(err, store.ErrNotFound) }},
		{404, "ContainerNotFound", "The specified container does not exist.", "", func(err error) bool {
			return !errors.Is(err, store.ErrNotFound) && trinoerr.CodeOf(err) == trinoerr.GenericInternalError && !final(err)
		}},
		{403, "AuthenticationFailed", "Server failed to authenticate the request.", "", passing},
		{403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.", "", passing},
		{503, "ServerBusy", "The server is busy.", "7", storetest.After(7 * time.Second)},
		{429, "TooManyRequests", "", "100000", storetest.After(time.Hour)},
		{500, "OperationTimedOut", "Operation could not be completed within the specified time.", "7", func(err error) bool {
			return !errors.As(err, new(*store.ThrottledError)) && !final(err)
		}},
	} {
		f := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
			if tt.retryAfter != "" {
				w.Header().Set("Retry-After", tt.retryAfter)
			}
			fail(w, tt.status, tt.code, tt.text)
		})
		_, err := store.ReadAll(t.Context(), opened(t, sound(f.URL)), "k")
		if err == nil || !tt.check(err) {
			t.Errorf("%s: %#v", tt.code, err)
			continue
		}
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		want := fmt.Sprintf("read an object in abfs://box@account.dfs.core.windows.net/base/: %s: %s (HTTP status %d, request R1)", tt.code, tt.text, tt.status)
		if want = strings.Replace(want, ":  (", " (", 1); err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

// TestReadAnswers reads from servers that answer otherwise than asked.
func TestReadAnswers(t *testing.T) {
	open := func(a answer) store.Store { return opened(t, sound(newFake(t, a).URL)) }
	storetest.ReadAnswers(t, open, func(w http.ResponseWriter, _ request, _ int) { fail(w, 416, "InvalidRange", "no") },
		func(w http.ResponseWriter, _ request, _ int) { fail(w, 404, "BlobNotFound", "") })
}

// listing is a page of blobs; those with types are of an account with a hierarchical name space.
func listing(blobs ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>`)
	for _, name := range blobs {
		name, kind, typed := strings.Cut(name, ":")
		if typed {
			kind = "<ResourceType>" + kind + "</ResourceType>"
		}
		fmt.Fprintf(&b, "<Blob><Name>%s</Name><Properties><Content-Length>1</Content-Length>%s</Properties></Blob>", name, kind)
	}
	return b.String() + "</Blobs><NextMarker/></EnumerationResults>"
}

// TestSingleDeletes deletes from servers that do not know the request which deletes many blobs.
func TestSingleDeletes(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r request, _ int) {
		switch {
		case r.Query.Get("comp") == "list":
			w.Header().Set("Content-Type", "application/xml")
			io.WriteString(w, listing("base/q/1", "base/q/2"))
		case r.Query.Get("comp") == "batch":
			fail(w, 501, "NotImplemented", "no")
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	})
	s := opened(t, sound(f.URL))
	for range 2 {
		if err := s.DeletePrefix(t.Context(), "q/"); err != nil {
			t.Fatal(err)
		}
	}
	batches, deleted := 0, map[string]int{}
	for _, r := range f.Requests() {
		switch {
		case r.Query.Get("comp") == "batch":
			batches++
		case r.Method == http.MethodDelete:
			deleted[r.Path]++
		}
	}
	if batches != 1 || len(deleted) != 2 || deleted["/account/box/base/q/1"] != 2 || deleted["/account/box/base/q/2"] != 2 {
		t.Errorf("%d batches, deleted %v", batches, deleted)
	}
}

// TestBlocksAreLookedForAgain answers the search for blobs that only have blocks with a status of 400 once: only an account that says that it
// does not list them is not asked again.
func TestBlocksAreLookedForAgain(t *testing.T) {
	for code, want := range map[string]int{"": 2, "InvalidInput": 2, "InvalidQueryParameterValue": 1} {
		f := newFake(t, func(w http.ResponseWriter, r request, n int) {
			if n == 0 {
				fail(w, 400, code, "no")
				return
			}
			w.Header().Set("Content-Type", "application/xml")
			io.WriteString(w, listing())
		})
		s := opened(t, sound(f.URL))
		for range 2 {
			if err := s.DeletePrefix(t.Context(), "q/"); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
		asked := 0
		for _, r := range f.Requests() {
			if strings.Contains(r.Query.Get("include"), "uncommittedblobs") {
				asked++
			}
		}
		if asked != want {
			t.Errorf("%q: asked %d times, want %d", code, asked, want)
		}
	}
}

// TestHierarchy lists, in the order of keys, and deletes in an account with a hierarchical name space: its directories too,
// inner ones first.
func TestHierarchy(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r request, _ int) {
		switch {
		case len(r.Query["include"]) > 0:
			fail(w, 400, "InvalidQueryParameterValue", "no")
		case r.Query.Get("comp") == "list":
			w.Header().Set("Content-Type", "application/xml")
			io.WriteString(w, listing("base/q/a:directory", "base/q/a/x:file", "base/q/a/b:directory", "base/q/a-b:file"))
		case r.Query.Get("comp") == "batch":
			fail(w, 501, "NotImplemented", "no")
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	})
	s := opened(t, sound(f.URL))
	var keys []string
	if err := s.List(t.Context(), "q/", func(o store.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"q/a-b", "q/a/x"}; !slices.Equal(keys, want) {
		t.Errorf("listed %v, want %v", keys, want)
	}
	if err := s.DeletePrefix(t.Context(), "q/"); err != nil {
		t.Fatal(err)
	}
	var deleted []string
	for _, r := range f.Requests() {
		if r.Method == http.MethodDelete {
			deleted = append(deleted, strings.TrimPrefix(r.Path, "/account/box/base/"))
		}
	}
	slices.Sort(deleted[:min(2, len(deleted))]) // objects are deleted side by side
	if want := []string{"q/a-b", "q/a/x", "q/a/b", "q/a", "q"}; !slices.Equal(deleted, want) {
		t.Errorf("deleted %v, want %v", deleted, want)
	}
}

// TestCancelledWriter ends the context in the middle of an object: nothing is committed.
func TestCancelledWriter(t *testing.T) {
	storetest.Cancelled(t, func() (store.Store, *storetest.Fake) {
		f := newFake(t, accept)
		return opened(t, sound(f.URL)), f
	}, func(t *testing.T, all []request) {
		for _, r := range all {
			if r.Query.Get("comp") != "block" {
				t.Errorf("%s %v", r.Method, r.Query)
			}
		}
	})
}
