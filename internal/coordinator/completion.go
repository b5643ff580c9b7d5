package coordinator

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/protocol"
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
	rows := &resultRows{reader: &exchange.Reader{Open: q.c.cfg.Stores.Open, Key: q.key, Condemn: !exec.Direct}}
	for _, b := range a.Outputs {
		h, err := q.handle(q.ctx, b.Task(q.sid, a.Stage))
		if errors.Is(err, errUnknown) { // lost or given up meanwhile: the query will finish again
			return
		}
		if err != nil {
			q.fail(err)
			return
		}
		rows.bundles = append(rows.bundles, resultBundle{ref: scheduler.OutputRef{Stage: a.Stage, Partition: b.Partition, Attempt: b.Attempt}, handle: h})
	}
	if exec.holdBack {
		q.collect(a, rows.bundles)
		return
	}
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
		q.updateRows = &n
		if !exec.analyzed() { // whose answer is still to come
			q.rows = &fixedRows{data: []byte("[" + strconv.FormatInt(n, 10) + "]")}
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

// fixedRows is a result of one row that the coordinator made.
type fixedRows struct{ data []byte }

func (r *fixedRows) next(context.Context, int) ([][]byte, int, bool, error) {
	return [][]byte{r.data}, 1, true, nil
}

func (r *fixedRows) seek(string) error { return nil }
func (r *fixedRows) position() string  { return "" }

// resultRows reads the bundles of the root stage, one after the other.
type resultRows struct {
	reader  *exchange.Reader
	bundles []resultBundle
	at      int // the bundle being read
	page    int // the next page of it
	// copied says that the bundle is the buffer's: it cannot be made again.
	copied bool
}

type resultBundle struct {
	ref    scheduler.OutputRef
	handle *exchange.Handle
}

// position implements rowSource: bundle and page.
func (r *resultRows) position() string { return strconv.Itoa(r.at) + "." + strconv.Itoa(r.page) }

// seek implements rowSource.
func (r *resultRows) seek(at string) error {
	if at == "" || at == r.position() {
		return nil
	}
	bundle, page, ok := strings.Cut(at, ".")
	b, err := strconv.Atoi(bundle)
	p, perr := strconv.Atoi(page)
	if !ok || err != nil || perr != nil || b < 0 || b > len(r.bundles) || p < 0 || b < len(r.bundles) && p > len(r.bundles[b].handle.Segments) {
		return protocol.ErrGone
	}
	r.at, r.page = b, p
	return nil
}

// next implements rowSource.
func (r *resultRows) next(ctx context.Context, targetBytes int) (data [][]byte, rows int, done bool, err error) {
	for size := int64(0); r.at < len(r.bundles) && size < int64(targetBytes); {
		h := r.bundles[r.at].handle
		end := r.page
		for end < len(h.Segments) && (size < int64(targetBytes) || end == r.page) {
			size += h.Segments[end].Bytes
			end++
		}
		pages, err := r.reader.Pages(ctx, h, r.page, end)
		if err != nil {
			if len(data) > 0 { // what was read first is handed out; the error comes again
				return data, rows, false, nil
			}
			return nil, 0, false, err
		}
		for _, p := range pages {
			data, rows = append(data, p.Data), rows+int(p.Rows)
		}
		if r.page = end; end == len(h.Segments) {
			r.at, r.page = r.at+1, 0
		}
	}
	return data, rows, r.at == len(r.bundles), nil
}

// resultLost deals with a bundle of the result that cannot be read. As long as none of its rows have reached the client
// it is computed again, and reading goes on when it is there; it reports whether that is under way.
func (q *query) resultLost(err error) bool {
	var lost *exchange.LostError
	q.mu.Lock()
	rows, ok := q.rows.(*resultRows)
	q.mu.Unlock()
	if !ok || !errors.As(err, &lost) || rows.page > 0 || rows.copied {
		return false
	}
	q.c.log.Warn("result lost; computing it again", "query", q.id, "output", rows.bundles[rows.at].ref.String(), "err", err)
	q.update(func() { q.rows, q.resume = nil, rows.at })
	q.c.post(scheduler.OutputLost{At: q.c.now(), Query: q.sid, Output: rows.bundles[rows.at].ref, Reason: err.Error()})
	return true
}
