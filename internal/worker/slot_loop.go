package worker

import (
	"context"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/metrics"
)

// run keeps the slots alive until ctx ends, and then ends them.
func (s *slots) run(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range s.count {
		wg.Go(func() { s.runSlot(ctx, i, &s.heavy) })
	}
	wg.Go(func() {
		if s.needed(ctx, &s.light) {
			s.runSlot(ctx, s.count, &s.light)
		}
	})
	wg.Wait()
}

// runSlot keeps the process of one slot alive and hands it attempts of a line. A process that cannot be started is tried again after a
// second.
func (s *slots) runSlot(ctx context.Context, number int, l *line) {
	for ctx.Err() == nil {
		p, err := startSlot(s.command(number))
		if err != nil {
			s.log.Error("slot does not start", "err", err)
			s.pause(ctx)
			continue
		}
		s.metrics.Add(metrics.SlotStarts, 1)
		s.serve(ctx, l, p)
		p.stop(cancelGrace)
	}
}

// serve hands attempts of a line to a process until ctx ends or the process has died. None is handed to a process that is not
// ready: one that cannot start must not use up the attempts of tasks.
func (s *slots) serve(ctx context.Context, l *line, p *slotProcess) {
	if !s.ready(ctx, p) {
		return
	}
	for {
		a := s.next(ctx, l, p.waited)
		if a == nil {
			return
		}
		healthy := s.runAttempt(ctx, p, a)
		s.ended(a)
		if !healthy {
			return
		}
	}
}

// ready waits until a new process says that it is warm. It reports false when ctx ends or the process fails; in this case
// after a pause, so that a slot that never starts does not keep the machine busy.
func (s *slots) ready(ctx context.Context, p *slotProcess) bool {
	stop := context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })
	defer stop()
	late := time.AfterFunc(startTimeout, func() { p.cmd.Process.Kill() })
	defer late.Stop()
	m, err := p.receive()
	if err == nil && m.GetReady() {
		return true
	}
	p.kill()
	if ctx.Err() == nil {
		s.log.Error("slot does not start", "how", p.death())
		s.pause(ctx)
	}
	return false
}

// startTimeout bounds the start of a slot, which takes a few tens of milliseconds on a machine that is not busy.
const startTimeout = time.Minute

// restartPause is the time between two tries to start a slot.
const restartPause = time.Second

func (s *slots) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(restartPause):
	}
}
