package lake

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// File is a file of a table. One that changed is another.
type File struct {
	Location string
	Size     int64
	Modified time.Time // zero where files never change
}

// Kind is how a connector's errors are called.
type Kind struct {
	// Name is in messages: "Error opening NAME split".
	Name string
	// CannotOpen is for files that cannot be read, BadData for those that make no sense.
	CannotOpen, BadData *trinoerr.Code
}

const (
	magic          = "PAR1"
	encryptedMagic = "PARE"
	// trailer is what ends a file: the footer's length, and the magic.
	trailer = 8
	// tailBytes is read at once: it holds most footers.
	tailBytes = 64 << 10
	// maxFooterBytes bounds what a broken file can make us read.
	maxFooterBytes = 512 << 20
)

// tail is the end of a file, with its footer.
type tail struct {
	raw  []byte // the last bytes of the file
	size int64  // of the file
	// footer is how many of the bytes before the trailer are the footer.
	footer int64
}

// from is where the tail begins in the file.
func (t *tail) from() int64 { return t.size - int64(len(t.raw)) }

// bytes is the encoded footer.
func (t *tail) bytes() []byte {
	end := int64(len(t.raw)) - trailer
	return t.raw[end-t.footer : end]
}

// ReadFooter reads the footer of a file with one request, or two when it is large.
func (k Kind) ReadFooter(ctx context.Context, fs filesystem.FileSystem, f File) (*Footer, error) {
	t, err := k.readTail(ctx, fs, f)
	if err != nil {
		return nil, err
	}
	return k.parse(t, f)
}

func (k Kind) parse(t *tail, f File) (*Footer, error) {
	out, err := ParseFooter(t.bytes())
	if err != nil {
		return nil, trinoerr.New(k.BadData, "Malformed Parquet file: %v [%s]", err, f.Location)
	}
	return out, nil
}

// readTail reads the end of a file.
func (k Kind) readTail(ctx context.Context, fs filesystem.FileSystem, f File) (*tail, error) {
	bad := func(format string, args ...any) error {
		return trinoerr.New(k.BadData, "Malformed Parquet file. "+format+" [%s]", append(args, f.Location)...)
	}
	if f.Size < int64(len(magic))+trailer {
		return nil, trinoerr.New(k.BadData, "%s is not a valid Parquet File", f.Location)
	}
	t := &tail{size: f.Size, raw: make([]byte, min(f.Size, tailBytes))}
	if err := filesystem.ReadRange(ctx, fs, f.Location, t.from(), t.raw); err != nil {
		return nil, k.cannotOpen(ctx, err, f)
	}
	end := t.raw[len(t.raw)-trailer:]
	switch string(end[4:]) {
	case magic:
	case encryptedMagic:
		return nil, trinoerr.New(trinoerr.NotSupported, "Encrypted Parquet files are not supported: %s", f.Location)
	default:
		return nil, bad("Expected magic number: %s got: %q", magic, end[4:])
	}
	t.footer = int64(binary.LittleEndian.Uint32(end))
	if t.footer > f.Size-trailer-int64(len(magic)) || t.footer > maxFooterBytes {
		return nil, bad("Metadata of %d bytes does not fit into a file of %d bytes", t.footer, f.Size)
	}
	if missing := t.footer + trailer - int64(len(t.raw)); missing > 0 {
		whole := make([]byte, t.footer+trailer)
		if err := filesystem.ReadRange(ctx, fs, f.Location, f.Size-int64(len(whole)), whole[:missing]); err != nil {
			return nil, k.cannotOpen(ctx, err, f)
		}
		copy(whole[missing:], t.raw)
		t.raw = whole
	}
	return t, nil
}

// cannotOpen is the error of reading a file of a split. Where the storage failed its own identity stays.
func (k Kind) cannotOpen(ctx context.Context, err error, f File) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return trinoerr.New(k.CannotOpen, "Error opening %s split %s: it is shorter than %d bytes", k.Name, f.Location, f.Size)
	}
	return trinoerr.Wrap(err, k.CannotOpen, "Error opening %s split %s", k.Name, f.Location)
}
