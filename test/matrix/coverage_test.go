package matrix

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// Every procedure that nodes serve is refused, hangs, breaks and goes unanswered in some run: one that is added has to be added to
// the matrix.
func TestEveryProcedureGoesWrong(t *testing.T) {
	struck := map[string]bool{}
	for _, c := range Cells() {
		struck[c.Injection.Fault] = true
	}
	services := rpcv1.File_worker_proto.Services()
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			m := services.Get(i).Methods().Get(j)
			points := []string{rpc.CallPoint("/" + string(services.Get(i).FullName()) + "/" + string(m.Name()))}
			if m.IsStreamingServer() { // of which each message is an answer
				points = append(points, strings.TrimSuffix(points[0], "s"))
			}
			for _, p := range points {
				for _, how := range hows {
					name := p + "-" + how.fault
					there := slices.ContainsFunc(fault.Registry, func(f fault.Fault) bool { return f.Name == name })
					if !struck[name] && (there || how.fault != "unanswered") {
						t.Errorf("no run of %s meets %s", m.FullName(), name)
					}
				}
			}
		}
	}
}

// Each kind of statement meets each kind of error, in each stage that it has, under each policy, and at later and all attempts
// under those that retry.
func TestEveryKindMeetsEveryError(t *testing.T) {
	type meeting struct {
		statement, what string
		place           Place
		policy          Policy
	}
	met := map[meeting]bool{}
	for _, c := range Cells() {
		met[meeting{c.Statement.What, c.Injection.What, c.Injection.Place, c.Policy}] = true
	}
	for i := range Statements {
		s := &Statements[i]
		if s.Refused != "" || s.Variation || s.Huge {
			continue
		}
		for _, place := range []Place{Leaf, Middle, Root} {
			if place == Middle && !s.Middle || place == Root && s.Single {
				continue
			}
			for _, what := range []string{"internal error", "external error", "insufficient resources", "user error", "later attempt fails too", "all attempts fail"} {
				for _, p := range Policies {
					several := what == "later attempt fails too" || what == "all attempts fail" // without a retry they are an internal error
					if !met[meeting{s.What, what, place, p}] && (p != None || !several) {
						t.Errorf("%s never meets %s at its %s under %s", s.Name(), what, place, p)
					}
				}
			}
		}
	}
	for _, kind := range []string{"SELECT scan", "SELECT aggregation", "SELECT join", "SELECT sort", "CREATE TABLE AS", "INSERT", "DELETE", "DELETE with subquery",
		"UPDATE", "UPDATE with subquery", "MERGE", "ANALYZE", "EXPLAIN ANALYZE aggregation", "EXPLAIN ANALYZE INSERT"} {
		if !met[meeting{kind, "external error", Leaf, Task}] {
			t.Errorf("no run of %s", kind)
		}
	}
}
