//go:build e2e

package bench

import (
	"maps"
	"net/url"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/s3"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// On S3 a producer makes one PUT, and a consumer one GET of what each of them made.
func TestCountRequestsS3(t *testing.T) {
	server := servers.VersityGW(t)
	open := s3.Opener(s3.Config{AccessKey: server.AccessKey, SecretKey: server.SecretKey, Region: server.Region, Endpoint: server.URL, PathStyle: true,
		PartSize: 5 << 20, Connections: 10, Waiting: 100, WaitTimeout: time.Minute})
	st, err := open(t.Context(), &url.URL{Scheme: "s3", Host: server.Bucket(t), Path: "/bench/"})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for _, consumers := range []int{20, 5} {
		r, err := CountRequests(t.Context(), st, "q/", 20, 20, consumers, 4000)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(r.WriteHTTP, map[string]int64{"PUT": 20}) || !maps.Equal(r.ReadHTTP, map[string]int64{"GET": int64(20 * consumers)}) {
			t.Errorf("%d consumers: writing took %v, reading %v", consumers, r.WriteHTTP, r.ReadHTTP)
		}
	}
}
