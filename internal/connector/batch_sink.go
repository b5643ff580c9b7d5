package connector

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// BatchSink is a Sink that takes rows instead of files. It has no files to take: embed NoFiles.
type BatchSink interface {
	Sink
	// ColumnTypes are the types of the table's columns, which the batches have.
	ColumnTypes() []types.Type
	// Write takes rows, and returns how many bytes they made. The batch is valid until it returns.
	Write(ctx context.Context, rows *Batch) (bytes int64, err error)
}

// NoFiles is the part of a sink that is about files, for one that takes none.
type NoFiles struct{}

// PartitionColumns are none.
func (NoFiles) PartitionColumns() []string { return nil }

// Options are those of no file.
func (NoFiles) Options() FileOptions { return FileOptions{} }

// Add is never called.
func (NoFiles) Add(context.Context, string, []*string, int64, int64) error {
	return trinoerr.New(trinoerr.GenericInternalError, "a sink of rows was given a file")
}
