package rpc

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
)

type anyWorker struct {
	rpcv1connect.UnimplementedWorkersHandler
}

func (anyWorker) Cancel(context.Context, *rpcv1.CancelRequest) (*rpcv1.CancelResponse, error) {
	return &rpcv1.CancelResponse{}, nil
}

func (anyWorker) Events(_ context.Context, _ *rpcv1.EventsRequest, s *connect.ServerStream[rpcv1.Event]) error {
	return s.Send(&rpcv1.Event{})
}

// A worker obeys the newest coordinator that it has heard of, and one that has no journal.
func TestEpochs(t *testing.T) {
	var o Obedience
	mux := http.NewServeMux()
	mux.Handle(rpcv1connect.NewWorkersHandler(anyWorker{}, connect.WithInterceptors(o.Interceptor())))
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, tt := range []struct {
		epoch Epoch
		obeys bool
	}{{0, true}, {7, true}, {7, true}, {6, false}, {9, true}, {7, false}, {0, true}} {
		client := rpcv1connect.NewWorkersClient(server.Client(), server.URL, connect.WithInterceptors(tt.epoch.Interceptor()))
		_, err := client.Cancel(t.Context(), &rpcv1.CancelRequest{})
		if (err == nil) != tt.obeys || err != nil && connect.CodeOf(err) != connect.CodeFailedPrecondition {
			t.Errorf("epoch %d: call %v", tt.epoch, err)
		}
		stream, err := client.Events(t.Context(), &rpcv1.EventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if got := stream.Receive(); got != tt.obeys {
			t.Errorf("epoch %d: stream %t, %v", tt.epoch, got, stream.Err())
		}
		stream.Close()
	}
}

// The coordinator that leads is found, wherever it is.
func TestCoordinators(t *testing.T) {
	leader := 2
	var urls []string
	for i := range 3 {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if i != leader {
				http.Error(w, "I stand by", http.StatusServiceUnavailable)
				return
			}
			body, _ := io.ReadAll(r.Body)
			w.Write(append(body, r.URL.Path...))
		}))
		if i == 0 {
			s.Close() // this one is gone
		} else {
			defer s.Close()
		}
		urls = append(urls, s.URL)
	}
	c, err := NewCoordinators(urls, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (int, string) {
		res, err := c.Client().Post(c.URL()+"/x", "text/plain", strings.NewReader("body "))
		if err != nil {
			return 0, err.Error()
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(body)
	}
	for _, leader = range []int{2, 1, 2} {
		if status, body := ask(); status != http.StatusOK || body != "body /x" {
			t.Errorf("leader %d: %d %s", leader, status, body)
		}
	}
	leader = 0
	if status, _ := ask(); status == http.StatusOK {
		t.Error("somebody leads")
	}
}
