package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
)

// ProbePrefix is what the keys of probes begin with.
const ProbePrefix = "probe-"

// ErrNotExclusive is the error of a storage that writes an object again which was to be written only if there is none.
var ErrNotExclusive = errors.New("the storage overwrites objects that are to be written only if they do not exist: it does not support conditional writes")

// Probe tries out what an exchange needs of a store: that an object can be created, read back, found in a listing and
// deleted. exclusive also tries, as journals need, whether an object is not created a second time. Nothing is left, unless
// deleting is what does not work.
//
// It is for the driver itself: behind what repeats requests, an error would take as long as the repetitions.
func Probe(ctx context.Context, s Store, exclusive bool) error {
	p := probe{s: s, prefix: ProbePrefix + rand.Text() + "/"}
	err := p.run(ctx, exclusive)
	if err != nil && p.created {
		_ = s.DeletePrefix(context.WithoutCancel(ctx), p.prefix) // the first error tells more
	}
	return err
}

// probe is one probe of a store, under a prefix of its own.
type probe struct {
	s       Store
	prefix  string
	created bool
}

// content is what objects of probes hold.
var content = []byte("Waterbear tries whether it can use this storage. This object can be deleted.\n")

func (p *probe) run(ctx context.Context, exclusive bool) error {
	key := p.prefix + "object"
	if err := Put(ctx, p.s, key, content, CreateOptions{IfAbsent: exclusive}); err != nil {
		return fmt.Errorf("cannot create an object: %w", err)
	}
	p.created = true
	if exclusive {
		switch err := Put(ctx, p.s, key, []byte("other"), CreateOptions{IfAbsent: true}); {
		case err == nil:
			return ErrNotExclusive
		case !errors.Is(err, ErrExists):
			return fmt.Errorf("cannot write an object only if it does not exist: %w", err)
		}
	}
	switch got, err := ReadAll(ctx, p.s, key); {
	case err != nil:
		return fmt.Errorf("cannot read an object that was created: %w", err)
	case !bytes.Equal(got, content):
		return fmt.Errorf("an object that was created with %d bytes is read with %d others", len(content), len(got))
	}
	found := false
	if err := p.s.List(ctx, p.prefix, func(o Object) error { found = found || o.Key == key; return nil }); err != nil {
		return fmt.Errorf("cannot list objects: %w", err)
	}
	if !found {
		return errors.New("an object that was created is not listed")
	}
	if err := p.s.DeletePrefix(ctx, p.prefix); err != nil {
		return fmt.Errorf("cannot delete an object: %w", err)
	}
	if _, err := ReadAll(ctx, p.s, key); !errors.Is(err, ErrNotFound) {
		if err == nil {
			return errors.New("an object can be read after it was deleted")
		}
		return fmt.Errorf("cannot tell that an object does not exist: %w", err)
	}
	return nil
}
