package worker

import (
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// assembly puts together attempts whose description comes in several parts. What its sender has given up is dropped when the
// next part of another one comes.
type assembly struct {
	mu       sync.Mutex
	partial  map[string]*partial // by task
	patience time.Duration       // between two parts
}

// partial is an attempt of which more is to come.
type partial struct {
	task    *rpcv1.Task
	decided uint64
	next    int32 // part
	heard   time.Time
}

// add takes a part and returns the attempt when it is complete. A part that has come before changes nothing; started says
// that the attempt was complete before.
func (a *assembly) add(req *rpcv1.StartRequest, started func() bool) (*rpcv1.Task, error) {
	if req.Parts <= 1 {
		return req.Task, nil
	}
	id := req.Task.Id
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for other, p := range a.partial {
		if now.Sub(p.heard) > a.patience {
			delete(a.partial, other)
		}
	}
	p := a.partial[id]
	if p != nil && p.decided < req.Decided { // another attempt, of a later coordinator
		delete(a.partial, id)
		p = nil
	}
	switch {
	case p == nil && started():
		return nil, nil
	case p == nil && req.Part == 0:
		if a.partial == nil {
			a.partial = map[string]*partial{}
		}
		a.partial[id] = &partial{task: req.Task, decided: req.Decided, next: 1, heard: now}
		return nil, nil
	case p != nil && (req.Part < p.next || req.Decided < p.decided):
		return nil, nil
	case p == nil || req.Part > p.next || len(req.Task.Inputs) != len(p.task.Inputs):
		return nil, trinoerr.New(trinoerr.RemoteTaskMismatch, "part %d of task %s has come without those before it", req.Part, id)
	}
	for i, in := range req.Task.Inputs {
		if t := p.task.Inputs[i].GetTable(); t != nil {
			t.Splits = append(t.Splits, in.GetTable().GetSplits()...)
		}
		if x := p.task.Inputs[i].GetExchange(); x != nil {
			x.Bundles = append(x.Bundles, in.GetExchange().GetBundles()...)
		}
	}
	p.next, p.heard = p.next+1, now
	if p.next < req.Parts {
		return nil, nil
	}
	delete(a.partial, id)
	return p.task, nil
}

// drop forgets the parts of an attempt.
func (a *assembly) drop(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.partial, id)
}
