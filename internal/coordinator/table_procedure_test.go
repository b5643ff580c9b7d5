package coordinator

import (
	"fmt"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A procedure that the coordinator runs by itself needs no worker.
func TestTableProcedureOfTheCoordinator(t *testing.T) {
	l := newLab(t)
	c := withLab(t, l)
	p, err := submit(t, c, "ALTER TABLE lab.default.t EXECUTE expire(size => '2kB') WHERE a > 3").Next(t.Context(), 1, "", time.Minute, 1)
	if err != nil || p.Err != nil || p.UpdateType != "ALTER TABLE EXECUTE" || p.UpdateCount != nil {
		t.Errorf("%v, %v, %s, %v", err, p.Err, p.UpdateType, p.UpdateCount)
	}
	if got := fmt.Sprint(l.told); len(l.told) != 1 || l.told[0].Procedure != "EXPIRE" || l.told[0].Args["size"] != "2kB" || l.told[0].Where[0].Low.Value != int64(3) {
		t.Error(got)
	}
	if _, err := result(t, submit(t, c, "ALTER TABLE lab.default.t EXECUTE expire('0B')")); err == nil || err.Msg != "too small" {
		t.Error(err)
	}
}

// A procedure that rewrites rows is a write: what the selected attempts have written is committed. Its answer has no rows.
func TestTableProcedureWithTasks(t *testing.T) {
	l := newLab(t)
	c := withLab(t, l)
	w := join(t, c, "w")
	q := submit(t, c, "ALTER TABLE lab.default.t EXECUTE optimize('2kB') WHERE a = 3")
	task := w.next()
	if task.GetWrite() == nil {
		t.Fatalf("output %v", task.Output)
	}
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task.Id, Fragment: []byte("f1"), Stats: &rpcv1.Stats{OutputRows: 7}}}})
	rows, err := result(t, q)
	if err != nil || rows != "" || q.updateRows != nil {
		t.Errorf("%v: rows %q, count %v", err, rows, q.updateRows)
	}
	if kind := q.Info().QueryType; kind != "ALTER_TABLE_EXECUTE" {
		t.Error(kind)
	}
	if want := fmt.Sprintf("%q f1", "OPTIMIZE "+string(q.id)); len(l.finished) != 1 || l.finished[0] != want || l.aborted != 0 {
		t.Errorf("finished %q, want %s; aborted %d times", l.finished, want, l.aborted)
	}

	q = submit(t, c, "ALTER TABLE lab.default.t EXECUTE optimize")
	w.fail(w.next().Id, trinoerr.New(trinoerr.GenericUserError, "enough"))
	if _, err := result(t, q); err == nil || err.Msg != "enough" || len(l.finished) != 1 || l.aborted != 1 {
		t.Errorf("%v: finished %q, aborted %d times", err, l.finished, l.aborted)
	}

	// Nothing to do is done without a task.
	if rows, err := result(t, submit(t, c, "ALTER TABLE lab.default.t EXECUTE optimize('0B')")); err != nil || rows != "" {
		t.Errorf("%v: rows %q", err, rows)
	}
}
