package bigquery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/uuid"
	"github.com/googleapis/gax-go/v2"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// BigQuery runs a job once however often it is told to: the second job of an id is refused. So each has an id of ours. A request whose answer got lost, or that another
// coordinator has made already, finds the job there and waits for it.

// newJobID is an id that no job has had.
func newJobID() string { return "waterbear_" + uuid.NewString() }

// query prepares the job of a statement.
func (c *Connector) query(ctx context.Context, id, location, text string) *bigquery.Query {
	q := c.client.Query(text)
	q.JobID, q.Location = id, location
	s := c.SettingsFor(ctx)
	q.DisableQueryCache = !s.queryCache
	q.Labels = labels(ctx, &s)
	return q
}

// labels are those that jobs get.
func labels(ctx context.Context, s *settings) map[string]string {
	if s.labelName == "" {
		return nil
	}
	session := connector.SessionOf(ctx)
	text := strings.NewReplacer("$QUERY_ID", session.QueryID, "$USER", session.User, "$SOURCE", session.Source).Replace(s.labelFormat)
	text = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(text))
	return map[string]string{s.labelName: text[:min(len(text), 63)]}
}

// run runs a statement to its end.
func (c *Connector) run(ctx context.Context, location, text string) (*bigquery.JobStatus, error) {
	_, status, err := c.finish(ctx, c.query(ctx, newJobID(), location, text))
	return status, err
}

// finish starts the job of a statement, unless it is there, and waits for its end. What the job failed with is an error.
func (c *Connector) finish(ctx context.Context, q *bigquery.Query) (*bigquery.Job, *bigquery.JobStatus, error) {
	job, err := q.Run(ctx)
	if exists(err) {
		job, err = c.client.JobFromProject(ctx, c.parent, q.JobID, q.Location)
	}
	if err != nil {
		return nil, nil, failed(err, trinoerr.BigqueryFailedToExecuteQuery, "Failed to run a query")
	}
	status, err := await(ctx, job)
	return job, status, failed(err, trinoerr.BigqueryFailedToExecuteQuery, "Failed to run a query")
}

// cancelTimeout is how long the request may take that cancels a job.
const cancelTimeout = 10 * time.Second

// await waits for a job, and returns what it failed with. One that nobody waits for any more is cancelled.
//
// The client's own Wait would ask for the rows of a query, which it does again and again, for ever, when the query has failed for some reasons.
func await(ctx context.Context, job *bigquery.Job) (*bigquery.JobStatus, error) {
	pause := gax.Backoff{Initial: 50 * time.Millisecond, Max: 5 * time.Second, Multiplier: 1.5}
	status := job.LastStatus()
	for status == nil || !status.Done() {
		err := gax.Sleep(ctx, pause.Pause())
		if err == nil {
			status, err = job.Status(ctx)
		}
		if ctx.Err() != nil {
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
			defer cancel()
			return nil, errors.Join(ctx.Err(), job.Cancel(late))
		}
		if err != nil {
			return nil, failed(err, trinoerr.BigqueryFailedToExecuteQuery, "Failed to wait for a job")
		}
	}
	return status, status.Err()
}

// maxTries is how many jobs of a commit may fail.
const maxTries = 20

// once runs a statement that must have its effect once, whoever else runs it by the same id. A job that has failed had no effect; the next has the next number, for all who
// try. An error is that of the last job.
func (c *Connector) once(ctx context.Context, id, location, text string) error {
	for try := 1; ; try++ {
		numbered := fmt.Sprintf("%s_%d", id, try)
		job, err := c.client.JobFromProject(ctx, c.parent, numbered, location)
		if notFound(err) {
			_, _, err = c.finish(ctx, c.query(ctx, numbered, location, text))
			return err
		}
		if err != nil {
			return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "look for the job %s", numbered)
		}
		if status, err := await(ctx, job); err == nil || ctx.Err() != nil || try == maxTries || status == nil {
			return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "Failed to run a query")
		}
	}
}
