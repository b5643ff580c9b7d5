//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// TestBadFiles reads tables whose files are broken or away: the message says which, and the cluster goes on.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, _ := faulty(t, localcluster.Config{Workers: 1, Catalogs: standardCatalogs(dir)})
	cl := session(c, "retry_initial_delay=10ms")
	mustRows(t, cl, "CREATE SCHEMA hive.b")
	mustRows(t, cl, "CREATE TABLE hive.b.good AS SELECT * FROM orders")
	var good []byte
	for _, f := range files(t, filepath.Join(dir, "b", "good")) {
		if strings.Contains(f, ".parquet") {
			data, err := os.ReadFile(filepath.Join(dir, "b", "good", f))
			if err != nil {
				t.Fatal(err)
			}
			good = data
		}
	}
	middle := append([]byte(nil), good...)
	for i := 1000; i < len(middle)-5000; i += 50 {
		middle[i] ^= 0x55
	}
	for _, tt := range []struct {
		name string
		data []byte
		say  string
	}{
		{"garbage", []byte(strings.Repeat("this is no table. ", 100)), "garbage.parquet"},
		{"truncated", good[:len(good)/2], "truncated.parquet"},
		{"short", []byte("PAR1"), "short.parquet"},
		{"scrambled", middle, "scrambled.parquet"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := filepath.Join(dir, "outside", tt.name)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, tt.name+".parquet"), tt.data)
			mustRows(t, cl, "CREATE TABLE hive.b."+tt.name+" (o_orderkey bigint, o_comment varchar(79)) WITH (external_location = 'local:///outside/"+tt.name+"')")
			_, err := rows(t.Context(), cl, "SELECT max(o_comment), sum(o_orderkey) FROM hive.b."+tt.name)
			f, ok := err.(*failure)
			if !ok {
				t.Fatalf("got %v", err)
			}
			t.Log(f)
			if f.name != "HIVE_BAD_DATA" || !strings.Contains(f.message, tt.say) {
				t.Errorf("got %v, want a message that names %q", f, tt.say)
			}
		})
	}
	t.Run("missing folder", func(t *testing.T) {
		_, err := rows(t.Context(), cl, "CREATE TABLE hive.b.nowhere (x bigint) WITH (external_location = 'local:///outside/nowhere')")
		if err == nil {
			_, err = rows(t.Context(), cl, "SELECT * FROM hive.b.nowhere")
		}
		if err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("got %v", err)
		}
	})
	if got := mustRows(t, cl, "SELECT count(*) FROM hive.b.good"); got[0] != "[15000]" {
		t.Errorf("afterwards: %v", got)
	}
	emptySpool(t, c)
}

// TestBadConfiguration starts nodes that cannot start: the message says where the mistake is.
func TestBadConfiguration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, text, say string }{
		{"unknown", "config.properties", "coordinator=true\nretry-polcy=TASK\n", "config.properties:2"},
		{"value", "config.properties", "coordinator=true\n\nretry-policy=SOMETIMES\n", "config.properties:3"},
		{"catalog", "catalog/x.properties", "connector.name=tpch\ntpch.splitz=3\n", "catalog/x.properties:2"},
		{"connector", "catalog/x.properties", "connector.name=nosuch\n", "nosuch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			etc := t.TempDir()
			for file, text := range map[string]string{"config.properties": "coordinator=true\nhttp-server.http.port=0\n",
				"node.properties": "node.environment=test\nnode.data-dir=" + filepath.Join(etc, "data") + "\n", tt.file: tt.text} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(etc, file)), 0o755); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(etc, file), []byte(text))
			}
			cmd := exec.Command(binary, "server", "--etc-dir", etc)
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.say) || strings.Contains(string(out), "goroutine") {
				t.Errorf("%v, said %q, want %q", err, out, tt.say)
			}
		})
	}
}

// TestDiskFull runs a cluster on a disk of a few megabytes: what does not fit fails with a clear error and leaves nothing, what
// fits goes on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// A file system of its own, in a mount namespace of its own, which ends with the processes in it.
	cmd := exec.Command("/bin/sh", "-c", `mount -t tmpfs -o size=12m tmpfs "$1" && exec "$0" dev --workers 1 --data-dir "$1" --port 0`, binary, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	url := startDev(t, cmd)
	cl := session(nil, append(manyTasks, "retry_initial_delay=10ms", "task_retry_attempts_per_task=1")...)
	cl.Server = url
	cl.Session.Schema = "sf1"
	for _, sql := range []string{
		"SELECT count(*), max(a.comment) FROM orders a JOIN orders b ON a.comment = b.comment",
		"CREATE TABLE hive.default.big AS SELECT * FROM orders",
	} {
		if strings.HasPrefix(sql, "CREATE") {
			mustRows(t, cl, "CREATE SCHEMA IF NOT EXISTS hive.default")
		}
		_, err := rows(t.Context(), cl, sql)
		f, ok := err.(*failure)
		if !ok || !strings.Contains(strings.ToLower(f.message), "full") && !strings.Contains(strings.ToLower(f.message), "no space") {
			t.Errorf("%s: got %v, want an error that says that the disk is full", sql, err)
		}
		t.Log(f)
		cl.Session.Schema = "tiny"
		if got := mustRows(t, cl, "SELECT count(*) FROM orders"); got[0] != "[15000]" {
			t.Errorf("afterwards: %v", got)
		}
		// Seen through the process, whose file system it is.
		inside := "/proc/" + strconv.Itoa(cmd.Process.Pid) + "/root" + dir
		until(t, "what was written is removed", func() bool {
			return len(spooled(t, inside+"/run/spool")) == 0 && !strings.Contains(strings.Join(files(t, inside+"/hive"), " "), "parquet")
		})
		cl.Session.Schema = "sf1"
	}
}
