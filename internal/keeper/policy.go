package keeper

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// ConfigExit is the exit code with which a program says that its configuration is wrong: starting it again is of no use. It is
// EX_CONFIG of sysexits.h.
const ConfigExit = 78

const (
	// firstPause is between the second death of a program in a row and its next start, and doubles with each further one.
	firstPause = 500 * time.Millisecond

	// longestPause is shorter than clients wait for an answer: 30 seconds, the least patient of them.
	longestPause = 10 * time.Second

	// longLife is how long a program must have been ready for its death to count as the first one.
	longLife = 30 * time.Second
)

// life is how a run of the program went.
type life struct {
	code   int            // exit code, if it ended by itself
	signal syscall.Signal // what killed it; 0: nothing did
	lived  time.Duration  // since it was ready; 0: it never was

	asked   bool // the keeper was told to end, and has told the program
	renewed bool // the keeper was told to start it anew
}

// how describes the end.
func (l life) how() string {
	if l.signal != 0 {
		return "signal: " + l.signal.String()
	}
	return fmt.Sprintf("exit status %d", l.code)
}

// exit is the code of a keeper that ends with the program, as a shell forms it.
func (l life) exit() int {
	if l.signal != 0 {
		return 128 + int(l.signal)
	}
	return l.code
}

// history is what the policy remembers of earlier runs.
type history struct {
	started bool // some run was ready
	deaths  int  // in a row, of short lives
}

// verdict is what follows an end.
type verdict struct {
	end   bool
	code  int           // of the keeper, when it ends
	pause time.Duration // before the next start, when it does not
	why   string
}

// next decides what follows the end of a run, and what is remembered of it.
func (h history) next(l life) (history, verdict) {
	ready := l.lived > 0
	h.started = h.started || ready
	switch {
	case l.asked:
		return h, verdict{end: true, code: l.exit(), why: "as it was told"}
	case l.signal == 0 && l.code == ConfigExit:
		return h, verdict{end: true, code: l.exit(), why: "its configuration is wrong"}
	case !h.started && l.signal == 0:
		return h, verdict{end: true, code: max(l.exit(), 1), why: "it did not start"}
	case l.renewed, ready && l.signal == 0 && l.code == 0:
		h.deaths = 0
		return h, verdict{why: "starting it again, as asked"}
	}
	if l.lived >= longLife {
		h.deaths = 0
	}
	h.deaths++
	if h.deaths == 1 {
		return h, verdict{why: "starting it again"}
	}
	pause := longestPause
	if shift := h.deaths - 2; shift < 10 {
		pause = min(pause, firstPause<<shift)
	}
	return h, verdict{pause: pause, why: fmt.Sprintf("death %d in a row: starting it again after a pause", h.deaths)}
}

// lifeOf is the life of a process that has ended.
func lifeOf(s *os.ProcessState, lived time.Duration) life {
	if s == nil { // it could not be waited for
		return life{code: 1, lived: lived}
	}
	l := life{code: s.ExitCode(), lived: lived}
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		l.signal = w.Signal()
	}
	return l
}
