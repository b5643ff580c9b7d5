package coordinator

import (
	"context"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Who gives up a question while it is being answered gets the whole answer, or none.
func TestReadGivenUp(t *testing.T) {
	l := newLoop(scheduler.New(scheduler.DefaultConfig()), nil)
	ctx, cancel := context.WithCancel(t.Context())
	asked, answer := make(chan struct{}), 0
	go func() {
		for {
			_, reads := l.take()
			for _, f := range reads {
				f(l.state)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	go func() {
		<-asked
		cancel()
	}()
	if !l.read(ctx, func(*scheduler.State) {
		close(asked)
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond)
		answer = 42
	}) || answer != 42 {
		t.Errorf("the answer is %d", answer)
	}
	if l.read(ctx, func(*scheduler.State) { t.Error("asked after the end") }) {
		t.Error("answered after the end")
	}
	_, reads := l.take()
	for _, f := range reads {
		f(l.state)
	}
}
