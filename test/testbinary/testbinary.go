// Package testbinary finds the program under test for the tests that run it as processes: the one that the environment names, which
// test/run has built once for all of them, or one that is built for the occasion.
//
// It knows nothing of clusters. Start with Main.
package testbinary

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Env is the environment variable with the path of the program, if it is built already.
const Env = "WATERBEAR_PROGRAM"

// Main calls run with the path of the program and returns what it returns, or 1 if there is no program. It is what a TestMain
// exits with. What had to be built is gone when it returns.
func Main(run func(path string) int) int {
	if path := os.Getenv(Env); path != "" {
		if _, err := os.Stat(path); err != nil {
			fmt.Fprintf(os.Stderr, "the program under test, which %s names: %v\n", Env, err)
			return 1
		}
		return run(path)
	}
	dir, err := os.MkdirTemp("", "waterbear-program")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "waterbear")
	build := exec.Command("go", "build", "-o", path, "github.com/waterbear-sql/waterbear/cmd/waterbear")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the program under test:", err)
		return 1
	}
	return run(path)
}
