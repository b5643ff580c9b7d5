// Package deltalog reads and writes the transaction log of Delta tables, as the Delta Transaction Log Protocol describes it: the
// JSON commits, the checkpoints in Parquet and what both say.
//
// A Log is a table's directory. Open finds a version of the table: its protocol and metadata, and from which files its list of
// data files can be read. That list may be long and is not kept: Adds streams it, newest commits first, the checkpoint
// last; what it remembers are the files that the commits since the checkpoint name. Commit appends a version.
package deltalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// Files is what the log needs of a filesystem.FileSystem.
type Files interface {
	Open(ctx context.Context, location string, offset, length int64) (io.ReadCloser, error)
	Stat(ctx context.Context, location string) (filesystem.Entry, error)
	Create(ctx context.Context, location string, o filesystem.CreateOptions) (filesystem.Writer, error)
	ListDir(ctx context.Context, dir string, f func(filesystem.Entry) error) error
}

// File is a file of the log. Its name is relative to the table's directory.
type File struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// Log is the log of the table in a directory.
type Log struct {
	Files    Files
	Location string
}

// at is the location of a file of the table.
func (l *Log) at(name string) string { return strings.TrimRight(l.Location, "/") + "/" + name }

// open opens a whole file of the table.
func (l *Log) open(ctx context.Context, name string) (io.ReadCloser, error) {
	return l.Files.Open(ctx, l.at(name), 0, -1)
}

// create begins a file of the table.
func (l *Log) create(ctx context.Context, name string, absent bool) (filesystem.Writer, error) {
	return l.Files.Create(ctx, l.at(name), filesystem.CreateOptions{IfAbsent: absent, Durable: true})
}

// isMissing reports whether a file was not there.
func isMissing(err error) bool { return errors.Is(err, filesystem.ErrNotFound) }

// The bounds of what a log may make us keep at a time.
const (
	// maxLine is the longest action in JSON.
	maxLine = 256 << 20
	// maxHint is the largest hint of the last checkpoint: it may have a whole v2 checkpoint in it.
	maxHint = 64 << 20
)

// Error is a log that does not make sense, or what is beyond this implementation.
type Error struct {
	// Unsupported is set when the log is well-formed as far as one can tell.
	Unsupported bool
	// Missing is set when there is no table, or no such version of it.
	Missing bool
	Msg     string
}

// Error describes it.
func (e *Error) Error() string { return e.Msg }

func broken(format string, args ...any) error { return &Error{Msg: fmt.Sprintf(format, args...)} }

func unsupported(format string, args ...any) error {
	return &Error{Unsupported: true, Msg: fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) error {
	return &Error{Missing: true, Msg: fmt.Sprintf(format, args...)}
}
