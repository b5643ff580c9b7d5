package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A journal that is one node's alone is not taken from a process that is alive, be it of a cluster that has the same names; one that several share
// is waited for. Of the dead both are taken at once.
func TestAlone(t *testing.T) {
	leader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != LeaderPath {
			t.Errorf("asked for %s", r.URL.Path)
		}
		_ = json.NewEncoder(w).Encode(leadership{Node: "n", Instance: "living"})
	}))
	defer leader.Close()
	for _, tt := range []struct {
		name  string
		note  *owner
		alone string // the beginning of the error
		due   bool
	}{
		{name: "nobody", due: true},
		{name: "the process before this one", note: &owner{Node: "n", Instance: "dead", URL: "http://own"}, due: true},
		{name: "one whose address nobody has", note: &owner{Node: "n", Instance: "dead", URL: nobody(t)}, due: true},
		{name: "one whose address another one has", note: &owner{Node: "n", Instance: "dead", URL: leader.URL}, due: true},
		{name: "one that leaves", note: &owner{Node: "n", Instance: "living", URL: leader.URL, Left: true}, due: true},
		{name: "one of these names that lives", note: &owner{Node: "n", Instance: "living", URL: leader.URL}, alone: "node.id=n: the coordinator at " + leader.URL + " is alive"},
		{name: "another one that lives", note: &owner{Node: "m", Instance: "living", URL: leader.URL}, alone: "node.id=n: the coordinator at " + leader.URL + " is alive"},
		{name: "another one that is dead", note: &owner{Node: "m", Instance: "dead", URL: nobody(t)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			disk, err := local.New(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			j := &JournalConfig{Store: disk, Prefix: "journal/e/n/"}
			if tt.note != nil {
				if err := j.note(t.Context(), *tt.note); err != nil {
					t.Fatal(err)
				}
			}
			s := &Standby{Journal: j, NodeID: "n", URL: "http://own", TakeoverAfter: time.Millisecond, Log: slog.New(slog.DiscardHandler)}
			if due, err := s.Due(t.Context()); due != tt.due || err != nil {
				t.Errorf("due: %t, %v", due, err)
			}
			err = s.Alone(t.Context())
			if tt.alone == "" && err != nil || tt.alone != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.alone) || !strings.Contains(err.Error(), "/journal/e/n/: ") ||
				trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid) {
				t.Errorf("alone: %v", err)
			}
		})
	}
}

// The process before this one is given time for its end.
func TestAloneWaits(t *testing.T) {
	disk, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	j := &JournalConfig{Store: disk, Prefix: "journal-"}
	note := owner{Node: "n", Instance: "living"}
	asked := 0
	leader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 3 {
			note.Left = true
			if err := j.note(context.Background(), note); err != nil {
				t.Error(err)
			}
		}
		_ = json.NewEncoder(w).Encode(leadership{Instance: "living"})
	}))
	defer leader.Close()
	note.URL = leader.URL
	if err := j.note(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	s := &Standby{Journal: j, NodeID: "n", TakeoverAfter: patience}
	if err := s.Alone(t.Context()); err != nil || asked != 3 {
		t.Errorf("%v after %d questions", err, asked)
	}
	s.Journal = &JournalConfig{Store: failing{disk}}
	if err := s.Alone(t.Context()); !errors.Is(err, errMoody) {
		t.Errorf("a storage that fails: %v", err)
	}
}

// failing is a store that cannot be read.
type failing struct{ store.Store }

// Open implements store.Store.
func (failing) Open(context.Context, string, int64, int64) (io.ReadCloser, error) {
	return nil, errMoody
}
