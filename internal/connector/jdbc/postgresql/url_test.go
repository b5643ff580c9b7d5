package postgresql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestURL(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"jdbc:postgresql://db:5433/shop", "db:5433/shop user=u"},
		{"jdbc:postgresql://db/shop", "db:5432/shop user=u"},
		{"jdbc:postgresql://[::1]:5433/shop", "::1:5433/shop user=u"},
		{"jdbc:postgresql://a:1,b:2/shop?targetServerType=primary", "a:1/shop user=u or b:2"},
		{"jdbc:postgresql://db/my%20shop?user=other&ApplicationName=x", "db:5432/my shop user=u"},
		{"jdbc:postgresql:shop", "localhost:5432/shop user=u"},
		{"jdbc:postgresql://db/shop?sslmode=disable&prepareThreshold=0", "db:5432/shop user=u"},
		{"jdbc:postgresql://db/shop?gssEncMode=require", "error: connection-url: parameter 'gssEncMode' is not supported"},
		{"jdbc:postgresql://db/shop?targetServerType=x", "error: connection-url: targetServerType cannot be 'x'"},
		{"jdbc:mysql://db", "error: connection-url: must begin with jdbc:postgresql:"},
	} {
		cfg, err := ConnConfig("postgresql", 5432, &jdbc.Settings{URL: tt.url, User: "u", Password: `p'\`})
		got := ""
		if err != nil {
			got = "error: " + err.Error()
			if trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid {
				t.Errorf("%s: %v", tt.url, err)
			}
		} else {
			got = fmt.Sprintf("%s:%d/%s user=%s", cfg.Host, cfg.Port, cfg.Database, cfg.User)
			if cfg.Password != `p'\` {
				t.Errorf("%s: password is %q", tt.url, cfg.Password)
			}
			for _, f := range cfg.Fallbacks {
				if f.Host != cfg.Host && !strings.Contains(got, " or ") {
					got += fmt.Sprintf(" or %s:%d", f.Host, f.Port)
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s is\n%s, want\n%s", tt.url, got, tt.want)
		}
	}
}
