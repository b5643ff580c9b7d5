// Command reference writes the reference page of failures to the file it is given. It knows nothing but
// scheduler.FailureReference; "go generate ./internal/scheduler" runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: reference FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(scheduler.FailureReference()), 0o644)
}
