package cli

import (
	"io"
	"os"

	"github.com/peterh/liner"
	"golang.org/x/sys/unix"
)

// isTerminal reports whether statements are typed by somebody: standard input is a terminal that can be edited on.
func isTerminal(stdin io.Reader) bool {
	if stdin != io.Reader(os.Stdin) {
		return false
	}
	_, err := liner.TerminalMode()
	return err == nil && liner.TerminalSupported()
}

// terminalWidth returns the number of columns of the terminal that a writer writes to, 0 if it is none.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
