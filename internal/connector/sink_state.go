package connector

import (
	"sync/atomic"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// SinkState is what has become of a sink. It is open until one of Finish and Abort is first, and the other then has no effect: an
// attempt that is cancelled while it finishes must not lose what it has promised. What is not selected goes with its write. The zero
// value is open.
type SinkState struct{ state atomic.Int32 }

const (
	sinkOpen int32 = iota
	sinkFinishing
	sinkAborted
)

// Finish begins the finish. It fails when the sink was aborted or finished before.
func (s *SinkState) Finish() error {
	if !s.state.CompareAndSwap(sinkOpen, sinkFinishing) {
		return trinoerr.New(trinoerr.GenericInternalError, "the writing of this attempt has ended before")
	}
	return nil
}

// Abort begins the abort, and reports whether there is anything to do: not when the finish has begun, nor a second time.
func (s *SinkState) Abort() bool { return s.state.CompareAndSwap(sinkOpen, sinkAborted) }
