package store

import (
	"fmt"
	"strings"
)

// Keys says which keys a store takes. Drivers are told by their configuration.
type Keys uint8

const (
	// OwnKeys are those that Waterbear makes: slash-separated segments of letters, digits and "-_.=~", none empty and none
	// beginning with a dot.
	OwnKeys Keys = iota
	// AnyKeys are those that other programs may have made: all but empty ones, those that end with a slash, and those with "." or ".." or
	// nothing as a segment, which file systems take for another key.
	AnyKeys
)

// Check reports what is wrong with a key.
func (k Keys) Check(key string) error {
	if key == "" || strings.HasSuffix(key, "/") {
		return fmt.Errorf("invalid object key %q", key)
	}
	return k.CheckPrefix(key)
}

// CheckPrefix reports what is wrong with the prefix of keys; the empty one is allowed. Prefixes are beginnings of keys.
func (k Keys) CheckPrefix(prefix string) error {
	segments := strings.Split(prefix, "/")
	for n, s := range segments {
		last := n == len(segments)-1
		if s == "" && !last || k.badSegment(s) {
			return fmt.Errorf("invalid object key %q", prefix)
		}
	}
	return nil
}

func (k Keys) badSegment(s string) bool {
	if k == AnyKeys {
		return s == "." || s == ".." || strings.IndexByte(s, 0) >= 0
	}
	return strings.HasPrefix(s, ".") || strings.IndexFunc(s, badRune) >= 0
}

func badRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("-_.=~", r)
}

// CheckKey reports what is wrong with a key of OwnKeys.
func CheckKey(key string) error { return OwnKeys.Check(key) }

// CheckPrefix reports what is wrong with a prefix of OwnKeys.
func CheckPrefix(prefix string) error { return OwnKeys.CheckPrefix(prefix) }
