package coordinator

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Connectors are told of the session: what the client's headers say, and then what the query sets for itself.
func TestCatalogSessionProperties(t *testing.T) {
	l := newLab(t)
	c := withLab(t, l)
	for _, tt := range []struct {
		sql  string
		sets []string
		want labSettings
	}{
		{"SHOW CREATE TABLE lab.default.t", nil, labSettings{5, 1 << 30, "ONE"}},
		{"SHOW CREATE TABLE lab.default.t", []string{"lab.level=7", "lab.size=2kB"}, labSettings{7, 2048, "ONE"}},
		{"SHOW CREATE TABLE lab.default.t", []string{"lab.word=two"}, labSettings{5, 1 << 30, "TWO"}},
		{"WITH SESSION lab.level = 9 SELECT a FROM lab.default.t", []string{"lab.level=7", "lab.size=2kB"}, labSettings{9, 2048, "ONE"}},
	} {
		q := submit(t, c, tt.sql, tt.sets...)
		until(t, tt.sql, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return len(l.seen) > 0 })
		q.Cancel(trinoerr.New(trinoerr.UserCanceled, "enough"))
		if got := l.last(); got != tt.want {
			t.Errorf("%s with %v: %+v, want %+v", tt.sql, tt.sets, got, tt.want)
		}
		l.mu.Lock()
		l.seen = nil
		l.mu.Unlock()
	}
}

// SET SESSION and the client's headers are checked by the connector, with Trino's words.
func TestCatalogSessionErrors(t *testing.T) {
	c := withLab(t, newLab(t))
	for _, tt := range []struct{ sql, set, want string }{
		{"SET SESSION lab.level = 8", "", ""},
		{"SET SESSION lab.level = 10", "", "line 1:25: level must be equal or less than 9"},
		{"SET SESSION lab.level = 'x'", "", "Unable to set session property 'lab.level' to ''x'': Cannot cast type varchar(1) to integer"},
		{"SET SESSION lab.size = 'FOO'", "", "line 1:24: size is not a valid data size string: FOO"},
		{"SET SESSION lab.word = 'FOO'", "", "line 1:24: Invalid value [FOO]. Valid values: [ONE, TWO]"},
		{"SET SESSION lab.nothing = 1", "", "line 1:27: Session property 'lab.nothing' does not exist"},
		{"SET SESSION tpch.nothing = 1", "", "line 1:28: Session property 'tpch.nothing' does not exist"},
		{"SET SESSION none.nothing = 1", "", "line 1:28: Catalog 'none' not found"},
		{"RESET SESSION lab.level", "", ""},
		{"RESET SESSION lab.nothing", "", "line 1:1: Session property 'lab.nothing' does not exist"},
		{"USE tpch.tiny", "lab.size=x", "Session property 'lab.size' is invalid: size is not a valid data size string: x"},
		{"USE tpch.tiny", "lab.nothing=x", "Session property 'lab.nothing' does not exist"},
		{"USE tpch.tiny", "none.nothing=x", "Catalog 'none' not found"},
	} {
		var sets []string
		if tt.set != "" {
			sets = append(sets, tt.set)
		}
		p, err := submit(t, c, tt.sql, sets...).Next(t.Context(), 1, "", time.Minute, 1)
		got := ""
		if err != nil {
			t.Fatal(err)
		} else if p.Err != nil {
			got = p.Err.Error()
		}
		if got != tt.want {
			t.Errorf("%s with %q: %s, want %s", tt.sql, tt.set, got, tt.want)
		}
	}
}
