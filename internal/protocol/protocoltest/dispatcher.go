// Package protocoltest has a Dispatcher that gives canned answers, for tests of the protocol and of its clients. It
// behaves like a coordinator towards the protocol, but no statement is understood: a function of the test says what
// each one answers.
package protocoltest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Answer is what a statement answers.
type Answer struct {
	// Pages are given out one after the other; the protocol's contract for them holds. The last is marked as such.
	Pages []protocol.ResultPage

	// Hang makes the query stay in the state of its last page until it is cancelled.
	Hang bool
}

// Dispatcher is a protocol.Dispatcher over a function.
type Dispatcher struct {
	answer func(protocol.SubmitRequest) Answer

	mu       sync.Mutex
	queries  map[string]*Query
	requests []protocol.SubmitRequest
}

// New returns a dispatcher whose queries answer what the function says.
func New(answer func(protocol.SubmitRequest) Answer) *Dispatcher {
	return &Dispatcher{answer: answer, queries: map[string]*Query{}}
}

// Submit implements protocol.Dispatcher.
func (d *Dispatcher) Submit(_ context.Context, req protocol.SubmitRequest) (protocol.Query, error) {
	answer := d.answer(req)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, req)
	q := &Query{
		id: fmt.Sprintf("20200102_030405_%05d_abcde", len(d.queries)), request: req, answer: answer,
		cancelled: make(chan struct{}),
	}
	d.queries[q.id] = q
	return q, nil
}

// Lookup implements protocol.Dispatcher.
func (d *Dispatcher) Lookup(id string) (protocol.Query, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q, ok := d.queries[id]
	return q, ok
}

// Queries implements protocol.Dispatcher.
func (d *Dispatcher) Queries() []protocol.QueryInfo {
	d.mu.Lock()
	defer d.mu.Unlock()
	var infos []protocol.QueryInfo
	for _, q := range d.queries {
		infos = append(infos, q.Info())
	}
	return infos
}

// Nodes implements protocol.Dispatcher: one node.
func (d *Dispatcher) Nodes() []protocol.NodeInfo {
	return []protocol.NodeInfo{{ID: "node-1", URI: "http://127.0.0.1:8080", Version: "1", Coordinator: true, State: "ACTIVE"}}
}

// ResourceGroup implements protocol.Dispatcher: a group with the first query, and one below without any.
func (d *Dispatcher) ResourceGroup(id []string) (protocol.ResourceGroupInfo, bool) {
	if !slices.Equal(id, []string{"global", "a.b"}) {
		return protocol.ResourceGroupInfo{}, false
	}
	return protocol.ResourceGroupInfo{ID: id, State: "CAN_QUEUE", Policy: "FAIR", Weight: 1, SoftMemoryBytes: 1000, SoftConcurrency: 1, HardConcurrency: 2, MaxQueued: 3,
		MemoryBytes: 5, CPU: time.Second, NumQueued: 1, NumRunning: 1, Running: []string{"20200102_030405_00000_abcde"},
		SubGroups: []protocol.ResourceGroupInfo{{ID: append(id, "c"), State: "FULL", Policy: "WEIGHTED", Weight: 2, SoftMemoryBytes: -1}}}, true
}

// Requests returns what was submitted so far.
func (d *Dispatcher) Requests() []protocol.SubmitRequest {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.requests)
}

// Query is a query of a Dispatcher.
type Query struct {
	id      string
	request protocol.SubmitRequest
	answer  Answer

	cancelled chan struct{} // closed by Cancel

	mu     sync.Mutex
	given  int // pages handed out
	reason *trinoerr.Error
	stages []int // cancelled ones
}

// ID implements protocol.Query.
func (q *Query) ID() string { return q.id }

// Slug implements protocol.Query.
func (q *Query) Slug() string { return "y" + q.id[16:21] }

// Next implements protocol.Query.
func (q *Query) Next(ctx context.Context, token int64, _ string, maxWait time.Duration, _ int) (protocol.ResultPage, error) {
	select {
	case <-q.cancelled:
		return q.failed(), nil
	default:
	}
	i := int(token) - 1
	if i >= len(q.answer.Pages) {
		i = len(q.answer.Pages) - 1
		if err := q.hang(ctx, maxWait); err != nil {
			return protocol.ResultPage{}, err
		}
		if q.Reason() != nil {
			return q.failed(), nil
		}
		return protocol.ResultPage{Stats: q.answer.Pages[i].Stats}, nil
	}
	page := q.answer.Pages[i]
	page.Last = i == len(q.answer.Pages)-1 && !q.answer.Hang
	q.mu.Lock()
	defer q.mu.Unlock()
	q.given = i + 1
	return page, nil
}

func (q *Query) hang(ctx context.Context, maxWait time.Duration) error {
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-q.cancelled:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (q *Query) failed() protocol.ResultPage {
	return protocol.ResultPage{Last: true, Err: q.Reason(), Stats: protocol.Stats{State: "FAILED"}}
}

// Cancel implements protocol.Query.
func (q *Query) Cancel(reason *trinoerr.Error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.reason == nil {
		q.reason = reason
		close(q.cancelled)
	}
}

// Reason returns why the query was cancelled; nil if it was not.
func (q *Query) Reason() *trinoerr.Error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reason
}

// CancelStage implements protocol.Query.
func (q *Query) CancelStage(stage int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stages = append(q.stages, stage)
}

// CancelledStages returns the stages that the client stopped.
func (q *Query) CancelledStages() []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.stages)
}

// Info implements protocol.Query.
func (q *Query) Info() protocol.QueryInfo {
	q.mu.Lock()
	defer q.mu.Unlock()
	info := protocol.QueryInfo{
		ID: q.id, Session: q.request.Session, SQL: q.request.SQL, RetryPolicy: "TASK", State: "QUEUED",
		Created: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), Err: q.reason,
	}
	if q.given > 0 {
		page := q.answer.Pages[q.given-1]
		info.State, info.Stats, info.UpdateType = page.Stats.State, page.Stats, page.UpdateType
		if page.Err != nil {
			info.Err = page.Err
		}
	}
	if info.Err != nil {
		info.State = "FAILED"
	}
	return info
}
