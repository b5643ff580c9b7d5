package faulty_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/faulty"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
)

func open(t *testing.T, reach faulty.Reach) store.Store {
	t.Helper()
	s, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return faulty.Wrap(s, reach)
}

// Without faults it is a store like any.
func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return open(t, func(context.Context, string, string) error { return nil })
	})
}

func TestPoints(t *testing.T) {
	var at string
	var passed []string
	s := open(t, func(_ context.Context, point, key string) error {
		passed = append(passed, point)
		if key != "q/0/0.0/0" {
			t.Errorf("%s on behalf of %q", point, key)
		}
		if point == at {
			return faultpoint.ErrDrop
		}
		return nil
	})
	content := bytes.Repeat([]byte("x"), 1000)
	for _, c := range []struct {
		at                string
		written, readable bool
		read              int
	}{
		{faultpoint.SpoolCommit, false, false, 0},
		{faultpoint.SpoolCommit + faultpoint.Answer, false, true, 1000},
		{"", true, true, 1000},
		{faultpoint.BeforeFetch, true, false, 0},
		{faultpoint.BeforeFetch + faultpoint.Middle, true, false, 500},
	} {
		at, passed = c.at, nil
		err := store.Put(t.Context(), s, "q/0/0.0/0", content, store.CreateOptions{})
		if (err == nil) != c.written {
			t.Errorf("%q: write: %v", c.at, err)
		}
		var got []byte
		r, err := s.Open(t.Context(), "q/0/0.0/0", 0, 1000)
		if err == nil {
			got, err = io.ReadAll(r)
			r.Close()
		}
		if (err == nil) != c.readable || len(got) != c.read {
			t.Errorf("%q: read %d bytes, %v", c.at, len(got), err)
		}
		if c.at != "" && (!c.written || !c.readable) && !errors.Is(err, faultpoint.ErrDrop) && !errors.Is(err, store.ErrNotFound) && err != nil {
			t.Errorf("%q: %v", c.at, err)
		}
		if c.at == "" && len(passed) != 4 {
			t.Errorf("passed %v", passed)
		}
	}
}
