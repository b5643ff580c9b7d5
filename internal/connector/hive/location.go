package hive

import "github.com/waterbear-sql/waterbear/internal/filesystem"

// join appends names to a location.
func join(location string, names ...string) string { return filesystem.Join(location, names...) }
