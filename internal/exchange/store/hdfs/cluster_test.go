//go:build e2e

package hdfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"google.golang.org/protobuf/proto"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestCluster holds the driver to its contract on a real cluster, which all tests share, as it takes seconds to start. Those
// that change it come last.
func TestCluster(t *testing.T) {
	server := servers.HDFSCluster(t)
	for _, tt := range []struct {
		name string
		test func(t *testing.T, server *servers.HDFS)
	}{
		{"suite", suite},
		{"suite without resources", suiteByAddress},
		{"probe", probe},
		{"large object of many blocks", large},
		{"made as the resources say", made},
		{"temporary files", temporary},
		{"cancelled", cancelled},
		{"lost answer", lostAnswer},
		{"sessions are kept", kept},
		{"safe mode", safe},
		{"quota", quota},
		{"permission", permission},
		{"data node", dataNode},
		{"fail over", failOver},
		{"silent", silent},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, server) })
	}
}

// minBlock is the least size of blocks, so that small objects are of several.
const minBlock = 1 << 20

func reach(server *servers.HDFS) Config {
	return Config{Resources: []string{server.Resources}, BlockSize: minBlock, User: servers.HDFSUser}
}

var opened int

// open opens a directory of its own.
func open(t *testing.T, cfg Config, authority string) *Store {
	t.Helper()
	opened++
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "hdfs", Host: authority, Path: fmt.Sprintf("/dir %d/é/", opened)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.(*Store)
}

func suite(t *testing.T, server *servers.HDFS) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, reach(server), servers.NameService) })
}

// suiteByAddress tells the driver one name node and nothing else.
func suiteByAddress(t *testing.T, server *servers.HDFS) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return open(t, Config{BlockSize: minBlock, User: servers.HDFSUser}, server.NameNodes[0])
	})
}

func probe(t *testing.T, server *servers.HDFS) {
	for _, authority := range []string{servers.NameService, ""} { // the latter is that of fs.defaultFS
		s := open(t, reach(server), authority)
		if err := store.Probe(t.Context(), s, true); err != nil {
			t.Errorf("%q: %v", authority, err)
		}
	}
}

// large writes an object of several blocks of the file system, while others read and list.
func large(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	s.pool.layout.blockSize = 3 << 20
	w, err := s.Create(t.Context(), "a/b", store.CreateOptions{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	var want []byte
	for n := range 300 {
		piece := bytes.Repeat([]byte{byte(n), byte(n >> 8), 7}, 11_111)
		want = append(want, piece...)
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
		clear(piece)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := store.ReadAll(t.Context(), s, "a/b"); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	const around = 3<<20 - 5 // the end of a block
	r, err := s.Open(t.Context(), "a/b", around, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want[around:around+10]) {
		t.Errorf("around the end of a block: %x, %v", got, err)
	}
}

func made(t *testing.T, server *servers.HDFS) {
	cfg := reach(server)
	cfg.Resources = append(cfg.Resources, write(t, `<configuration>
		<property><name>dfs.blocksize</name><value>2m</value></property>
		<property><name>dfs.replication</name><value>1</value></property>
		<property><name>fs.permissions.umask-mode</name><value>077</value></property></configuration>`))
	s := open(t, cfg, servers.NameService)
	if err := store.Put(t.Context(), s, "d/k", []byte("x"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	info := stat(t, s, "d/k")
	status := info.Sys().(*hdfs.FileStatus)
	if status.GetBlocksize() != 2<<20 || status.GetBlockReplication() != 1 || info.Mode().Perm() != 0o600 {
		t.Errorf("block size %d, replication %d, mode %s", status.GetBlocksize(), status.GetBlockReplication(), info.Mode())
	}
	if mode := stat(t, s, "d").Mode().Perm(); mode != 0o700 {
		t.Errorf("the directory's mode is %s", mode)
	}
	if owner := status.GetOwner(); owner != servers.HDFSUser {
		t.Errorf("it belongs to %s", owner)
	}
	other := open(t, reach(server), servers.NameService)
	if err := store.Put(t.Context(), other, "k", []byte("x"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if status := stat(t, other, "k").Sys().(*hdfs.FileStatus); status.GetBlocksize() != 128<<20 || status.GetBlockReplication() != 2 {
		t.Errorf("without resources: block size %d, replication %d", status.GetBlocksize(), status.GetBlockReplication())
	}
}

func stat(t *testing.T, s *Store, key string) fs.FileInfo {
	t.Helper()
	in, err := s.pool.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info, err := in.client.Stat(s.path(key))
	in.leave(err)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// temporary leaves files of writers that are no more, as killed processes do: they are not listed, and deleted with the prefix
// that their object has.
func temporary(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	for _, key := range []string{"q/1/a", "q/1/b.c-d", "q/2/a"} {
		w, err := s.Create(t.Context(), key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 2*minBlock)); err != nil {
			t.Fatal(err)
		}
		// What follows would remove it: its session breaks, and the pool has no name node any more.
		wr := w.(*writer)
		if err := <-wr.sending; err != nil {
			t.Fatal(err)
		}
		wr.sending = nil
		wr.in.fail(errSessionEnded)
		_ = wr.file.Close() // ends its goroutines
	}
	files := func() (names []string) {
		for _, f := range server.Keys(t, s.dir) {
			name, temp := objectOf(path.Base(f))
			names = append(names, fmt.Sprint(path.Dir(f), "/", name, " ", temp))
		}
		slices.Sort(names)
		return names
	}
	if err := s.List(t.Context(), "", func(o store.Object) error { return fmt.Errorf("listed %s", o.Key) }); err != nil {
		t.Error(err)
	}
	var interrupted []string
	if err := s.Interrupted(t.Context(), func(key string) error { interrupted = append(interrupted, key); return nil }); err != nil || !slices.Equal(interrupted, []string{"q/"}) {
		t.Errorf("interrupted: %q, %v", interrupted, err)
	}
	for _, step := range []struct {
		prefix string
		left   []string
	}{
		{"q/1/b.c-", []string{"q/1/a true", "q/2/a true"}},
		{"q/1/.", []string{"q/1/a true", "q/2/a true"}}, // no prefix of a key
		{"q/1", []string{"q/2/a true"}},
		{"", nil},
	} {
		_ = s.DeletePrefix(t.Context(), step.prefix) // what is left tells
		if got := files(); !slices.Equal(got, step.left) {
			t.Errorf("after deleting %q: %q, want %q", step.prefix, got, step.left)
		}
	}
}

// cancelled ends contexts in the middle of everything: it stops soon, says why, and leaves nothing.
func cancelled(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	if err := store.Put(t.Context(), s, "k", make([]byte, 9<<20), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	w, err := s.Create(ctx, "x", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 5*minBlock)); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(ctx, "k", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if _, err := w.Write(make([]byte, 5*minBlock)); !errors.Is(err, why) {
		t.Errorf("write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, why) {
		t.Errorf("close: %v", err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, why) {
		t.Errorf("read: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"list":   s.List(ctx, "", func(store.Object) error { return nil }),
		"delete": s.DeletePrefix(ctx, "k"),
	} {
		if !errors.Is(err, why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if files := server.Keys(t, s.dir); !slices.Equal(files, []string{"k"}) {
		t.Errorf("left: %q", files)
	}
}

// lostAnswer loses the answer to the request that makes an object: the writer knows its object again.
func lostAnswer(t *testing.T, server *servers.HDFS) {
	for _, own := range []bool{true, false} {
		s := open(t, reach(server), servers.NameService)
		w, err := s.Create(t.Context(), "k", store.CreateOptions{IfAbsent: true})
		if err != nil {
			t.Fatal(err)
		}
		wr := w.(*writer)
		if err := wr.begin(); err != nil {
			t.Fatal(err)
		}
		rename := wr.in.call
		wr.in.call = func(method string, request, answer proto.Message) error {
			if !own {
				if err := store.Put(t.Context(), s, "k", []byte("another's"), store.CreateOptions{IfAbsent: true}); err != nil {
					t.Error(err)
				}
			}
			_ = rename(method, request, answer) // its answer is what is lost
			wr.in.fail(errors.New("connection reset"))
			return errors.New("connection reset")
		}
		if _, err := w.Write([]byte("own")); err != nil {
			t.Fatal(err)
		}
		want := error(nil)
		content := "own"
		if !own {
			want, content = store.ErrExists, "another's"
		}
		if err := w.Close(); !errors.Is(err, want) {
			t.Errorf("own %t: %v", own, err)
		}
		if got, err := store.ReadAll(t.Context(), s, "k"); err != nil || string(got) != content {
			t.Errorf("own %t: %q, %v", own, got, err)
		}
		if files := server.Keys(t, s.dir); len(files) != 1 {
			t.Errorf("left: %q", files)
		}
	}
}

// kept makes requests one after the other, for which one session is enough.
func kept(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	for n := range 20 {
		if err := store.Put(t.Context(), s, fmt.Sprint(n), []byte("x"), store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	s.pool.mu.Lock()
	idle := slices.Clone(s.pool.idle)
	s.pool.mu.Unlock()
	if len(idle) != 1 {
		t.Errorf("%d sessions", len(idle))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(s.pool.idle); n != 0 || idle[0].failure() == nil {
		t.Errorf("%d sessions after closing", n)
	}
}

// safe meets a name node that starts, or that an operator has stopped from changing anything: that passes.
func safe(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	server.Tell(t, "safemode", "enter")
	err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{})
	server.Tell(t, "safemode", "leave")
	if _, ok := errors.AsType[*store.ThrottledError](err); !ok || !strings.Contains(err.Error(), "safe mode") {
		t.Errorf("%v", err)
	}
	if err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{}); err != nil {
		t.Error(err)
	}
}

func quota(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	server.Tell(t, "quota", "1")
	err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{})
	server.Tell(t, "quota", "1000000")
	if err == nil || trinoerr.CodeOf(err) != trinoerr.GenericInsufficientResources || !strings.Contains(err.Error(), "quota") {
		t.Errorf("%v", err)
	}
}

// permission writes as somebody else.
func permission(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	if err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	cfg := reach(server)
	cfg.User = "stranger"
	stranger, err := Opener(cfg)(t.Context(), &url.URL{Scheme: Scheme, Host: servers.NameService, Path: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := store.Put(t.Context(), stranger, "other", nil, store.CreateOptions{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
	if keys := server.Keys(t, s.dir); !slices.Equal(keys, []string{"k"}) {
		t.Errorf("left: %q", keys)
	}
}

// dataNode stops one of the data nodes: what it holds is read from the other.
func dataNode(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	data := bytes.Repeat([]byte("0123456789"), 500_000)
	if err := store.Put(t.Context(), s, "k", data, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), "k", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := make([]byte, 1000)
	if _, err := io.ReadFull(r, got); err != nil {
		t.Fatal(err)
	}
	server.Tell(t, "stop")
	defer server.Tell(t, "start")
	rest, err := io.ReadAll(r)
	got = append(got, rest...)
	if err != nil {
		// When the object was opened, the name node did not know yet that the other one has it all. Package retry goes on like this.
		repeat(t, func() error {
			more, err := s.Open(t.Context(), "k", int64(len(got)), -1)
			if err != nil {
				return err
			}
			defer more.Close()
			rest, err := io.ReadAll(more)
			got = append(got, rest...)
			return err
		})
	}
	if !bytes.Equal(got, data) {
		t.Errorf("%d bytes", len(got))
	}
	if got, err := store.ReadAll(t.Context(), s, "k"); err != nil || !bytes.Equal(got, data) {
		t.Errorf("again: %d bytes, %v", len(got), err)
	}
	// Until a name node takes it for dead, it is chosen for writing to.
	repeat(t, func() error { return store.Put(t.Context(), s, "new", data, store.CreateOptions{}) })
	if keys := server.Keys(t, s.dir); len(keys) != 2 {
		t.Errorf("left: %q", keys)
	}
}

// repeat makes a request until it succeeds.
func repeat(t *testing.T, request func() error) {
	t.Helper()
	for n := 0; ; n++ {
		err := request()
		if err == nil {
			return
		}
		if n == 120 {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// failOver makes the other name node the active one in the middle of a write, and then the first again. A client leaves a node
// alone for some seconds that was in standby.
func failOver(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	w, err := s.Create(t.Context(), "k", store.CreateOptions{IfAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 3*minBlock)); err != nil {
		t.Fatal(err)
	}
	server.Tell(t, "active", "1")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{"1", "0"} {
		server.Tell(t, "active", node)
		if s.pool.nodes[0] == server.NameNodes[0] && node == "1" {
			t.Error("the node in standby is still asked first")
		}
		repeat(t, func() error {
			got, err := store.ReadAll(t.Context(), s, "k")
			if err == nil && len(got) != 3*minBlock {
				t.Errorf("with node %s: %d bytes", node, len(got))
			}
			return err
		})
		repeat(t, func() error { return store.Put(t.Context(), s, "other", nil, store.CreateOptions{}) })
	}
}

// silent pauses everything: requests end with their contexts, and go on afterwards.
func silent(t *testing.T, server *servers.HDFS) {
	s := open(t, reach(server), servers.NameService)
	if err := store.Put(t.Context(), s, "k", []byte("x"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	late := errors.New("late")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, late)
	defer cancel()
	_, err := store.ReadAll(ctx, s, "k")
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, late) {
		t.Errorf("%v", err)
	}
	if got, err := store.ReadAll(t.Context(), s, "k"); err != nil || string(got) != "x" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}
