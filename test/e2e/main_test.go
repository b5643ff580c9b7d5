//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/testbinary"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(testbinary.Main(func(path string) int {
		binary = path
		return m.Run()
	}))
}

// lostSoon are properties of clusters in which a silent worker is given up as soon as by default.
var lostSoon = map[string]string{"waterbear.node-loss-timeout": "3s"}

// start runs a cluster in a temporary directory until the test ends. The logs of a test that failed are shown.
func start(t *testing.T, cfg localcluster.Config) *localcluster.Cluster {
	t.Helper()
	cfg.Binary = binary
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	if cfg.MemoryBytes == 0 {
		cfg.MemoryBytes = 1 << 30
	}
	// Most tests aim at exchanges between stages; those that do not say it in their session.
	cfg.Properties = maps.Clone(cfg.Properties)
	if cfg.Properties == nil {
		cfg.Properties = map[string]string{}
	}
	cfg.Properties["waterbear.range-alignment-enabled"] = "false"
	// Many clusters share the machine: a process that has to wait for a processor is not lost. Killed ones are seen to be gone at once.
	if cfg.Properties["waterbear.node-loss-timeout"] == "" {
		cfg.Properties["waterbear.node-loss-timeout"] = "10s"
	}
	c, err := localcluster.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			showLogs(t, c.LogDir())
		}
	})
	return c
}

// showLogs prints the end of every node's log.
func showLogs(t *testing.T, dir string) {
	const most = 8 << 10
	files, _ := filepath.Glob(filepath.Join(dir, "*.log")) // the pattern is well-formed
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Log(err)
			continue
		}
		t.Logf("%s:\n%s", filepath.Base(f), text[max(0, len(text)-most):])
	}
}

// session is a client with session properties, written name=value.
func session(c *localcluster.Cluster, properties ...string) *client.Client {
	s := client.Session{User: "e2e", Catalog: "tpch", Schema: "tiny", Properties: map[string]string{}}
	for _, p := range properties {
		name, value, _ := strings.Cut(p, "=")
		s.Properties[name] = value
	}
	server := ""
	if c != nil {
		server = c.URL()
	}
	return &client.Client{Server: server, HTTP: http.DefaultClient, Session: s}
}

// rows runs a statement and returns its rows as JSON, one element each, in the order they came.
func rows(ctx context.Context, cl *client.Client, sql string) ([]string, error) {
	q, err := cl.Start(ctx, sql)
	if err != nil {
		return nil, err
	}
	return drain(ctx, q)
}

// failure is the error of a statement.
type failure struct {
	name, message string
	line, column  int // 0 when it is not tied to a place
}

func (f *failure) Error() string { return f.name + ": " + f.message }

// drain fetches all rows of a statement that has been sent.
func drain(ctx context.Context, q *client.Query) (out []string, err error) {
	for more := true; more; more, err = q.Next(ctx) {
		now := q.Now()
		if e := now.Error; e != nil {
			f := &failure{name: e.Name, message: e.Message}
			if e.Location != nil {
				f.line, f.column = e.Location.Line, e.Location.Column
			}
			return nil, f
		}
		var page []json.RawMessage
		if len(now.Data) > 0 {
			if err := json.Unmarshal(now.Data, &page); err != nil {
				return nil, err
			}
		}
		for _, row := range page {
			out = append(out, string(row))
		}
	}
	return out, err
}

// mustRows is rows for a statement that has to succeed.
func mustRows(t *testing.T, cl *client.Client, sql string) []string {
	t.Helper()
	out, err := rows(t.Context(), cl, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}
