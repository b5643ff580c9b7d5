// Command reference writes the pages of the documentation that are made from the tables of the language to the directory
// it is given. It knows nothing but package compat; "go generate ./internal/sql/compat" runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/waterbear-sql/waterbear/internal/sql/compat"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: reference DIRECTORY")
		os.Exit(2)
	}
	for name, text := range map[string]string{"compatibility.md": compat.Page(), "reference/functions.md": compat.Reference()} {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "reference:", err)
			os.Exit(1)
		}
	}
}
