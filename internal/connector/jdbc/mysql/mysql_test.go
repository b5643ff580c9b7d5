package mysql

import (
	"fmt"
	"math"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

func TestURL(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"jdbc:mysql://db:3307", "db:3307 tls=preferred"},
		{"jdbc:mysql://db/?sslMode=VERIFY_IDENTITY", "db:3306 tls=true"},
		{"jdbc:mysql://db?useSSL=false&useUnicode=true", "db:3306 tls=false"},
		{"jdbc:mysql://db?connectTimeout=1500", "db:3306 tls=preferred"},
		{"jdbc:mysql://db/shop", "error: connection-url: must name no database: each is a schema of the catalog"},
		{"jdbc:mysql://a,b", "error: connection-url: must name one server"},
		{"jdbc:mysql://db?allowLoadLocalInfile=true", "error: connection-url: parameter 'allowLoadLocalInfile' is not supported"},
		{"jdbc:mariadb://db", "error: connection-url: must begin with jdbc:mysql://"},
	} {
		cfg, err := Dialect{}.config(&jdbc.Settings{URL: tt.url, User: "u", Password: "p"})
		got := ""
		if err != nil {
			got = "error: " + err.Error()
		} else {
			got = fmt.Sprintf("%s tls=%s", cfg.Addr, cfg.TLSConfig)
		}
		if got != tt.want {
			t.Errorf("%s is %s, want %s", tt.url, got, tt.want)
		}
	}
}

// Every number is in exactly one range.
func TestBounds(t *testing.T) {
	for _, tt := range []struct{ low, high, n int64 }{
		{0, 99, 4}, {1, 2, 10}, {5, 5, 3}, {math.MinInt64, math.MaxInt64, 7}, {math.MaxInt64 - 3, math.MaxInt64, 3}, {-1000, -1, 3},
	} {
		list := bounds(tt.low, tt.high, tt.n)
		last := tt.low
		for _, b := range list {
			if b <= last || b > tt.high {
				t.Errorf("bounds of %v are %v", tt, list)
			}
			last = b
		}
		if int64(len(list)) >= tt.n {
			t.Errorf("%d bounds for %d ranges", len(list), tt.n)
		}
	}
	got := ranges("k", []int64{10, 20}, 30, 300)
	for i, want := range []string{"(k < 10)", "(k >= 10 AND k < 20)", "(k >= 20)"} {
		if got[i].Where != want || got[i].Rows != 10 || got[i].Bytes != 100 {
			t.Errorf("range %d is %+v, want %s", i, got[i], want)
		}
	}
}
