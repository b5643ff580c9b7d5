package coordinator

import (
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// A write under QUERY cannot be gone on with by another coordinator, as nothing of its course is journaled. But its commit can:
// before it begins the journal is told what is to be committed, and the connector finds out by the query's id how far it came.

// kindCommitting is the kind of the entry that says that a write under QUERY is being committed; side.Run is its name.
const kindCommitting = "committing"

// commitRecord is what a commit needs.
type commitRecord struct {
	Fragments [][]byte `json:"fragments"`
	Rows      int64    `json:"rows"`
}

// decide notes what is going to be committed.
func (q *query) decide(rec *commitRecord) {
	if q.policy != scheduler.RetryQuery || !q.c.journaled() {
		return
	}
	q.update(func() { q.committing = rec })
	q.c.loop.add(note{kind: kindCommitting, side: side{Run: q.sid, Commit: rec}})
}

// commitAgain goes on with a commit that another coordinator had begun.
func (q *query) commitAgain() {
	q.mu.Lock()
	exec, rec := q.exec, q.committing
	q.mu.Unlock()
	q.enter(stateFinishing)
	if err := q.commitFragments(exec, rec); err != nil {
		q.fail(err)
	} else if exec.analyzed() {
		q.answerText(q.analyzedText(exec))
	}
}
