// Command reference writes the reference page of the configuration properties to the file it is given. It knows nothing
// but config.Reference; "go generate ./internal/config" runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/waterbear-sql/waterbear/internal/config"
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
	return os.WriteFile(path, []byte(config.Reference()), 0o644)
}
