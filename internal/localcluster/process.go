package localcluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// process is a running node. Its goroutine waits for the child and ends with it.
type process struct {
	node   string
	etc    string
	log    string
	cmd    *exec.Cmd
	asked  atomic.Bool   // somebody here ends it
	exited chan struct{} // closed once it has ended
	err    error         // of Wait; set when exited is closed
}

// startProcess starts a node. The kernel kills the child when this process dies, however that happens. A Ctrl-C in the
// terminal does not reach it: it is this process that has to end it.
func startProcess(binary, command, node, etc, log string, env []string, ended func(*process)) (*process, error) {
	out, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	defer out.Close()
	p := &process{node: node, etc: etc, log: log, exited: make(chan struct{})}
	p.cmd = exec.Command(binary, command, "--etc-dir", etc)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", node, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
		if !p.asked.Load() {
			ended(p)
		}
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// alive reports whether the process has not ended yet.
func (p *process) alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// how describes the end of a process that has exited.
func (p *process) how() string {
	var exit *exec.ExitError
	switch {
	case errors.As(p.err, &exit):
		return exit.ProcessState.String()
	case p.err != nil:
		return p.err.Error()
	}
	return "exit status 0"
}

// kill ends the process with SIGKILL and returns when it and its slots, which the kernel kills after it, are gone.
func (p *process) kill() {
	p.asked.Store(true)
	p.freeze() // so that no slot starts unseen
	slots := children(p.pid())
	p.cmd.Process.Kill()
	<-p.exited
	for _, slot := range slots {
		slot.awaitEnd(killWait)
	}
}

// killWait bounds the wait for processes that have been sent SIGSTOP or SIGKILL.
const killWait = 5 * time.Second

// freeze stops the process and returns when none of its threads runs any more.
func (p *process) freeze() {
	if p.cmd.Process.Signal(syscall.SIGSTOP) != nil {
		return // it has ended
	}
	for deadline := time.Now().Add(killWait); p.alive() && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if s, ok := readStat(p.pid()); !ok || s.state == "T" || s.state == "Z" {
			return
		}
	}
}

// terminate asks the process to end, with SIGTERM or SIGINT, and reports whether it did in time.
func (p *process) terminate(sig syscall.Signal, within time.Duration) bool {
	p.asked.Store(true)
	p.cmd.Process.Signal(sig)
	select {
	case <-p.exited:
		return true
	case <-time.After(within):
		return false
	}
}

// signalAll sends a signal to the process and its slots.
func (p *process) signalAll(sig syscall.Signal) error {
	err := p.cmd.Process.Signal(sig)
	for _, slot := range children(p.pid()) {
		err = errors.Join(err, syscall.Kill(slot.pid, sig))
	}
	return err
}

// lastLines returns the end of the log, for messages.
func (p *process) lastLines() string {
	const most = 4096
	text, err := os.ReadFile(p.log)
	if err != nil {
		return ""
	}
	if len(text) > most {
		text = text[len(text)-most:]
		text = text[bytes.IndexByte(text, '\n')+1:]
	}
	return strings.TrimSpace(string(text))
}

// descendant is a process that another one started. Start tells it from a later process of the same id.
type descendant struct {
	pid   int
	start string
}

// children lists the processes whose parent is pid.
func children(pid int) []descendant {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	var out []descendant
	for _, file := range stats {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		if s, ok := readStat(child); ok && s.parent == pid {
			out = append(out, descendant{child, s.start})
		}
	}
	return out
}

// awaitEnd waits until the process has ended. A zombie has, unless it is only the first of its threads that has.
func (d descendant) awaitEnd(atMost time.Duration) {
	for deadline := time.Now().Add(atMost); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if s, ok := readStat(d.pid); !ok || s.start != d.start || s.state == "Z" && s.threads <= 1 {
			return
		}
	}
}

// stat is what is needed of /proc/PID/stat.
type stat struct {
	state   string
	parent  int
	threads int
	start   string
}

func readStat(pid int) (stat, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, false
	}
	// The second field is the command in parentheses and may contain anything. Fields are described in proc(5).
	after := bytes.LastIndexByte(text, ')')
	fields := strings.Fields(string(text[after+1:]))
	if after < 0 || len(fields) < 20 {
		return stat{}, false
	}
	parent, err := strconv.Atoi(fields[1])
	threads, err2 := strconv.Atoi(fields[17])
	return stat{state: fields[0], parent: parent, threads: threads, start: fields[19]}, err == nil && err2 == nil
}
