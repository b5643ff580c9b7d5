package coordinator

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// resultRows reads the bundles of the root stage, one after the other.
type resultRows struct {
	reader  *exchange.Reader
	bundles []resultBundle
	at      int // the bundle being read
	page    int // the next page of it
	// partial says that more bundles will come, open that the one there is has more pages to come.
	partial, open bool
	// copied says that the bundle is the buffer's: it cannot be made again.
	copied bool
}

type resultBundle struct {
	ref    scheduler.OutputRef
	handle *exchange.Handle
}

// resultBundles finds the bundles of outputs of the root stage.
func (q *query) resultBundles(stage scheduler.StageID, outputs []scheduler.Bundle) (out []resultBundle, err error) {
	for _, b := range outputs {
		h, err := q.handle(q.ctx, b.Task(q.sid, stage))
		if err != nil {
			return nil, err
		}
		out = append(out, resultBundle{ref: scheduler.OutputRef{Stage: stage, Partition: b.Partition, Attempt: b.Attempt}, handle: h})
	}
	return out, nil
}

func (q *query) resultRows(exec *execution, bundles []resultBundle) *resultRows {
	return &resultRows{reader: &exchange.Reader{Open: q.c.cfg.Stores.Open, Key: q.key, Condemn: !exec.Direct}, bundles: bundles}
}

// position implements rowSource: bundle and page, and within a bundle the attempt that has made it, for another one may have the same rows in
// another order.
func (r *resultRows) position() string {
	at := strconv.Itoa(r.at) + "." + strconv.Itoa(r.page)
	if r.page > 0 {
		at += "." + strconv.Itoa(r.bundles[r.at].ref.Attempt)
	}
	return at
}

// seek implements rowSource.
func (r *resultRows) seek(at string) error {
	if at == "" || at == r.position() {
		return nil
	}
	var place [3]int
	parts := strings.Split(at, ".")
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if i == len(place) || err != nil || n < 0 {
			return protocol.ErrGone
		}
		place[i] = n
	}
	b, p := place[0], place[1]
	switch {
	case b > len(r.bundles) && r.partial: // it is being made again
		p = 0
	case len(parts) < 2, b > len(r.bundles), b < len(r.bundles) && p > len(r.bundles[b].handle.Segments):
		return protocol.ErrGone
	case b < len(r.bundles) && p > 0 && len(parts) > 2 && place[2] != r.bundles[b].ref.Attempt:
		return lostInReading(r.bundles[b].ref, nil)
	}
	r.at, r.page = b, p
	return nil
}

// next implements rowSource.
func (r *resultRows) next(ctx context.Context, targetBytes int) (data [][]byte, rows int, done bool, err error) {
	for size := int64(0); r.at < len(r.bundles) && size < int64(targetBytes); {
		h := r.bundles[r.at].handle
		if r.open && r.page == len(h.Segments) {
			break
		}
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
		if r.page = end; end == len(h.Segments) && !r.open {
			r.at, r.page = r.at+1, 0
		}
	}
	return data, rows, r.at == len(r.bundles) && !r.partial, nil
}

// cutOff is the error of a query whose rows cannot be read any further, and not be made again: the client has some of them.
func cutOff(from rowSource, err error) error {
	var lost *exchange.LostError
	if rows, ok := from.(*resultRows); ok && errors.As(err, &lost) && !rows.copied {
		return lostInReading(rows.bundles[rows.at].ref, err)
	}
	return err
}

func lostInReading(output scheduler.OutputRef, cause error) error {
	e := trinoerr.New(trinoerr.PageTransportError, "Output of task %s was lost while it was being read", output.String())
	e.Cause = cause
	return e
}

// resultLost deals with a bundle of the result that cannot be read. As long as none of its rows have reached the client
// it is computed again, and reading goes on when it is there; it reports whether that is under way.
func (q *query) resultLost(from rowSource, err error) bool {
	var lost *exchange.LostError
	rows, ok := from.(*resultRows)
	if !ok || !errors.As(err, &lost) || rows.page > 0 || rows.open || rows.copied {
		return false
	}
	q.mu.Lock()
	replaced := q.rows != from // by what has been made again, or has come since
	q.mu.Unlock()
	if replaced {
		return true
	}
	q.c.log.Warn("result lost; computing it again", "query", q.id, "output", rows.bundles[rows.at].ref.String(), "err", err)
	q.update(func() { q.rows, q.resume = nil, rows.at })
	q.c.post(scheduler.OutputLost{At: q.c.now(), Query: q.sid, Output: rows.bundles[rows.at].ref, Reason: err.Error()})
	return true
}
