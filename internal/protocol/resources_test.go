package protocol_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestNodeResources(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	down := false
	config := protocol.Config{
		NodeID: "n1", Version: "1.0", Environment: "test", InternalAddress: "10.0.0.1", ExternalAddress: "example.com",
		Now: func() time.Time { return now }, State: func() string { return "ACTIVE" },
		Shutdown:   func() { down = true },
		Management: func(user string) bool { return user == "admin" },
		Memory:     func() (int64, int64) { return 1, 2 },
	}
	f := start(t, config, always(protocoltest.Rows(nil)))
	now = now.Add(797400 * time.Millisecond)
	worker := httptest.NewServer(protocol.NewWorker(config))
	t.Cleanup(worker.Close)
	for _, c := range []struct {
		method, uri, body, user string
		status                  int
		text                    string
	}{
		{"GET", "/v1/info", "", "", 200, `{"nodeVersion":{"version":"1.0"},"environment":"test","coordinator":true,"starting":false,"uptime":"13.29m"}`},
		{"GET", worker.URL + "/v1/info", "", "", 200, `{"nodeVersion":{"version":"1.0"},"environment":"test","coordinator":false,"starting":false,"uptime":"0.00ns"}`},
		{"GET", "/v1/info/state", "", "", 200, `"ACTIVE"`},
		{"GET", "/v1/info/coordinator", "", "", 200, ""},
		{"GET", worker.URL + "/v1/info/coordinator", "", "", 404, ""},
		{"GET", "/v1/node", "", "", 401, "Basic authentication or X-Trino-Original-User or X-Trino-User must be sent"},
		{"GET", "/v1/node", "", "x", 200, `[{"uri":"http://127.0.0.1:8080","recentFailures":0,"nodeId":"node-1","nodeVersion":{"version":"1"},"coordinator":true,"state":"ACTIVE"}]`},
		{"GET", "/v1/node/failed", "", "x", 200, `[]`},
		{"PUT", "/v1/info/state", `"SHUTTING_DOWN"`, "x", 403, "Error 403 Forbidden: Management only resource"},
		{"PUT", "/v1/info/state", `"ACTIVE"`, "admin", 400, "Error 400 Bad Request: Invalid state transition to ACTIVE"},
		{"PUT", "/v1/info/state", `DOWN`, "admin", 400, "Error 400 Bad Request: state is no JSON string: DOWN"},
		{"PUT", "/v1/info/state", `"SHUTTING_DOWN"`, "admin", 200, ""},
		{"GET", "/v1/statement", "", "x", 405, "Method Not Allowed\n"},
		{"GET", "/v1/nothing", "", "x", 404, "404 page not found\n"},
	} {
		var headers []string
		if c.user != "" {
			headers = []string{"X-Trino-User", c.user}
		}
		if status, _, text := f.do(c.method, c.uri, c.body, headers...); status != c.status || text != c.text {
			t.Errorf("%s %s = %d %s, want %d %s", c.method, c.uri, status, text, c.status, c.text)
		}
	}
	if !down {
		t.Error("the node was not shut down")
	}
	_, _, text := f.do("GET", "/v1/status", "")
	if m := f.fields(text); string(m["nodeId"]) != `"n1"` || string(m["heapUsed"]) != "1" || string(m["heapAvailable"]) != "2" {
		t.Errorf("status: %s", text)
	}
}

func TestQueryResources(t *testing.T) {
	f := start(t, protocol.Config{}, func(r protocol.SubmitRequest) protocoltest.Answer {
		if r.SQL == "hang" {
			return protocoltest.Answer{Pages: []protocol.ResultPage{{Stats: protocoltest.Running(3)}}, Hang: true}
		}
		return protocoltest.Failed(trinoerr.New(trinoerr.TypeMismatch, "no"))
	})
	f.do("GET", f.post("bad", "X-Trino-Session", "a=1,hive.b=2", "X-Trino-Language", "de-DE", "User-Agent", "t"), "")
	f.do("GET", f.post("hang"), "")
	user := []string{"X-Trino-User", "x"}

	_, _, text := f.do("GET", "/v1/query", "", user...)
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 2 {
		t.Fatalf("%v in %s", err, text)
	}
	want := `{"queryId":"20200102_030405_00000_abcde","session":{"queryId":"20200102_030405_00000_abcde","clientTransactionSupport":false,` +
		`"user":"x","originalUser":"x","locale":"de_DE","remoteUserAddress":"127.0.0.1","userAgent":"t","clientTags":[],"clientCapabilities":[],` +
		`"systemProperties":{"a":"1"},"catalogProperties":{"hive":{"b":"2"}},"preparedStatements":{},"protocolName":"Trino"},"state":"FAILED",` +
		`"scheduled":false,"self":"` + f.url + `/v1/query/20200102_030405_00000_abcde","query":"bad","queryStats":{"createTime":"2020-01-02T03:04:05.000Z",`
	if !strings.HasPrefix(string(list[0]), want) || !strings.HasSuffix(string(list[0]),
		`"errorType":"USER_ERROR","errorCode":{"code":58,"name":"TYPE_MISMATCH","type":"USER_ERROR","fatal":true},"retryPolicy":"TASK"}`) {
		t.Errorf("got  %s\nwant %s", list[0], want)
	}
	if _, _, text := f.do("GET", "/v1/query?state=running", "", user...); strings.Count(text, `"queryId":"2020`) != 2 { // in the entry and its session
		t.Errorf("running queries: %s", text)
	}
	_, _, text = f.do("GET", "/v1/query/20200102_030405_00001_abcde", "", user...)
	if m := f.fields(text); m["rootStage"] == nil || string(m["state"]) != `"RUNNING"` {
		t.Errorf("query: %s", text)
	}
	for _, c := range []struct {
		method, uri string
		status      int
	}{
		{"GET", "00009", http.StatusGone}, {"DELETE", "00009", http.StatusNoContent}, {"PUT", "00009_abcde/killed", http.StatusGone},
		{"PUT", "00000_abcde/killed", http.StatusConflict}, {"PUT", "00001_abcde/preempted", http.StatusAccepted},
		{"PUT", "00001_abcde/killed", http.StatusConflict}, {"DELETE", "00001_abcde", http.StatusNoContent},
	} {
		if status, _, text := f.do(c.method, "/v1/query/20200102_030405_"+c.uri, "why", user...); status != c.status {
			t.Errorf("%s %s = %d %s, want %d", c.method, c.uri, status, text, c.status)
		}
	}
	q, _ := f.dispatcher.Lookup("20200102_030405_00001_abcde")
	if err := q.(*protocoltest.Query).Reason(); err.Code != trinoerr.AdministrativelyPreempted || err.Msg != "Query preempted. Message: why" {
		t.Errorf("reason %v", err)
	}
}

// Headers are refused or taken, never more.
func FuzzHeaders(f *testing.F) {
	f.Add("X-Trino-Session", "a=b,c.d=%20", "bob")
	f.Add("X-Trino-Role", "a=ROLE%7Bb%7D", "x")
	f.Add("X-Trino-Prepared-Statement", "%70=select+1", "x")
	f.Add("X-Trino-Resource-Estimate", "CPU_TIME=1.5s", "")
	s := protocol.New(protocol.Config{}, protocoltest.New(always(protocoltest.Rows([]protocol.Column{}))))
	f.Fuzz(func(t *testing.T, name, value, user string) {
		req := httptest.NewRequest("POST", "/v1/statement", strings.NewReader("SELECT 1"))
		req.Header.Set("X-Trino-User", user)
		req.Header.Add(name, value)
		res := httptest.NewRecorder()
		s.ServeHTTP(res, req)
		switch res.Code {
		case 200, 400, 401, 406:
		default:
			t.Errorf("%s: %s = %d %s", name, value, res.Code, res.Body)
		}
	})
}
