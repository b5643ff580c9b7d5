package store

import (
	"context"
	"net/url"
	"testing"
)

func TestCheckKey(t *testing.T) {
	for key, good := range map[string]bool{
		"a": true, "a/b.c": true, "20260101_1-x~y=z/0.bundle": true,
		"": false, "/a": false, "a/": false, "a//b": false, ".": false, "..": false, "a/../b": false, ".a": false,
		"a/.b": false, "a b": false, "a\x00": false, "ä": false, `a\b`: false, "a%2e": false, "a?b": false,
	} {
		if err := CheckKey(key); (err == nil) != good {
			t.Errorf("CheckKey(%q) = %v", key, err)
		}
	}
	for prefix, good := range map[string]bool{"": true, "a/": true, "a/b": true, "/": false, "a//": false, "../": false} {
		if err := CheckPrefix(prefix); (err == nil) != good {
			t.Errorf("CheckPrefix(%q) = %v", prefix, err)
		}
	}
}

func FuzzCheckKey(f *testing.F) {
	f.Add("a/b")
	f.Fuzz(func(t *testing.T, key string) {
		if CheckKey(key) != nil {
			return
		}
		// A valid key means the same as a URL path: nothing in it is escaped or cleaned away.
		u, err := url.Parse("s3://bucket/" + key)
		if err != nil || u.Path != "/"+key || u.JoinPath().Path != "/"+key {
			t.Errorf("%q becomes %v (%v)", key, u, err)
		}
	})
}

type fake struct {
	Store
	closed int
}

func (f *fake) Close() error { f.closed++; return nil }

func TestRegistry(t *testing.T) {
	var opened []*fake
	r := Registry{Openers: map[string]Opener{"x": func(context.Context, *url.URL) (Store, error) {
		opened = append(opened, &fake{})
		return opened[len(opened)-1], nil
	}}}
	a, err := r.Open(context.Background(), "x://a")
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := r.Open(context.Background(), "x://a"); a != b {
		t.Error("opened twice")
	}
	if b, _ := r.Open(context.Background(), "x://b"); a == b {
		t.Error("two stores are the same")
	}
	if _, err := r.Open(context.Background(), "y://u:secret@b"); err == nil || err.Error() != `open store y://u:xxxxx@b: unknown scheme "y"` {
		t.Error(err)
	}
	r.Close()
	for _, f := range opened {
		if f.closed != 1 {
			t.Errorf("closed %d times", f.closed)
		}
	}
}
