//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

const countOrders = "SELECT count(*), sum(orderkey) FROM orders"

// TestClusterLife takes a cluster through everything that the package can do to it.
func TestClusterLife(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	begin := time.Now()
	c := start(t, localcluster.Config{Workers: 3, DataDir: dir})
	cl := session(c)
	want := mustRows(t, cl, countOrders)
	t.Logf("first answer %s after the start", time.Since(begin).Round(time.Millisecond))
	check := func(when string) {
		t.Helper()
		if got := mustRows(t, cl, countOrders); !slices.Equal(got, want) {
			t.Errorf("%s: got %s, want %s", when, got, want)
		}
	}
	processes := append(c.WorkerPIDs(), c.CoordinatorPID())
	killed := append(c.SlotPIDs(0), c.WorkerPIDs()[0])
	if len(killed) != 3 {
		t.Errorf("worker 0 has processes %v, want itself and 2 slots", killed)
	}
	c.KillWorker(0)
	for _, pid := range killed {
		if running(pid) {
			t.Errorf("process %d of the killed worker still runs", pid)
		}
	}
	if c.WorkerPIDs()[0] != 0 {
		t.Error("the killed worker is still listed")
	}
	check("after a kill")
	added, err := c.AddWorker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if added != 3 {
		t.Errorf("added worker has index %d, want 3", added)
	}
	processes = append(processes, c.WorkerPIDs()[added])
	check("after one was added")
	if err := c.StopWorker(1, patience); err != nil {
		t.Error(err)
	}
	check("after one was stopped")
	if err := c.PauseWorker(2); err != nil {
		t.Fatal(err)
	}
	check("while one is frozen")
	if err := c.ResumeWorker(2); err != nil {
		t.Fatal(err)
	}
	check("after it thawed")
	for i, pid := range c.WorkerPIDs() {
		if pid != 0 {
			processes = append(processes, c.SlotPIDs(i)...)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for _, pid := range processes {
		if running(pid) {
			t.Errorf("process %d runs after Close", pid)
		}
	}
	wantOnlyLogs(t, dir)
}

// wantOnlyLogs checks that a closed cluster left nothing behind but its logs.
func wantOnlyLogs(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if e.Name() != "log" && e.Name() != "hive" {
			t.Errorf("%s is left in the data directory", e.Name())
		}
	}
}

// running reports whether a process exists and is no zombie.
func running(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	after := text[bytes.LastIndexByte(text, ')')+1:]
	return !bytes.HasPrefix(after, []byte(" Z"))
}

// TestDevDies kills the process that supervises a cluster: nothing survives it, and the next one starts in its place.
func TestDevDies(t *testing.T) {
	dir := t.TempDir()
	cmd, url := dev(t, dir, 0)
	pids := descendants(cmd.Process.Pid)
	if len(pids) < 3 {
		t.Errorf("dev has the processes %v, want at least a coordinator and two workers", pids)
	}
	cmd.Process.Kill()
	cmd.Wait()
	deadline := time.Now().Add(patience)
	for slices.ContainsFunc(pids, running) {
		if time.Now().After(deadline) {
			t.Fatalf("of the processes %v some still run", pids)
		}
		time.Sleep(5 * time.Millisecond)
	}
	port, err := strconv.Atoi(url[strings.LastIndexByte(url, ':')+1:])
	if err != nil {
		t.Fatal(err)
	}
	cmd, again := dev(t, dir, port)
	if again != url {
		t.Errorf("second start at %s, want %s", again, url)
	}
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
	wantOnlyLogs(t, dir)
}

// dev starts `waterbear dev` and returns when it has told its URL.
func dev(t *testing.T, dir string, port int) (cmd *exec.Cmd, url string) {
	t.Helper()
	cmd = exec.Command(binary, "dev", "--workers", "2", "--data-dir", dir, "--port", strconv.Itoa(port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd, startDev(t, cmd)
}

// startDev starts a command that is or becomes `waterbear dev` and returns the URL that it tells.
func startDev(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dev said nothing: %v", err)
	}
	_, url, found := strings.Cut(strings.TrimSpace(line), "Waterbear is running: ")
	if !found {
		t.Fatalf("dev says %q", line)
	}
	return url
}

// descendants lists the processes below a process.
func descendants(pid int) []int {
	var out []int
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children") // the pattern is well-formed
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		for word := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				out = append(out, child)
				out = append(out, descendants(child)...)
			}
		}
	}
	return out
}

// TestDevRefuses checks what dev says when it cannot start.
func TestDevRefuses(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	inUse := t.TempDir()
	start(t, localcluster.Config{DataDir: inUse})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"port in use", []string{"--port", taken}, "port " + taken + " cannot be used"},
		{"directory in use", []string{"--port", "0", "--data-dir", inUse}, "another cluster is running in this data directory"},
		{"no directory", []string{"--port", "0", "--data-dir", filepath.Join(file, "d")}, "not a directory"},
		{"retry policy", []string{"--retry-policy", "always"}, "--retry-policy must be NONE, QUERY or TASK, but is ALWAYS"},
		{"workers", []string{"--workers", "-1"}, "--workers must not be negative"},
		{"property", []string{"--port", "0", "--property", "retry-polcy=TASK"}, "did you mean 'retry-policy'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(binary, append([]string{"dev", "--data-dir", t.TempDir()}, tt.args...)...)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Error("exit code 0")
			}
			if !strings.Contains(string(out), tt.want) {
				t.Errorf("said %q, want %q", out, tt.want)
			}
		})
	}
}
