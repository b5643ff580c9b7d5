package adaptive

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// options are the defaults.
func (r *running) options() Options {
	return Options{JoinReordering: true, JoinRatio: 1.5, JoinMinBytes: 5 << 30, BroadcastBytes: 100 << 20, TaskBytes: 512 << 20,
		HashPartitions: 50, Estimator: r.est}
}

// after says what changes when stages have put out so much, and goes on with it.
func (r *running) after(t *testing.T, sizes ...string) string {
	t.Helper()
	for _, s := range sizes {
		if err := r.finish(s); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Replan(r.stages, r.next, r.options())
	if err != nil {
		t.Fatal(err)
	}
	if p != nil {
		r.adopt(p)
	}
	return changesText(p)
}

func started(t *testing.T, sql string) *running {
	t.Helper()
	r, err := begin(plantest.New(t), "cat.s", "partitioned", sql)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Sides of joins are exchanged when both are final, and for a clear gain only.
func TestSwapNeedsFinalSizes23626(t *testing.T) {
	const sql = "SELECT t.a, u.b FROM t JOIN u ON t.a = u.a"
	for _, tt := range []struct {
		left, right string
		swapped     bool
	}{{"0=1000/1GB", "", false}, {"", "1=1000/900GB", false}, {"0=1000/10GB", "1=1000/15GB", false}, {"0=1000/1GB", "1=1000/5GB", false},
		{"0=1000/10GB", "1=1000/16GB", true}} {
		r := started(t, sql)
		var sizes []string
		for _, s := range []string{tt.left, tt.right} {
			if s != "" {
				sizes = append(sizes, s)
			}
		}
		if got := r.after(t, sizes...); strings.Contains(got, "join sides swapped") != tt.swapped {
			t.Errorf("%v: %s", sizes, got)
		}
	}
}

// A join that hashes its inputs sends a right side that turned out small instead, as long as the left one has not been hashed.
func TestBroadcastFollowsSizes23206(t *testing.T) {
	const sql = "SELECT t.a, w.b FROM t JOIN u ON t.a = u.a LEFT JOIN w ON u.b = w.b"
	for size, broadcast := range map[string]bool{"3=20/1MB": true, "3=20000000/101MB": false} {
		if got := started(t, sql).after(t, size); strings.Contains(got, "join broadcast") != broadcast {
			t.Errorf("%s: %s", size, got)
		}
	}
	r := started(t, sql)
	r.after(t, "0=10000000/1GB", "1=10000000/1GB")
	if got := r.after(t, "2=10000000/1GB", "3=20/1kB"); got != "nothing changes\n" {
		t.Errorf("the left side was hashed already: %s", got)
	}
}

// A plan that reads what is not there, or what is not divided as it reads it, is refused before anything is told to the scheduler.
func TestImpossiblePlanIsRefused23854(t *testing.T) {
	r := started(t, "SELECT t.a, u.b FROM t JOIN u ON t.a = u.a")
	join := r.stages[2].Fragment
	partitions := map[int]int{0: 50, 1: 50}
	if err := check(&join, partitions); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(f *stages.Fragment, partitions map[int]int){
		"which is not there":          func(_ *stages.Fragment, p map[int]int) { delete(p, 1) },
		"of 50 and 40 partitions":     func(_ *stages.Fragment, p map[int]int) { p[1] = 40 },
		"reads partitions of nothing": func(f *stages.Fragment, _ map[int]int) { *f = f.WithRoot(&plan.Values{}) },
		"reads tables by partitions":  func(f *stages.Fragment, _ map[int]int) { f.Scans = r.stages[0].Scans },
	} {
		f, p := join, map[int]int{0: 50, 1: 50}
		change(&f, p)
		if err := check(&f, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
