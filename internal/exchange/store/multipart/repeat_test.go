package multipart

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// flaky is an object of which one call fails some times.
type flaky struct {
	recorder
	name  string
	times int
	err   error
}

func (f *flaky) fail(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.name != name || f.times == 0 {
		return nil
	}
	f.times--
	return f.err
}

func (f *flaky) Put(ctx context.Context, data []byte) error {
	return errors.Join(f.recorder.Put(ctx, data), f.fail("put"))
}

func (f *flaky) Begin(ctx context.Context) error {
	return errors.Join(f.recorder.Begin(ctx), f.fail("begin"))
}

func (f *flaky) Send(ctx context.Context, number int, data []byte) error {
	return errors.Join(f.recorder.Send(ctx, number, data), f.fail("send"))
}

func (f *flaky) Complete(ctx context.Context) error {
	return errors.Join(f.recorder.Complete(ctx), f.fail("complete"))
}

// TestRepeats27069 has requests fail a few times: those of objects in parts are made again, as often as is allowed, unless their failure is
// final.
func TestRepeats27069(t *testing.T) {
	passing := errors.New("400 Bad Request")
	for _, tt := range []struct {
		name  string
		fails string
		times int
		err   error
		size  int
		want  bool // whether the object is made
		calls string
	}{
		{"begin", "begin", 2, passing, 15, true, "begin begin begin complete send 0 send 1"},
		{"begin, too often", "begin", 3, passing, 15, false, "begin begin begin discard"},
		{"send", "send", 2, passing, 11, true, "begin complete send 0 send 0 send 0 send 1"},
		{"complete", "complete", 1, passing, 15, true, "begin complete complete send 0 send 1"},
		{"complete, finally", "complete", 1, &store.FinalError{Err: passing}, 15, false, "begin complete discard send 0 send 1"},
		{"complete, what exists", "complete", 1, store.ErrExists, 15, false, "begin complete discard send 0 send 1"},
		{"throttled", "begin", 1, &store.ThrottledError{After: time.Millisecond, Err: passing}, 15, true, "begin begin complete send 0 send 1"},
		{"put, which is for who calls", "put", 1, passing, 5, false, "discard put"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &flaky{name: tt.fails, times: tt.times, err: tt.err}
			w := New(t.Context(), f, Limits{Size: 10, AtATime: 1, Retries: 2})
			_, err := w.Write([]byte(text[:tt.size]))
			if closing := w.Close(); err == nil {
				err = closing
			}
			if (err == nil) != tt.want || err != nil && !errors.Is(err, tt.err) {
				t.Errorf("error %v", err)
			}
			slices.Sort(f.calls)
			if calls := strings.Join(f.calls, " "); calls != tt.calls {
				t.Errorf("calls %s, want %s", calls, tt.calls)
			}
			if tt.want && f.content() != text[:tt.size] {
				t.Errorf("made %q", f.content())
			}
		})
	}
}

// TestRepeatEnds ends the writing while a request is about to be made again.
func TestRepeatEnds(t *testing.T) {
	f := &flaky{name: "begin", times: 1, err: &store.ThrottledError{After: time.Hour, Err: errCall}}
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(why) })
	w := New(ctx, f, Limits{Size: 10, AtATime: 1, Retries: 2})
	begun := time.Now()
	if _, err := w.Write([]byte(text)); err == nil {
		t.Error("written")
	}
	if err := w.Close(); err == nil || time.Since(begun) > 9*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}
