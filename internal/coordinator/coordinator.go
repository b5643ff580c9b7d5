// Package coordinator is the I/O shell around planning and scheduling: it takes statements from the protocol, plans them,
// keeps the registry of nodes, carries out what the scheduler decides, and hands results back.
//
// Decisions about tasks belong to package scheduler, rewrites to plan and its packages; here is only what must touch
// clocks, network and storage. Start with Coordinator; query.go has the life of a statement, loop.go the one goroutine
// that owns the scheduler's state.
package coordinator

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config describes a coordinator.
type Config struct {
	NodeID      string
	Environment string
	Version     string
	URL         string
	Secret      rpc.Secret
	// Catalogs are the connectors by catalog name.
	Catalogs map[string]connector.Connector
	// ConnectorNames are the names of their connectors ("connector.name"), for system.metadata.catalogs.
	ConnectorNames map[string]string
	// Stores opens the stores of outputs.
	Stores *store.Registry
	// SpoolURIs are the stores to which attempts under TASK write, each to one of them; none without an exchange manager.
	SpoolURIs []string
	// Scratch is a directory, or the URI of a store, for this process alone: what outgrows its memory goes there when there is
	// no exchange manager. It is emptied at start; empty: there is none.
	Scratch string
	// Encrypt says that spooled data is encrypted with a key per query.
	Encrypt bool
	// LeaveOutputs says that nothing is deleted of what queries have spooled: a rule of the storage does that.
	LeaveOutputs bool
	// Marks says that the coordinator tells in the stores of SpoolURIs that it lives, and cleans up after those there that do not.
	Marks bool
	// MaxFileBytes is where bundles roll over; zero: never.
	MaxFileBytes int64
	// MaxPartitions is how many partitions a spooled exchange may have; zero: any number.
	MaxPartitions int
	// Session has the values of session properties that a session does not set.
	Session config.Session
	// Scheduling and Query are what is common to all queries.
	Scheduling config.Scheduling
	Query      config.Query
	// ResourceGroups says which queries run and which wait; nil: all of them are in one group with the limits of Query.
	ResourceGroups *resourcegroups.Spec
	// Communication says when a node is lost, and how long it is tried to reach one that is not. What is zero has its default.
	Communication config.Communication
	// Journal is where decisions are written down, so that a coordinator that takes over can go on; nil: nowhere.
	Journal *JournalConfig
	// JournalSecret wraps the keys of queries in the journal; empty: Secret does.
	JournalSecret rpc.Secret
	// Blobs keeps the tables that live in the coordinator's memory.
	Blobs *blob.Store
	// Faults are where tests let things go wrong; nil outside of tests.
	Faults *faultpoint.Points
	// Metrics is told what happens; nil: nobody is.
	Metrics *metrics.Registry
	Log     *slog.Logger
}

// Coordinator serves statements on a cluster of workers.
//
// Its goroutines are the scheduler's loop, those of each node (see nodes) and one or two per running query; all end with Run.
type Coordinator struct {
	cfg      Config
	log      *slog.Logger
	instance string
	started  time.Time
	loop     *loop
	recorder *recorder // nil without a journal
	nodes    *nodes
	groups   *groups
	spool    []store.Store
	scratch  *scratch        // nil: there is none
	ctx      context.Context // ends when the coordinator does
	stop     context.CancelFunc
	work     sync.WaitGroup // goroutines of queries

	descriptors  *descriptors
	resultMemory budget        // for rows that are held back
	collecting   chan struct{} // has a token for each read of such rows

	transactions      transactions
	scaled            sync.Once                       // says that defaults are scaled down
	sessionProperties func() []binder.SessionProperty // all that there are

	sequence atomic.Int64
	suffix   string

	mu      sync.Mutex
	queries map[scheduler.QueryID]*query
	order   []scheduler.QueryID // by creation, for the history
	closing bool
	failure error // why it had to stop

	ancestors []string                  // ends of ids of queries of coordinators before; does not change
	gone      atomic.Bool               // its queries are a successor's
	proven    atomic.Int64              // when nobody had taken over, in Unix nanoseconds
	recovered []*query                  // those of the coordinator before this one; does not change
	inherited map[scheduler.TaskID]bool // its attempts; does not change
}

// New makes a coordinator, with the queries of the one before it when there is a journal. It serves nothing until Run.
func New(cfg Config) (*Coordinator, error) {
	ctx, stop := context.WithCancel(context.Background())
	c := &Coordinator{cfg: cfg, log: cfg.Log, instance: uuid.NewString(), started: time.Now(), ctx: ctx, stop: stop,
		suffix: randomWord(5), queries: map[scheduler.QueryID]*query{},
		sessionProperties: sync.OnceValue(cfg.sessionProperties),
		resultMemory:      budget{left: cfg.Query.ResultMemory}, collecting: make(chan struct{}, collectReads)}
	c.loop = newLoop(scheduler.New(schedulerConfig(cfg.Scheduling)), cfg.Metrics)
	c.nodes = newNodes(c)
	c.groups = newGroups(c, cfg.ResourceGroups)
	for _, uri := range cfg.SpoolURIs {
		st, err := cfg.Stores.Open(ctx, uri)
		if err != nil {
			return nil, fmt.Errorf("exchange.base-directories: %w", err)
		}
		c.spool = append(c.spool, st)
	}
	var err error
	if c.scratch, err = openScratch(ctx, &cfg); err != nil {
		return nil, err
	}
	c.descriptors = c.newDescriptors()
	if cfg.Journal != nil {
		if err := c.takeOver(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// journalSecret is the secret for keys in the journal.
func (c *Config) journalSecret() rpc.Secret {
	if c.JournalSecret != "" {
		return c.JournalSecret
	}
	return c.Secret
}

// Run serves until ctx ends; running queries are then cancelled and their outputs deleted, unless they are left to a
// successor: see ErrLeave. When the journal is lost, to another coordinator above all, it returns at once and touches nothing
// any more; the error says why.
func (c *Coordinator) Run(ctx context.Context) error {
	var wg, held sync.WaitGroup
	if r := c.recorder; r != nil {
		writing, stop := context.WithCancel(context.Background()) // what the end of queries decides is still written
		defer func() {
			stop()
			wg.Wait()
			c.mu.Lock()
			lost := c.failure != nil
			c.mu.Unlock()
			if !lost {
				c.own(true)
			}
		}()
		c.goWork(func() {
			c.own(false)
			c.sweepOrphans()
		})
		c.goWork(c.prove)
		wg.Go(func() {
			if err := r.log.Run(writing); err != nil {
				c.broken(err)
			}
		})
		held.Go(func() { r.run(c.ctx) })
	}
	due := due(c.loop.state)
	c.cfg.Metrics.Read(c.gauges)
	c.cfg.Metrics.Add(metrics.Recovered, float64(len(c.recovered)))
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.loop.run(c.ctx, c.now, c.carrier())
	}()
	c.goWork(func() { c.descriptors.run(c.ctx) })
	c.goWork(func() { c.groups.measure(c.ctx) })
	if c.cfg.Marks {
		c.goWork(c.mark)
	}
	c.resume(due)
	select {
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), ErrLeave) && c.journaled() {
			c.leave()
		} else {
			c.shutDown()
		}
	case <-c.ctx.Done():
	}
	c.stop()
	<-done
	held.Wait() // it starts work
	c.nodes.wg.Wait()
	c.work.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

// Handle adds the services that workers call to a mux.
func (c *Coordinator) Handle(mux *http.ServeMux) {
	path, h := rpcv1connect.NewCoordinatorsHandler(c.nodes, rpc.Faults(c.cfg.Faults))
	mux.Handle(path, c.cfg.Secret.Require(h))
	mux.HandleFunc("GET "+LeaderPath, c.serveLeader)
	if c.cfg.Blobs != nil {
		c.cfg.Blobs.Handle(mux, c.cfg.Secret, c.cfg.Faults)
	}
}

func (c *Coordinator) now() scheduler.Instant { return scheduler.InstantOf(time.Now()) }

func (c *Coordinator) post(e scheduler.Event) { c.loop.post(e) }

// do carries out an action of the scheduler without waiting.
func (c *Coordinator) do(a scheduler.Action) {
	switch a := a.(type) {
	case scheduler.StartTask:
		if q := c.course(a.Task.Query); q != nil {
			c.nodes.start(a.Node, a.Task, func() ([]*rpcv1.StartRequest, error) { return q.requests(a) })
		}
	case scheduler.CancelTask:
		c.nodes.cancel(a.Node, a.Task, a.Reason)
	case scheduler.FindSplits:
		if q := c.course(a.Query); q != nil {
			c.goWork(func() { c.loop.add(q.findSplits(a)) })
		}
	case scheduler.ResultGrown:
		if q := c.course(a.Query); q != nil {
			q.growth.add(a)
			c.goWork(q.grown)
		}
	case scheduler.QueryFinished:
		if q := c.course(a.Query); q != nil {
			c.goWork(func() { q.completed(a) })
		}
	case scheduler.QueryFailed:
		if q := c.course(a.Query); q != nil {
			c.goWork(func() { q.failed(a) })
		}
	case scheduler.DeleteOutputs:
		if q := c.course(a.Query); q != nil {
			c.goWork(func() { q.deleteOutputs(a) })
		}
	case scheduler.DeleteQuery:
		if q := c.query(a.Query); q != nil {
			c.goWork(q.clean)
		}
	case scheduler.ResultAccepted:
		if q := c.course(a.Query); q != nil {
			q.accepted(a)
		}
	case scheduler.QueryRestarted:
		if q := c.course(a.Query); q != nil {
			q.forgetMeasures()
			c.goWork(func() { q.restarted(a) })
		}
		c.log.Info("query restarted", "query", a.Query, "attempt", a.Attempt, "err", a.Failure.String())
	case scheduler.NodeDrained:
		c.nodes.drained(a.Node)
	case scheduler.StageFinished:
		if q := c.course(a.Query); q != nil && a.Version > 0 {
			q.replan(a)
		}
	default:
		c.log.Error("unknown action", "action", a.String())
	}
}

// course finds a query of which the scheduler decides the course.
func (c *Coordinator) course(sid scheduler.QueryID) *query {
	if q := c.query(sid); q != nil && !q.recommits {
		return q
	}
	return nil
}

// goWork starts a goroutine that Run waits for.
func (c *Coordinator) goWork(f func()) {
	c.work.Go(f)
}

// query finds a query by the scheduler's name of it.
func (c *Coordinator) query(sid scheduler.QueryID) *query {
	id, _, _ := strings.Cut(string(sid), againMark)
	c.mu.Lock()
	defer c.mu.Unlock()
	if q := c.queries[scheduler.QueryID(id)]; q != nil && q.sid == sid {
		return q
	}
	return nil
}

// Submit implements protocol.Dispatcher.
func (c *Coordinator) Submit(_ context.Context, req protocol.SubmitRequest) (protocol.Query, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, trinoerr.New(trinoerr.ServerShuttingDown, "Server is shutting down")
	}
	q := newQuery(c, c.newID(), req)
	if err := c.cfg.Faults.Named(string(q.id), req.Session.TraceToken); err != nil {
		return nil, err
	}
	c.queries[q.id] = q
	c.order = append(c.order, q.id)
	c.expire()
	q.announce()
	c.cfg.Metrics.Add(metrics.QueriesSubmitted, 1)
	c.goWork(q.run)
	return q, nil
}

// newID makes a query id as Trino does: date_time_number_suffix.
func (c *Coordinator) newID() scheduler.QueryID {
	n := (c.sequence.Add(1) - 1) % 100000
	return scheduler.QueryID(fmt.Sprintf("%s_%05d_%s", time.Now().UTC().Format("20060102_150405"), n, c.suffix))
}

// expire forgets the oldest ended queries beyond the history's size. The caller holds the lock.
func (c *Coordinator) expire() {
	excess := len(c.order) - c.cfg.Query.MaxHistory
	if excess <= 0 {
		return
	}
	limit := time.Now().Add(-c.cfg.Query.MinExpireAge)
	kept := c.order[:0:0]
	for _, id := range c.order {
		q := c.queries[id]
		if excess > 0 && q.expirable(limit) {
			delete(c.queries, id)
			excess--
			continue
		}
		kept = append(kept, id)
	}
	c.order = kept
}

// Lookup implements protocol.Dispatcher.
func (c *Coordinator) Lookup(id string) (protocol.Query, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q, ok := c.queries[scheduler.QueryID(id)]
	return q, ok
}

// Queries implements protocol.Dispatcher.
func (c *Coordinator) Queries() []protocol.QueryInfo {
	c.mu.Lock()
	list := make([]*query, 0, len(c.order))
	for _, id := range c.order {
		list = append(list, c.queries[id])
	}
	c.mu.Unlock()
	out := make([]protocol.QueryInfo, len(list))
	for i, q := range list {
		out[i] = q.Info()
	}
	return out
}

// Nodes implements protocol.Dispatcher.
func (c *Coordinator) Nodes() []protocol.NodeInfo {
	var out []protocol.NodeInfo
	seen := false
	for _, n := range c.nodes.list() {
		own := string(n.id) == c.cfg.NodeID
		seen = seen || own
		state := "ACTIVE"
		if n.info.Draining {
			state = "DRAINING"
		}
		out = append(out, protocol.NodeInfo{ID: string(n.id), URI: n.info.Url, Version: n.info.Version, Coordinator: own,
			State: state, LastSeen: n.lastSeen})
	}
	if !seen {
		out = append(out, protocol.NodeInfo{ID: c.cfg.NodeID, URI: c.cfg.URL, Version: c.cfg.Version, Coordinator: true,
			State: "ACTIVE", LastSeen: time.Now()})
	}
	return out
}

// randomWord returns n letters and digits that cannot be guessed.
func randomWord(n int) string {
	buf := make([]byte, n)
	rand.Read(buf) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(buf))[:n]
}
