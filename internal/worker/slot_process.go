package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// slotProcess is one slot: a child process, spoken to over a socket pair, that runs one attempt at a time.
type slotProcess struct {
	cmd  *exec.Cmd
	conn *os.File
	in   *bufio.Reader
	// writeMu guards writing to conn: runs come from the slot's own goroutine, cancels from any.
	writeMu sync.Mutex
	waited  chan struct{} // closed once the process is gone
	waitErr error
}

// startSlot starts a child with its end of a socket pair as descriptor 3. The child dies with this process.
func startSlot(cmd *exec.Cmd) (*slotProcess, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("make socket pair: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "slot"), os.NewFile(uintptr(fds[1]), "worker")
	defer theirs.Close()
	cmd.ExtraFiles = []*os.File{theirs}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // a terminal's Ctrl-C is for the worker, which ends its slots itself
	if err := cmd.Start(); err != nil {
		ours.Close()
		return nil, fmt.Errorf("start slot: %w", err)
	}
	p := &slotProcess{cmd: cmd, conn: ours, in: bufio.NewReaderSize(ours, 64<<10), waited: make(chan struct{})}
	go func() {
		p.waitErr = cmd.Wait()
		close(p.waited)
	}()
	return p, nil
}

func (p *slotProcess) send(m *rpcv1.SlotMessage) error {
	p.writeMu.Lock()
	defer p.writeMu.Unlock()
	return rpc.WriteFrame(p.conn, m)
}

// receive reads the next message. Any error means that the process is dead or has to die.
func (p *slotProcess) receive() (*rpcv1.SlotMessage, error) { return rpc.ReadFrame(p.in) }

// stop closes the socket, which lets an idle slot exit, and kills it if it does not.
func (p *slotProcess) stop(grace time.Duration) {
	p.conn.Close()
	select {
	case <-p.waited:
	case <-time.After(grace):
		p.kill()
	}
}

// kill ends the process and waits for its end.
func (p *slotProcess) kill() {
	p.cmd.Process.Kill()
	<-p.waited
	p.conn.Close()
}

// death describes how the process ended, for an error message.
func (p *slotProcess) death() string {
	select {
	case <-p.waited:
	case <-time.After(time.Second):
		return "connection lost"
	}
	var exit *exec.ExitError
	switch {
	case errors.As(p.waitErr, &exit):
		return exit.ProcessState.String()
	case p.waitErr != nil && !errors.Is(p.waitErr, context.Canceled) && !errors.Is(p.waitErr, io.EOF):
		return p.waitErr.Error()
	}
	return "exited"
}

// residentBytes is the memory that the process occupies: what it alone would give back by dying.
func (p *slotProcess) residentBytes() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var size, resident, shared int64
	if _, err := fmt.Sscan(string(data), &size, &resident, &shared); err != nil {
		return 0
	}
	return (resident - shared) * int64(os.Getpagesize())
}
