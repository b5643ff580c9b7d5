package mysql

import (
	"fmt"
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
