// Package servers starts real servers of storage, and databases, for tests, on free ports of 127.0.0.1, and installs them when they are missing.
//
// Each kind of storage is a file with a type that embeds Server and adds what its clients need to know: S3 for example has
// credentials. A server belongs to the test that started it and ends with it.
package servers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds how long a server may take to start: long, as the machine may be busy.
const patience = 2 * time.Minute

// Server is a running server.
type Server struct {
	// Name is the program's.
	Name string
	// URL is where it answers, without a slash at the end.
	URL string
	// Dir is where it keeps its data, and Log the file with what it said.
	Dir, Log string

	port    int
	program program
	file    string // the program's
	cmd     *exec.Cmd
	ended   chan struct{} // closed when cmd has ended
}

// program says how a server is run.
type program struct {
	name string // as the script knows it
	// script of test installs it: install-servers.sh when empty.
	script string
	args   func(s *Server) []string
	env    func(s *Server) []string // added to the test's own
	// ready is a path that is answered, with anything but a server's error, when the server is ready.
	ready string
	// answers, when not nil, finds out in another way than by ready whether the server does.
	answers func(ctx context.Context, s *Server) bool
	// prepare, when not nil, fills the empty directory of the data. file is the program's.
	prepare func(s *Server, file string) error
	// user, when not nil, runs the program, and owns its data.
	user *syscall.Credential
}

// start installs a program if needed, starts it and waits until it answers.
func start(t testing.TB, p program) *Server {
	t.Helper()
	file, err := install(cmp.Or(p.script, "install-servers.sh"), p.name)
	if err != nil {
		t.Fatalf("install %s: %v", p.name, err)
	}
	dir := t.TempDir()
	s := &Server{Name: p.name, Dir: filepath.Join(dir, "data"), Log: filepath.Join(dir, "log"), program: p, file: file}
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if p.user != nil {
		err := os.Chown(s.Dir, int(p.user.Uid), int(p.user.Gid))
		for _, above := range []string{dir, filepath.Dir(dir)} { // the test's own
			err = errors.Join(err, os.Chmod(above, 0o711))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if p.prepare != nil {
		if err := p.prepare(s, file); err != nil {
			t.Fatalf("prepare %s: %v", p.name, err)
		}
	}
	t.Cleanup(s.Kill)
	for attempt := 0; ; attempt++ {
		if s.port, err = freePort(); err != nil {
			t.Fatal(err)
		}
		s.URL = fmt.Sprintf("http://127.0.0.1:%d", s.port)
		err := s.run(t.Context())
		if err == nil {
			return s
		}
		if attempt == 2 { // somebody else may have taken the port
			t.Fatal(err)
		}
	}
}

// Restart starts a server that was killed, at the same URL with the same data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Kill()
	if err := s.run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the server as by kill -9. It may be called twice.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
	s.cmd = nil
}

// Pause stops the server from doing anything until Resume, as if the network had swallowed it. It returns when all of its threads have
// stopped.
func (s *Server) Pause() error {
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for {
		err := unix.Waitid(unix.P_PID, s.cmd.Process.Pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err
		}
	}
}

// Resume lets a paused server go on.
func (s *Server) Resume() error { return s.cmd.Process.Signal(syscall.SIGCONT) }

// run starts the process and waits until it answers.
func (s *Server) run(ctx context.Context) error {
	log, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(s.file, s.program.args(s)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, s.Dir
	if s.program.env != nil {
		cmd.Env = append(os.Environ(), s.program.env(s)...)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: s.program.user}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended shows in its log
		close(s.ended)
	}()
	if err := s.await(ctx); err != nil {
		s.Kill()
		return fmt.Errorf("%s did not start: %w\n%s", s.Name, err, s.tail())
	}
	return nil
}

// await waits until the server answers.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if s.answers(ctx) {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("its process has ended")
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if s.program.answers != nil {
		return s.program.answers(ctx, s)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+s.program.ready, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode < http.StatusInternalServerError
}

// tail is the end of the log.
func (s *Server) tail() string {
	text, err := os.ReadFile(s.Log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// freePort returns a port that nobody listens at.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Port is where the server listens.
func (s *Server) Port() int { return s.port }

// HostPort is the server's address.
func (s *Server) HostPort() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }
