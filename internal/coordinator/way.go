package coordinator

import (
	"context"
	"net/http"
	"net/url"
	"sync"
)

// way is where the requests of clients are answered for the time being.
type way struct {
	leader *url.URL     // the coordinator that leads; nil: none is known
	local  http.Handler // this one, once it leads
	ctx    context.Context
	end    context.CancelFunc // ends ctx: another way is to be taken
}

// signpost points the way. It is ready to use: at first nobody is known.
type signpost struct {
	mu  sync.Mutex
	way *way
}

// now is the way to take; its context ends when there is another one.
func (s *signpost) now() *way {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.way == nil {
		s.way = newWay(nil, nil)
	}
	return s.way
}

// turn points elsewhere, if it is elsewhere. What is under way on the old way ends.
func (s *signpost) turn(leader *url.URL, local http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.way; old != nil {
		if local == nil && old.local == nil && leader != nil && old.leader != nil && *leader == *old.leader {
			return
		}
		old.end()
	}
	s.way = newWay(leader, local)
}

func newWay(leader *url.URL, local http.Handler) *way {
	ctx, end := context.WithCancel(context.Background())
	return &way{leader: leader, local: local, ctx: ctx, end: end}
}
