package coordinator

import (
	"context"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// cleanTimeout bounds the deletion of a query's outputs, cleanPatience how long what is around the store repeats it: a coordinator that ends
// waits for that.
const (
	cleanTimeout  = time.Minute
	cleanPatience = cleanTimeout / 2
)

// deleteOutputs removes bundles that no reader needs any more.
func (q *query) deleteOutputs(a scheduler.DeleteOutputs) {
	q.mu.Lock()
	exec := q.exec
	var objects []string
	for _, b := range a.Outputs {
		id := b.Task(q.sid, a.Stage)
		if q.kept.forget(id) {
			objects = append(objects, prefixOf(id))
		}
	}
	q.mu.Unlock()
	if exec == nil || len(objects) == 0 || !q.mayClean() {
		return
	}
	if exec.Direct {
		q.c.nodes.deleteOutputs("", objects)
		return
	}
	for _, prefix := range objects {
		q.deletePrefix(prefix)
	}
}

// clean removes all that the query has left in storage.
func (q *query) clean() {
	defer q.wiped()
	q.dropCollections()
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	if exec == nil || !q.mayClean() {
		return
	}
	exec.abort(q)
	q.deleteAll(exec)
}

// sweep removes what an attempt has left that ended only after its query, and so perhaps after the cleaning: one that
// was finishing when it was cancelled, or whose worker was thought lost.
func (q *query) sweep() {
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	if exec != nil {
		q.c.goWork(func() {
			if q.mayClean() {
				q.deleteAll(exec)
			}
		})
	}
}

// deleteAll deletes the query's outputs wherever they are.
func (q *query) deleteAll(exec *execution) {
	prefix := exchange.QueryPrefix(string(q.sid))
	if exec.Direct {
		q.c.nodes.deleteOutputs("", []string{prefix})
		return
	}
	q.deletePrefix(prefix)
}

// deletePrefix deletes from all bases of the spool.
func (q *query) deletePrefix(prefix string) {
	for _, st := range q.c.spool {
		q.remove(st, prefix)
	}
}

// remove deletes a prefix from a store, unless the storage sees to that. What remains because the storage is away is unreadable, as the key
// is gone, and goes with the next sweep.
func (q *query) remove(st store.Store, prefix string) {
	if q.c.cfg.LeaveOutputs && slices.Contains(q.c.spool, st) {
		return
	}
	ctx, cancel := context.WithTimeout(store.WithPatience(context.WithoutCancel(q.ctx), cleanPatience), cleanTimeout)
	defer cancel()
	if err := st.DeletePrefix(ctx, prefix); err != nil {
		q.c.log.Warn("outputs not deleted", "query", q.id, "store", st.URI(), "prefix", prefix, "err", err)
	}
}
