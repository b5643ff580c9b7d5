package s3

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// TestProbeTriesParts tries out servers that know conditions of one request only, or no uploads in parts, as a node does that starts. What is tried
// costs few bytes, and nothing is left.
func TestProbeTriesParts(t *testing.T) {
	withoutEnvironment(t)
	for _, tt := range []struct {
		name      string
		ignores   string // requests whose condition it ignores
		refuses   bool   // uploads in parts
		exclusive bool
		want      error
		text      string
	}{
		{name: "sound", exclusive: true},
		{name: "sound, for workers"},
		{name: "no conditions", ignores: "PUT POST", exclusive: true, want: store.ErrNotExclusive},
		{name: "no conditions of uploads", ignores: "POST", exclusive: true, want: store.ErrNotExclusiveInParts},
		{name: "no conditions, which workers do not need", ignores: "PUT POST"},
		{name: "no uploads", refuses: true, text: "cannot create an object in parts: begin an upload in s3://bucket/base/: NotImplemented"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects, sent := map[string]string{}, map[string]string{} // by path; what was sent in parts
			largest := 0
			f := newFake(t, func(w http.ResponseWriter, r request, n int) {
				largest = max(largest, len(r.Body))
				creates := r.Method == http.MethodPut && !r.Query.Has("partNumber") || r.Method == http.MethodPost && r.Query.Has("uploadId")
				_, exists := objects[r.Path]
				switch {
				case r.Query.Has("uploads") && r.Method == http.MethodPost && tt.refuses:
					fail(w, 501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
					return
				case creates && exists && r.Header.Get("If-None-Match") == "*" && !strings.Contains(tt.ignores, r.Method):
					fail(w, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
					return
				case r.Query.Has("partNumber"):
					sent[r.Path] = r.Body
				case creates && r.Method == http.MethodPost:
					objects[r.Path] = sent[r.Path]
				case creates:
					objects[r.Path] = r.Body
				case r.Query.Has("delete"):
					var in struct {
						Object []struct{ Key string }
					}
					if err := xml.Unmarshal([]byte(r.Body), &in); err != nil {
						t.Error(err)
					}
					for _, o := range in.Object {
						delete(objects, "/bucket/"+o.Key)
					}
					fmt.Fprint(w, "<DeleteResult></DeleteResult>")
					return
				case r.Query.Get("list-type") == "2":
					fmt.Fprint(w, "<ListBucketResult>")
					var keys []string
					for p := range objects {
						keys = append(keys, strings.TrimPrefix(p, "/bucket/"))
					}
					slices.Sort(keys)
					for _, k := range keys {
						fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>1</Size></Contents>", k)
					}
					fmt.Fprint(w, "</ListBucketResult>")
					return
				case r.Query.Has("uploads") && r.Method == http.MethodGet:
					fmt.Fprint(w, "<ListMultipartUploadsResult></ListMultipartUploadsResult>")
					return
				case r.Method == http.MethodGet && !exists:
					fail(w, 404, "NoSuchKey", "no")
					return
				case r.Method == http.MethodGet:
					fmt.Fprint(w, objects[r.Path])
					return
				case r.Method == http.MethodDelete && r.Query.Has("uploadId"):
					w.WriteHeader(http.StatusNoContent)
					return
				}
				accept(w, r, n)
			})
			err := store.Probe(t.Context(), opened(t, sound(f.URL)), tt.exclusive)
			switch {
			case tt.text != "":
				if err == nil || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%v, want %s", err, tt.text)
				}
			case !errors.Is(err, tt.want):
				t.Errorf("%v, want %v", err, tt.want)
			}
			if len(objects) > 0 {
				t.Errorf("left: %v", objects)
			}
			n := len(f.Requests())
			if n > 20 || largest > 1<<10 {
				t.Errorf("%d requests, of up to %d bytes", n, largest)
			}
			t.Logf("%d requests", n)
		})
	}
}
