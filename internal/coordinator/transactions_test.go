package coordinator

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// at is a moment some time after the test's beginning.
func at(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).Add(d) }

func TestTransactionLife(t *testing.T) {
	var open transactions
	if _, _, err := open.enter("nope", at(0)); trinoerr.CodeOf(err) != trinoerr.UnknownTransaction {
		t.Errorf("entered none: %v", err)
	}
	id := open.start("SERIALIZABLE", true, at(0))
	leave, aborted, err := open.enter(id, at(time.Second))
	if err != nil || aborted {
		t.Fatal(aborted, err)
	}
	rows := open.rows(at(time.Hour)) // its statement still runs
	if len(rows) != 1 || rows[0][0] != id || rows[0][1] != "SERIALIZABLE" || rows[0][2] != true || rows[0][5] != int64(0) {
		t.Errorf("shown as %v", rows)
	}
	leave(false)
	if leave, aborted, err = open.enter(id, time.Now()); err != nil || aborted {
		t.Fatal(aborted, err)
	}
	leave(true)
	if leave, aborted, err = open.enter(id, time.Now()); err != nil || !aborted {
		t.Errorf("a statement failed: aborted %t, %v", aborted, err)
	}
	leave(false)
	open.end(id)
	if _, _, err := open.enter(id, time.Now()); trinoerr.CodeOf(err) != trinoerr.UnknownTransaction {
		t.Errorf("entered after the end: %v", err)
	}
}

func TestTransactionExpires(t *testing.T) {
	var open transactions
	id := open.start("", false, at(0))
	rows := open.rows(at(90 * time.Second))
	if len(rows) != 1 || rows[0][1] != "READ UNCOMMITTED" || rows[0][5] != int64(90) {
		t.Errorf("shown as %v", rows)
	}
	if rows := open.rows(at(transactionIdle + time.Second)); len(rows) != 0 {
		t.Errorf("idle for too long and shown as %v", rows)
	}
	if _, _, err := open.enter(id, at(transactionIdle+2*time.Second)); trinoerr.CodeOf(err) != trinoerr.UnknownTransaction {
		t.Errorf("entered an idle one: %v", err)
	}
}
