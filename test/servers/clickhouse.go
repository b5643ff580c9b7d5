package servers

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

//go:embed clickhouse/serve.py
var clickHouseProgram []byte

// ClickHouse is ClickHouse's engine, behind an HTTP interface that does what clients in Go need of the real one: its server is in no registry, its engine is. Statements
// run one at a time.
type ClickHouse struct {
	*Server
	front *httptest.Server
}

// StartClickHouse starts ClickHouse.
func StartClickHouse(t testing.TB) *ClickHouse {
	t.Helper()
	c := &ClickHouse{}
	script := filepath.Join(t.TempDir(), "serve.py")
	if err := os.WriteFile(script, clickHouseProgram, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Server = start(t, program{name: "clickhouse", script: "install-connectors.sh", ready: "/ping",
		args: func(s *Server) []string { return []string{script, fmt.Sprint(s.port), s.Dir} }})
	c.front = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.front.Close)
	return c
}

// Properties are those of a catalog file.
func (c *ClickHouse) Properties() map[string]string {
	return map[string]string{"connector.name": "clickhouse", "connection-url": "jdbc:clickhouse://" + strings.TrimPrefix(c.front.URL, "http://"), "connection-user": "default"}
}

// Exec runs statements.
func (c *ClickHouse) Exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		status, answer, err := c.ask(s, "data_type_default_nullable=0") // which connectors set, and settings stay
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %v %s", s, err, answer)
		}
	}
}

func (c *ClickHouse) ask(statement, settings string) (status int, answer []byte, err error) {
	resp, err := http.Post(c.Server.URL+"/?"+settings, "text/plain", strings.NewReader(statement))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// serve passes a statement on, and the answer back in the form that the client's version of the protocol wants.
func (c *ClickHouse) serve(w http.ResponseWriter, r *http.Request) {
	statement, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	settings := r.URL.Query()
	version, _ := strconv.ParseUint(settings.Get("client_protocol_version"), 10, 64)
	for _, name := range []string{"client_protocol_version", "default_format", "database", "query_id"} {
		settings.Del(name)
	}
	status, answer, err := c.ask(string(statement), settings.Encode())
	if err == nil && status == http.StatusOK {
		answer, err = translate(answer, version)
	}
	if err != nil {
		status, answer = http.StatusInternalServerError, []byte(err.Error())
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(status)
	_, _ = w.Write(answer) // the client may be gone
}

// translate writes blocks in the form of a version of the protocol.
func translate(blocks []byte, version uint64) ([]byte, error) {
	in := chproto.NewReader(bytes.NewReader(blocks))
	var out chproto.Buffer
	for {
		block := proto.NewBlock()
		if err := block.Decode(in, 0); err != nil {
			if errors.Is(err, io.EOF) {
				return out.Buf, nil
			}
			return nil, err
		}
		if err := block.Encode(&out, version); err != nil {
			return nil, err
		}
	}
}
