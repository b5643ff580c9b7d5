package retry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
)

// forgetful is a driver whose requests fail for the first times, after they have done a part.
type forgetful struct {
	store.Store
	failures int
	deleted  []string
}

var errForgot = errors.New("forgot")

func (f *forgetful) fails() error {
	if f.failures > 0 {
		f.failures--
		return errForgot
	}
	return nil
}

func (f *forgetful) Delete(_ context.Context, key string) error {
	f.deleted = append(f.deleted, key)
	return f.fails()
}

func (f *forgetful) Interrupted(_ context.Context, each func(string) error) error {
	for _, key := range []string{"a", "b"} {
		if err := each(key); err != nil {
			return err
		}
		if err := f.fails(); err != nil {
			return err
		}
	}
	return nil
}

// An object is deleted by a request that lists nothing, and what is unfinished is told once, however often the requests fail.
func TestDeleteAndInterrupted(t *testing.T) {
	disk := disk(t)
	synctest.Test(t, func(t *testing.T) {
		f := &forgetful{Store: disk, failures: 2}
		s := retry.New(f, usual)
		if err := store.Delete(t.Context(), s, "key"); err != nil || !slices.Equal(f.deleted, []string{"key", "key", "key"}) {
			t.Errorf("deleted %v, %v", f.deleted, err)
		}
		f.failures = 3
		var told []string
		tell := func(key string) error { told = append(told, key); return nil }
		if err := store.Interrupted(t.Context(), s, tell); err != nil || !slices.Equal(told, []string{"a", "b"}) {
			t.Errorf("told %v, %v", told, err)
		}
		if err := store.Interrupted(t.Context(), s, func(string) error { return errForgot }); !errors.Is(err, errForgot) {
			t.Errorf("the caller's error: %v", err)
		}
		if err := store.Delete(t.Context(), s, "not/"); err == nil {
			t.Error("not a key")
		}
		f.failures = 1000
		if err := store.Interrupted(t.Context(), s, tell); err == nil || len(told) != 2 {
			t.Errorf("%v, %v", told, err)
		}
	})
}
