//go:build e2e

package tpcds

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the program under test.
var binary string

// generated has the files that generate.py makes.
var generated string

// scale is the scale factor of the data.
const scale = "0.05"

func TestMain(m *testing.M) {
	os.Exit(prepareAndRun(m))
}

// prepareAndRun builds the program and makes the data.
func prepareAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "waterbear-tpcds")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cache := os.Getenv("WATERBEAR_CACHE")
	if cache == "" {
		cache = filepath.Join("..", "..", ".cache")
	}
	binary, generated = filepath.Join(dir, "waterbear"), filepath.Join(dir, "generated")
	for _, c := range [][]string{
		{"go", "build", "-o", binary, "github.com/waterbear-sql/waterbear/cmd/waterbear"},
		{filepath.Join(cache, "tpcds", "venv", "bin", "python"), "generate.py", scale, generated},
	} {
		cmd := exec.Command(c[0], c[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v (test/install-tpcds.sh installs what is needed)\n", c, err)
			return 1
		}
	}
	return m.Run()
}
