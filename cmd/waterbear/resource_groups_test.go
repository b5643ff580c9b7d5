package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// What is wrong with the file of resource groups stops a coordinator, with file and line; workers do not look at it.
func TestReadResourceGroups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "groups.json")
	read := func(coordinator bool) error {
		cfg := &config.Config{Groups: &config.ResourceGroups{Manager: config.FileResourceGroups, File: path}}
		cfg.Server.Coordinator = coordinator
		spec, err := readResourceGroups(cfg)
		if coordinator && (spec == nil) == (err == nil) {
			t.Errorf("%v, %v", spec, err)
		}
		return err
	}
	if err := read(true); err == nil || err.Error() != path+": no such file or directory" {
		t.Errorf("without the file: %v", err)
	}
	for text, want := range map[string]string{
		`{"rootGroups": [], "selectors": []}`:                        "",
		"{\"rootGroups\": [],\n\"selectors\": [],\n\"x\": 1}":        path + ":3: Unknown property at line 3:1: x",
		"{\"rootGroups\": [],\n\"selectors\": [{\"group\": \"g\"}]}": path + ":2: Selector refers to nonexistent group: g",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := read(true); (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if err := read(false); err != nil {
			t.Errorf("on a worker: %v", err)
		}
	}
}
