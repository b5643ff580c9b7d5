package exchange

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Spool makes the files into which partitions are read: in memory as long as its budget lasts, then in a directory. None
// of them has a name, so that nothing is left however the process ends. It may be used concurrently.
type Spool struct {
	// Dir is where files go that are not in memory.
	Dir string
	// Quota is how many bytes such files may have together; zero: what the disk has.
	Quota int64

	mu               sync.Mutex
	budget           int64 // bytes of memory that are left
	inMemory, onDisk int64 // bytes that were given away
}

// Memory returns how many bytes of memory the spool has given away; nil has given none.
func (s *Spool) Memory() int64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inMemory
}

// Disk returns how many bytes the files in the directory have; nil has none.
func (s *Spool) Disk() int64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.onDisk
}

// NewSpool returns a spool that keeps up to budget bytes in memory.
func NewSpool(dir string, budget int64) *Spool { return &Spool{Dir: dir, budget: budget} }

// File returns a file for size bytes.
func (s *Spool) File(size int64) (*os.File, error) {
	inMemory, err := s.reserve(size)
	if err != nil {
		return nil, err
	}
	if !inMemory {
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

// reserve takes size bytes of memory from the budget, or else of the directory from the quota. They are not given back: a spool serves
// one attempt.
func (s *Spool) reserve(size int64) (inMemory bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if size <= s.budget {
		s.budget, s.inMemory = s.budget-size, s.inMemory+size
		return true, nil
	}
	if s.Quota > 0 && s.onDisk+size > s.Quota {
		return false, trinoerr.New(trinoerr.ExceededSpillLimit, "the inputs of the task exceed its scratch quota of %d bytes ('waterbear.scratch-quota')", s.Quota)
	}
	s.onDisk += size
	return false, nil
}
