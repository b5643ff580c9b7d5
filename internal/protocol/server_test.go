package protocol_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

var bigint = types.Of(types.BigInt)

// fixture is a protocol server over canned answers.
type fixture struct {
	*testing.T
	dispatcher *protocoltest.Dispatcher
	server     *protocol.Server
	url        string
}

func start(t *testing.T, config protocol.Config, answer func(protocol.SubmitRequest) protocoltest.Answer) *fixture {
	t.Helper()
	d := protocoltest.New(answer)
	s := protocol.New(config, d)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return &fixture{t, d, s, h.URL}
}

func always(a protocoltest.Answer) func(protocol.SubmitRequest) protocoltest.Answer {
	return func(protocol.SubmitRequest) protocoltest.Answer { return a }
}

// do sends a request; headers are pairs of name and value.
func (f *fixture) do(method, uri, body string, headers ...string) (status int, h http.Header, text string) {
	f.Helper()
	if !strings.HasPrefix(uri, "http") {
		uri = f.url + uri
	}
	req, err := http.NewRequestWithContext(f.Context(), method, uri, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

// fields decodes a JSON object one level deep.
func (f *fixture) fields(text string) map[string]json.RawMessage {
	f.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		f.Fatalf("%v in %s", err, text)
	}
	return m
}

func (f *fixture) next(text string) string {
	f.Helper()
	var uri string
	if raw := f.fields(text)["nextUri"]; raw != nil {
		if err := json.Unmarshal(raw, &uri); err != nil {
			f.Fatal(err)
		}
	}
	return uri
}

// post submits a statement as user "x" and returns the first nextUri.
func (f *fixture) post(sql string, headers ...string) string {
	f.Helper()
	status, _, text := f.do("POST", "/v1/statement", sql, append([]string{"X-Trino-User", "x"}, headers...)...)
	if status != 200 {
		f.Fatalf("POST: %d %s", status, text)
	}
	return f.next(text)
}

func TestShortQueryTakesTwoRoundTrips(t *testing.T) {
	f := start(t, protocol.Config{}, always(protocoltest.Rows([]protocol.Column{{Name: "a", Type: bigint}}, "[1]", "[2]")))
	uri := f.post("SELECT a")
	if !strings.Contains(uri, "/v1/statement/queued/20200102_030405_00000_abcde/") {
		t.Errorf("first nextUri = %s", uri)
	}
	status, _, text := f.do("GET", uri, "")
	m := f.fields(text)
	if status != 200 || string(m["data"]) != "[[1],[2]]" || m["nextUri"] != nil {
		t.Errorf("GET: %d %s", status, text)
	}
}

func TestPagesAreRepeatableAndOrdered(t *testing.T) {
	page := func(data string) protocol.ResultPage {
		return protocol.ResultPage{Data: [][]byte{[]byte(data), []byte(data)}, RowCount: 2, Stats: protocoltest.Running(1)}
	}
	pages := []protocol.ResultPage{page("[1]"), page("[2]"), page("[3]")}
	pages[0].Columns = []protocol.Column{{Name: "a", Type: bigint}}
	f := start(t, protocol.Config{}, always(protocoltest.Answer{Pages: pages}))

	first := f.post("SELECT a")
	_, _, one := f.do("GET", first, "")
	_, _, again := f.do("GET", first, "")
	if one != again {
		t.Errorf("page asked for twice:\n%s\n%s", one, again)
	}
	second := f.next(one)
	if !strings.Contains(second, "/executing/") {
		t.Errorf("second nextUri = %s", second)
	}
	_, _, two := f.do("GET", second, "")
	if m := f.fields(two); string(m["data"]) != "[[2],[2]]" || string(m["columns"]) != string(f.fields(one)["columns"]) {
		t.Errorf("second page: %s", two)
	}
	for _, c := range []struct {
		uri    string
		status int
		text   string
	}{
		{first, 410, "Error 410 Gone: HTTP 410 Gone"},
		{f.next(two) + "9", 404, "Error 404 Not Found: Query not found"},
		{strings.Replace(second, "/y", "/z", 1), 404, "Error 404 Not Found: Query not found"},
		{strings.Replace(second, "00000", "00001", 1), 404, "Error 404 Not Found: Query not found"},
		{second[:len(second)-1] + "x", 404, "Error 404 Not Found: Query not found"},
	} {
		if status, _, text := f.do("GET", c.uri, ""); status != c.status || text != c.text {
			t.Errorf("GET %s = %d %q, want %d %q", c.uri, status, text, c.status, c.text)
		}
	}
	_, _, three := f.do("GET", f.next(two), "")
	if next := f.next(three); next != "" {
		t.Errorf("nextUri after the last page: %s", next)
	}
}

func TestNewsAreWaitedFor(t *testing.T) {
	f := start(t, protocol.Config{}, always(protocoltest.Answer{
		Pages: []protocol.ResultPage{{Stats: protocol.Stats{State: "QUEUED", Queued: true}}}, Hang: true,
	}))
	_, _, text := f.do("GET", f.post("SELECT a"), "")
	begin := time.Now()
	_, _, text = f.do("GET", f.next(text)+"?maxWait=30ms", "")
	if took := time.Since(begin); took < 30*time.Millisecond || took > 900*time.Millisecond {
		t.Errorf("waited %v for news, want about 30 ms", took)
	}
	if !strings.Contains(f.next(text), "/queued/") {
		t.Errorf("queued query: %s", text)
	}
	status, _, text := f.do("GET", f.next(text)+"?maxWait=soon", "")
	if status != 400 {
		t.Errorf("bad maxWait: %d %s", status, text)
	}
}

func TestCancel(t *testing.T) {
	f := start(t, protocol.Config{}, always(protocoltest.Answer{
		Pages: []protocol.ResultPage{{Stats: protocoltest.Running(1)}}, Hang: true,
	}))
	_, _, text := f.do("GET", f.post("SELECT a"), "")
	var partial string
	if err := json.Unmarshal(f.fields(text)["partialCancelUri"], &partial); err != nil {
		t.Fatal(err)
	}
	if status, _, body := f.do("DELETE", partial, ""); status != 204 {
		t.Errorf("partial cancel: %d %s", status, body)
	}
	q, _ := f.dispatcher.Lookup("20200102_030405_00000_abcde")
	if got := q.(*protocoltest.Query).CancelledStages(); !reflect.DeepEqual(got, []int{0}) {
		t.Errorf("stages cancelled: %v", got)
	}
	uri := f.next(text)
	if status, _, body := f.do("DELETE", uri, ""); status != 204 {
		t.Errorf("cancel: %d %s", status, body)
	}
	_, _, text = f.do("GET", uri, "")
	if m := f.fields(text); !strings.Contains(string(m["error"]), `"errorName":"USER_CANCELED"`) || m["nextUri"] != nil {
		t.Errorf("after cancel: %s", text)
	}
}

func TestRequestsAreRefused(t *testing.T) {
	f := start(t, protocol.Config{}, always(protocoltest.Rows(nil)))
	user := []string{"X-Trino-User", "x"}
	for _, c := range []struct {
		headers []string
		body    string
		status  int
		text    string
	}{
		{nil, "SELECT 1", 401, "Basic authentication or X-Trino-Original-User or X-Trino-User must be sent"},
		{[]string{"Authorization", "Basic Ym9iOnB3"}, "SELECT 1", 401, "Password not allowed for insecure authentication"},
		{user, "", 400, "SQL statement is empty"},
		{append(user, "X-Trino-Schema", "s"), "x", 400, "Schema is set but catalog is not"},
		{append(user, "X-Trino-Session", "abc"), "x", 400, "Invalid X-Trino-Session header"},
		{append(user, "X-Trino-Session", "a=b=c"), "x", 400, "Invalid X-Trino-Session header"},
		{append(user, "X-Trino-Session", "a.=b"), "x", 400, "Invalid X-Trino-Session header"},
		{append(user, "X-Trino-Session", "=b"), "x", 400, "Invalid X-Trino-Session header"},
		{append(user, "X-Trino-Session", "a=%zz"), "x", 400, `Invalid X-Trino-Session header: invalid URL escape "%zz"`},
		{append(user, "X-Trino-Role", "a=b"), "x", 400, "Invalid X-Trino-Role header"},
		{append(user, "X-Trino-Role", "a=ROLE{"), "x", 400, "Invalid X-Trino-Role header"},
		{append(user, "X-Trino-Prepared-Statement", "p"), "x", 400, "Invalid X-Trino-Prepared-Statement header"},
		{append(user, "X-Trino-Transaction-Id", "abc"), "x", 400, "Invalid UUID string: abc"},
		{append(user, "X-Trino-Extra-Credential", "abc"), "x", 400, "Invalid X-Trino-Extra-Credential header"},
		{append(user, "X-Trino-Extra-Credential", "internal$x=1"), "x", 400, "Invalid extra credential name: internal$x"},
		{append(user, "X-Trino-Resource-Estimate", "abc=1"), "x", 400, "Unsupported resource name abc"},
		{append(user, "X-Trino-Resource-Estimate", "CPU_TIME=1"), "x", 400, "Unsupported format for resource estimate '1'"},
		{append(user, "X-Forwarded-Proto", "https"), "x", 406, "Server configuration does not allow processing of the X-Forwarded-Proto header"},
	} {
		status, h, text := f.do("POST", "/v1/statement", c.body, c.headers...)
		want := c.text
		if c.status == 401 {
			if h.Get("WWW-Authenticate") != `Basic realm="Trino"` {
				t.Errorf("%v: WWW-Authenticate = %q", c.headers, h.Get("WWW-Authenticate"))
			}
		} else {
			want = map[int]string{400: "Error 400 Bad Request: ", 406: "Error 406 Not Acceptable: "}[c.status] + want
		}
		if status != c.status || text != want {
			t.Errorf("%v: %d %q, want %d %q", c.headers, status, text, c.status, want)
		}
	}
	if n := len(f.dispatcher.Requests()); n != 0 {
		t.Errorf("%d refused requests became queries", n)
	}
}

func TestSessionIsRead(t *testing.T) {
	f := start(t, protocol.Config{}, always(protocoltest.Rows(nil)))
	f.post("SELECT 1",
		"X-Trino-Original-User", "root", "X-Trino-Source", "cli", "X-Trino-Catalog", "c", "X-Trino-Schema", "s",
		"X-Trino-Path", "a.b", "X-Trino-Time-Zone", "Asia/Tokyo", "X-Trino-Language", "de-DE",
		"X-Trino-Client-Tags", "b, a", "X-Trino-Client-Info", "info", "X-Trino-Trace-Token", "token",
		"X-Trino-Client-Capabilities", "PATH,PARAMETRIC_DATETIME",
		"X-Trino-Session", "query_max_run_time=5m,hive.x=a%2Cb+c", "X-Trino-Session", "empty=",
		"X-Trino-Prepared-Statement", "p%20q=select+*%0Afrom+t+where+a+%3D+%3F",
		"X-Trino-Role", "hive=ROLE%7Badmin%7D,system=NONE", "X-Trino-Role", "tpch=ALL",
		"X-Trino-Extra-Credential", "secret=1%3D2", "X-Trino-Resource-Estimate", "PEAK_MEMORY=1GB",
		"X-Trino-Transaction-Id", "NONE", "User-Agent", "test/1",
	)
	got := f.dispatcher.Requests()[0]
	want := protocol.SubmitRequest{SQL: "SELECT 1", Session: protocol.Session{
		User: "x", OriginalUser: "root", Source: "cli", Catalog: "c", Schema: "s", Path: "a.b", TimeZone: "Asia/Tokyo",
		Language: "de-DE", ClientTags: []string{"b", "a"}, ClientInfo: "info", TraceToken: "token",
		Capabilities:     []string{"PATH", "PARAMETRIC_DATETIME"},
		Properties:       map[string]string{"query_max_run_time": "5m", "hive.x": "a,b c", "empty": ""},
		Prepared:         map[string]string{"p q": "select *\nfrom t where a = ?"},
		Roles:            map[string]protocol.Role{"hive": {Kind: "ROLE", Name: "admin"}, "system": {Kind: "NONE"}, "tpch": {Kind: "ALL"}},
		ExtraCredentials: map[string]string{"secret": "1=2"}, ResourceEstimates: map[string]string{"PEAK_MEMORY": "1GB"},
		ClientTransactions: true, RemoteAddress: "127.0.0.1", UserAgent: "test/1",
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("session:\n got %+v\nwant %+v", got, want)
	}
}

func TestSessionChangesAreWritten(t *testing.T) {
	path := "tpch.tiny"
	f := start(t, protocol.Config{}, always(protocoltest.Changed("PREPARE", protocol.SessionChanges{
		SetCatalog: "memory", SetSchema: "default", SetPath: &path,
		SetProperties: map[string]string{"time_zone_id": "Asia/Tokyo", "a.b": "x y"}, ClearProperties: []string{"old"},
		SetRoles:      map[string]protocol.Role{"hive": {Kind: "ALL"}, "tpch": {Kind: "ROLE", Name: "r"}},
		AddedPrepared: map[string]string{"p": "SELECT *\nFROM\n  nation\nWHERE (name <> 'x y+ä~')\n"}, DeallocatedPrepared: []string{"q r"},
		StartedTransaction: "id", ClearedTransaction: true, SetAuthorization: "bob", ResetAuthorization: true,
	})))
	_, h, _ := f.do("GET", f.post("PREPARE"), "")
	for name, want := range map[string][]string{
		"X-Trino-Set-Catalog":              {"memory"},
		"X-Trino-Set-Schema":               {"default"},
		"X-Trino-Set-Path":                 {"tpch.tiny"},
		"X-Trino-Set-Session":              {"a.b=x+y", "time_zone_id=Asia%2FTokyo"},
		"X-Trino-Clear-Session":            {"old"},
		"X-Trino-Set-Role":                 {"hive=ALL", "tpch=ROLE%7Br%7D"},
		"X-Trino-Added-Prepare":            {"p=SELECT+*%0AFROM%0A++nation%0AWHERE+%28name+%3C%3E+%27x+y%2B%C3%A4%7E%27%29%0A"},
		"X-Trino-Deallocated-Prepare":      {"q+r"},
		"X-Trino-Started-Transaction-Id":   {"id"},
		"X-Trino-Clear-Transaction-Id":     {"true"},
		"X-Trino-Set-Authorization-User":   {"bob"},
		"X-Trino-Reset-Authorization-User": {"true"},
	} {
		if got := h.Values(name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestURIsFollowTheRequest(t *testing.T) {
	for _, c := range []struct {
		trust   bool
		headers []string
		want    string
	}{
		{false, []string{"Host", "example.com:99"}, "http://example.com:99/v1/"},
		{true, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "foo"}, "https://foo/v1/"},
		{true, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "foo, bar", "X-Forwarded-Port", "443"}, "https://foo/v1/"},
		{true, []string{"Host", "foo:1", "X-Forwarded-Port", "8443", "X-Forwarded-Proto", "HTTPS"}, "https://foo:8443/v1/"},
		{true, []string{"X-Forwarded-Host", "[::1]", "X-Forwarded-Port", "8080"}, "http://[::1]:8080/v1/"},
		{true, []string{"Host", "foo:1", "X-Forwarded-Port", "none"}, "http://foo:1/v1/"},
	} {
		f := start(t, protocol.Config{ProcessForwarded: c.trust}, always(protocoltest.Rows(nil)))
		if got := f.post("SELECT 1", c.headers...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: nextUri = %s, want %s…", c.headers, got, c.want)
		}
	}
}

func TestAbandonedQueryIsCancelled(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	config := protocol.Config{ClientTimeout: time.Minute, Now: func() time.Time { return now }}
	f := start(t, config, always(protocoltest.Answer{Pages: []protocol.ResultPage{{Stats: protocoltest.Running(1)}}, Hang: true}))
	uri := f.post("SELECT 1")
	q, _ := f.dispatcher.Lookup("20200102_030405_00000_abcde")
	reason := q.(*protocoltest.Query).Reason

	now = now.Add(59 * time.Second)
	f.server.Reap(now)
	if reason() != nil {
		t.Fatalf("cancelled after 59 s: %v", reason())
	}
	f.do("GET", uri, "")
	now = now.Add(59 * time.Second)
	f.server.Reap(now)
	if reason() != nil {
		t.Fatalf("cancelled 59 s after the last request: %v", reason())
	}
	now = now.Add(time.Second)
	f.server.Reap(now)
	want := "Query 20200102_030405_00000_abcde was abandoned by the client, as it may have exited or stopped checking for " +
		"query results. Query results have not been accessed since 2026-01-02T03:05:04.000Z: currentTime 2026-01-02T03:06:04.000Z"
	if err := reason(); err == nil || err.Code != trinoerr.AbandonedQuery || err.Msg != want {
		t.Errorf("reason = %v", err)
	}
}

func TestLastPageIsKeptForAWhile(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	config := protocol.Config{Now: func() time.Time { return now }}
	f := start(t, config, always(protocoltest.Rows([]protocol.Column{{Name: "a", Type: bigint}}, "[1]")))
	uri := f.post("SELECT 1")
	f.do("GET", uri, "")
	for _, c := range []struct {
		after  time.Duration
		status int
	}{{30 * time.Second, 200}, {61 * time.Second, 410}} {
		now = now.Add(c.after)
		f.server.Reap(now)
		if status, _, text := f.do("GET", uri, ""); status != c.status {
			t.Errorf("after %v: %d %s, want %d", c.after, status, text, c.status)
		}
	}
}

func TestResumedQuery(t *testing.T) {
	answer := protocoltest.Answer{Pages: make([]protocol.ResultPage, 9)}
	for i := range answer.Pages {
		answer.Pages[i] = protocol.ResultPage{Data: [][]byte{[]byte("[1]")}, Stats: protocoltest.Running(1)}
	}
	f := start(t, protocol.Config{}, always(answer))
	q, err := f.dispatcher.Submit(t.Context(), protocol.SubmitRequest{SQL: "SELECT 1"})
	if err != nil {
		t.Fatal(err)
	}
	uri := f.url + "/v1/statement/executing/" + q.ID() + "/" + q.Slug() + "/"
	if status, _, text := f.do("GET", uri+"7", ""); status != 200 || string(f.fields(text)["data"]) != "[[1]]" {
		t.Errorf("page of a query from before: %d %s", status, text)
	}
	if status, _, _ := f.do("GET", uri+"9", ""); status != 404 {
		t.Errorf("page after the next one: %d", status)
	}
}

func TestErrors(t *testing.T) {
	inner := errors.New("disk full")
	f := start(t, protocol.Config{}, func(r protocol.SubmitRequest) protocoltest.Answer {
		if r.SQL == "cause" {
			return protocoltest.Failed(trinoerr.Wrap(inner, trinoerr.HiveWriterDataError, "write").(*trinoerr.Error))
		}
		return protocoltest.Failed(trinoerr.At(trinoerr.Position{Line: 1, Column: 8}, trinoerr.ColumnNotFound, "Column 'foo' cannot be resolved"))
	})
	for sql, want := range map[string]string{
		"SELECT foo": `{"message":"line 1:8: Column 'foo' cannot be resolved","errorCode":47,"errorName":"COLUMN_NOT_FOUND","errorType":"USER_ERROR",` +
			`"errorLocation":{"lineNumber":1,"columnNumber":8},"failureInfo":{"type":"io.trino.spi.TrinoException",` +
			`"message":"line 1:8: Column 'foo' cannot be resolved","suppressed":[],"stack":[],` +
			`"errorInfo":{"code":47,"name":"COLUMN_NOT_FOUND","type":"USER_ERROR"},"errorLocation":{"lineNumber":1,"columnNumber":8}}}`,
		"cause": `{"message":"write: disk full","errorCode":16777243,"errorName":"HIVE_WRITER_DATA_ERROR","errorType":"EXTERNAL",` +
			`"failureInfo":{"type":"io.trino.spi.TrinoException","message":"write: disk full",` +
			`"cause":{"type":"*errors.errorString","message":"disk full","suppressed":[],"stack":[]},"suppressed":[],"stack":[],` +
			`"errorInfo":{"code":16777243,"name":"HIVE_WRITER_DATA_ERROR","type":"EXTERNAL"}}}`,
	} {
		_, _, text := f.do("GET", f.post(sql), "")
		if got := string(f.fields(text)["error"]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", sql, got, want)
		}
	}
}

// brokenQuery panics when a page is fetched.
type brokenQuery struct{ *protocoltest.Query }

func (brokenQuery) Next(context.Context, int64, string, time.Duration, int) (protocol.ResultPage, error) {
	panic("oops")
}

func TestPanicFailsTheQueryOnly(t *testing.T) {
	log := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(log)
	f := start(t, protocol.Config{}, always(protocoltest.Rows(nil)))
	q, err := f.dispatcher.Submit(t.Context(), protocol.SubmitRequest{SQL: "SELECT 1"})
	if err != nil {
		t.Fatal(err)
	}
	f.server.Adopt(brokenQuery{q.(*protocoltest.Query)})
	_, _, text := f.do("GET", "/v1/statement/executing/"+q.ID()+"/"+q.Slug()+"/1", "")
	if m := f.fields(text); !strings.Contains(string(m["error"]), `"message":"panic: oops","errorCode":65536`) || m["nextUri"] != nil {
		t.Errorf("answer %s", text)
	}
	if reason := q.(*protocoltest.Query).Reason(); reason == nil {
		t.Error("the query was not cancelled")
	}
}

func TestCompression(t *testing.T) {
	big := `["` + strings.Repeat("x", 10000) + `"]`
	d := protocoltest.New(always(protocoltest.Rows([]protocol.Column{{Name: "a", Type: types.Of(types.Varchar)}}, big)))
	s := protocol.New(protocol.Config{}, d)
	get := func(remote, accept string) *httptest.ResponseRecorder {
		req := httptest.NewRequest("POST", "/v1/statement", strings.NewReader("SELECT 1"))
		req.Header.Set("X-Trino-User", "x")
		res := httptest.NewRecorder()
		s.ServeHTTP(res, req)
		var m struct{ NextURI string }
		if err := json.Unmarshal(res.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		req = httptest.NewRequest("GET", m.NextURI, nil)
		req.RemoteAddr = remote
		req.Header.Set("Accept-Encoding", accept)
		res = httptest.NewRecorder()
		s.ServeHTTP(res, req)
		return res
	}
	for _, c := range []struct {
		remote, accept string
		compressed     bool
	}{
		{"192.0.2.1:99", "gzip, deflate", true},
		{"192.0.2.1:99", "br;q=1.0, gzip;q=0", false},
		{"192.0.2.1:99", "", false},
		{"127.0.0.1:99", "gzip", false},
		{"[::1]:99", "gzip", false},
	} {
		res := get(c.remote, c.accept)
		if got := res.Header().Get("Content-Encoding") == "gzip"; got != c.compressed {
			t.Errorf("%+v: compressed = %v", c, got)
		}
		var body io.Reader = res.Body
		if c.compressed {
			z, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if text, err := io.ReadAll(body); err != nil || !strings.Contains(string(text), big) {
			t.Errorf("%+v: %v, %d bytes", c, err, len(text))
		}
	}
}

func BenchmarkShortQuery(b *testing.B) {
	d := protocoltest.New(always(protocoltest.Rows([]protocol.Column{{Name: "a", Type: bigint}}, "[1]")))
	h := httptest.NewServer(protocol.New(protocol.Config{}, d))
	defer h.Close()
	fetch := func(method, uri string) string {
		req, err := http.NewRequestWithContext(b.Context(), method, uri, strings.NewReader("SELECT 1"))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("X-Trino-User", "x")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		var m struct{ NextURI string }
		if err := json.NewDecoder(res.Body).Decode(&m); err != nil {
			b.Fatal(err)
		}
		return m.NextURI
	}
	for b.Loop() {
		for uri := fetch("POST", h.URL+"/v1/statement"); uri != ""; {
			uri = fetch("GET", uri)
		}
	}
}
