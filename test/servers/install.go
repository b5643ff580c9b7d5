package servers

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// install returns the file of a program, after a script of test, install-servers.sh for example, has made it if needed.
func install(script, name string) (file string, err error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("bash", filepath.Join(root, "test", script), name)
	cmd.Stderr = os.Stderr // says what it does
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// repository is the directory with go.mod, above the one in which the test runs.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod here or above")
		}
		dir = parent
	}
}
