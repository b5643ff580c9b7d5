package retry

import (
	"context"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// List implements store.Store. After a failure it begins again and goes on behind what was listed.
func (s *Store) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := s.cfg.Keys.CheckPrefix(prefix); err != nil {
		return invalid(err)
	}
	t := s.trial("list %s/%s", s.URI(), prefix)
	last := "" // the greatest key that f got
	l := &listing{s: s, f: f,
		ask: func(ctx context.Context, f func(store.Object) error) error { return s.driver.List(ctx, prefix, f) },
		isNew: func(o store.Object) bool {
			isNew := o.Key > last
			last = max(last, o.Key)
			return isNew
		}}
	return l.repeat(ctx, t)
}

// repeat lists until a request succeeds, or its failure is final.
func (l *listing) repeat(ctx context.Context, t trial) error {
	for {
		began := time.Now()
		err := l.run(ctx)
		if err == nil || l.stopped {
			return err
		}
		if err := t.failed(ctx, err, time.Since(began)); err != nil {
			return err
		}
	}
}

// listing is a listing that may take several requests.
type listing struct {
	s       *Store
	ask     func(ctx context.Context, f func(store.Object) error) error // the driver
	isNew   func(store.Object) bool                                     // which f did not get before
	f       func(store.Object) error
	stopped bool // by f
}

// run makes one request, in a goroutine of its own; f is called here.
func (l *listing) run(ctx context.Context) error {
	if err := l.s.enter(ctx); err != nil {
		return err
	}
	defer l.s.leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	objects, done := make(chan store.Object), make(chan error, 1)
	go func() {
		done <- l.ask(ctx, func(o store.Object) error {
			select {
			case objects <- o:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	}()
	stall := time.NewTimer(l.s.cfg.ReadTimeout)
	defer stall.Stop()
	for {
		select {
		case o := <-objects:
			if l.isNew(o) {
				if err := l.f(o); err != nil {
					l.stopped = true
					return err
				}
			}
			stall.Reset(l.s.cfg.ReadTimeout)
		case err := <-done:
			return err
		case <-stall.C:
			l.s.counts.stalled.Add(1)
			return errStalled
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// DeletePrefix implements store.Store. What a failed try has deleted need not be deleted again.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	if err := s.cfg.Keys.CheckPrefix(prefix); err != nil {
		return invalid(err)
	}
	return s.repeat(ctx, s.trial("delete %s/%s", s.URI(), prefix), func() error {
		return s.call(ctx, max(s.cfg.MaxError, s.cfg.WriteTimeout), func(ctx context.Context) error { return s.driver.DeletePrefix(ctx, prefix) })
	})
}

// Delete implements store.Deleter.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.cfg.Keys.Check(key); err != nil {
		return invalid(err)
	}
	return s.repeat(ctx, s.trial("delete %s/%s", s.URI(), key), func() error {
		return s.call(ctx, s.cfg.WriteTimeout, func(ctx context.Context) error { return store.Delete(ctx, s.driver, key) })
	})
}

// Interrupted implements what store.Interrupted asks for. f gets each key once, when the driver has told all of them.
func (s *Store) Interrupted(ctx context.Context, f func(key string) error) error {
	var keys []string
	err := s.repeat(ctx, s.trial("list what is unfinished in %s", s.URI()), func() error {
		found := make(chan []string, 1) // a call that is abandoned may go on
		err := s.call(ctx, max(s.cfg.MaxError, s.cfg.WriteTimeout), func(ctx context.Context) error {
			var seen []string
			err := store.Interrupted(ctx, s.driver, func(key string) error { seen = append(seen, key); return nil })
			found <- seen
			return err
		})
		if err == nil {
			keys = <-found
		}
		return err
	})
	for _, key := range keys {
		if err := f(key); err != nil {
			return err
		}
	}
	return err
}

// repeat makes a request until it succeeds, or its failure is final.
func (s *Store) repeat(ctx context.Context, t trial, request func() error) error {
	for {
		began := time.Now()
		err := request()
		if err == nil {
			return nil
		}
		if err := t.failed(ctx, err, time.Since(began)); err != nil {
			return err
		}
	}
}
