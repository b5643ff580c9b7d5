package bench

import (
	"os"

	"golang.org/x/sys/unix"
)

// memoryFile returns a file in memory.
func memoryFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("bench", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), "bench"), nil
}
