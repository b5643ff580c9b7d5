package connectortest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// abortedWrites gives writes up at each of their steps. Nothing is left of them.
func abortedWrites(t *testing.T, h Harness) {
	steps := []struct {
		name string
		do   func(c connector.Connector, handle []byte)
	}{
		{"begun", func(connector.Connector, []byte) {}},
		{"sink opened", func(c connector.Connector, handle []byte) {
			_, err := c.(connector.Writer).Sink(t.Context(), handle, "aborted.0.0.0")
			must(t, err)
		}},
		{"sink aborted", func(c connector.Connector, handle []byte) {
			s, err := c.(connector.Writer).Sink(t.Context(), handle, "aborted.0.0.0")
			must(t, err)
			must(t, s.Abort(t.Context()))
		}},
		{"sink finished", func(c connector.Connector, handle []byte) {
			s, err := c.(connector.Writer).Sink(t.Context(), handle, "aborted.0.0.0")
			must(t, err)
			_, err = s.Finish(t.Context())
			must(t, err)
			must(t, s.Abort(t.Context())) // too late: it has no effect
		}},
		{"attempt failed", func(c connector.Connector, handle []byte) {
			if _, err := tryAttempt(t, c, handle, "aborted.0.0.0", oneRow("CASE WHEN range < 5000 THEN range ELSE error('enough') END", "x")+" FROM range(6000)"); err == nil {
				t.Error("the attempt has not failed")
			}
		}},
		{"attempt cancelled", func(c connector.Connector, handle []byte) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer time.AfterFunc(200*time.Millisecond, func() { cancel(trinoerr.New(trinoerr.UserCanceled, "enough")) }).Stop()
			_, err := attemptOf(ctx, t, c, &rpcv1.Task{Id: "aborted.0.0.0", Sql: oneRow("range", "x") + " FROM range(1000000000)",
				Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: catalog, Handle: handle, SinkId: "aborted.0.0.0"}}})
			if err == nil || trinoerr.CodeOf(err) != trinoerr.UserCanceled {
				t.Errorf("the attempt ends with %v", err)
			}
		}},
		{"attempts written", func(c connector.Connector, handle []byte) {
			attempt(t, c, handle, "aborted.0.0.0", oneRow("1", "x"))
			attempt(t, c, handle, "aborted.0.0.1", oneRow("1", "x"))
		}},
	}
	for _, create := range []bool{true, false} {
		for _, step := range steps {
			t.Run(fmt.Sprintf("%s, create %t", step.name, create), func(t *testing.T) {
				c := h.New(t)
				defer c.Close()
				w := c.(connector.Writer)
				table := definition(h.Schema, "given_up")
				if !create {
					fill(t, c, w, table, true, "kept", oneRow("1", "kept"))
					table = describe(t, c, table.Name)
				}
				before := traces(h)
				handle, err := w.BeginWrite(t.Context(), table, create, connector.RetriesEnabled, "aborted")
				must(t, err)
				step.do(c, handle)
				must(t, w.AbortWrite(t.Context(), handle))
				must(t, w.AbortWrite(t.Context(), handle))
				if after := traces(h); !slices.Equal(before, after) {
					t.Errorf("left are %v, before there was %v", after, before)
				}
				if create {
					if got, err := c.Table(t.Context(), table.Name); got != nil || err != nil {
						t.Errorf("there is a table: %v, %v", got, err)
					}
					return
				}
				if !h.Forgets {
					wantRows(t, read(t, c, describe(t, c, table.Name)), "1|kept"+tail)
				}
				drop(t, h, c, table.Name)
			})
		}
	}
}

// concurrentWrites commits several writes at a time. All are there, each once.
func concurrentWrites(t *testing.T, h Harness) {
	c := h.New(t)
	defer c.Close()
	w := c.(connector.Writer)
	def := definition(h.Schema, "crowded")
	must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
	const writers = 4
	var handles, fragments [writers][]byte
	var want []string
	for i := range writers {
		query := fmt.Sprintf("writer%d", i)
		handle, err := w.BeginWrite(t.Context(), describe(t, c, def.Name), false, connector.RetriesEnabled, query)
		must(t, err)
		handles[i] = handle
		attempt(t, c, handle, query+".0.0.0", oneRow(fmt.Sprint(i), "lost"))
		fragments[i] = attempt(t, c, handle, query+".0.0.1", oneRow(fmt.Sprint(i), "kept"))
		want = append(want, fmt.Sprintf("%d|kept", i)+tail)
	}
	var errs [2 * writers]error
	var wg sync.WaitGroup
	for i := range errs { // each by two coordinators
		wg.Go(func() { errs[i] = w.FinishWrite(t.Context(), handles[i%writers], [][]byte{fragments[i%writers]}) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil && errs[(i+writers)%len(errs)] != nil {
			t.Errorf("writer %d: %v", i%writers, err)
		}
	}
	for i := range writers {
		must(t, w.FinishWrite(t.Context(), handles[i], [][]byte{fragments[i]}))
	}
	settle(t, c, handles[:]...)
	if !h.Forgets {
		wantRows(t, read(t, c, describe(t, c, def.Name)), want...)
	}
	drop(t, h, c, def.Name)
}
