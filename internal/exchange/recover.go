package exchange

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"

	"github.com/minio/sio"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// ReadIndex rebuilds from an object alone what a Handle says about it: its producer, its place in the bundle and its
// segments, for tools and for checks of what a store holds. The producer of an encrypted object must be known, as its
// key depends on it; for others it may be empty. size is the object's, as listed.
func ReadIndex(ctx context.Context, s store.Store, o Object, key *QueryKey, producer string, ordinal int) (Handle, error) {
	t, stored, err := readTail(ctx, s, o)
	if err != nil {
		return Handle{}, err
	}
	if t.encrypted {
		if stored, err = openIndex(stored, t, key, producer, ordinal); err != nil {
			return Handle{}, err
		}
	}
	x, err := decodeIndex(stored, t.indexOffset)
	if err != nil {
		return Handle{}, err
	}
	if producer != "" && x.producer != producer || x.object != ordinal {
		return Handle{}, malformed("object %d of %s", x.object, x.producer)
	}
	h := Handle{Producer: x.producer, Base: s.URI(), Encrypted: t.encrypted, Salt: x.salt, Segments: x.segments}
	h.Objects = make([]Object, ordinal+1) // those before it are unknown
	h.Objects[ordinal] = o
	return h, nil
}

// readTail reads the trailer and the index, as stored, of an object.
func readTail(ctx context.Context, s store.Store, o Object) (trailer, []byte, error) {
	if o.Size < headerSize+trailerSize {
		return trailer{}, nil, malformed("%d bytes", o.Size)
	}
	last, err := readRange(ctx, s, o.Key, o.Size-trailerSize, trailerSize)
	if err != nil {
		return trailer{}, nil, err
	}
	t, err := decodeTrailer(last, o.Size)
	if err != nil {
		return trailer{}, nil, err
	}
	stored, err := readRange(ctx, s, o.Key, t.indexOffset, t.indexLength)
	if err != nil {
		return trailer{}, nil, err
	}
	if crc32.Checksum(stored, castagnoli) != t.sum {
		return trailer{}, nil, malformed("wrong checksum of the index")
	}
	return t, stored, nil
}

func openIndex(stored []byte, t trailer, key *QueryKey, producer string, ordinal int) ([]byte, error) {
	if key == nil {
		return nil, errors.New("the object is encrypted, and there is no key")
	}
	keys, err := newKeyring(key, producer, 0)
	if err != nil {
		return nil, err
	}
	k, err := keys.derive(ordinal, Segment{Kind: indexKind, Offset: t.indexOffset})
	if err != nil {
		return nil, err
	}
	var plain bytes.Buffer
	if _, err := sio.Decrypt(&plain, bytes.NewReader(stored), cipherConfig(k)); err != nil {
		return nil, malformed("index does not decrypt")
	}
	return plain.Bytes(), nil
}

func readRange(ctx context.Context, s store.Store, key string, offset, length int64) ([]byte, error) {
	r, err := s.Open(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
