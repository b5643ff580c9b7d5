// Package transport is what drivers of storages that speak HTTP have in common below their SDKs: connections, a bound on
// how many requests are under way, and how long a server wants to be left alone.
package transport

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of connections.
const (
	dialTimeout = 10 * time.Second
	idleTimeout = 60 * time.Second
	keepAlive   = 15 * time.Second
)

// longest is what a server's wish to be left alone is cut to.
const longest = time.Hour

// New makes connections. A server that falls silent is left to whoever cancels the request.
func New() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: dialTimeout,
		IdleConnTimeout:     idleTimeout,
		MaxIdleConnsPerHost: 1 << 10, // the queue in front of it sets the bound
		DisableCompression:  true,
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      64 << 10,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext,
	}
}

// Adjust sets how long connecting may take and how long connections are kept that nobody uses; what is zero stays as it is.
func Adjust(t *http.Transport, connect, idle time.Duration) {
	if connect > 0 {
		t.DialContext = (&net.Dialer{Timeout: connect, KeepAlive: keepAlive}).DialContext
		t.TLSHandshakeTimeout = connect
	}
	if idle > 0 {
		t.IdleConnTimeout = idle
	}
}

// RetryAfter is how long an answer asks to be left alone: its header has seconds, or the date until which to wait.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(0, min(seconds, int(longest/time.Second)))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(at.Sub(now), longest))
	}
	return 0
}
