package coordinator

import (
	"context"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// System shows the cluster's own state to the system connector. It exists before the coordinator does, because the
// coordinator needs the connectors.
type System struct {
	c *Coordinator
}

// Serve sets the coordinator whose state is shown.
func (s *System) Serve(c *Coordinator) { s.c = c }

// Catalogs implements connector.System.
func (s *System) Catalogs() []connector.CatalogInfo {
	var out []connector.CatalogInfo
	for _, name := range sortedKeys(s.c.cfg.Catalogs) {
		conn := s.c.cfg.Catalogs[name]
		info := connector.CatalogInfo{Name: name, ConnectorName: s.c.cfg.ConnectorNames[name], Metadata: binder.WithInformationSchema(conn)}
		info.Properties, _ = conn.(connector.PropertyDescriber)
		info.Columns, _ = conn.(connector.ColumnDescriber)
		info.Analyses, _ = conn.(connector.Analyzer)
		out = append(out, info)
	}
	return out
}

// Rows implements connector.System.
func (s *System) Rows(_ context.Context, table string) ([][]any, error) {
	switch table {
	case "nodes":
		return s.nodes(), nil
	case "queries":
		return s.queries(), nil
	case "tasks":
		return s.tasks(), nil
	case "transactions":
		return s.c.transactions.rows(time.Now()), nil
	}
	return nil, trinoerr.New(trinoerr.TableNotFound, "Table 'system.runtime.%s' does not exist", table)
}

func (s *System) nodes() (rows [][]any) {
	for _, n := range s.c.Nodes() {
		rows = append(rows, []any{n.ID, n.URI, n.Version, n.Coordinator, strings.ToLower(n.State)})
	}
	return rows
}

// remembered are the running queries and the history, by creation.
func (s *System) remembered() []*query {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	var out []*query
	for _, id := range s.c.order {
		out = append(out, s.c.queries[id])
	}
	return out
}

func (s *System) queries() (rows [][]any) {
	for _, q := range s.remembered() {
		rows = append(rows, q.systemRow())
	}
	return rows
}

// systemRow is the query as system.runtime.queries shows it.
func (q *query) systemRow() []any {
	q.mu.Lock()
	defer q.mu.Unlock()
	var errorType, errorCode any
	if q.err != nil {
		errorType, errorCode = q.err.Code.Type.String(), q.err.Code.Name
	}
	heartbeat := time.Now()
	if q.endedLocked() {
		heartbeat = q.ended_
	}
	return []any{string(q.id), q.state, q.req.Session.User, textOrNull(q.req.Session.Source), q.req.SQL, groupPath(q.groupID()), q.queued.Milliseconds(),
		q.analysis.Milliseconds(), q.planning.Milliseconds(), instant(q.created), instant(q.created), instant(heartbeat), instant(q.ended_),
		errorType, errorCode}
}

// groupPath is the name of a resource group as a value of SQL; NULL when it is not known.
func groupPath(id []string) any {
	if id == nil {
		return nil
	}
	out := make([]any, len(id))
	for i, name := range id {
		out[i] = name
	}
	return out
}

// instant is a time as a value of SQL; NULL when there is none.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return types.TimestampTZValue{EpochMillis: t.UnixMilli(), Zone: types.UTC}
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// KillQuery implements connector.System.
func (s *System) KillQuery(_ context.Context, id, message string) error {
	q := s.c.query(scheduler.QueryID(id))
	if q == nil {
		return trinoerr.New(trinoerr.NotFound, "Target query not found: %s", id)
	}
	killed := trinoerr.New(trinoerr.AdministrativelyKilled, "Query killed. %s", killMessage(message))
	q.Cancel(killed)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != killed {
		return trinoerr.New(trinoerr.NotSupported, "Target query is not running: %s", id)
	}
	return nil
}

func killMessage(message string) string {
	if message == "" {
		return "No message provided."
	}
	return "Message: " + message
}
