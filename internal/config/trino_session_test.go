package config

import (
	"os"
	"strings"
	"testing"
)

// otherDefaults are the session properties whose default is not Trino's, with the reason.
var otherDefaults = map[string]string{"exchange_compression_codec": "LZ4 is that of clusters under TASK, as the one that was asked"}

// Every session property that Trino lists is known, with its type and default.
func TestTrinoSessionProperties(t *testing.T) {
	data, err := os.ReadFile("testdata/trino-session.tsv")
	if err != nil {
		t.Fatal(err)
	}
	s := Defaults(testHost()).Session
	known := map[string]SessionProperty{}
	for _, p := range s.SessionProperties() {
		known[p.Name] = p
	}
	seen := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 {
			continue
		}
		seen++
		p, ok := known[f[0]]
		switch {
		case !ok || p.Hidden:
			t.Errorf("%s is not listed", f[0])
		case p.Type.String() != f[2]:
			t.Errorf("%s is a %s, want %s", f[0], p.Type, f[2])
		case (p.Default != f[1]) != (otherDefaults[f[0]] != ""):
			t.Errorf("%s is %q, want %q", f[0], p.Default, f[1])
		}
	}
	if seen < 90 {
		t.Errorf("%d properties", seen)
	}
}
