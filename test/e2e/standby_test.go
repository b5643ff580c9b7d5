//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// withStandby starts a cluster with two coordinators.
func withStandby(t *testing.T, catalogs map[string]map[string]string) (*localcluster.Cluster, fault.Dir) {
	t.Helper()
	return faulty(t, localcluster.Config{Workers: 2, Standby: true, Catalogs: catalogs, Properties: map[string]string{
		"waterbear.journal-takeover-timeout": "2s",
		// Of a client that got its last rows in the moment before its coordinator ended, the next one does not know that it has gone.
		"query.client.timeout": "30s"}})
}

// awaitStandby waits until the second coordinator leads.
func awaitStandby(t *testing.T, c *localcluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.AwaitStandby(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestStandbyTakesOver391 kills the first coordinator in the middle of a query whose client speaks to the second one. That
// takes over, and the query goes on: nothing that was finished is computed again.
func TestStandbyTakesOver391(t *testing.T) {
	t.Parallel()
	c, faults := withStandby(t, nil)
	cl := session(c, append(manyTasks, "retry_policy=TASK")...)
	sql := question(t, 18)
	want := mustRows(t, session(c), sql)
	cl.Server = c.StandbyURL()
	sameRows(t, "through the one that stands by", mustRows(t, cl, sql), want)
	o := observe(t, c, faults)
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
	q := begin(t, cl, sql)
	struck(t, hold, 1)
	time.Sleep(1500 * time.Millisecond) // past the first second, in which nothing waits for the journal
	o.rest(q.id, 1)
	c.KillCoordinator()
	killed := time.Now()
	disarm(t, hold)
	awaitStandby(t, c)
	t.Logf("took over %s after the kill", time.Since(killed).Round(time.Millisecond))
	sameRows(t, "after the takeover", q.wait(t), want)
	if again := o.retried(q.id); len(again) > 0 {
		t.Errorf("ran again: %v, want none: the workers went on", again)
	}
	sameRows(t, "another query", mustRows(t, cl, sql), want)
	emptySpool(t, c)
}

// rowsOnce is what the table below has when each row was added once: 255 orders have a key below 1000.
const rowsOnce = "[[15255,15000]]"

// TestPausedCoordinatorDoesNoHarm18851 freezes the first coordinator at the worst moment, just before it makes the rows of an
// INSERT visible. The second one takes over and does that. When the first one wakes up it ends, and has done nothing.
func TestPausedCoordinatorDoesNoHarm18851(t *testing.T) {
	t.Parallel()
	c, faults := withStandby(t, standardCatalogs(t.TempDir()))
	cl := session(c, append(manyTasks, "retry_policy=TASK")...)
	mustRows(t, cl, "CREATE SCHEMA hive.default")
	mustRows(t, cl, "CREATE TABLE hive.default.o AS SELECT * FROM orders WHERE o_orderkey < 1000")
	held := arm(t, faults, "commit-held-before", fault.Aim{})
	cl.Server = c.StandbyURL()
	q := begin(t, cl, "INSERT INTO hive.default.o SELECT * FROM orders")
	struck(t, held, 1)
	if err := c.PauseCoordinator(); err != nil {
		t.Fatal(err)
	}
	awaitStandby(t, c)
	if got := q.wait(t); fmt.Sprint(got) != "[[15000]]" {
		t.Errorf("the INSERT answered %v", got)
	}
	count := func() string {
		return fmt.Sprint(mustRows(t, cl, "SELECT count(*), count(DISTINCT o_orderkey) FROM hive.default.o"))
	}
	want := count()
	mustRows(t, cl, "CREATE TABLE hive.default.later AS SELECT * FROM region")
	disarm(t, held)
	if err := c.ResumeCoordinator(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	how, err := c.AwaitCoordinatorEnd(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the first coordinator ended: %s", how)
	if got := count(); got != want || want != rowsOnce {
		t.Errorf("%s rows, then %s, want %s", want, got, rowsOnce)
	}
	if got := fmt.Sprint(mustRows(t, cl, "SELECT count(*) FROM hive.default.later")); got != "[[5]]" {
		t.Errorf("another table has %s", got)
	}
	emptySpool(t, c)
}
