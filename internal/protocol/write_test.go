package protocol

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
)

// pieces are an answer of the given size.
func pieces(size int) [][]byte {
	half := []byte(strings.Repeat("x", size/2))
	return [][]byte{[]byte(`{"data":["`), half, half, []byte(`"]}`)}
}

// TestConnectionIsUsedAgain18851 reads answers as Trino's Go client does: up to the end of the JSON, and not of the body. The client
// repeats requests that break off only on connections that it has used before.
func TestConnectionIsUsedAgain18851(t *testing.T) {
	for name, remote := range map[string]string{"near": "127.0.0.1:1", "far": "192.0.2.1:1"} {
		for _, size := range []int{100, 10_000, 1 << 20, maxJoined + 100} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.RemoteAddr = remote
				writeJSON(w, r, pieces(size)...)
			}))
			client := server.Client()
			for try := range 5 {
				trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
					if c.Reused != (try > 0) {
						t.Errorf("%s, %d bytes, request %d: reused = %v", name, size, try, c.Reused)
					}
				}})
				req, err := http.NewRequestWithContext(trace, http.MethodGet, server.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				var got any
				if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				res.Body.Close()
				if res.Uncompressed != (name == "far" && size >= minCompressed) {
					t.Errorf("%s, %d bytes: compressed = %v", name, size, res.Uncompressed)
				}
			}
			server.Close()
		}
	}
}

// counted counts the writes of an answer.
type counted struct {
	http.ResponseWriter
	writes int
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes++
	return c.ResponseWriter.Write(p)
}

// TestAnswerIsWrittenAtOnce18851: what is written in one go is sent even if the process dies.
func TestAnswerIsWrittenAtOnce18851(t *testing.T) {
	for _, remote := range []string{"127.0.0.1:1", "192.0.2.1:1"} {
		for _, size := range []int{100, 10_000, 2 * defaultTargetBytes} {
			w := &counted{ResponseWriter: httptest.NewRecorder()}
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = remote
			r.Header.Set("Accept-Encoding", "gzip")
			writeJSON(w, r, pieces(size)...)
			if w.writes != 1 {
				t.Errorf("%s, %d bytes: %d writes", remote, size, w.writes)
			}
		}
	}
}
