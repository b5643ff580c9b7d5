package coordinator

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// transactionIdle is how long a transaction may be idle before it is over.
const transactionIdle = 5 * time.Minute

// transactions are those that clients have opened. A transaction only marks the statements of a client as belonging together:
// each statement is its own commit.
type transactions struct {
	mu   sync.Mutex
	open map[string]*transaction
}

type transaction struct {
	id        string
	isolation string
	readOnly  bool
	created   time.Time
	used      time.Time // when its last statement ended
	running   int       // statements
	aborted   bool      // one of them failed
}

// start opens a transaction.
func (t *transactions) start(isolation string, readOnly bool, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	if t.open == nil {
		t.open = map[string]*transaction{}
	}
	if isolation == "" {
		isolation = "READ UNCOMMITTED"
	}
	id := uuid.NewString()
	t.open[id] = &transaction{id: id, isolation: isolation, readOnly: readOnly, created: now, used: now}
	return id
}

// enter begins a statement of a transaction, leave is to be called at its end. aborted says that only the end of the
// transaction is allowed.
func (t *transactions) enter(id string, now time.Time) (leave func(failed bool), aborted bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	tx := t.open[id]
	if tx == nil {
		return nil, false, trinoerr.New(trinoerr.UnknownTransaction,
			"Unknown transaction ID: %s. Possibly expired? Commands ignored until end of transaction block", id)
	}
	tx.running++
	return func(failed bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		tx.running--
		tx.used = time.Now()
		tx.aborted = tx.aborted || failed
	}, tx.aborted, nil
}

// joinTransaction makes the statement one of the client's open transaction, if it has one.
func (q *query) joinTransaction(stmt ast.Statement) error {
	id := q.req.Session.TransactionID
	if id == "" {
		return nil
	}
	leave, aborted, err := q.c.transactions.enter(id, time.Now())
	if err != nil {
		return err
	}
	context.AfterFunc(q.ctx, func() {
		q.mu.Lock()
		failed := q.err != nil
		q.mu.Unlock()
		leave(failed)
	})
	switch stmt.(type) {
	case *ast.StartTransaction, *ast.Commit, *ast.Rollback:
		return nil
	}
	if aborted {
		return trinoerr.New(trinoerr.TransactionAlreadyAborted, "Current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

// end closes a transaction.
func (t *transactions) end(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, id)
}

// expire closes the transactions that have been idle for too long. The caller holds the lock.
func (t *transactions) expire(now time.Time) {
	for id, tx := range t.open {
		if tx.running == 0 && now.Sub(tx.used) > transactionIdle {
			delete(t.open, id)
		}
	}
}

// rows shows them as system.runtime.transactions does. Which catalogs a transaction has touched is not known, as none of
// them takes part in it.
func (t *transactions) rows(now time.Time) (rows [][]any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	for _, id := range sortedKeys(t.open) {
		tx := t.open[id]
		idle := int64(0)
		if tx.running == 0 {
			idle = int64(now.Sub(tx.used).Seconds())
		}
		rows = append(rows, []any{tx.id, tx.isolation, tx.readOnly, false, instant(tx.created), idle, nil, []any{}})
	}
	return rows
}
