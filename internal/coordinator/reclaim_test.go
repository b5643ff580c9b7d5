package coordinator

import (
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Outputs of a query that ended while their node was not heard of are removed once it registers, and then those of queries that
// nobody knows; what a query reads that still runs stays.
func TestReclaimsOutputsOfEndedQueries(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	ended, running := submit(t, c, anyQuery), submit(t, c, anyQuery)
	for range 2 {
		w.next()
	}
	ended.Cancel(trinoerr.New(trinoerr.UserCanceled, "enough"))
	until(t, "the query is over", func() bool { return len(c.stale([]string{string(ended.sid)})) == 1 })

	late := join(t, c, "late") // hears of none of it
	has := func(prefix string) bool {
		late.mu.Lock()
		defer late.mu.Unlock()
		return slices.Contains(late.deleted, prefix)
	}
	// Also one that has registered before is told again what it has not done.
	until(t, "outputs are removed", func() bool {
		late.register(c, func(req *rpcv1.RegisterRequest) {
			req.Outputs = []string{string(ended.sid), string(running.sid), "20200101_000000_00001_aaaaa"}
		})
		return has(string(ended.sid)+"/") && has("20200101_000000_00001_aaaaa/")
	})
	if has(string(running.sid) + "/") {
		t.Error("outputs are removed of a query that runs")
	}
	late.mu.Lock()
	late.deleted = nil
	late.mu.Unlock()
	until(t, "they are removed again", func() bool {
		late.register(c, func(req *rpcv1.RegisterRequest) { req.Outputs = []string{string(ended.sid)} })
		return has(string(ended.sid) + "/")
	})
}
