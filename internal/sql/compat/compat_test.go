package compat

import (
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
