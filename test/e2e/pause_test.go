//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestPausedAtAnyMoment18851 freezes the coordinator at random moments of a query and of an INSERT. The one that stands by takes over; the first one
// wakes up while both go on, or when they have ended. The query's answer is exact, the rows are there once or not at all, as the client was told,
// and the first one ends without having done anything.
func TestPausedAtAnyMoment18851(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(seed, 18851))
			c, faults := withStandby(t, standardCatalogs(t.TempDir()))
			cl := session(c, append(manyTasks, "retry_policy=TASK")...)
			table := func(name string) { // with the 255 orders whose key is below 1000
				mustRows(t, cl, "CREATE TABLE hive.default."+name+" AS SELECT * FROM orders WHERE o_orderkey < 1000")
			}
			fill := func(name string) string {
				return "INSERT INTO hive.default." + name + " SELECT * FROM orders WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem)"
			}
			count := func(name string) string {
				return fmt.Sprint(mustRows(t, cl, "SELECT count(*), count(DISTINCT o_orderkey) FROM hive.default."+name))
			}
			mustRows(t, cl, "CREATE SCHEMA hive.default")
			table("before")
			table("o")
			want := mustRows(t, cl, wordy)
			warm := begin(t, cl, fill("before"))
			warm.wait(t)
			cl.Server = c.StandbyURL()
			listens(t, cl.Server)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
			q := begin(t, cl, wordy)
			struck(t, hold, 1)
			time.Sleep(1200 * time.Millisecond) // past the first second, in which nothing waits for the journal
			w := begin(t, cl, fill("o"))
			disarm(t, hold)
			moment := time.Duration(chance.Float64() * float64(warm.took))
			time.Sleep(moment)
			if err := c.PauseCoordinator(); err != nil {
				t.Fatal(err)
			}
			awaitStandby(t, c)
			early := seed%2 == 0
			wake := func() {
				if err := c.ResumeCoordinator(); err != nil {
					t.Fatal(err)
				}
			}
			if early {
				wake()
			}
			sameRows(t, "the answer", q.wait(t), want)
			w.ended(t)
			expected := rowsOnce
			if w.err != nil { // nobody but the first one had heard of it
				expected = "[[255,255]]"
			}
			t.Logf("paused %s after the INSERT was sent, which takes %s and ended with %v", moment.Round(time.Millisecond), warm.took.Round(time.Millisecond), w.err)
			if got := count("o"); got != expected {
				t.Errorf("%s rows, want %s", got, expected)
			}
			table("later")
			if !early {
				wake()
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if how, err := c.AwaitCoordinatorEnd(ctx); err != nil {
				t.Errorf("the first coordinator: %v", err)
			} else {
				t.Logf("the first coordinator ended: %s", how)
			}
			if got, later := count("o"), count("later"); got != expected || later != "[[255,255]]" {
				t.Errorf("afterwards %s and %s rows, want %s", got, later, expected)
			}
			sameRows(t, "the same query again", mustRows(t, cl, wordy), want)
			emptySpool(t, c)
		})
	}
}
