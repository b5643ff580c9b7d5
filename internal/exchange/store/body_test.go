package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestBody(t *testing.T) {
	broken, translated, over := errors.New("broken"), errors.New("translated"), errors.New("over")
	for _, tt := range []struct {
		name string
		body io.Reader
		left int64
		want string
		err  error
	}{
		{"to its end", bytes.NewReader([]byte("abc")), -1, "abc", nil},
		{"a range", bytes.NewReader([]byte("abc")), 3, "abc", nil},
		{"more than asked for", bytes.NewReader([]byte("abcdef")), 3, "abc", nil},
		{"with the end", iotest.DataErrReader(bytes.NewReader([]byte("abc"))), 3, "abc", nil},
		{"too short", bytes.NewReader([]byte("ab")), 3, "ab", io.ErrUnexpectedEOF},
		{"cut off", io.MultiReader(bytes.NewReader([]byte("ab")), iotest.ErrReader(io.ErrUnexpectedEOF)), -1, "ab", io.ErrUnexpectedEOF},
		{"broken", io.MultiReader(bytes.NewReader([]byte("ab")), iotest.ErrReader(broken)), -1, "ab", translated},
	} {
		got, err := io.ReadAll(Body(t.Context(), io.NopCloser(tt.body), tt.left, func(err error) error {
			if !errors.Is(err, broken) {
				t.Errorf("%s: translated %v", tt.name, err)
			}
			return translated
		}))
		if string(got) != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(over)
	if _, err := io.ReadAll(Body(ctx, io.NopCloser(bytes.NewReader([]byte("abc"))), -1, nil)); !errors.Is(err, over) {
		t.Errorf("after the end: %v", err)
	}
}
