package config

import (
	"os"
	"strings"
	"testing"
)

// TestGuide checks that the tables of the guide are current: go generate ./internal/config.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/fault-tolerant-execution.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := WithGuideTables(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if page != string(text) {
		t.Error("docs/fault-tolerant-execution.md is not current; run go generate ./internal/config")
	}
	if _, err := WithGuideTables("no marks"); err == nil {
		t.Error("a document without marks is taken")
	}
}

// Each property of fault-tolerant execution that Trino has is in the guide, and each once; no section asks for what there is
// not.
func TestGuideIsComplete(t *testing.T) {
	tables := GuideTables()
	for line := range strings.Lines(strings.TrimSpace(trinoProperties)) {
		name := strings.TrimSpace(strings.Split(line, "|")[0])
		if name != "" && strings.Count(tables, "\n| `"+name+"` |") != 1 {
			t.Errorf("%s is %d times in the guide", name, strings.Count(tables, "\n| `"+name+"` |"))
		}
	}
	known := guideRows()
	for _, s := range guideSections {
		for _, wanted := range s.properties {
			prefix, open := strings.CutSuffix(wanted, "*")
			found := false
			for _, r := range known {
				found = found || r.name == wanted || open && strings.HasPrefix(r.name, prefix)
			}
			if !found {
				t.Errorf("section %q wants %s, which there is not", s.title, wanted)
			}
		}
	}
}
