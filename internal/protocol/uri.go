package protocol

import (
	"net"
	"net/http"
	"strconv"
	"strings"
)

// baseURI returns scheme and authority under which the client reached us, for the URIs in responses: the Host header,
// or what a trusted proxy says in X-Forwarded-Proto, -Host and -Port.
func (s *Server) baseURI(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if s.config.ProcessForwarded {
		scheme, host = forwarded(r.Header, scheme, host)
	}
	return scheme + "://" + host
}

func forwarded(h http.Header, scheme, host string) (string, string) {
	if proto := first(h, "X-Forwarded-Proto"); proto != "" {
		scheme = strings.ToLower(proto)
	}
	if fwd := first(h, "X-Forwarded-Host"); fwd != "" {
		host = fwd
	}
	if port := first(h, "X-Forwarded-Port"); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
			name, _, err := net.SplitHostPort(host)
			if err != nil {
				name = strings.Trim(host, "[]")
			}
			host = net.JoinHostPort(name, port)
			if port == defaultPort[scheme] {
				host = strings.TrimSuffix(host, ":"+port)
			}
		}
	}
	return scheme, host
}

var defaultPort = map[string]string{"http": "80", "https": "443"}

// first returns the first of the comma-separated values of a header: the proxy nearest to the client.
func first(h http.Header, name string) string {
	value, _, _ := strings.Cut(h.Get(name), ",")
	return strings.TrimSpace(value)
}

func statusLine(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}
