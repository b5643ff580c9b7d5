package servers

import (
	"os/exec"
	"strings"
	"testing"
)

// DeltaLake runs a Python program that can use the packages deltalake and pyarrow, and returns what it prints.
func DeltaLake(t testing.TB, program string, args ...string) string {
	t.Helper()
	return python(t, "deltalake", program, args...)
}

// python runs a program with the interpreter of an environment.
func python(t testing.TB, name, program string, args ...string) string {
	t.Helper()
	python, err := install("install-connectors.sh", name)
	if err != nil {
		t.Fatalf("install %s: %v", name, err)
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", program}, args...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the program with %s failed: %v\n%s", name, err, said.String())
	}
	return strings.TrimSpace(string(out))
}
