package servers

import (
	"os/exec"
	"strings"
	"testing"
)

// DeltaLake runs a Python program that can use the packages deltalake and pyarrow, and returns what it prints.
func DeltaLake(t testing.TB, program string, args ...string) string {
	t.Helper()
	python, err := install("install-connectors.sh", "deltalake")
	if err != nil {
		t.Fatalf("install deltalake: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", program}, args...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the program with deltalake failed: %v\n%s", err, said.String())
	}
	return strings.TrimSpace(string(out))
}
