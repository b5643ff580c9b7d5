package bench

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
)

// Server is a cluster that is asked over HTTP.
type Server struct {
	// URL is the coordinator's.
	URL string
	// Session are session properties by name.
	Session map[string]string
	// Catalog and Schema are those of names without.
	Catalog, Schema string
}

// Observe is told of every state of a running query, before its rows.
type Observe func(*client.Results)

// Run runs a statement to its end and returns the answer and how long it took as the client sees it.
func (s *Server) Run(ctx context.Context, sql string, observe Observe) (*Answer, time.Duration, error) {
	c := &client.Client{Server: s.URL, HTTP: http.DefaultClient, Session: client.Session{User: "bench", Source: "waterbear-bench",
		Catalog: s.Catalog, Schema: s.Schema, Properties: s.Session}}
	begin := time.Now()
	q, err := c.Start(ctx, sql)
	var a Answer
	for more := err == nil; more; more, err = q.Next(ctx) {
		now := q.Now()
		if now.Error != nil {
			return nil, 0, fmt.Errorf("%s: %s", now.Error.Name, now.Error.Message)
		}
		if observe != nil {
			observe(now)
		}
		if a.Columns == nil {
			for _, col := range now.Columns {
				a.Columns = append(a.Columns, col.Name)
				a.kinds = append(a.kinds, kindsOfTrino[col.Type.RawType])
			}
		}
		if err := a.addPage(now.Data); err != nil {
			return nil, 0, err
		}
	}
	if err != nil {
		if q != nil && ctx.Err() != nil { // the query must not outlive the one who asked
			abandon, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			err = fmt.Errorf("%w%s", err, failed(q.Cancel(abandon)))
		}
		return nil, 0, err
	}
	return &a, time.Since(begin), nil
}

// failed renders an error that came on top of another one.
func failed(err error) string {
	if err == nil {
		return ""
	}
	return " (and " + err.Error() + ")"
}

// column runs a statement and returns the values of its first column.
func (s *Server) column(ctx context.Context, sql string) ([]string, error) {
	a, _, err := s.Run(ctx, sql, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(sql), err)
	}
	var out []string
	for _, row := range a.Rows {
		out = append(out, row[0])
	}
	return out, nil
}
