package coordinator

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
)

// TestStatementWaitsForItsClient18851 sends a statement whose answer nobody sees. It is analysed and nothing more, until its client
// asks for the first page.
func TestStatementWaitsForItsClient18851(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	submitted := func(q *query) bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.submitted
	}
	p, err := c.Submit(t.Context(), protocol.SubmitRequest{SQL: anyQuery, Session: protocol.Session{User: "u", Catalog: "tpch", Schema: "tiny"}})
	if err != nil {
		t.Fatal(err)
	}
	q := p.(*query)
	for deadline := time.Now().Add(patience); q.Info().QueryType == ""; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not analysed")
		}
	}
	time.Sleep(100 * time.Millisecond) // longer than it takes to hand it to the scheduler
	if submitted(q) {
		t.Error("it runs, although nobody has asked for its result")
	}
	if _, err := q.Next(t.Context(), 1, "", time.Millisecond, 1); err != nil {
		t.Fatal(err)
	}
	w.next()
	if !submitted(q) {
		t.Error("it does not run, although its client has asked")
	}
}
