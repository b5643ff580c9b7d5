//go:build e2e

package tpcds

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/waterbear-sql/waterbear/test/testbinary"
)

// binary is the program under test.
var binary string

// generated has the files that generate.py makes.
var generated string

// scale is the scale factor of the data.
const scale = "0.05"

func TestMain(m *testing.M) {
	os.Exit(testbinary.Main(func(path string) int {
		binary = path
		return generateAndRun(m)
	}))
}

// generateAndRun makes the data.
func generateAndRun(m *testing.M) int {
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
	generated = filepath.Join(dir, "generated")
	cmd := exec.Command(filepath.Join(cache, "tpcds", "venv", "bin", "python"), "generate.py", scale, generated)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v (test/install-tpcds.sh installs what is needed)\n", cmd.Args, err)
		return 1
	}
	return m.Run()
}
