//go:build e2e

package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/internal/sql/compat"
)

// TestStatements runs the example of every statement on the compatibility page and holds it against what the page says.
func TestStatements(t *testing.T) {
	t.Parallel()
	catalogs := map[string]map[string]string{"tpch": {"connector.name": "tpch"},
		"memory": {"connector.name": "memory", "memory.row-level-changes": "true"}}
	c := start(t, localcluster.Config{Workers: 1, Catalogs: catalogs})
	for _, s := range compat.Statements {
		t.Run(s.Name, func(t *testing.T) {
			cl := session(c)
			for _, sql := range s.Setup {
				mustRows(t, cl, sql)
			}
			defer func() {
				for _, sql := range s.Cleanup {
					mustRows(t, cl, sql)
				}
			}()
			_, err := rows(t.Context(), cl, s.SQL)
			var f *failure
			switch errors.As(err, &f); {
			case s.Support == compat.Yes && err != nil && !strings.HasPrefix(s.Name, "CALL"):
				t.Error(err)
			case s.Support == compat.Refused && (f == nil || f.name != "NOT_SUPPORTED" || f.line == 0):
				t.Errorf("%v, wanted NOT_SUPPORTED at a place", err)
			case s.Support == compat.Connector && (f == nil || f.name == "SYNTAX_ERROR" || f.name == "GENERIC_INTERNAL_ERROR"):
				t.Errorf("%v, wanted a refusal", err)
			}
		})
	}
}
