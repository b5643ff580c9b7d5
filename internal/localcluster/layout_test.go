package localcluster

import (
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// TestNodeFiles reads what is written for nodes as a node does.
func TestNodeFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a b=c:\d[e`)
	cfg, err := Config{DataDir: dir, Workers: 2, Binary: "x", RetryPolicy: "QUERY", MemoryBytes: 1 << 30, Slots: 3, Threads: 2,
		Properties: map[string]string{"retry-initial-delay": "1s", "waterbear.slots": "5"}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	l := layout{dir}
	for _, tt := range []struct {
		node        string
		coordinator bool
		port        int
		discovery   string
	}{
		{CoordinatorID, true, 8080, ""},
		{WorkerID(0), false, 0, "http://127.0.0.1:8080"},
	} {
		if err := l.writeEtc(tt.node, cfg.nodeFiles(l, tt.node, "http://127.0.0.1:8080", "secret", tt.port)); err != nil {
			t.Fatal(err)
		}
		got, err := config.Load(l.etc(tt.node), config.LocalHost())
		if err != nil {
			t.Fatal(err)
		}
		s := got.Server
		if s.Coordinator != tt.coordinator || s.IncludeCoordinator && tt.coordinator || s.HTTPPort != tt.port || s.DiscoveryURI != tt.discovery ||
			s.SharedSecret != "secret" {
			t.Errorf("%s: server %+v", tt.node, s)
		}
		if got.Node.ID != tt.node || got.Node.DataDir != l.data(tt.node) || got.Node.BindIP != "127.0.0.1" {
			t.Errorf("%s: node %+v", tt.node, got.Node)
		}
		if r := got.Resources; r.MemoryBytes != 1<<30 || r.Slots != 5 || r.ThreadsPerTask != 2 {
			t.Errorf("%s: resources %+v", tt.node, r)
		}
		if got.Session.RetryPolicy != config.RetryQuery || got.Session.TaskMemory != 0 {
			t.Errorf("%s: session %+v", tt.node, got.Session)
		}
		var catalogs []string
		for _, c := range got.Catalogs {
			catalogs = append(catalogs, c.Name+":"+c.Connector)
		}
		if want := "hive:hive memory:memory tpcds:tpcds tpch:tpch"; strings.Join(catalogs, " ") != want {
			t.Errorf("%s: catalogs %v, want %s", tt.node, catalogs, want)
		}
	}
}

// TestOneClusterPerDirectory locks a data directory twice.
func TestOneClusterPerDirectory(t *testing.T) {
	l := layout{t.TempDir()}
	lock, err := l.prepare()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.prepare(); !errors.Is(err, errInUse) {
		t.Errorf("second lock: got %v, want %v", err, errInUse)
	}
	lock.Close()
	again, err := l.prepare()
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	again.Close()
}

func TestCheckPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	want := "port " + strconv.Itoa(port) + " cannot be used"
	if err := checkPort(port); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	l.Close()
	if err := checkPort(port); err != nil {
		t.Errorf("a free port: %v", err)
	}
}
