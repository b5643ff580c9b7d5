package protocol

import "time"

// Reap makes one round of the reaper at the given time.
func (s *Server) Reap(now time.Time) { s.reap(now) }
