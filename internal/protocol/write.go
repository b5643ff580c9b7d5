package protocol

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// minCompressed is the size from which an answer is worth compressing.
const minCompressed = 4 << 10

var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

func (s *Server) writeResponse(w http.ResponseWriter, r *http.Request, res *response) {
	writeJSON(w, r, res.body()...)
}

// writeJSON answers with JSON given in pieces, compressed if the client takes it and it is worth it: over the loopback
// interface it never is. A failing write means that the client is gone: it will ask again, or be missed.
func writeJSON(w http.ResponseWriter, r *http.Request, pieces ...[]byte) {
	size := 0
	for _, p := range pieces {
		size += len(p)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if size < minCompressed || !acceptsGzip(r.Header) || isLoopback(r.RemoteAddr) {
		h.Set("Content-Length", strconv.Itoa(size))
		for _, p := range pieces {
			if _, err := w.Write(p); err != nil {
				return
			}
		}
		return
	}
	h.Set("Content-Encoding", "gzip")
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(w)
	for _, p := range pieces {
		if _, err := z.Write(p); err != nil {
			return
		}
	}
	_ = z.Close() // as above
}

func acceptsGzip(h http.Header) bool {
	for _, item := range splitList(h, "Accept-Encoding") {
		coding, q, _ := strings.Cut(item, ";")
		if coding = strings.TrimSpace(coding); coding == "gzip" || coding == "*" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}

func isLoopback(addr string) bool {
	ip := net.ParseIP(remoteHost(addr))
	return ip != nil && ip.IsLoopback()
}
