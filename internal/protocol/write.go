package protocol

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// minCompressed is the size from which an answer is worth compressing.
const minCompressed = 4 << 10

// maxJoined is up to which size the pieces of an answer are put together: a few times what clients get by default.
const maxJoined = 4 << 20

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
//
// An answer has a length, and is written at once: the kernel then sends it to its end even if this process dies, and clients of Go use
// the connection again, without which they do not repeat a request that breaks off.
func writeJSON(w http.ResponseWriter, r *http.Request, pieces ...[]byte) {
	size := 0
	for _, p := range pieces {
		size += len(p)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	whole := bodies.Get().(*bytes.Buffer)
	defer recycle(whole)
	switch {
	case size >= minCompressed && acceptsGzip(r.Header) && !isLoopback(r.RemoteAddr):
		h.Set("Content-Encoding", "gzip")
		pieces, size = pressed(whole, pieces), whole.Len()
	case size <= maxJoined:
		for _, p := range pieces {
			whole.Write(p)
		}
		pieces = [][]byte{whole.Bytes()}
	}
	h.Set("Content-Length", strconv.Itoa(size))
	for _, p := range pieces {
		if _, err := w.Write(p); err != nil {
			return
		}
	}
}

// pressed compresses pieces into a buffer, as one piece.
func pressed(into *bytes.Buffer, pieces [][]byte) [][]byte {
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(into)
	for _, p := range pieces {
		_, _ = z.Write(p) // a buffer takes everything
	}
	_ = z.Close() // as above
	return [][]byte{into.Bytes()}
}

// bodies are buffers for answers.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// recycle keeps a buffer that is not much too large for the next answer.
func recycle(b *bytes.Buffer) {
	if b.Cap() <= maxJoined {
		b.Reset()
		bodies.Put(b)
	}
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
