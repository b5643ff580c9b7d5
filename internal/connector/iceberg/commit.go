package iceberg

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Properties of a snapshot's summary: Trino's, and our token, by which a commit that is repeated finds that it was done.
const (
	summaryQuery = "trino_query_id"
	summaryToken = "waterbear-commit-token"
)

// summary is what a commit of a query says of itself.
func summary(queryID string) iceberg.Properties {
	return iceberg.Properties{summaryQuery: queryID, summaryToken: queryID, "engine-name": "waterbear"}
}

// committed reports whether a table has a snapshot with a token.
func committed(t *table.Table, token string) bool {
	for _, s := range t.Metadata().Snapshots() {
		if token != "" && s.Summary != nil && s.Summary.Properties[summaryToken] == token {
			return true
		}
	}
	return false
}

// Pauses between attempts of a commit.
const (
	minCommitPause = 50 * time.Millisecond
	maxCommitPause = 5 * time.Second
)

// commit changes a table by compare and swap: it loads it, lets build make a transaction of what it finds, and asks the catalog to put the
// result in place of what was loaded. When another commit came first all of that is done anew, so that what does not contradict never
// fails. A table that has the token already is left as it is. build returns the error of what contradicts.
func (c *Connector) commit(ctx context.Context, name connector.SchemaTable, token string, load func() (*table.Table, error),
	build func(t *table.Table, tx *table.Transaction) error) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		t, err := load()
		if err != nil || committed(t, token) {
			return err
		}
		files := &createdFiles{}
		t = c.over(t, cat, files)
		tx := t.NewTransaction()
		if err := build(t, tx); err != nil {
			files.remove(ctx, c.storage)
			return c.changeError(err, name)
		}
		todo, err := tx.TableCommit()
		if err != nil || len(todo.Updates) == 0 {
			files.remove(ctx, c.storage)
			return catalogError(err, "commit to %s", name)
		}
		if token != "" {
			if err := c.env.Commit(ctx, token); err != nil {
				return err
			}
		}
		_, _, err = cat.CommitTable(ctx, identifier(name), todo.Requirements, todo.Updates)
		if err == nil {
			return nil
		}
		if again, e := c.overtaken(ctx, cat, name, token, err, todo.Requirements); e != nil || !again {
			return e
		}
		files.remove(ctx, c.storage)
		if attempt >= c.retries(t) {
			return trinoerr.Wrap(err, trinoerr.IcebergCommitError, "Failed to commit to %s after %d attempts", name, attempt+1)
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// retries is how often commits to a table are tried again.
func (c *Connector) retries(t *table.Table) int {
	return max(c.maxCommitRetry, t.Properties().GetInt(propCommitRetries, 0))
}

// overtaken looks into a failed commit: whether it failed because the table had changed (again), or in fact took place (no error), or else
// the error.
func (c *Connector) overtaken(ctx context.Context, cat catalog.Catalog, name connector.SchemaTable, token string, failure error, reqs []table.Requirement) (again bool, err error) {
	if errors.Is(failure, table.ErrCommitFailed) && token == "" {
		return true, nil
	}
	now, err := cat.LoadTable(ctx, identifier(name))
	if err != nil {
		return false, commitError(errors.Join(failure, err), name, token)
	}
	if committed(now, token) {
		return false, nil
	}
	for _, r := range reqs {
		if r.Validate(now.Metadata()) != nil {
			return true, nil
		}
	}
	if errors.Is(failure, table.ErrCommitFailed) {
		return true, nil
	}
	return false, commitError(failure, name, token)
}

// commitError is the error of a commit of which it is not known whether it took place. With a token it is safe to try again.
func commitError(err error, name connector.SchemaTable, token string) error {
	if token != "" {
		return trinoerr.Wrap(err, trinoerr.IcebergCatalogError, "Failed to commit to %s", name)
	}
	return trinoerr.Wrap(err, trinoerr.IcebergCommitError, "Failed to commit to %s", name)
}

// changeError words what iceberg-go has against a change.
func (c *Connector) changeError(err error, name connector.SchemaTable) error {
	if errors.Is(err, iceberg.ErrInvalidSchema) || errors.Is(err, iceberg.ErrInvalidArgument) {
		return trinoerr.Wrap(err, trinoerr.NotSupported, "Failed to change %s", name)
	}
	return catalogError(err, "change %s", name)
}

func pause(ctx context.Context, attempt int) error {
	d := min(maxCommitPause, minCommitPause<<min(attempt, 10))
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d/2 + rand.N(d/2+1)):
		return nil
	}
}

// over is a table whose files are in the connector's storage; those that are made are noted.
func (c *Connector) over(t *table.Table, cat catalog.Catalog, created *createdFiles) *table.Table {
	return table.New(t.Identifier(), t.Metadata(), t.MetadataLocation(), c.storage.open(created), cat)
}
