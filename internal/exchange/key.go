package exchange

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// QueryKey encrypts the exchange data of one query. It is made with the query, travels only wrapped, and is destroyed
// with the query: then everything that was written under it is unreadable, wherever copies may be.
type QueryKey [32]byte

// NewQueryKey returns a random key.
func NewQueryKey() *QueryKey {
	var k QueryKey
	rand.Read(k[:])
	return &k
}

// Zero destroys the key in this process.
func (k *QueryKey) Zero() { clear(k[:]) }

// errKey is deliberately vague.
var errKey = errors.New("query key cannot be unwrapped: the cluster secrets differ")

// Wrap encrypts the key for transport and for the journal, under the cluster's secret and bound to the query.
func (k *QueryKey) Wrap(secret []byte, query string) ([]byte, error) {
	aead, err := wrapping(secret)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, k[:], []byte(query)), nil
}

// UnwrapQueryKey reverses Wrap.
func UnwrapQueryKey(wrapped, secret []byte, query string) (*QueryKey, error) {
	aead, err := wrapping(secret)
	if err != nil {
		return nil, err
	}
	if len(wrapped) < aead.NonceSize() {
		return nil, errKey
	}
	plain, err := aead.Open(nil, wrapped[:aead.NonceSize()], wrapped[aead.NonceSize():], []byte(query))
	if err != nil || len(plain) != len(QueryKey{}) {
		return nil, errKey
	}
	defer clear(plain)
	return (*QueryKey)(append([]byte(nil), plain...)), nil
}

func wrapping(secret []byte) (cipher.AEAD, error) {
	if len(secret) == 0 {
		return nil, errors.New("wrap query key: the cluster secret is empty")
	}
	kek, err := hkdf.Key(sha256.New, secret, nil, "waterbear query key wrap v1", 32)
	if err != nil {
		return nil, fmt.Errorf("wrap query key: %w", err)
	}
	return newGCM(kek)
}

// SealPart encrypts a piece of data by its number, for OpenPart. A number belongs to one piece only, whatever is sealed with the key:
// it is the nonce.
func (k *QueryKey) SealPart(number uint64, data []byte) ([]byte, error) {
	aead, err := newGCM(k[:])
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, partNonce(aead, number), data, nil), nil
}

// OpenPart reverses SealPart. Data that was changed, or has another number, is an error.
func (k *QueryKey) OpenPart(number uint64, sealed []byte) ([]byte, error) {
	aead, err := newGCM(k[:])
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, partNonce(aead, number), sealed, nil)
}

func partNonce(aead cipher.AEAD, number uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, aead.NonceSize()-8, aead.NonceSize()), number)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// keyring derives the keys of one bundle. Every segment has a key of its own, which depends on the attempt that wrote it,
// on the bundle's salt, and on its place and purpose: so no nonce is ever used twice under a key, and a segment that is put in another's place,
// even by somebody who holds both, does not decrypt.
type keyring struct {
	extracted []byte
	producer  string
	salt      uint64 // of the bundle: an attempt may begin one anew
}

func newKeyring(k *QueryKey, producer string, salt uint64) (*keyring, error) {
	if k == nil {
		return nil, nil
	}
	prk, err := hkdf.Extract(sha256.New, k[:], []byte("waterbear bundle v3"))
	if err != nil {
		return nil, fmt.Errorf("derive bundle key: %w", err)
	}
	return &keyring{extracted: prk, producer: producer, salt: salt}, nil
}

// zero destroys what keys are derived from; nil has nothing.
func (r *keyring) zero() {
	if r != nil {
		clear(r.extracted)
	}
}

// derive returns the key of a segment; the index of an object counts as one, but without the salt, which it says itself.
func (r *keyring) derive(object int, s Segment) ([]byte, error) {
	info := binary.LittleEndian.AppendUint32(nil, uint32(len(r.producer)))
	info = append(info, r.producer...)
	salt := r.salt
	if s.Kind == indexKind {
		salt = 0
	}
	info = binary.LittleEndian.AppendUint64(info, salt)
	info = binary.LittleEndian.AppendUint32(info, uint32(object))
	info = binary.LittleEndian.AppendUint64(info, uint64(s.Offset))
	info = binary.LittleEndian.AppendUint32(info, uint32(s.Partition))
	info = append(info, byte(s.Kind))
	return hkdf.Expand(sha256.New, r.extracted, string(info), 32)
}
