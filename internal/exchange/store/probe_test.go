package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

// broken is a store of which some requests do what they should not.
type broken struct {
	store.Store
	create    func(store.CreateOptions) (store.CreateOptions, error)
	open      func(io.ReadCloser, error) (io.ReadCloser, error)
	list, del func() (skip bool, err error)
}

func (b broken) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if b.create != nil {
		var err error
		if o, err = b.create(o); err != nil {
			return nil, err
		}
	}
	return b.Store.Create(ctx, key, o)
}

func (b broken) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	r, err := b.Store.Open(ctx, key, offset, length)
	if b.open != nil {
		return b.open(r, err)
	}
	return r, err
}

func (b broken) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	if b.list != nil {
		if skip, err := b.list(); skip || err != nil {
			return err
		}
	}
	return b.Store.List(ctx, prefix, f)
}

func (b broken) DeletePrefix(ctx context.Context, prefix string) error {
	if b.del != nil {
		if skip, err := b.del(); skip || err != nil {
			return err
		}
	}
	return b.Store.DeletePrefix(ctx, prefix)
}

// parted is a store that takes objects in parts too.
type parted struct {
	store.Store
	create func(store.CreateOptions) (store.CreateOptions, error)
}

// CreateInParts implements store.InParts.
func (p parted) CreateInParts(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	o, err := p.create(o)
	if err != nil {
		return nil, err
	}
	return p.Create(ctx, key, o)
}

// TestProbeInParts tries out stores that do well with objects of one request.
func TestProbeInParts(t *testing.T) {
	for _, tt := range []struct {
		name        string
		create      func(store.CreateOptions) (store.CreateOptions, error)
		plain, want string
	}{
		{"sound", func(o store.CreateOptions) (store.CreateOptions, error) { return o, nil }, "", ""},
		{"no condition", func(store.CreateOptions) (store.CreateOptions, error) { return store.CreateOptions{}, nil }, "", store.ErrNotExclusiveInParts.Error()},
		{"none", func(o store.CreateOptions) (store.CreateOptions, error) { return o, errors.New("no uploads") },
			"cannot create an object in parts: no uploads", "cannot create an object in parts: no uploads"},
	} {
		disk, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for exclusive, want := range map[bool]string{false: tt.plain, true: tt.want} {
			if err := store.Probe(t.Context(), parted{disk, tt.create}, exclusive); fmt.Sprint(err) != want && (err != nil || want != "") {
				t.Errorf("%s, exclusive %t: %v, want %q", tt.name, exclusive, err, want)
			}
			if err := disk.List(t.Context(), "", func(o store.Object) error { return errors.New(o.Key) }); err != nil {
				t.Errorf("%s: left: %v", tt.name, err)
			}
		}
	}
}

func TestProbe(t *testing.T) {
	denied := errors.New("AccessDenied: no")
	fails := func() (bool, error) { return false, denied }
	skips := func() (bool, error) { return true, nil }
	for _, tt := range []struct {
		name  string
		b     broken
		plain string // the error without exclusive
		want  string // with it
		left  int
	}{
		{name: "sound"},
		{name: "not created", b: broken{create: func(store.CreateOptions) (store.CreateOptions, error) { return store.CreateOptions{}, denied }},
			plain: "cannot create an object: AccessDenied: no", want: "cannot create an object: AccessDenied: no"},
		{name: "overwritten", b: broken{create: func(store.CreateOptions) (store.CreateOptions, error) { return store.CreateOptions{}, nil }},
			want: store.ErrNotExclusive.Error()},
		{name: "not read", b: broken{open: func(io.ReadCloser, error) (io.ReadCloser, error) { return nil, denied }},
			plain: "cannot read an object that was created: AccessDenied: no", want: "cannot read an object that was created: AccessDenied: no"},
		{name: "read otherwise", b: broken{open: func(_ io.ReadCloser, err error) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("x")), err
		}},
			plain: "is read with 1 others", want: "is read with 1 others"},
		{name: "not listed", b: broken{list: fails}, plain: "cannot list objects: AccessDenied: no", want: "cannot list objects: AccessDenied: no"},
		{name: "listed without it", b: broken{list: skips}, plain: "is not listed", want: "is not listed"},
		{name: "not deleted", b: broken{del: fails}, plain: "cannot delete an object: AccessDenied: no", want: "cannot delete an object: AccessDenied: no", left: 1},
		{name: "kept", b: broken{del: skips}, plain: "can be read after it was deleted", want: "can be read after it was deleted", left: 1},
	} {
		for _, exclusive := range []bool{false, true} {
			disk, err := local.New(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			tt.b.Store = disk
			want := tt.plain
			if exclusive {
				want = tt.want
			}
			err = store.Probe(t.Context(), tt.b, exclusive)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s, exclusive %t: %v, want %q", tt.name, exclusive, err, want)
			}
			left := 0
			if err := disk.List(t.Context(), "", func(store.Object) error { left++; return nil }); err != nil || left != tt.left {
				t.Errorf("%s: %d objects are left (%v)", tt.name, left, err)
			}
		}
	}
}
