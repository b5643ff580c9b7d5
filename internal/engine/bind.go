package engine

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// descriptorDir holds the paths of what is bound. A statement can open nothing else but the scratch directory, so it
// sees exactly the inputs that it was given. Every opening of such a path gives an independent file position.
const descriptorDir = "/proc/self/fd/"

// BindFile opens a local file for reading and returns a path under which statements can read it until Reset, even if the
// file is deleted meanwhile.
func (i *Instance) BindFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", trinoerr.Wrap(err, trinoerr.GenericInternalError, "bind file")
	}
	return i.bind(f), nil
}

// BindBytes copies data into anonymous memory, outside DuckDB's memory limit, and returns a path under which statements
// can read it until Reset.
func (i *Instance) BindBytes(data []byte) (string, error) {
	f, err := AnonymousFile("input", data)
	if err != nil {
		return "", err
	}
	return i.bind(f), nil
}

// Bind takes over an open file, for example one of AnonymousFile that was filled piece by piece, and returns a path under
// which statements can read it until Reset.
func (i *Instance) Bind(f *os.File) string { return i.bind(f) }

func (i *Instance) bind(f *os.File) string {
	i.bound = append(i.bound, f)
	return fmt.Sprint(descriptorDir, f.Fd())
}

// AnonymousFile returns a file that lives in memory and has no name, with the given content.
func AnonymousFile(label string, data []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate(label, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "create memory file")
	}
	f := os.NewFile(uintptr(fd), label)
	if _, err := f.Write(data); err != nil {
		f.Close()
		return nil, trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "fill memory file")
	}
	return f, nil
}
