package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/journal"
)

// Who writes a journal leaves a note beside its segments, so that those who stand by know whom to watch. It is a hint: the
// segments alone decide who leads, and standing by is about not disturbing a coordinator that is well, not about safety.

// owner is the note.
type owner struct {
	Node     string `json:"node"`
	Instance string `json:"instance"`
	URL      string `json:"url"`
	// Left says that it has ended and does not come back: a successor need not wait.
	Left bool `json:"left,omitempty"`
	// Suffix ends the ids of its queries, Ancestors those of the queries of coordinators before it.
	Suffix    string   `json:"suffix,omitempty"`
	Ancestors []string `json:"ancestors,omitempty"`
}

func (c *JournalConfig) ownerKey() string { return c.Prefix + "owner.json" }

// note leaves the note.
func (c *JournalConfig) note(ctx context.Context, o owner) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return store.Put(ctx, c.Store, c.ownerKey(), data, store.CreateOptions{})
}

// owner reads the note; nil when there is none.
func (c *JournalConfig) owner(ctx context.Context) (*owner, error) {
	data, err := store.ReadAll(ctx, c.Store, c.ownerKey())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read who writes the journal: %w", err)
	}
	o := new(owner)
	if json.Unmarshal(data, o) != nil {
		return nil, nil // half written by a machine that crashed: nobody is known
	}
	return o, nil
}

// noteTimeout bounds the writing of the note.
const noteTimeout = 10 * time.Second

// own notes that this coordinator writes the journal, or that it has left it to a successor.
func (c *Coordinator) own(left bool) {
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	if err := c.cfg.Journal.note(ctx, owner{Node: c.cfg.NodeID, Instance: c.instance, URL: c.cfg.URL, Left: left, Suffix: c.suffix, Ancestors: c.ancestors}); err != nil {
		c.log.Warn("not noted who writes the journal", "err", err)
	}
}

// LeaderPath tells whether a coordinator leads the cluster: it answers 200, with who it is, or 503. Load balancers may ask.
const LeaderPath = "/v1/leader"

// leadership is the answer of one that leads.
type leadership struct {
	Node     string `json:"node"`
	Instance string `json:"instance"`
	Epoch    uint64 `json:"epoch"`
	// Journal is "none", "written", or "away" when its storage takes nothing at the moment.
	Journal string `json:"journal"`
	Reason  string `json:"reason,omitempty"`
}

func (c *Coordinator) serveLeader(w http.ResponseWriter, _ *http.Request) {
	l := leadership{Node: c.cfg.NodeID, Instance: c.instance, Epoch: uint64(c.epoch()), Journal: "none"}
	if c.recorder != nil {
		l.Journal = "written"
		if err := c.recorder.log.Away(); err != nil {
			l.Journal, l.Reason = "away", err.Error()
		}
	}
	if c.ctx.Err() != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(l) // nobody there to answer
}

// Standby waits for its turn to write a journal that another coordinator writes. Meanwhile it forwards what clients ask.
type Standby struct {
	Journal *JournalConfig
	// NodeID and URL are those of this node.
	NodeID, URL string
	// TakeoverAfter is how long the other one has to be silent.
	TakeoverAfter time.Duration
	Log           *slog.Logger

	way    signpost
	memory budget // of what is held

	holdTimeout time.Duration // 0: the usual one
}

// Due reports whether the journal may be taken over at once: nobody writes it, or this very node did before, and does not elsewhere, or who
// did has left it.
func (s *Standby) Due(ctx context.Context) (bool, error) {
	o, err := s.Journal.owner(ctx)
	if err != nil {
		return false, err
	}
	if o == nil || o.Left || o.Node == s.NodeID && !s.holds(ctx, o) {
		return true, nil
	}
	if u, err := url.Parse(o.URL); err == nil {
		s.way.turn(u, nil)
	}
	return false, nil
}

// Wait returns nil when the journal may be taken over, or ctx's end. From then on what clients ask is held.
func (s *Standby) Wait(ctx context.Context) error {
	err := s.wait(ctx)
	s.way.turn(nil, nil)
	return err
}

// Lead says that this coordinator leads now: h answers what is held.
func (s *Standby) Lead(h http.Handler) { s.way.turn(nil, h) }

func (s *Standby) wait(ctx context.Context) error {
	poll := min(max(s.TakeoverAfter/10, 50*time.Millisecond), time.Second)
	sign, newest := time.Now(), uint64(0)
	s.Log.Info("standing by", "journal", s.Journal.Store.URI(), "takeoverAfter", s.TakeoverAfter)
	for {
		due, err := s.Due(ctx)
		switch {
		case due:
			return nil
		case err != nil:
			s.Log.Warn("journal not reached", "err", err)
			sign = time.Now() // it could not be taken over either
		case s.alive(ctx, poll):
			sign = time.Now()
		default:
			n, err := journal.Newest(ctx, journalStore{s.Journal.Store}, s.Journal.Prefix)
			if err != nil || n != newest {
				sign, newest = time.Now(), n
			}
		}
		if silent := time.Since(sign); silent >= s.TakeoverAfter {
			s.Log.Warn("taking over: the coordinator is silent", "coordinator", s.leaderURL(), "for", silent.Round(time.Millisecond))
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(poll):
		}
	}
}

// leaderURL is the address of the one who writes the journal, empty when it is not known.
func (s *Standby) leaderURL() string {
	if way := s.way.now(); way.leader != nil {
		return way.leader.String()
	}
	return ""
}

// alive asks the one who writes the journal.
func (s *Standby) alive(ctx context.Context, within time.Duration) bool {
	leader := s.leaderURL()
	if leader == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(leader, "/")+LeaderPath, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}
