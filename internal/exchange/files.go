package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Spool makes the files into which partitions are read: in memory as long as its budget lasts, then in a directory. None
// of them has a name, so that nothing is left however the process ends. It may be used concurrently.
type Spool struct {
	// Dir is where files go that are not in memory.
	Dir string

	mu     sync.Mutex
	budget int64 // bytes of memory that are left
}

// NewSpool returns a spool that keeps up to budget bytes in memory.
func NewSpool(dir string, budget int64) *Spool { return &Spool{Dir: dir, budget: budget} }

// create returns a file for size bytes.
func (s *Spool) create(size int64) (*os.File, error) {
	if !s.reserve(size) {
		f, err := os.CreateTemp(s.Dir, "in-")
		if err != nil {
			return nil, fmt.Errorf("spool exchange input: %w", err)
		}
		if err := os.Remove(f.Name()); err != nil {
			f.Close()
			return nil, fmt.Errorf("spool exchange input: %w", err)
		}
		return f, nil
	}
	fd, err := unix.MemfdCreate("exchange", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("spool exchange input: %w", err)
	}
	return os.NewFile(uintptr(fd), "exchange"), nil
}

// reserve takes size bytes of memory from the budget. They are not given back: a spool serves one attempt.
func (s *Spool) reserve(size int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if size > s.budget {
		return false
	}
	s.budget -= size
	return true
}

// File is a partition file that was read back.
type File struct {
	Producer    string
	Partition   int
	Rows, Bytes int64
	// File has the content. Whoever has the File closes it.
	File *os.File
}

// Files reads the selected partition files into a spool. They come in the order of the handles and of the segments
// in them. After an error nothing is left open.
func (r *Reader) Files(ctx context.Context, want Wanted, s *Spool) (files []File, err error) {
	defer func() {
		if err != nil {
			for _, f := range files {
				f.File.Close()
			}
			files = nil
		}
	}()
	err = r.Read(ctx, want, func(h *Handle, seg Segment) (Target, error) {
		if seg.Kind != ParquetFile {
			return nil, errors.New("read partition files: the bundle has pages of rows")
		}
		f, err := s.create(seg.Bytes)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Producer: h.Producer, Partition: seg.Partition, Rows: seg.Rows, Bytes: seg.Bytes, File: f})
		return fileTarget{f}, nil
	})
	return files, err
}

type fileTarget struct{ *os.File }

// Restart implements Target.
func (t fileTarget) Restart() error {
	if err := t.Truncate(0); err != nil {
		return err
	}
	_, err := t.Seek(0, io.SeekStart)
	return err
}
