package hive

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A location is a text such as local:///data/t, as the metastore has it; a path is what the operating system opens. What follows
// the scheme is taken as it stands: a percent sign is part of a name, as in Trino.

// schemeOf returns the scheme of a location; "file" when it is a plain path.
func schemeOf(location string) string {
	scheme, _, found := strings.Cut(location, ":/")
	if !found || strings.Contains(scheme, "/") {
		return "file"
	}
	return scheme
}

func checkScheme(location string) error {
	switch schemeOf(location) {
	case "local":
	case "file":
		if p := strings.TrimPrefix(location, "file:"); !strings.HasPrefix(p, "/") {
			return fmt.Errorf("'%s' is not absolute", location)
		}
	default:
		return fmt.Errorf("there is no file system for '%s'", location)
	}
	return nil
}

// roots returns the directories below which all locations must lie: that of local:///, or else the metastore's. A user who
// can create tables cannot reach other files of the nodes.
func (s *settings) roots() []string {
	if s.nativeLocal {
		return []string{filepath.Clean(s.localRoot)}
	}
	return []string{plainPath(s.catalogDir)}
}

// plainPath returns the path of a location without a scheme, or with that of files.
func plainPath(location string) string {
	rest := strings.TrimPrefix(location, "file:")
	return path.Clean("/" + strings.TrimLeft(rest, "/"))
}

// path returns the path of a location.
func (s *settings) path(location string) (string, error) {
	refused := func() (string, error) {
		return "", trinoerr.New(trinoerr.NotSupported, "No factory for location: %s", location)
	}
	if err := checkScheme(location); err != nil {
		return refused()
	}
	if schemeOf(location) == "local" {
		if !s.nativeLocal {
			return refused()
		}
		_, rest, _ := strings.Cut(location, ":")
		return filepath.Join(s.localRoot, path.Clean("/"+strings.TrimLeft(rest, "/"))), nil
	}
	p := plainPath(location)
	for _, root := range s.roots() {
		if root == "/" || p == root || strings.HasPrefix(p, root+"/") {
			return p, nil
		}
	}
	return refused()
}

// join appends names to a location.
func join(location string, names ...string) string {
	return strings.TrimRight(location, "/") + "/" + strings.Join(names, "/")
}
