package compat

import (
	"strings"
	"testing"
)

// TestOwnFunctions demands every overload of the functions that belong to Trino itself.
func TestOwnFunctions(t *testing.T) {
	n := 0
	for _, o := range trinoFunctions() {
		if o.Plugin() != "" {
			continue
		}
		n++
		if !o.Supported() {
			t.Errorf("%s is not supported", o.Signature())
		}
	}
	if n < 600 {
		t.Errorf("only %d functions in the list", n)
	}
}

func TestSplitTypes(t *testing.T) {
	for text, want := range map[string]string{"": "", "bigint": "bigint", "map(K,V), function(K,V,boolean)": "map(K,V)|function(K,V,boolean)"} {
		if got := strings.Join(splitTypes(text), "|"); got != want {
			t.Errorf("%q: %s, wanted %s", text, got, want)
		}
	}
}
