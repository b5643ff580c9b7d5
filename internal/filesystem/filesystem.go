// Package filesystem reads and writes files by their locations, as the metadata of lakes has them: s3://bucket/key, gs://bucket/key,
// abfss://container@account.dfs.core.windows.net/path, hdfs://host/path, local:///path, file:/path and plain paths.
//
// Files on this machine are the operating system's (local.go). All others are objects of the stores in internal/exchange/store, whose
// credentials, repetition of requests and uploads in parts this package configures with Trino's properties of catalogs (properties*.go) and
// does not have a second time. What follows the authority of a location is taken as it stands: a percent sign is part of a name, as in
// Trino (location.go). Start with New.
package filesystem

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// FileSystem is all the files that a catalog can reach. All methods may be called concurrently.
type FileSystem interface {
	// Open reads length bytes of a file from offset on; a negative length means up to the end. The reader gives io.ErrUnexpectedEOF when
	// the file ends sooner. A missing file is ErrNotFound, from here or from the reader.
	Open(ctx context.Context, location string, offset, length int64) (io.ReadCloser, error)
	// Stat describes a file; ErrNotFound when there is none.
	Stat(ctx context.Context, location string) (Entry, error)
	// Create starts writing a file, which nobody sees until its writer is closed. Directories above it are made.
	Create(ctx context.Context, location string, o CreateOptions) (Writer, error)
	// List calls f for the files in a directory and those below it, hidden ones too; f's error ends the listing. A directory that does not
	// exist has none. The order is that of the names for object stores, and unspecified for others.
	List(ctx context.Context, dir string, f func(Entry) error) error
	// ListDir calls f for the files and directories directly in a directory. For object stores directories are what keys have in common.
	ListDir(ctx context.Context, dir string, f func(Entry) error) error
	// Delete deletes a file; that there is none is no error.
	Delete(ctx context.Context, location string) error
	// DeleteDir deletes a directory with all that is in it; that there is none is no error.
	DeleteDir(ctx context.Context, dir string) error
	// CreateDir makes a directory and those above it. Object stores have none, and do nothing.
	CreateDir(ctx context.Context, dir string) error
	// Rename moves a file or a directory; where that is not one step, it is NOT_SUPPORTED. See CanRename.
	Rename(ctx context.Context, from, to string) error
	// CanRename reports whether Rename works at a location: on this machine and in HDFS.
	CanRename(location string) bool
	// Move gives a file another name, in place of the file that may have it. Object stores copy it by themselves, and nobody sees a part of
	// it; when that is interrupted both may be there. ErrNotFound when there is no such file.
	Move(ctx context.Context, from, to string) error
	// TakeOver makes a file of one on this machine, which it moves or uploads and removes. It survives a power failure.
	TakeOver(ctx context.Context, path, location string) error
	// DeleteEmptyDir deletes a directory if there is nothing in it. Object stores have none.
	DeleteEmptyDir(ctx context.Context, dir string) error
	// SyncDir makes what was renamed in a directory survive a power failure.
	SyncDir(ctx context.Context, dir string) error
	// LocalPath is the absolute path of a file or directory on this machine; ok is false for all others.
	LocalPath(location string) (path string, ok bool)
	// Check reports whether there is a file system for a location; the error is NOT_SUPPORTED, in Trino's words.
	Check(location string) error
	// Close releases connections. It may be called twice.
	Close() error
}

// Entry is a file or directory of a listing.
type Entry struct {
	// Location is that of the directory listed, a slash and the rest; of a directory, without a slash at the end.
	Location string
	Size     int64
	// Modified is when it was written; zero when the storage does not say, and for directories.
	Modified time.Time
	Dir      bool
}

// CreateOptions say what committing means: IfAbsent makes Writer.Close fail with ErrExists when there is a file of that name, of several
// concurrent writers for all but one; Durable waits until the file survives a power failure.
type CreateOptions = store.CreateOptions

// Writer writes a file: exactly one of Close and Abort takes effect. After an error of Close it is unknown whether the file exists, unless
// the error is ErrExists.
type Writer = store.Writer

// The errors that callers branch on. All others have a Trino identity; wrap them in the code of the connector with Failed.
var (
	ErrNotFound = store.ErrNotFound
	ErrExists   = store.ErrExists
)

// ReadAll reads a whole file.
func ReadAll(ctx context.Context, f FileSystem, location string) ([]byte, error) {
	r, err := f.Open(ctx, location, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// ReadRange reads length bytes of a file from offset on.
func ReadRange(ctx context.Context, f FileSystem, location string, offset int64, into []byte) error {
	r, err := f.Open(ctx, location, offset, int64(len(into)))
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadFull(r, into)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// WriteAll writes a whole file.
func WriteAll(ctx context.Context, f FileSystem, location string, data []byte, o CreateOptions) error {
	w, err := f.Create(ctx, location, o)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Close()
}
