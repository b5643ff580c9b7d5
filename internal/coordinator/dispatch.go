package coordinator

import (
	"maps"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// dispatch parses and binds the statement and carries it out, or hands it to the scheduler.
func (q *query) dispatch() error {
	start := time.Now()
	settings, err := q.c.settings(&q.req.Session)
	if err != nil {
		return err
	}
	zone, err := sessionZone(&q.req.Session)
	if err != nil {
		return err
	}
	q.update(func() { q.req.Session.TimeZone = string(zone) })
	q.tellSession()
	endRun, endAnalysis := q.limitTime(settings.MaxRunTime, q.created, runTimeExceeded), q.limitTime(settings.MaxPlanningTime, start, planningTimeExceeded)
	if limit := q.c.cfg.Query.MaxLength; limit > 0 && len(q.req.SQL) > limit {
		return trinoerr.New(trinoerr.QueryTextTooLarge, "Query text length (%d) exceeds the maximum length (%d)", len(q.req.SQL), limit)
	}
	if err := q.c.pass(q.ctx, faultpoint.BeforePlan, q.id); err != nil {
		return err
	}
	stmt, err := parser.ParseStatement(q.req.SQL)
	if err != nil {
		return err
	}
	if err := q.joinTransaction(stmt); err != nil {
		return err
	}
	own, err := binder.SessionOf(q.ctx, stmt, q.c.bindingEnv(q.req, q.created))
	if err != nil {
		return err
	}
	if len(own) > 0 {
		session, err := q.c.withSession(q.req.Session, own)
		if err != nil {
			return err
		}
		q.update(func() { q.req.Session = session })
		q.tellSession()
		if settings, err = q.c.settings(&q.req.Session); err != nil {
			return err
		}
		endRun()
		endAnalysis()
		q.limitTime(settings.MaxRunTime, q.created, runTimeExceeded)
		endAnalysis = q.limitTime(settings.MaxPlanningTime, start, planningTimeExceeded)
	}
	if err := settings.checkPartitionLimits(); err != nil {
		return err
	}
	group, err := q.c.groups.find(q, stmt)
	if err != nil {
		return err
	}
	ahead := q.c.groups.room(group) // of its client, and of its group: most often both are as quick
	if !ahead {
		endAnalysis()
		if err := q.admitted(group, settings); err != nil {
			return err
		}
		start = time.Now()
		endAnalysis = q.limitTime(settings.MaxPlanningTime, start, planningTimeExceeded)
	}
	q.enter(statePlanning)
	bound, err := binder.Bind(q.ctx, stmt, q.c.bindingEnv(q.req, q.created))
	if err != nil {
		return err
	}
	endAnalysis()
	analysis := time.Since(start)
	q.c.cfg.Metrics.Observe(metrics.QueryPlanning, analysis.Seconds())
	q.update(func() {
		q.analysis = analysis
		q.kind, q.updateType, q.policy = kindOf(bound), bound.UpdateType(), settings.RetryPolicy
	})
	if ahead {
		if err := q.admitted(group, settings); err != nil {
			return err
		}
		q.enter(statePlanning)
	}
	if !reads(bound) {
		if err := q.c.replaced(q.ctx); err != nil {
			return err
		}
	}
	if err := q.awaitWorkers(bound, settings); err != nil {
		return err
	}
	if isPlanned(bound) { // and was not while it waited for workers
		defer q.limitTime(settings.MaxPlanningTime, time.Now().Add(-analysis), planningTimeExceeded)()
	}
	switch b := bound.(type) {
	case *binder.Query:
		return q.execute(b, settings)
	case *binder.Explain:
		return q.explain(b, settings)
	case *binder.ShowStats:
		listing, err := q.estimated(b, settings)
		if err != nil {
			return err
		}
		return q.execute(listing, settings)
	}
	return q.command(bound)
}

// admitted returns when the client has asked for the query, and its group lets it run.
func (q *query) admitted(group resourcegroups.Selection, s Settings) error {
	if err := q.polled.wait(q.ctx); err != nil {
		return err
	}
	return q.c.groups.admit(q, group, s.Priority)
}

// zoneProperty is the session property that SET TIME ZONE sets. It overrides the client's own zone.
const zoneProperty = "time_zone_id"

// sessionZone is the time zone of a session.
func sessionZone(s *protocol.Session) (types.Zone, error) {
	name := s.TimeZone
	if z := s.Properties[zoneProperty]; z != "" {
		name = z
	}
	if name == "" {
		return types.UTC, nil
	}
	return types.ParseZone(name)
}

// bindingEnv is what the binder may know of session and cluster.
func (c *Coordinator) bindingEnv(req protocol.SubmitRequest, now time.Time) binder.Env {
	s := &req.Session
	properties := map[string]string{
		"max_recursion_depth":          strconv.Itoa(c.cfg.Session.MaxRecursionDepth),
		"omit_datetime_type_precision": strconv.FormatBool(c.cfg.Session.OmitTimePrecision),
	}
	maps.Copy(properties, s.Properties)
	return binder.Env{
		Session: binder.Session{User: s.User, Source: s.Source, Catalog: s.Catalog, Schema: s.Schema, Path: s.Path,
			TimeZone: s.TimeZone, Now: now, Properties: properties},
		SQL:        req.SQL,
		Catalogs:   catalogs(c.cfg.Catalogs),
		Prepared:   s.Prepared,
		Properties: c.sessionProperties(),
	}
}

// catalogs lets the binder find connectors.
type catalogs map[string]connector.Connector

// Names implements binder.Catalogs.
func (c catalogs) Names() []string { return sortedKeys(c) }

// Metadata implements binder.Catalogs.
func (c catalogs) Metadata(name string) connector.Metadata {
	if conn, ok := c[name]; ok {
		return conn
	}
	return nil
}

// isPlanned reports whether a statement has a plan to make, and not just something to do.
func isPlanned(b binder.Bound) bool {
	switch b.(type) {
	case *binder.Query, *binder.Explain, *binder.ShowStats:
		return true
	}
	return false
}

// reads reports whether a statement changes nothing.
func reads(b binder.Bound) bool {
	q, ok := b.(*binder.Query)
	return ok && q.Write == nil
}

// kindOf is Trino's query type, as /v1/query shows it.
func kindOf(b binder.Bound) string {
	switch b := b.(type) {
	case *binder.ShowStats:
		return "SELECT"
	case *binder.Query:
		switch {
		case b.Update == "ANALYZE":
			return b.Update
		case b.Write == nil:
			return "SELECT"
		case len(b.Write.RowID) > 0:
			return b.Update
		case b.Write.Procedure != "":
			return "ALTER_TABLE_EXECUTE"
		}
		return "INSERT"
	case *binder.Explain:
		return "EXPLAIN"
	case *binder.DeleteAll:
		return "DELETE"
	case *binder.ExecuteProcedure:
		return "ALTER_TABLE_EXECUTE"
	}
	return "DATA_DEFINITION"
}
