package coordinator

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// leaves ends a coordinator as SIGTERM does.
func leaves(c *Coordinator) {
	c.leave()
	c.stop()
}

// TestLeave18851 has a coordinator leave in the middle of everything: what a successor can go on with, or begin anew, has not failed.
func TestLeave18851(t *testing.T) {
	for policy, left := range map[string]bool{"TASK": true, "QUERY": true, "NONE": false} {
		t.Run(policy, func(t *testing.T) {
			c, spool, next := journaled(t)
			w := join(t, c, "w")
			q := submit(t, c, anyQuery, "retry_policy="+policy)
			w.next()
			leaves(c)
			if !left {
				if _, err := result(t, q); err == nil || err.Code != trinoerr.ServerShuttingDown {
					t.Errorf("%v", err)
				}
				if n := len(next().Recovered()); n != 0 {
					t.Errorf("%d queries were left", n)
				}
				return
			}
			c = next()
			q = again(t, c, q)
			w = join(t, c, "w2")
			if policy == "TASK" {
				c.broken(errCrash) // going on is what TestRecover… is about
				return
			}
			w.finish(w.next(), spool, "[25]")
			if rows, err := result(t, q); rows != "[25]" || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
		})
	}
}

// TestLeaveStatements18851 has a coordinator leave while it plans a query, and before it carries a statement out.
func TestLeaveStatements18851(t *testing.T) {
	c, spool, next := journaled(t)
	tables := slowly(c)
	q := submit(t, c, anyQuery)
	until(t, "the statement is being planned", func() bool { n, _ := tables.count(); return n > 0 })
	c.mu.Lock()
	c.closing = true // between the beginning of its end and the choice of what is left
	late := newQuery(c, c.newID(), q.req)
	late.req.SQL = "CREATE SCHEMA tpch.another"
	c.queries[late.id] = late
	c.order = append(c.order, late.id)
	c.mu.Unlock()
	late.announce()
	late.polled.now()
	c.goWork(late.run)
	until(t, "the statement is about to be carried out", func() bool { return late.Info().QueryType == "DATA_DEFINITION" })
	leaves(c)
	if _, made := tables.count(); made != 0 {
		t.Error("carried out by a coordinator that leaves")
	}
	c = next()
	tables.open()
	q = again(t, c, q)
	w := join(t, c, "w")
	w.finish(w.next(), spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if _, err := result(t, again(t, c, late)); err != nil && strings.Contains(err.Msg, "restarted") {
		t.Error(err)
	}
	if _, made := tables.count(); made != 1 {
		t.Errorf("carried out %d times", made)
	}
}
