package keeper

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/systemd"
)

// patience bounds every wait.
const patience = 30 * time.Second

// roleEnv makes this test's own program play a role: the kept program, or a keeper of it.
const roleEnv = "KEEPER_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role := os.Getenv(roleEnv); {
	case role == "":
		goleak.VerifyTestMain(m)
	case role == "keeper":
		os.Setenv(roleEnv, "serve")
		os.Exit(keeperOf(os.NewFile(3, "socket")).Run(nil))
	default:
		os.Exit(program(role))
	}
}

// program is what is kept: it answers each connection with its process id, or ends as its role says.
func program(role string) int {
	if code, ok := strings.CutPrefix(role, "exit "); ok {
		n, err := strconv.Atoi(code)
		if err != nil {
			panic(err)
		}
		return n
	}
	listeners, err := systemd.Listeners()
	if err != nil || len(listeners) != 1 || listeners[0].Name != "test" {
		fmt.Fprintln(os.Stderr, "handed over:", listeners, err)
		return 3
	}
	if err := systemd.TakeNotifier().Say(systemd.Ready); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	for {
		conn, err := listeners[0].Accept()
		if err != nil {
			return 4
		}
		fmt.Fprintln(conn, os.Getpid())
		conn.Close()
	}
}

func keeperOf(socket *os.File) *Keeper {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return &Keeper{Path: path, Args: []string{"kept"}, Sockets: []Socket{{"test", socket}}, Log: slog.New(slog.DiscardHandler)}
}

// socket opens a socket to hand over.
func socket(t *testing.T) (addr string, f *os.File) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if f, err = l.(*net.TCPListener).File(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return l.Addr().String(), f
}

// ask connects, and returns the id of the process that answers. It does not ask twice.
func ask(t *testing.T, addr string) int {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// kept runs a keeper until the test ends.
func kept(t *testing.T) (addr string, signals chan<- os.Signal, code <-chan int) {
	t.Helper()
	t.Setenv(roleEnv, "serve")
	addr, f := socket(t)
	s, c := make(chan os.Signal, 4), make(chan int, 1)
	go func() { c <- keeperOf(f).Run(s) }()
	return addr, s, c
}

// TestConnectionsWait18851 kills the program and connects at once, again and again: nobody is refused.
func TestConnectionsWait18851(t *testing.T) {
	addr, signals, code := kept(t)
	last := ask(t, addr)
	for range 2 {
		if err := syscall.Kill(last, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if ask(t, addr) == last {
				t.Fatal("a process that was killed has answered")
			}
		}
		last = ask(t, addr)
	}
	signals <- syscall.SIGTERM
	if c := <-code; c != 128+int(syscall.SIGTERM) {
		t.Errorf("exit code %d", c)
	}
}

// TestRenew replaces the program when it is told to.
func TestRenew(t *testing.T) {
	addr, signals, code := kept(t)
	before := ask(t, addr)
	signals <- syscall.SIGHUP
	for deadline := time.Now().Add(patience); ask(t, addr) == before; { // until it has ended
		if time.Now().After(deadline) {
			t.Fatal("the same process goes on")
		}
	}
	signals <- os.Interrupt
	if c := <-code; c != 128+int(syscall.SIGINT) {
		t.Errorf("exit code %d", c)
	}
}

// TestNoLoop runs programs that do not start.
func TestNoLoop(t *testing.T) {
	for _, want := range []int{1, 3, ConfigExit} {
		t.Setenv(roleEnv, fmt.Sprint("exit ", want))
		_, f := socket(t)
		if got := keeperOf(f).Run(nil); got != want {
			t.Errorf("exit code %d, want %d", got, want)
		}
	}
	_, f := socket(t)
	k := keeperOf(f)
	k.Path += ".missing"
	if got := k.Run(nil); got != 1 {
		t.Errorf("exit code %d without a program", got)
	}
}

// TestEndInPause ends a keeper between a death and the next start.
func TestEndInPause(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	if code, end := pause(time.Hour, signals); !end || code != 0 {
		t.Error(code, end)
	}
	signals <- syscall.SIGHUP
	if _, end := pause(time.Hour, signals); end {
		t.Error("ended instead of starting at once")
	}
}

// TestNoOrphan kills the keeper itself: nobody keeps its socket.
func TestNoOrphan(t *testing.T) {
	addr, f := socket(t)
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), roleEnv+"=keeper")
	cmd.ExtraFiles = []*os.File{f}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	ask(t, addr)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("somebody still holds the socket")
		}
	}
}

// TestReap lets go of a process that has ended and that nobody waits for, and not of the program.
func TestReap(t *testing.T) {
	k := &Keeper{}
	stop := k.reap()
	defer stop()
	program := exec.Command("sleep", "0")
	k.starting.Lock()
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	k.pid = program.Process.Pid
	k.starting.Unlock()
	orphan, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "exit 0"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); syscall.Kill(orphan.Pid, 0) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the orphan is still there")
		}
	}
	if err := orphan.Release(); err != nil {
		t.Error(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("somebody else has waited for the program: %v", err)
	}
}
