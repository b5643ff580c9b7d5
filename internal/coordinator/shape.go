package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Planner plans statements as the coordinator of a cluster of some size does, of which nothing but the size is there: for
// measurements at sizes that nobody has.
type Planner struct{ c *Coordinator }

// NewPlanner returns a planner over catalogs for so many nodes, each with so many slots and bytes of memory.
func NewPlanner(catalogs map[string]connector.Connector, nodes, slots int, memory int64) (*Planner, error) {
	d := config.Defaults(config.Host{MemoryBytes: memory})
	c, err := New(Config{NodeID: "coordinator", Version: "v", Environment: "test", Secret: measuredSecret, Catalogs: catalogs, Stores: &store.Registry{},
		Encrypt: true, Session: d.Session, Scheduling: d.Scheduling, Query: d.Query, Communication: d.Communication, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	for i := range nodes {
		id := scheduler.NodeID(fmt.Sprintf("w%04d", i))
		c.nodes.known[id] = &node{id: id, info: &rpcv1.RegisterRequest{NodeId: string(id), MemoryBytes: memory, Slots: int32(slots)}}
	}
	return &Planner{c}, nil
}

// Close releases what the planner holds.
func (p *Planner) Close() { p.c.stop() }

// Shape is what a query asks of scheduler, exchange and journal.
type Shape struct {
	Query  scheduler.Query
	Stages []StageShape // by id
	// Planning is how long it took from text to stages, Record the size of what the journal keeps of the plan.
	Planning time.Duration
	Record   int
}

// StageShape is how much a stage is expected to read of tables and to put out.
type StageShape struct {
	Scans []ScanShape // the scheduler's sources
	Bytes float64     // that all its tasks put out together
	// Partial is not 0 where each task puts out up to Bytes, as it does of groups that are put together later: then it is what all tasks
	// have before that.
	Partial float64
}

// ScanShape is a scan.
type ScanShape struct {
	Bytes  float64 // of the columns it reads
	Table  float64 // of all columns of the table
	Ranges int     // in which it is read; 0: in any splits
}

// Shape plans a query in a session with some properties.
func (p *Planner) Shape(ctx context.Context, catalog, schema, sql string, properties map[string]string) (*Shape, error) {
	begun := time.Now()
	q, b, s, err := p.bind(ctx, protocol.SubmitRequest{SQL: sql, Session: protocol.Session{User: "shape", Catalog: catalog, Schema: schema, Properties: properties}})
	if err != nil {
		return nil, err
	}
	defer q.cancel(nil)
	exec, err := q.prepare(b, s, nil)
	if err != nil {
		return nil, err
	}
	out := &Shape{Planning: time.Since(begun), Query: scheduler.Query{ID: q.sid, Policy: s.RetryPolicy, Settings: s.Scheduler, Direct: exec.Direct,
		Adaptive: exec.replanner != nil}}
	for _, st := range exec.Stages {
		out.Query.Stages = append(out.Query.Stages, st.Graph)
	}
	record, err := json.Marshal(exec.blueprint)
	if err != nil {
		return nil, err
	}
	out.Record = len(record)
	planned, err := q.plan(b.Plan, s) // once more, as only the estimator says how large things are
	if err == nil {
		out.Stages, err = q.sizesOf(planned)
	}
	return out, err
}

// bind binds a query.
func (p *Planner) bind(ctx context.Context, req protocol.SubmitRequest) (*query, *binder.Query, Settings, error) {
	s, err := p.c.settings(&req.Session)
	if err != nil {
		return nil, nil, s, err
	}
	stmt, err := parser.ParseStatement(req.SQL)
	if err != nil {
		return nil, nil, s, err
	}
	now := time.Now()
	q := &query{c: p.c, id: "20260101_000000_00001_shape", sid: "20260101_000000_00001_shape", req: req, created: now}
	q.tellSession()
	q.ctx, q.cancel = context.WithCancelCause(connector.WithSession(ctx, q.session.Load))
	bound, err := binder.Bind(q.ctx, stmt, p.c.bindingEnv(req, now))
	b, ok := bound.(*binder.Query)
	if err == nil && !ok {
		err = trinoerr.New(trinoerr.NotSupported, "only queries have a shape")
	}
	if err != nil {
		q.cancel(err)
	}
	return q, b, s, err
}

// sizesOf estimates what the stages of a plan read and put out.
func (q *query) sizesOf(p planned) ([]StageShape, error) {
	est := p.estimates()
	out := make([]StageShape, len(p.fragments))
	for i, f := range p.fragments {
		for _, s := range f.Scans {
			scan := ScanShape{Bytes: est.ScanBytes(s)}
			var err error
			if scan.Table, err = q.tableBytes(s, est); err != nil {
				return nil, err
			}
			if s.Ranges != nil {
				scan.Ranges = s.Ranges.Count()
			}
			out[i].Scans = append(out[i].Scans, scan)
		}
		_, out[i].Bytes = est.Estimate(f.Root)
		if from := partialOf(f.Root); from != nil {
			_, out[i].Partial = est.Estimate(from)
		}
		if out[i].Bytes < 0 {
			return nil, fmt.Errorf("what stage %d puts out cannot be estimated", f.ID)
		}
	}
	return out, nil
}

// partialOf finds what the first of two steps at the top of a stage takes its rows from; nil when there is none.
func partialOf(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Project:
		return partialOf(n.Source)
	case *plan.Aggregate:
		if n.Step == plan.Partial {
			return n.Source
		}
	case *plan.TopN:
		if n.Partial {
			return n.Source
		}
	case *plan.Limit:
		if n.Partial {
			return n.Source
		}
	}
	return nil
}

// tableBytes estimates the size of a scan's table, with the columns that the scan leaves out.
func (q *query) tableBytes(s *plan.Scan, est *stats.Estimator) (float64, error) {
	t, err := q.c.cfg.Catalogs[s.Catalog].Table(q.ctx, s.Table.Table)
	if err != nil {
		return 0, err
	}
	whole := *s
	whole.Table.Columns, whole.Table.Constraint, whole.Symbols = t.Columns, nil, nil
	for _, c := range t.Columns {
		whole.Symbols = append(whole.Symbols, &plan.Symbol{Name: c.Name, Type: c.Type})
	}
	return est.ScanBytes(&whole), nil
}
