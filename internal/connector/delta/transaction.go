package delta

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// queryParameter is what the entry of a statement has its query's id as: the commit token.
const queryParameter = "queryId"

// transaction is an entry of a table's log that is to be made.
type transaction struct {
	c    *Connector
	log  *deltalog.Log
	name connector.SchemaTable
	// read is the version that the statement has read; -1 for a table that is to be made.
	read             int64
	query, operation string
	// blind says that nothing depends on what the table had in it.
	blind   bool
	actions []deltalog.Action
	// conflict says what is wrong with an action that another statement committed since; empty when nothing is.
	conflict func(*deltalog.Action) string
}

// maxTries is how often a commit that others came before is tried again.
const maxTries = 1000

// find looks for the transaction among the versions that were committed since; next is the version after the latest one.
func (t *transaction) find(ctx context.Context, from int64) (version, next int64, found bool, err error) {
	for next = from; ; next++ {
		ours := false
		err := t.log.ReadCommit(ctx, next, func(a *deltalog.Action) error {
			if a.CommitInfo != nil && t.query != "" && a.CommitInfo.OperationParameters[queryParameter] == t.query {
				ours = true
			}
			if ours || t.conflict == nil {
				return nil
			}
			if what := t.conflict(a); what != "" {
				return conflict(t.name, what)
			}
			return nil
		})
		switch {
		case errors.Is(err, filesystem.ErrNotFound):
			return 0, next, false, nil
		case ours:
			return next, next, true, nil
		case err != nil:
			return 0, next, false, failure(err, t.name)
		}
	}
}

// commit makes the entry, once: one that is found is not made again. What others have committed since is looked at first.
func (t *transaction) commit(ctx context.Context) (version int64, err error) {
	next := t.read + 1
	for range maxTries {
		var found bool
		if version, next, found, err = t.find(ctx, next); found || err != nil {
			return version, err
		}
		info := t.info(ctx, next)
		err := t.log.Commit(ctx, next, append([]deltalog.Action{{CommitInfo: &info}}, t.actions...))
		if err == nil || !errors.Is(err, filesystem.ErrExists) {
			return next, err
		}
	}
	return 0, conflict(t.name, "Too many other statements commit at the same time")
}

func (t *transaction) info(ctx context.Context, version int64) deltalog.CommitInfo {
	session := connector.SessionOf(ctx)
	return deltalog.CommitInfo{
		Version: &version, Timestamp: t.c.now().UnixMilli(), UserID: session.User, UserName: session.User,
		Operation: t.operation, OperationParameters: map[string]string{queryParameter: t.query}, ClusterID: "waterbear",
		ReadVersion: new(max(0, t.read)), IsolationLevel: "WriteSerializable", IsBlindAppend: new(t.blind), EngineInfo: "waterbear",
	}
}

// changesMetadata is the conflict of statements that only append: with those that change what the table is.
func changesMetadata(a *deltalog.Action) string {
	switch {
	case a.Metadata != nil:
		return "Metadata was changed by another transaction"
	case a.Protocol != nil:
		return "Protocol was changed by another transaction"
	}
	return ""
}

// checkpoint writes a checkpoint of a version when it is due. That it could not be written is no failure: the next commit tries again.
func (c *Connector) checkpoint(ctx context.Context, log *deltalog.Log, version int64) {
	s, err := log.Open(ctx, version, nil)
	if err != nil {
		return
	}
	last := int64(0)
	if s.Checkpoint != nil {
		last = s.Checkpoint.Version
	}
	interval := int64(c.interval)
	if n, err := strconv.ParseInt(s.Metadata.Configuration[deltalog.PropInterval], 10, 64); err == nil && n > 0 {
		interval = n
	}
	if version-last < interval {
		return
	}
	_ = log.WriteCheckpoint(ctx, s, c.now().Add(-tombstoneRetention(&s.Metadata)))
}

// tombstoneRetention is how long checkpoints remember files that were removed.
func tombstoneRetention(m *deltalog.Metadata) time.Duration {
	if d, ok := deltalog.ParseInterval(m.Configuration[deltalog.PropRetention]); ok {
		return d
	}
	return 7 * 24 * time.Hour
}
