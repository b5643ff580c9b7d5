package protocol

import (
	"context"
	"maps"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// keepLastPage is how long the last page of a query is kept for a client whose connection broke while it was sent.
const keepLastPage = time.Minute

// Run cancels the queries of clients that have vanished and forgets those that ended, until ctx ends.
func (s *Server) Run(ctx context.Context) {
	ticker := time.NewTicker(min(max(s.config.ClientTimeout/10, 50*time.Millisecond), 5*time.Second))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.reap(s.config.Now())
		}
	}
}

// reap makes one round through the queries.
func (s *Server) reap(now time.Time) {
	for id, q := range s.snapshot() {
		since, ended, ok := q.idle()
		if !ok {
			continue
		}
		idle := now.Sub(since)
		switch {
		case idle >= s.config.ClientTimeout:
			s.abandon(id, q, since, now, ended)
		case ended && idle >= min(keepLastPage, s.config.ClientTimeout):
			q.drop()
		}
	}
}

func (s *Server) abandon(id string, q *clientQuery, since, now time.Time, ended bool) {
	if !ended {
		q.query.Cancel(trinoerr.New(trinoerr.AbandonedQuery, "Query %s was abandoned by the client, as it may have exited or "+
			"stopped checking for query results. Query results have not been accessed since %s: currentTime %s",
			id, since.UTC().Format(timeLayout), now.UTC().Format(timeLayout)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.queries, id)
}

func (s *Server) snapshot() map[string]*clientQuery {
	s.mu.Lock()
	defer s.mu.Unlock()
	queries := make(map[string]*clientQuery, len(s.queries))
	maps.Copy(queries, s.queries)
	return queries
}
