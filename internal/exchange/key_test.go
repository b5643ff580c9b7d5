package exchange

import (
	"bytes"
	"testing"
)

// TestSealPart: a part opens with its key and its number only, and not when it was changed.
func TestSealPart(t *testing.T) {
	key, data := NewQueryKey(), []byte("descriptors of tasks")
	sealed, err := key.SealPart(7, data)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, data) {
		t.Error("it can be read")
	}
	if back, err := key.OpenPart(7, sealed); err != nil || !bytes.Equal(back, data) {
		t.Errorf("%q, %v", back, err)
	}
	changed := bytes.Clone(sealed)
	changed[3] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another number": func() ([]byte, error) { return key.OpenPart(8, sealed) },
		"another key":    func() ([]byte, error) { return NewQueryKey().OpenPart(7, sealed) },
		"changed":        func() ([]byte, error) { return key.OpenPart(7, changed) },
		"cut off":        func() ([]byte, error) { return key.OpenPart(7, sealed[:5]) },
	} {
		if back, err := open(); err == nil {
			t.Errorf("%s: opened as %q", name, back)
		}
	}
}
