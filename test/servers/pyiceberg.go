package servers

import (
	"testing"
)

// PyIceberg runs a Python program that can use the packages pyiceberg and pyarrow, and returns what it prints.
func PyIceberg(t testing.TB, program string, args ...string) string {
	t.Helper()
	return python(t, "pyiceberg", program, args...)
}
