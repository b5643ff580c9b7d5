package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// documents returns the Markdown files of the repository by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return filepath.SkipDir
		case d.IsDir() && (d.Name() == "data" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path) // both are relative to the same directory
		out[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var link = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)

var heading = regexp.MustCompile("(?m)^#+ +(.*)$")

// anchors returns what links into a document can name: its headings as GitHub writes them, in lower case, with - for blanks and without punctuation.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		out[name] = true
	}
	return out
}

// Links between documents, and into them, lead somewhere.
func TestLinks(t *testing.T) {
	all := documents(t)
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			path, anchor := m[1], strings.TrimPrefix(m[2], "#")
			if strings.Contains(path, "://") {
				continue
			}
			to := name
			if path != "" {
				to = filepath.Join(filepath.Dir(name), path)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, path)
			} else if anchor != "" && filepath.Ext(to) == ".md" && !anchors(all[to])[anchor] {
				t.Errorf("%s links to #%s of %s, which has no such heading", name, anchor, to)
			}
		}
	}
}

var errorName = regexp.MustCompile(`(?m)^### ([A-Z_]+)$`)

// Errors that the page about them explains are those that there are.
func TestExplainedErrorsExist(t *testing.T) {
	explained := errorName.FindAllStringSubmatch(documents(t)["docs/troubleshooting.md"], -1)
	if len(explained) == 0 {
		t.Error("no error is explained")
	}
	for _, m := range explained {
		if trinoerr.ByName(m[1]) == nil {
			t.Errorf("docs/troubleshooting.md explains %s, which does not exist", m[1])
		}
	}
}

// The page of connectors has all their pages.
func TestConnectorsAreListed(t *testing.T) {
	all := documents(t)
	for name := range all {
		if dir, file := filepath.Split(name); dir == "docs/connectors/" && !strings.Contains(all["docs/connectors.md"], "(connectors/"+file+")") {
			t.Errorf("docs/connectors.md does not link to %s", name)
		}
	}
}

var mention = regexp.MustCompile("`((?:internal|cmd|test|docs|changelog)/[A-Za-z0-9_./-]*[A-Za-z0-9_])(?:/\\.\\.\\.)?/?`")

// Paths that documents name exist.
func TestMentionedPathsExist(t *testing.T) {
	for name, text := range documents(t) {
		if strings.HasPrefix(name, "docs/adr/") || name == "CHANGELOG.md" { // they speak of their day
			continue
		}
		for _, m := range mention.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which does not exist", name, m[1])
			}
		}
	}
}

// The map of the house shows every room.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages(t) {
		if !p.generated() && !strings.Contains(string(text), "`"+p.path()+"`") {
			t.Errorf("docs/architecture.md does not name `%s`", p.path())
		}
	}
}

var (
	mentionedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")
	definedTest   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)\(`)
)

// definedTests are the names of all tests of the repository.
func definedTests(t *testing.T) map[string]bool {
	t.Helper()
	defined := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range definedTest.FindAllStringSubmatch(string(text), -1) {
			defined[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return defined
}

// Tests that documents name exist.
func TestMentionedTestsExist(t *testing.T) {
	defined := definedTests(t)
	for name, text := range documents(t) {
		for _, m := range mentionedTest.FindAllStringSubmatch(text, -1) {
			if !defined[m[1]] {
				t.Errorf("%s names %s, which does not exist", name, m[1])
			}
		}
	}
}
