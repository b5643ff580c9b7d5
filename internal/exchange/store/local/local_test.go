package local

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := New(filepath.Join(t.TempDir(), "ex change"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestReopen(t *testing.T) {
	s, err := New(filepath.Join(t.TempDir(), "with space"))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(context.Background(), s, "a/b", []byte("x"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	r := store.Registry{Openers: map[string]store.Opener{"file": Open}}
	again, err := r.Open(context.Background(), s.URI())
	if err != nil {
		t.Fatal(err)
	}
	if data, err := store.ReadAll(context.Background(), again, "a/b"); string(data) != "x" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	for _, bad := range []string{"file://host/x", "file:relative"} {
		u, _ := url.Parse(bad)
		if _, err := Open(context.Background(), u); err == nil {
			t.Errorf("%s: opened", bad)
		}
	}
}

// What a killed writer left is invisible and goes with its prefix.
func TestLeftovers(t *testing.T) {
	s, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	w, err := s.Create(ctx, "q1/0/a", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("half"))
	s.List(ctx, "", func(o store.Object) error { t.Errorf("listed %v", o); return nil })
	if err := s.DeletePrefix(ctx, "q1/"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "q1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("directory is left: %v", err)
	}
	if err := w.Close(); err == nil {
		t.Error("committed after its directory was deleted")
	}
}

func TestDiskFull(t *testing.T) {
	err := failed(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "write")
	if trinoerr.CodeOf(err) != trinoerr.GenericInsufficientResources {
		t.Errorf("got %v", trinoerr.CodeOf(err).Name)
	}
}
