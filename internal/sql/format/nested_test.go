package format_test

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// TestNestedQueries formats queries in queries: the time must not double with each level.
func TestNestedQueries(t *testing.T) {
	const levels = 60
	text := strings.Repeat("SELECT EXISTS(", levels) + "SELECT 1" + strings.Repeat(")", levels)
	stmt, err := parser.ParseStatement(text)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(format.Statement(stmt), "EXISTS"); n != levels {
		t.Errorf("%d levels are left of %d", n, levels)
	}
}
