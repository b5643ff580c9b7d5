package coordinator

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// commitAttempts is how often a commit is tried when it fails for a reason that may pass. Connectors recognise a commit
// that was done by the query's id.
const commitAttempts = 4

// completed takes over when the stages are done: it commits a write, or opens the result for the client.
func (q *query) completed(a scheduler.QueryFinished) {
	q.mu.Lock()
	exec, over := q.exec, q.endedLocked()
	q.mu.Unlock()
	if over {
		return
	}
	q.enter(stateFinishing)
	if exec.write != nil {
		if err := q.commit(exec, a); err != nil {
			q.fail(err)
		} else if exec.analyzed() {
			q.answerText(q.analyzedText(exec))
		}
		return
	}
	if exec.analyzed() {
		q.answerText(q.analyzedText(exec))
		return
	}
	bundles, err := q.resultBundles(a.Stage, a.Outputs)
	if errors.Is(err, errUnknown) { // lost or given up meanwhile: the query will finish again
		return
	}
	if err != nil {
		q.fail(err)
		return
	}
	if exec.holdBack {
		q.collect(a, bundles)
		return
	}
	rows := q.resultRows(exec, bundles)
	q.update(func() {
		rows.at = q.resume
		q.rows = rows
	})
}

// commit finishes a write and answers with the number of rows.
func (q *query) commit(exec *execution, a scheduler.QueryFinished) error {
	var fragments [][]byte
	for _, b := range a.Outputs {
		fragment, err := q.fragment(q.ctx, b.Task(q.sid, a.Stage))
		if err != nil {
			return err
		}
		fragments = append(fragments, fragment)
	}
	rec := &commitRecord{fragments, a.Rows}
	q.decide(rec)
	return q.commitFragments(exec, rec)
}

// commitFragments commits what is decided.
func (q *query) commitFragments(exec *execution, rec *commitRecord) error {
	w := exec.write
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	for try := 1; ; try++ {
		err = q.commitOnce(w, rec.Fragments)
		if err == nil || try == commitAttempts || !trinoerr.Retryable(err) || q.ctx.Err() != nil {
			break
		}
		q.c.log.Warn("commit failed", "query", q.id, "try", try, "err", err)
		select {
		case <-q.ctx.Done():
		case <-time.After(time.Duration(try) * time.Second):
		}
	}
	if err != nil {
		return err
	}
	n := rec.Rows
	q.update(func() {
		answer := &fixedRows{}
		if exec.Write == nil || !exec.Write.Silent {
			answer.data, q.updateRows = []byte("["+strconv.FormatInt(n, 10)+"]"), &n
		}
		if !exec.analyzed() { // whose answer is still to come
			q.rows = answer
		}
	})
	return nil
}

// failed ends the query with what the scheduler found.
func (q *query) failed(a scheduler.QueryFailed) {
	q.fail(errorOf(a.Failure))
}

// errorOf turns a scheduler's failure back into an error.
func errorOf(f scheduler.Failure) *trinoerr.Error {
	code := trinoerr.ByName(f.Code)
	if code == nil {
		code = trinoerr.GenericInternalError
	}
	return &trinoerr.Error{Code: code, Msg: f.Message}
}

// fixedRows is a result of one row that the coordinator made, or none.
type fixedRows struct{ data []byte }

func (r *fixedRows) next(context.Context, int) ([][]byte, int, bool, error) {
	if r.data == nil {
		return nil, 0, true, nil
	}
	return [][]byte{r.data}, 1, true, nil
}

func (r *fixedRows) seek(string) error { return nil }
func (r *fixedRows) position() string  { return "" }
