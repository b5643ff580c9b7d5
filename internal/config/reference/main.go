// Command reference writes the reference page of the configuration properties to the first file it is given, and the tables
// of the guide to fault-tolerant execution into the second. It knows nothing but package config; "go generate
// ./internal/config" runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/waterbear-sql/waterbear/internal/config"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: reference PAGE GUIDE")
		os.Exit(2)
	}
	err := write(os.Args[1])
	if err == nil {
		err = renew(os.Args[2])
	}
	if err != nil {
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

// renew puts the tables into the guide.
func renew(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	page, err := config.WithGuideTables(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(page), 0o644)
}
