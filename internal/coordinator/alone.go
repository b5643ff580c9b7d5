package coordinator

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A journal that nobody has configured is a node's own. Two nodes of which each thinks so, because they have a node.id and a base directory in
// common, would take it from each other in turns, and each would take the other's queries for its own.

// holdsTimeout bounds how long one who writes a journal has to answer.
const holdsTimeout = 2 * time.Second

// holds reports whether another process is alive that the note names. One that does not answer, or is somebody else by now, does not count.
func (s *Standby) holds(ctx context.Context, o *owner) bool {
	if o.URL == "" || o.URL == s.URL { // this one listens there now
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, holdsTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(o.URL, "/")+LeaderPath, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	var l leadership
	return res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(&l) == nil && l.Instance == o.Instance
}

// Alone returns nil when nobody else writes a journal that is meant for this node alone. Whoever does may be the process before this one, at its
// end: it is given TakeoverAfter. After that the error says who it is.
func (s *Standby) Alone(ctx context.Context) error {
	poll := min(max(s.TakeoverAfter/10, 50*time.Millisecond), time.Second)
	for begun := time.Now(); ; {
		o, err := s.Journal.owner(ctx)
		if err != nil {
			return err
		}
		if o == nil || o.Left || !s.holds(ctx, o) {
			return nil
		}
		if time.Since(begun) >= s.TakeoverAfter {
			place := strings.TrimSuffix(s.Journal.Store.URI(), "/") + "/" + s.Journal.Prefix
			return trinoerr.New(trinoerr.ConfigurationInvalid, "node.id=%s: the coordinator at %s is alive and writes the journal of this node, %s: "+
				"another cluster has the same node.environment, node.id and base directory, or the same node.data-dir. Give this one another node.id, or a "+
				"journal in a place of its own with waterbear.journal; a coordinator that is to stand by has that property too", s.NodeID, o.URL, place)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(poll):
		}
	}
}
