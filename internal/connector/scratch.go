package connector

import (
	"context"
	"os"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Scratch makes the files into which sources fetch what the engine reads.
type Scratch interface {
	// File returns a file without a name, which goes when it is closed. So many bytes of it will take room; the error tells when
	// there is none.
	File(bytes int64) (*os.File, error)
}

// scratchKey is the key of a context's scratch.
type scratchKey struct{}

// WithScratch returns a context for Source in a task.
func WithScratch(ctx context.Context, s Scratch) context.Context {
	return context.WithValue(ctx, scratchKey{}, s)
}

// ScratchFile makes a file in what the context lends, or else where the system has temporary files.
func ScratchFile(ctx context.Context, bytes int64) (*os.File, error) {
	if s, ok := ctx.Value(scratchKey{}).(Scratch); ok {
		return s.File(bytes)
	}
	f, err := os.CreateTemp("", "waterbear-fetch-")
	if err == nil {
		if err = os.Remove(f.Name()); err != nil {
			f.Close()
		}
	}
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "make a temporary file")
	}
	return f, nil
}
