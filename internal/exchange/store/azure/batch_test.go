package azure

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// A batch gives its place in the queue back: with the only one there is, the next is deleted.
func TestBatchesLeaveTheQueue(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "multipart/mixed; boundary=b")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "--b\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n\r\n--b--\r\n")
	}))
	defer server.Close()
	cfg := Config{ConnectionString: "AccountName=a;AccountKey=a2V5;BlobEndpoint=" + server.URL + "/a", BlockSize: 1 << 20, Connections: 1, Waiting: 1, WaitTimeout: time.Second}
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "abfs", User: url.User("c"), Host: "a.dfs.core.windows.net", Path: "/"})
	if err != nil {
		t.Fatal(err)
	}
	d := &deletion{s: s.(*Store), ctx: t.Context()}
	for range 3 {
		if left, err := d.deleteBatch([]string{"x"}); err != nil || len(left) != 0 {
			t.Fatalf("left %v, %v", left, err)
		}
	}
}
