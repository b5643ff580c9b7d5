package filesystem

import (
	"path"
	"path/filepath"
	"strings"
)

// place is what a location says.
type place struct {
	scheme    string // in lower case; "file" for a plain path
	authority string // bucket, container@account, host; empty on this machine
	path      string // without a slash in front; as it stands, but for files of this machine
}

// split makes sense of a location. What follows the authority is taken as it stands: a percent sign is part of a name.
func split(location string) (place, bool) {
	scheme, rest, found := strings.Cut(location, ":/")
	if !found || strings.Contains(scheme, "/") {
		return place{scheme: "file", path: clean(location)}, strings.HasPrefix(location, "/")
	}
	p := place{scheme: strings.ToLower(scheme)}
	if p.scheme == "file" || p.scheme == "local" {
		p.path = clean("/" + rest)
		return p, true
	}
	rest, double := strings.CutPrefix(rest, "/")
	if !double {
		return place{}, false
	}
	p.authority, p.path, _ = strings.Cut(rest, "/")
	return p, true
}

// clean is a path of this machine without a slash in front, and without ways up.
func clean(p string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.TrimLeft(p, "/")), "/")
}

// Scheme is the scheme of a location in lower case; "file" when it is a plain path.
func Scheme(location string) string {
	scheme, _, found := strings.Cut(location, ":/")
	if !found || strings.Contains(scheme, "/") {
		return "file"
	}
	return strings.ToLower(scheme)
}

// Join appends names to a location.
func Join(location string, names ...string) string {
	return strings.TrimRight(location, "/") + "/" + strings.Join(names, "/")
}

// Name is the last part of a location.
func Name(location string) string {
	location = strings.TrimRight(location, "/")
	return location[strings.LastIndexByte(location, '/')+1:]
}

// Parent is the location of the directory that a file or directory is in.
func Parent(location string) string {
	location = strings.TrimRight(location, "/")
	return location[:max(0, strings.LastIndexByte(location, '/'))]
}

// within reports whether a path is a directory or below it. Both are clean.
func within(p, dir string) bool {
	return dir == string(filepath.Separator) || p == dir || strings.HasPrefix(p, dir+string(filepath.Separator))
}
