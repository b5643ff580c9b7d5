package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
)

// ProbePrefix is what the keys of probes begin with.
const ProbePrefix = "probe-"

// The errors of a storage that writes an object again which was to be written only if there is none, in one request or in parts.
var (
	ErrNotExclusive        = errors.New("the storage overwrites objects that are to be written only if they do not exist: it does not support conditional writes")
	ErrNotExclusiveInParts = errors.New("the storage overwrites objects that are to be written only if they do not exist, when they are written in parts: " +
		"it does not support the condition when a multipart upload is completed, though it does when an object is written with one request")
)

// InParts is a store that takes large objects in parts, and can be made to take small ones so. It is for Probe.
type InParts interface {
	// CreateInParts is Create, but for the way in which the storage gets the object.
	CreateInParts(ctx context.Context, key string, o CreateOptions) (Writer, error)
}

// Probe tries out what an exchange needs of a store: that an object can be created, read back, found in a listing and
// deleted. exclusive also tries, as journals need, whether an object is not created a second time. Where the storage takes large
// objects in parts, all this is tried with such a one too, of a few bytes: there are servers that know the condition of the one request
// and not of the other. Nothing is left, unless deleting is what does not work.
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
	ways := []way{{name: "an object", key: p.prefix + "object", create: p.s.Create, notExclusive: ErrNotExclusive}}
	if in, ok := p.s.(InParts); ok {
		ways = append(ways, way{name: "an object in parts", key: p.prefix + "parts", create: in.CreateInParts, notExclusive: ErrNotExclusiveInParts})
	}
	for _, w := range ways {
		if err := p.write(ctx, w, exclusive); err != nil {
			return err
		}
	}
	var missing []string
	for _, w := range ways {
		missing = append(missing, w.key)
	}
	list := func(o Object) error {
		missing = slices.DeleteFunc(missing, func(key string) bool { return key == o.Key })
		return nil
	}
	if err := p.s.List(ctx, p.prefix, list); err != nil {
		return fmt.Errorf("cannot list objects: %w", err)
	}
	if len(missing) > 0 {
		return errors.New("an object that was created is not listed")
	}
	if err := p.s.DeletePrefix(ctx, p.prefix); err != nil {
		return fmt.Errorf("cannot delete an object: %w", err)
	}
	for _, w := range ways {
		if _, err := ReadAll(ctx, p.s, w.key); !errors.Is(err, ErrNotFound) {
			if err == nil {
				return errors.New("an object can be read after it was deleted")
			}
			return fmt.Errorf("cannot tell that an object does not exist: %w", err)
		}
	}
	return nil
}

// way is a way to write an object.
type way struct {
	name, key    string
	create       func(ctx context.Context, key string, o CreateOptions) (Writer, error)
	notExclusive error
}

// write writes an object in a way and reads it back.
func (p *probe) write(ctx context.Context, w way, exclusive bool) error {
	if err := putBy(ctx, w.create, w.key, content, CreateOptions{IfAbsent: exclusive}); err != nil {
		return fmt.Errorf("cannot create %s: %w", w.name, err)
	}
	p.created = true
	if exclusive {
		switch err := putBy(ctx, w.create, w.key, []byte("other"), CreateOptions{IfAbsent: true}); {
		case err == nil:
			return w.notExclusive
		case !errors.Is(err, ErrExists):
			return fmt.Errorf("cannot write %s only if it does not exist: %w", w.name, err)
		}
	}
	switch got, err := ReadAll(ctx, p.s, w.key); {
	case err != nil:
		return fmt.Errorf("cannot read %s that was created: %w", w.name, err)
	case !bytes.Equal(got, content):
		return fmt.Errorf("%s that was created with %d bytes is read with %d others", w.name, len(content), len(got))
	}
	return nil
}
