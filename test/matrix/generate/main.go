// Command generate writes docs/failure-matrix.md from the tables of package matrix.
package main

import (
	"fmt"
	"os"

	"github.com/waterbear-sql/waterbear/test/matrix"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(matrix.Document()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
