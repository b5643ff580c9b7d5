package rpc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func run(id string) *rpcv1.SlotMessage {
	return &rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: &rpcv1.Task{Id: id, Sql: "SELECT 1"}}}
}

func TestFrames(t *testing.T) {
	var wire bytes.Buffer
	want := []*rpcv1.SlotMessage{run("q.0.0.0"), {}, run(strings.Repeat("x", 100_000))}
	for _, m := range want {
		if err := WriteFrame(&wire, m); err != nil {
			t.Fatal(err)
		}
	}
	r := bufio.NewReader(&wire)
	for i, w := range want {
		got, err := ReadFrame(r)
		if err != nil || !proto.Equal(got, w) {
			t.Errorf("frame %d: %v, %v", i, got, err)
		}
	}
	if _, err := ReadFrame(r); err != io.EOF {
		t.Errorf("at the end: %v, want EOF", err)
	}
}

// A connection that breaks inside a message is something else than one that closes between two.
func TestBrokenFrames(t *testing.T) {
	var whole bytes.Buffer
	if err := WriteFrame(&whole, run("q.0.0.0")); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < whole.Len(); n++ {
		if _, err := ReadFrame(bufio.NewReader(bytes.NewReader(whole.Bytes()[:n]))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v, want an unexpected EOF", n, err)
		}
	}
	for name, frame := range map[string][]byte{
		"too long":   binary.BigEndian.AppendUint32(nil, maxFrame+1),
		"no message": append(binary.BigEndian.AppendUint32(nil, 3), 0xff, 0xff, 0xff),
	} {
		if _, err := ReadFrame(bufio.NewReader(bytes.NewReader(frame))); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	var b bytes.Buffer
	if err := WriteFrame(&b, run("q.0.0.0")); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) >= 4 && binary.BigEndian.Uint32(data) > 1<<20 {
			return // only memory
		}
		m, err := ReadFrame(bufio.NewReader(bytes.NewReader(data)))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteFrame(&again, m); err != nil {
			t.Fatal(err)
		}
		if back, err := ReadFrame(bufio.NewReader(&again)); err != nil || !proto.Equal(m, back) {
			t.Errorf("%v became %v, %v", m, back, err)
		}
	})
}

func TestFailures(t *testing.T) {
	lost := &exchange.LostError{Producer: "q.1.2.0", Err: io.ErrUnexpectedEOF}
	for _, tt := range []struct {
		err        error
		code, lost string
	}{
		{trinoerr.New(trinoerr.DivisionByZero, "Division by zero"), "DIVISION_BY_ZERO", ""},
		{fmt.Errorf("run: %w", trinoerr.New(trinoerr.TypeMismatch, "x")), "TYPE_MISMATCH", ""},
		{&trinoerr.Error{Code: trinoerr.GenericInternalError, Msg: "Empty key", Deterministic: true}, "GENERIC_INTERNAL_ERROR", ""},
		{errors.New("anything"), "GENERIC_INTERNAL_ERROR", ""},
		{fmt.Errorf("bind: %w", lost), "GENERIC_INTERNAL_ERROR", "q.1.2.0"},
	} {
		f := FailureOf(tt.err)
		if f.Code != tt.code || f.LostOutput != tt.lost || f.Message == "" {
			t.Errorf("%v: %v", tt.err, f)
		}
		if e := ErrorOf(f); e.Code.Name != tt.code || e.Msg != f.Message || e.Deterministic != trinoerr.From(tt.err).Deterministic {
			t.Errorf("%v: came back as %v", tt.err, e)
		}
	}
	if e := ErrorOf(&rpcv1.Failure{Code: "OF_ANOTHER_VERSION", Message: "m"}); e.Code != trinoerr.GenericInternalError || e.Msg != "m" {
		t.Errorf("unknown code: %v", e)
	}
	if e := ErrorOf(nil); e.Code != trinoerr.GenericInternalError {
		t.Errorf("no failure: %v", e)
	}
}

// nobody refuses all calls; that they arrive is what counts.
type nobody struct {
	rpcv1connect.UnimplementedWorkersHandler
}

func TestSecret(t *testing.T) {
	path, h := rpcv1connect.NewWorkersHandler(nobody{})
	mux := http.NewServeMux()
	mux.Handle(path, Secret("right").Require(h))
	server := httptest.NewServer(mux)
	defer server.Close()
	for secret, want := range map[Secret]connect.Code{"right": connect.CodeUnimplemented, "wrong": connect.CodeUnauthenticated, "": connect.CodeUnauthenticated} {
		c := rpcv1connect.NewWorkersClient(server.Client(), server.URL, connect.WithInterceptors(secret.Interceptor()))
		if _, err := c.Start(context.Background(), &rpcv1.StartRequest{}); connect.CodeOf(err) != want {
			t.Errorf("%q, unary: %v", secret, err)
		}
		stream, err := c.Events(context.Background(), &rpcv1.EventsRequest{})
		if err == nil {
			for stream.Receive() {
			}
			err = stream.Err()
			stream.Close()
		}
		if connect.CodeOf(err) != want {
			t.Errorf("%q, stream: %v", secret, err)
		}
	}
	h2 := http.Header{}
	Secret("right").Sign(h2)
	if strings.Contains(fmt.Sprint(h2), "right") {
		t.Error("the secret itself travels")
	}
	if !Secret("").Valid(http.Header{}) {
		t.Error("without a secret nobody is let in")
	}
}
