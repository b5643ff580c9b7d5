package rpc

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
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
			call := func(task string) error {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				if tt.code == connect.CodeDeadlineExceeded && task == "q.1.2.0" {
					ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
				}
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
