package servers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// echo answers with what it is sent, or with content where that is nothing.
func echo(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if len(got) == 0 {
			got = content
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(got)))
		w.Header().Set("X-Host", r.Host)
		_, _ = w.Write(got)
	}))
	t.Cleanup(s.Close)
	return s
}

var content = bytes.Repeat([]byte("0123456789"), 10_000)

// ask sends a request through a proxy and returns what came of it.
func ask(t *testing.T, p *Proxy, method, path, body string) (*http.Response, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // which would repeat
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return resp, got, err
}

func TestProxy(t *testing.T) {
	p := NewProxy(t, echo(t).URL, 1)
	resp, got, err := ask(t, p, "GET", "/a", "")
	if err != nil || !bytes.Equal(got, content) {
		t.Fatalf("without rules: %d bytes, %v", len(got), err)
	}
	if host := resp.Header.Get("X-Host"); "http://"+host != p.URL {
		t.Errorf("the server is told host %s", host)
	}
	differ := func(a, b []byte) (n int) {
		for i := range a {
			if i < len(b) && a[i] != b[i] {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		name  string
		fault Fault
		ok    func(resp *http.Response, got []byte, err error) bool
	}{
		{"refuse", RefuseS3(503, "SlowDown", "Retry-After", "1"), func(r *http.Response, got []byte, err error) bool {
			return err == nil && r.StatusCode == 503 && r.Header.Get("Retry-After") == "1" && strings.Contains(string(got), "<Code>SlowDown</Code>")
		}},
		{"reset upload", ResetUpload(1000), func(_ *http.Response, _ []byte, err error) bool { return err != nil }},
		{"reset answer", ResetAnswer(1000), func(_ *http.Response, got []byte, err error) bool { return err != nil && len(got) < 1000 }},
		{"lose answer", LoseAnswer, func(_ *http.Response, _ []byte, err error) bool { return err != nil }},
		{"truncate", Truncate, func(_ *http.Response, got []byte, err error) bool { return err == nil && len(got) < len(content) }},
		{"flip answer", FlipAnswer(1000), func(_ *http.Response, got []byte, err error) bool {
			return err == nil && len(got) == len(content) && differ(got, content) == 1
		}},
		{"flip upload", FlipUpload(1000), func(_ *http.Response, got []byte, err error) bool {
			return err == nil && len(got) == len(content) && differ(got, content) == 1
		}},
		{"slow", Slow(10_000, time.Millisecond), func(_ *http.Response, got []byte, err error) bool { return err == nil && bytes.Equal(got, content) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer p.Clear()
			p.Inject(Rule{Method: "PUT|POST", Path: regexp.MustCompile(`^/x`), Times: 1, Fault: tt.fault})
			for _, unmet := range [][2]string{{"GET", "/x"}, {"PUT", "/a"}} {
				if _, got, err := ask(t, p, unmet[0], unmet[1], string(content)); err != nil || !bytes.Equal(got, content) {
					t.Errorf("%v: %d bytes, %v", unmet, len(got), err)
				}
			}
			resp, got, err := ask(t, p, "PUT", "/x", string(content))
			if !tt.ok(resp, got, err) {
				t.Errorf("%v, %d bytes, %v", resp, len(got), err)
			}
			if n := p.Struck(); n != 1 {
				t.Errorf("struck %d", n)
			}
			if _, got, err := ask(t, p, "PUT", "/x", string(content)); err != nil || !bytes.Equal(got, content) {
				t.Errorf("afterwards: %d bytes, %v", len(got), err)
			}
		})
	}
}

// TestProxyDraws lets chance decide: by the seed, and nothing else.
func TestProxyDraws(t *testing.T) {
	server := echo(t)
	draw := func(seed uint64) (out string) {
		p := NewProxy(t, server.URL, seed)
		p.Inject(Rule{Chance: 0.5, Skip: 3, Fault: Refuse(418, "")})
		for range 40 {
			resp, _, err := ask(t, p, "GET", "/", "")
			if err != nil {
				t.Fatal(err)
			}
			out += fmt.Sprint(resp.StatusCode/100, " ")
		}
		if n := strings.Count(out, "4"); n != p.Struck() || len(p.Requests()) != 40 {
			t.Errorf("struck %d, seen %d: %s", p.Struck(), len(p.Requests()), out)
		}
		return out
	}
	one, other := draw(1), draw(2)
	if again := draw(1); again != one || one == other || !strings.HasPrefix(one, "2 2 2 ") {
		t.Errorf("%s\n%s\n%s", one, again, other)
	}
}

func TestTCPProxy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // it is closed
			}
			go func() { // ends with the connection
				_, _ = io.CopyN(conn, conn, int64(len(content)))
				conn.Close()
			}()
		}
	}()
	p := NewTCPProxy(t, l.Addr().String(), 1)
	read := func() ([]byte, error) {
		conn, err := net.Dial("tcp", p.Address)
		if err != nil {
			return nil, err // a refused connection may end before it is known to have begun
		}
		defer conn.Close()
		go func() { _, _ = conn.Write(content) }() // ends with the connection
		return io.ReadAll(conn)
	}
	for _, tt := range []struct {
		name  string
		fault TCPFault
		whole bool
	}{
		{"none", TCPFault{}, true},
		{"refuse", TCPFault{Refuse: true, Times: 1}, false},
		{"reset", TCPFault{ResetWithin: 1000, Times: 1}, false},
		{"upload reset", TCPFault{ResetUploadWithin: 1000, Times: 1}, false},
		{"pause", TCPFault{Pause: time.Millisecond, Times: 1}, true},
	} {
		p.Inject(tt.fault)
		got, err := read()
		if whole := err == nil && bytes.Equal(got, content); whole != tt.whole || !whole && len(got) >= 1000 {
			t.Errorf("%s: %d bytes, %v", tt.name, len(got), err)
		}
		if want := tt.fault.Times; p.Struck() != want {
			t.Errorf("%s: struck %d", tt.name, p.Struck())
		}
		if got, err := read(); err != nil && !errors.Is(err, net.ErrClosed) || !bytes.Equal(got, content) {
			t.Errorf("after %s: %d bytes, %v", tt.name, len(got), err)
		}
	}
}
