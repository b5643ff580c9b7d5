package servers

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Proxy lies between clients and a server that speaks HTTP, and does to requests what its rules say. It passes everything else on as
// it is, names of hosts in signatures included.
type Proxy struct {
	// URL is where clients find it.
	URL string

	upstream  *url.URL
	transport *http.Transport
	seed      uint64

	mu    sync.Mutex
	rules []*Rule
	seen  []string // methods and paths of the requests, the newest last
}

// seenMost bounds how many requests are remembered.
const seenMost = 10000

// Rule says which requests suffer what. The first rule of a proxy that applies to a request counts.
type Rule struct {
	// Name of the rule, for messages.
	Name string
	// Method of the requests; empty: all. Several are separated by bars.
	Method string
	// Path is what the path and the query of the requests contain; nil: anything.
	Path *regexp.Regexp
	// Match looks at the rest of the requests; nil: anything.
	Match func(*http.Request) bool
	// Skip lets so many requests pass first; Times is how many then suffer, 0: all.
	Skip, Times int
	// Chance is the share of the requests that suffer, drawn by the proxy's seed and the number of the request; 0: all.
	Chance float64
	// Until ends the rule; zero: nothing does.
	Until time.Time
	// Fault is what they suffer.
	Fault Fault

	met, struck int // requests that the rule applies to, and those that suffered
}

// NewProxy starts a proxy in front of a server. What rules leave to chance follows from the seed. It ends with the test.
func NewProxy(t testing.TB, server string, seed uint64) *Proxy {
	t.Helper()
	upstream, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String(), upstream: upstream, seed: seed,
		transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}}
	s := &http.Server{Handler: p, ReadHeaderTimeout: patience}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
		p.transport.CloseIdleConnections()
	})
	return p
}

// Inject adds rules.
func (p *Proxy) Inject(rules ...Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rules {
		p.rules = append(p.rules, &r)
	}
}

// Clear takes all rules away.
func (p *Proxy) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
}

// Struck is how many requests have suffered from the rules that are in force.
func (p *Proxy) Struck() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rules {
		n += r.struck
	}
	return n
}

// Requests are the methods and paths of the requests so far, those excepted that are older than many.
func (p *Proxy) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.seen...)
}

// choose returns what a request suffers, nil when nothing, and random numbers for it.
func (p *Proxy) choose(r *http.Request) (Fault, *rand.Rand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, r.Method+" "+r.URL.RequestURI())
	if len(p.seen) > seenMost {
		p.seen = append(p.seen[:0], p.seen[len(p.seen)-seenMost/2:]...)
	}
	for n, rule := range p.rules {
		if !rule.applies(r) {
			continue
		}
		rule.met++
		h := fnv.New64a()
		fmt.Fprintf(h, "%d %d", n, rule.met)
		random := rand.New(rand.NewPCG(p.seed, h.Sum64()))
		if rule.met <= rule.Skip || rule.Times > 0 && rule.struck >= rule.Times || rule.Chance > 0 && random.Float64() >= rule.Chance {
			continue
		}
		rule.struck++
		return rule.Fault, random
	}
	return nil, nil
}

func (r *Rule) applies(req *http.Request) bool {
	if r.Method != "" && !strings.Contains("|"+r.Method+"|", "|"+req.Method+"|") {
		return false
	}
	if !r.Until.IsZero() && time.Now().After(r.Until) {
		return false
	}
	if r.Match != nil && !r.Match(req) {
		return false
	}
	return r.Path == nil || r.Path.MatchString(req.URL.RequestURI())
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault, random := p.choose(r)
	x := &Passage{w: w, r: r, p: p, Random: random}
	if fault != nil {
		fault(x)
	} else {
		x.Pass()
	}
}

// Passage is a request on its way through a proxy.
type Passage struct {
	// Random are numbers that follow from the proxy's seed.
	Random *rand.Rand

	w http.ResponseWriter
	r *http.Request
	p *Proxy
	// upload and answer change the bodies; nil: they do not. size changes the length that an answer claims.
	upload, answer func(io.Reader) io.Reader
	size           func(int64) int64
	lost           bool // the answer
}

// Pass sends the request on, and its answer back.
func (x *Passage) Pass() {
	resp, err := x.send()
	if err != nil {
		x.Reset()
		return
	}
	defer resp.Body.Close()
	if x.lost {
		_, _ = io.Copy(io.Discard, resp.Body) // so that the server has done what it was asked
		x.Reset()
		return
	}
	header := x.w.Header()
	for name, values := range resp.Header {
		header[name] = values
	}
	if at, ok := strings.CutPrefix(header.Get("Location"), x.p.upstream.String()); ok {
		header.Set("Location", x.p.URL+at) // else what goes on there would go past the proxy
	}
	if x.size != nil && resp.ContentLength > 0 {
		header.Set("Content-Length", fmt.Sprint(x.size(resp.ContentLength)))
	}
	x.w.WriteHeader(resp.StatusCode)
	var body io.Reader = resp.Body
	if x.answer != nil {
		body = x.answer(body)
	}
	if _, err := io.Copy(flushed{x.w}, body); err != nil {
		x.Reset()
	}
}

// send sends the request on.
func (x *Passage) send() (*http.Response, error) {
	out := x.r.Clone(x.r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = x.p.upstream.Scheme, x.p.upstream.Host, ""
	if x.r.ContentLength == 0 {
		out.Body = http.NoBody
	} else if x.upload != nil {
		out.Body = io.NopCloser(x.upload(x.r.Body))
	}
	return x.p.transport.RoundTrip(out)
}

// Reset breaks the connection to the client off.
func (x *Passage) Reset() {
	if conn, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
		reset(conn)
		return
	}
	panic(http.ErrAbortHandler) // which ends a connection that cannot be taken over
}

// reset closes a connection so that its peer sees a reset and not an end.
func reset(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = conn.Close()
}

// flushed sends every piece at once.
type flushed struct{ http.ResponseWriter }

// Write implements io.Writer.
func (f flushed) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	if err == nil {
		if e := http.NewResponseController(f.ResponseWriter).Flush(); e != nil && !errors.Is(e, http.ErrNotSupported) {
			err = e
		}
	}
	return n, err
}
