package coordinator

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// The states of a query, in Trino's words.
const (
	stateQueued    = "QUEUED"
	stateWaiting   = "WAITING_FOR_RESOURCES"
	statePlanning  = "PLANNING"
	stateStarting  = "STARTING"
	stateRunning   = "RUNNING"
	stateFinishing = "FINISHING"
	stateFinished  = "FINISHED"
	stateFailed    = "FAILED"
)

// query is one statement under way, or in the history.
type query struct {
	c       *Coordinator
	id      scheduler.QueryID
	sid     scheduler.QueryID // the scheduler's name of it: the id, unless a crash has made it begin anew
	slug    string
	req     protocol.SubmitRequest
	created time.Time
	session atomic.Pointer[connector.Session] // what connectors are told of the request's
	key     *exchange.QueryKey                // the encryption key of its outputs
	// Of a recovered query: the scheduler's name of the run that it begins anew, and why it cannot go on.
	before scheduler.QueryID
	lost   *trinoerr.Error
	// Of a recovered write under QUERY: only its commit is still to be done; the scheduler, which does not know its course, has no say.
	recommits bool

	ctx    context.Context // ends when the query does
	cancel context.CancelCauseFunc
	polled polled // for the first page
	// cleaned is closed once the query has left nothing in storage.
	cleaned     chan struct{}
	cleanedOnce sync.Once

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever one of the fields below changes
	state   string
	err     *trinoerr.Error
	columns []protocol.Column
	rows    rowSource     // what Next reads; nil as long as there is nothing to read
	growth  growth        // of the result while the query runs
	stream  *resultStream // nil as long as no running task has shown rows
	// collections copy the result away from the workers, under QUERY.
	collections collections
	resume      int    // the bundle of the result to go on with, after one was lost
	kind        string // QueryInfo.QueryType
	updateType  string
	updateRows  *int64
	changes     *protocol.SessionChanges
	warnings    []protocol.Warning
	policy      scheduler.RetryPolicy
	ended_      time.Time
	group       *resourcegroups.Selection // nil as long as it is not known
	queued      time.Duration
	analysis    time.Duration
	planning    time.Duration
	exec        *execution
	replanner   *replanner    // while it runs, if its plan may change
	taken       *queryRecord  // what the journal was told when the statement came; nil: nothing
	acting      bool          // a statement without tasks: it is being carried out
	committing  *commitRecord // a write under QUERY: what is being committed
	submitted   bool          // the scheduler knows it
	launched    time.Time     // when it was submitted to the scheduler
	kept        kept
	totals      totals
	running     map[string]*rpcv1.Progress // of running attempts
	nodesUsed   map[scheduler.NodeID]bool
	// lastStages are the stages as the scheduler last showed them, lastFailed the attempts that had failed in all runs.
	lastStages []scheduler.StageInfo
	lastFailed int
	// lastTasks are the attempts of a query that has ended.
	lastTasks []scheduler.TaskInfo
	inputs    map[attemptKey]input // what ended attempts have read
}

// rowSource yields the rendered rows of a result.
type rowSource interface {
	// seek goes to a position; the empty one is where it is.
	seek(at string) error
	// position is where the next rows begin.
	position() string
	// next returns about targetBytes of rendered rows; done says that these were the last.
	next(ctx context.Context, targetBytes int) (data [][]byte, rows int, done bool, err error)
}

func newQuery(c *Coordinator, id scheduler.QueryID, req protocol.SubmitRequest) *query {
	q := &query{c: c, id: id, sid: id, slug: "x" + randomWord(32), req: req, created: time.Now(), key: exchange.NewQueryKey(), polled: newPolled(),
		cleaned: make(chan struct{}), changed: make(chan struct{}), state: stateQueued,
		kept: newKept(c.descriptors.shelf(id)), running: map[string]*rpcv1.Progress{}, nodesUsed: map[scheduler.NodeID]bool{}, inputs: map[attemptKey]input{}}
	q.tellSession()
	q.ctx, q.cancel = context.WithCancelCause(connector.WithSession(connector.Remembering(c.ctx), q.session.Load))
	return q
}

// ID implements protocol.Query.
func (q *query) ID() string { return string(q.id) }

// Slug implements protocol.Query.
func (q *query) Slug() string { return q.slug }

// run takes the statement from text to its end or to the scheduler's hands.
func (q *query) run() {
	defer func() {
		if p := recover(); p != nil {
			q.c.log.Error("panic in planning", "query", q.id, "panic", p, "stack", string(debug.Stack()))
			q.fail(trinoerr.New(trinoerr.GenericInternalError, "internal error while planning: %v", p))
		}
	}()
	if err := q.dispatch(); err != nil {
		q.fail(err)
	}
}

// update changes the query's fields and wakes whoever waits for news.
func (q *query) update(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
	close(q.changed)
	q.changed = make(chan struct{})
}

// enter moves to a state unless the query has ended.
func (q *query) enter(state string) {
	q.update(func() {
		if !q.endedLocked() {
			q.state = state
		}
	})
}

func (q *query) endedLocked() bool { return q.state == stateFinished || q.state == stateFailed }

// expirable reports whether the history may forget the query.
func (q *query) expirable(endedBefore time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.endedLocked() && q.ended_.Before(endedBefore)
}

// fail ends the query with an error; only the first end counts.
func (q *query) fail(err error) {
	e := trinoerr.From(err)
	if errors.Is(err, context.Canceled) {
		if cause, ok := errors.AsType[*trinoerr.Error](context.Cause(q.ctx)); ok {
			e = cause
		}
	}
	q.end(stateFailed, e)
}

// end moves to a final state, once, and lets go of everything that the query holds.
func (q *query) end(state string, err *trinoerr.Error) {
	var submitted bool
	first := false
	q.update(func() {
		if q.endedLocked() || q.c.gone.Load() { // then its end is somebody else's to decide
			return
		}
		first = true
		q.state, q.err, q.ended_, submitted = state, err, time.Now(), q.submitted
		q.running = map[string]*rpcv1.Progress{}
		q.replanner = nil
	})
	if !first {
		return
	}
	q.c.groups.leave(q)
	q.countEnd()
	if err != nil {
		q.c.log.Info("query failed", "query", q.id, "code", err.Code.Name, "err", err.Error())
		q.cancel(err)
	} else {
		q.c.log.Debug("query finished", "query", q.id, "elapsed", time.Since(q.created))
		q.cancel(context.Canceled)
	}
	if submitted {
		q.stats() // keeps a last look at the stages, which the client's final figures are made of
		// Whatever the scheduler still holds of it ends here; DeleteQuery then cleans the storage.
		if err != nil {
			q.c.post(scheduler.FailQuery{At: q.c.now(), Query: q.sid, Failure: scheduler.FailureOf(err)})
		}
		q.keepTasks()
		q.c.post(scheduler.ForgetQuery{At: q.c.now(), Query: q.sid})
		return
	}
	if q.announced() {
		q.c.post(scheduler.ForgetQuery{At: q.c.now(), Query: q.sid})
	}
	q.wiped()
}

// wiped notes that nothing of the query is left in storage, and destroys its key.
func (q *query) wiped() {
	q.cleanedOnce.Do(func() {
		q.mu.Lock()
		q.kept.outputs, q.kept.fragments, q.rows = nil, nil, nil
		q.key.Zero()
		q.mu.Unlock()
		q.growth.drop()
		q.kept.shelf.drop(q.remove)
		close(q.cleaned)
	})
}

// Cancel implements protocol.Query.
func (q *query) Cancel(reason *trinoerr.Error) { q.fail(reason) }

// CancelStage implements protocol.Query. Stages are barriers, so there are no rows to keep: the result ends where it is.
func (q *query) CancelStage(int) {
	q.Cancel(trinoerr.New(trinoerr.NotSupported, "partial cancel is not supported in fault tolerant mode"))
}

// succeed ends a statement that has no rows to fetch.
func (q *query) succeed(f func()) {
	q.update(func() {
		if f != nil {
			f()
		}
		if q.columns == nil {
			q.columns = []protocol.Column{}
		}
	})
	q.end(stateFinished, nil)
}
