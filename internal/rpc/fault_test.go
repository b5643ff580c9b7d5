package rpc

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// counting counts the starts that were carried out.
type counting struct {
	rpcv1connect.UnimplementedWorkersHandler
	starts int
}

func (c *counting) Start(context.Context, *rpcv1.StartRequest) (*rpcv1.StartResponse, error) {
	c.starts++
	return &rpcv1.StartResponse{}, nil
}

// A fault at a call strikes calls for one attempt, before or after they are carried out.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		fault   string
		code    connect.Code
		wire    bool // an answer has come
		carried int
	}{
		{"call-start-fails", connect.CodeInternal, true, 0},
		{"call-start-hangs", connect.CodeDeadlineExceeded, false, 0},
		{"call-start-dropped", connect.CodeUnavailable, false, 0},
		{"call-start-unanswered", connect.CodeUnavailable, false, 1},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			dir := fault.Dir(t.TempDir())
			points := faultpoint.Open(string(dir))
			worker := &counting{}
			path, h := rpcv1connect.NewWorkersHandler(worker, Faults(points))
			mux := http.NewServeMux()
			mux.Handle(path, h)
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			if err := points.Named("q", "token"); err != nil {
				t.Fatal(err)
			}
			if _, err := dir.Arm(tt.fault, fault.Aim{Trace: "token", Task: "1.*.0"}); err != nil {
				t.Fatal(err)
			}
			client := rpcv1connect.NewWorkersClient(server.Client(), server.URL)
			struck := false
			call := func(task string) error {
				patience := 10 * time.Second
				if tt.code == connect.CodeDeadlineExceeded && task == "q.1.2.0" && !struck {
					patience = time.Second // for the call that hangs
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, err := client.Start(ctx, &rpcv1.StartRequest{Task: &rpcv1.Task{Id: task}})
				return err
			}
			for _, other := range []string{"q.0.2.0", "p.1.2.0", "q.1.2.1"} {
				if err := call(other); err != nil {
					t.Errorf("%s: %v", other, err)
				}
			}
			err := call("q.1.2.0")
			struck = true
			if code := connect.CodeOf(err); code != tt.code && !(code == connect.CodeUnavailable && !tt.wire) || connect.IsWireError(err) != tt.wire {
				t.Errorf("got %v, code %s, from the other side: %v", err, connect.CodeOf(err), connect.IsWireError(err))
			}
			if got := worker.starts - 3; got != tt.carried {
				t.Errorf("carried out %d times, want %d", got, tt.carried)
			}
			if err := call("q.1.2.0"); err != nil { // it strikes once
				t.Error(err)
			}
		})
	}
}

// Each call of each service passes a point.
func TestEveryCallPassesAPoint(t *testing.T) {
	services := rpcv1.File_worker_proto.Services()
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			procedure := "/" + string(services.Get(i).FullName()) + "/" + string(services.Get(i).Methods().Get(j).Name())
			if CallPoint(procedure) == "" {
				t.Errorf("%s passes none", procedure)
			}
		}
	}
}

// telling is a worker that has ended three attempts.
type telling struct {
	rpcv1connect.UnimplementedWorkersHandler
}

func (telling) Events(_ context.Context, _ *rpcv1.EventsRequest, stream *connect.ServerStream[rpcv1.Event]) error {
	for i, task := range []string{"q.0.0.0", "q.1.2.0", "q.2.0.0"} {
		if err := stream.Send(&rpcv1.Event{Kind: &rpcv1.Event_Heartbeat{Heartbeat: &rpcv1.Heartbeat{}}}); err != nil {
			return err
		}
		if err := stream.Send(&rpcv1.Event{Sequence: int64(i + 1), Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task}}}); err != nil {
			return err
		}
	}
	return nil
}

// A fault at a message of a stream lets those before it pass.
func TestFaultyStream(t *testing.T) {
	for _, tt := range []struct {
		fault string
		last  int64 // the number of the last message that comes through
	}{
		{"call-events-fails", 0}, {"call-events-dropped", 0}, {"call-event-fails", 1}, {"call-event-dropped", 1}, {"call-event-hangs", 1}, {"call-event-unanswered", 2},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			dir := fault.Dir(t.TempDir())
			path, h := rpcv1connect.NewWorkersHandler(telling{}, Faults(faultpoint.Open(string(dir))))
			mux := http.NewServeMux()
			mux.Handle(path, h)
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			at := fault.Aim{Task: "1.*.0"}
			if tt.last == 0 {
				at = fault.Aim{}
			}
			armed, err := dir.Arm(tt.fault, at)
			if err != nil {
				t.Fatal(err)
			}
			follow := func(hangs bool) (last int64, err error) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				stream, err := rpcv1connect.NewWorkersClient(server.Client(), server.URL).Events(ctx, &rpcv1.EventsRequest{})
				if err != nil {
					return 0, err
				}
				defer stream.Close()
				for stream.Receive() {
					last = max(last, stream.Msg().Sequence)
					if hangs && last == tt.last {
						_, _ = armed.Await(ctx, 1) // if it never does, the end is a success
						cancel()
					}
				}
				return last, stream.Err()
			}
			last, err := follow(strings.HasSuffix(tt.fault, "hangs"))
			if err == nil || last > tt.last || tt.fault != "call-event-unanswered" && last != tt.last { // what is sent last may get lost on the way
				t.Errorf("followed up to %d, want %d: %v", last, tt.last, err)
			}
			if last, err := follow(false); err != nil || last != 3 { // it strikes once
				t.Errorf("followed up to %d the second time: %v", last, err)
			}
		})
	}
}

// A reader gets some of the bytes of an object, and then no more.
func TestObjectsBreakOff(t *testing.T) {
	for _, name := range []string{"call-bundle-breaks-off", "call-bundle-stalls"} {
		t.Run(name, func(t *testing.T) {
			dir := fault.Dir(t.TempDir())
			server := httptest.NewServer(FaultyObjects(faultpoint.Open(string(dir)), faultpoint.CallBundle, TaskOfKey, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "all of it") // the reader notices what is missing
			})))
			t.Cleanup(server.Close)
			if _, err := dir.Arm(name, fault.Aim{Task: "3.7.1"}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/q/3/7.1/0.bundle", nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			first := make([]byte, len("all "))
			if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "all " {
				t.Errorf("read %q, %v", first, err)
			}
			if name == "call-bundle-stalls" {
				time.AfterFunc(50*time.Millisecond, cancel)
			}
			if rest, err := io.ReadAll(res.Body); err == nil || len(rest) > 0 {
				t.Errorf("read %q after that, %v", rest, err)
			}
		})
	}
}

// Bytes have arrived, and who sent them does not hear of it.
func TestUploadUnanswered(t *testing.T) {
	dir := fault.Dir(t.TempDir())
	var stored string
	server := httptest.NewServer(FaultyObjects(faultpoint.Open(string(dir)), faultpoint.CallBlob, TaskOfKey, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body) // what is missing is seen below
		stored = string(got)
	})))
	t.Cleanup(server.Close)
	if _, err := dir.Arm("call-blob-unanswered", fault.Aim{}); err != nil {
		t.Fatal(err)
	}
	put := func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/q/3/7.1/blob", strings.NewReader("bytes"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	if err := put(); err == nil || stored != "bytes" {
		t.Errorf("stored %q, %v", stored, err)
	}
	if err := put(); err != nil {
		t.Error(err)
	}
}

func TestFaultyObjects(t *testing.T) {
	dir := fault.Dir(t.TempDir())
	h := FaultyObjects(faultpoint.Open(string(dir)), faultpoint.CallBundle, TaskOfKey, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path)
	}))
	server := httptest.NewServer(http.StripPrefix("/v1/bundle/", h))
	defer server.Close()
	if _, err := dir.Arm("call-bundle-fails", fault.Aim{Task: "3.7.1"}); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{"q/3/7.0/0.bundle": 200, "q/3/7.1/0.bundle": 500} {
		res, err := http.Get(server.URL + "/v1/bundle/" + key)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %s, want %d", key, res.Status, want)
		}
	}
}
