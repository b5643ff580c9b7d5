package coordinator

import "testing"

// A query that does not go on says why, and goes on when that has changed (trinodb/trino issue 18603).
func TestWaitingIsExplained18603(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	q := submit(t, c, anyQuery)
	waiting := func() string {
		if root := q.stats().RootStage; root != nil {
			return root.Waiting
		}
		return ""
	}
	until(t, "the query says what it waits for", func() bool { return waiting() == "waiting for a node: there is none" })
	w := join(t, c, "a")
	task := w.next()
	if why := waiting(); why != "" {
		t.Errorf("the query runs, and is %s", why)
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}
