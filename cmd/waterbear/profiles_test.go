package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Profiles are served where they were asked for, until the node ends, and not otherwise.
func TestProfiles(t *testing.T) {
	if l, err := listenProfiles(""); l != nil || err != nil {
		t.Fatalf("unasked: %v, %v", l, err)
	}
	l, err := listenProfiles("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listenProfiles(l.Addr().String()); err == nil || !strings.Contains(err.Error(), "waterbear.pprof-address") {
		t.Errorf("the port is taken: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		serveProfiles(ctx, l)
	}()
	res, err := http.Get("http://" + l.Addr().String() + "/debug/pprof/goroutine?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), "serveProfiles") {
		t.Errorf("%v: %s", err, text)
	}
	stop()
	<-done
	if _, err := http.Get("http://" + l.Addr().String() + "/debug/pprof/"); err == nil {
		t.Error("it goes on after its end")
	}
}
