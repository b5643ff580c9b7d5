package resourcegroups

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// cluster drives a tree: queries are named after their user and a number.
type cluster struct {
	t       testing.TB
	spec    *Spec
	tree    *Tree
	running []string
	came    int64
}

func newCluster(t testing.TB, groups string) *cluster {
	t.Helper()
	spec, err := Parse(`{"cpuQuotaPeriod": "1h", "physicalDataScanQuotaPeriod": "100s", "rootGroups": [` + groups + `], "selectors": [
		{"user": "in (?<group>[a-z.0-9]*)", "group": "global.${group}"}]}`)
	if err != nil { // for groups without templates
		spec, err = Parse(`{"cpuQuotaPeriod": "1h", "physicalDataScanQuotaPeriod": "100s", "rootGroups": [` + groups + `], "selectors": [
			{"source": "a", "group": "global.a"}, {"source": "b", "group": "global.b"}, {"source": "c", "group": "global.c"}]}`)
	}
	if err != nil {
		spec, err = Parse(`{"cpuQuotaPeriod": "1h", "physicalDataScanQuotaPeriod": "100s", "rootGroups": [` + groups + `], "selectors": [{"group": "global"}]}`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{t: t, spec: spec, tree: New(spec)}
}

// submit adds a query to a group.
func (c *cluster) submit(group string, priority int) (string, Verdict) {
	c.t.Helper()
	sel, ok, err := c.spec.Select(&Query{User: "in " + group, Source: group})
	if !ok || err != nil {
		c.t.Fatal(ok, err)
	}
	c.came++
	id := fmt.Sprintf("%s%d", group, c.came)
	v := c.tree.Submit(id, sel, priority, c.came)
	if v == Run {
		c.running = append(c.running, id)
	}
	checkTree(c.t, c.tree)
	return id, v
}

func (c *cluster) end(id string) []string {
	c.running = slices.DeleteFunc(c.running, func(r string) bool { return r == id })
	return c.started(c.tree.End(id, Usage{}))
}

func (c *cluster) started(ids []string) []string {
	c.running = append(c.running, ids...)
	checkTree(c.t, c.tree)
	return ids
}

// starts ends the oldest running query until n others have started, and says of which groups they are.
func (c *cluster) starts(n int) string {
	var b strings.Builder
	for b.Len() < n && len(c.running) > 0 {
		for _, id := range c.end(c.running[0]) {
			b.WriteString(strings.TrimRight(id, "0123456789"))
		}
	}
	return b.String()
}

// checkTree compares what groups count with what they hold.
func checkTree(t testing.TB, tree *Tree) {
	t.Helper()
	var check func(g *group) (running, queued int)
	check = func(g *group) (running, queued int) {
		for _, q := range tree.queries {
			if q.group == g && q.running {
				running++
			}
		}
		queued = len(g.queue)
		for _, s := range g.subs {
			r, w := check(s)
			running, queued = running+r, queued+w
		}
		if running != g.running || queued != g.queued {
			t.Fatalf("group %v counts %d running and %d queued, has %d and %d", g.id, g.running, g.queued, running, queued)
		}
		return running, queued
	}
	check(&tree.top)
	if q := tree.next(&tree.top); q != nil {
		t.Fatalf("%s waits although it may start", q.id)
	}
}

func TestLimits(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 2, "maxQueued": 1}`)
	var got []Verdict
	for range 4 {
		_, v := c.submit("x", 1)
		got = append(got, v)
	}
	if want := []Verdict{Run, Run, Wait, Full}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := c.end("x2"); !slices.Equal(got, []string{"x3"}) {
		t.Errorf("after the end of x2 starts %v", got)
	}
	if got := c.end("x2"); got != nil {
		t.Errorf("a second end starts %v", got)
	}
}

func TestQueueIsOfAncestorsToo(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 1, "subGroups": [{"name": "${group}", "hardConcurrencyLimit": 9, "maxQueued": 9}]}`)
	for _, want := range []Verdict{Run, Wait, Full} {
		if id, v := c.submit("a", 1); v != want {
			t.Errorf("%s: %v, want %v", id, v, want)
		}
	}
	c.end("a2") // while it waits
	if _, v := c.submit("b", 1); v != Wait {
		t.Errorf("there is room in the queue, but %v", v)
	}
	if got := c.end("a1"); !slices.Equal(got, []string{"b4"}) {
		t.Errorf("starts %v", got)
	}
}

func TestInnerGroupsTakeNoQueries(t *testing.T) {
	s := example(t)
	s.Selectors = []Selector{{group: s.Selectors[4].group[:1]}}
	sel, _, err := s.Select(&Query{User: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if v := New(s).Submit("q", sel, 1, 0); v != Inner {
		t.Errorf("got %v", v)
	}
}

func TestFairGroupsTakeTurns(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 99, "subGroups": [{"name": "${group}", "hardConcurrencyLimit": 9, "maxQueued": 99}]}`)
	for _, g := range strings.Split("aaaaabbbc", "") {
		c.submit(g, 1)
	}
	if got := c.starts(8); got != "abcababa" {
		t.Errorf("started %s", got)
	}
}

// A group that comes and goes must not overtake one that waits, each time anew.
func TestNewGroupsDoNotOvertake(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 99, "subGroups": [{"name": "${group}", "hardConcurrencyLimit": 9, "maxQueued": 99}]}`)
	c.submit("z", 1)
	patient, _ := c.submit("z", 1)
	for i := range 5 {
		c.submit(string(rune('a'+i)), 1)
		if slices.Contains(c.end(c.running[0]), patient) {
			return
		}
	}
	t.Errorf("%s starved", patient)
}

func TestSoftConcurrency(t *testing.T) {
	for _, policy := range []string{"fair", "weighted", "weighted_fair"} {
		c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 3, "maxQueued": 99, "schedulingPolicy": "`+policy+`", "subGroups": [
			{"name": "a", "softConcurrencyLimit": 1, "hardConcurrencyLimit": 9, "maxQueued": 99}, {"name": "b", "hardConcurrencyLimit": 9, "maxQueued": 99},
			{"name": "c", "hardConcurrencyLimit": 1, "maxQueued": 99}]}`)
		for _, g := range strings.Split("aacaabb", "") {
			c.submit(g, 1)
		}
		if got := c.end("c3"); !slices.Equal(got, []string{"b6"}) {
			t.Errorf("%s: starts %v: a is over its soft limit, b is not", policy, got)
		}
	}
}

func TestWeightedShares(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 9999, "schedulingPolicy": "weighted", "subGroups": [
		{"name": "a", "schedulingWeight": 5, "hardConcurrencyLimit": 9, "maxQueued": 9999}, {"name": "b", "schedulingWeight": 3, "hardConcurrencyLimit": 9, "maxQueued": 9999},
		{"name": "c", "schedulingWeight": 2, "hardConcurrencyLimit": 9, "maxQueued": 9999}]}`)
	c.submit("a", 1)
	for range 200 {
		for _, g := range []string{"a", "b", "c"} {
			c.submit(g, 1)
		}
	}
	got := c.starts(200)
	for g, want := range map[string]int{"a": 100, "b": 60, "c": 40} {
		if n := strings.Count(got, g); n < want-1 || n > want+1 {
			t.Errorf("%s started %d times of 200, want %d", g, n, want)
		}
	}
}

// While a group has nothing to run it saves nothing up for later.
func TestWeightedSharesAreNotSaved(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 9999, "schedulingPolicy": "weighted", "subGroups": [
		{"name": "a", "hardConcurrencyLimit": 9, "maxQueued": 9999}, {"name": "b", "hardConcurrencyLimit": 9, "maxQueued": 9999}, {"name": "c", "hardConcurrencyLimit": 9}]}`)
	c.submit("b", 1)
	for range 99 {
		c.submit("a", 1)
	}
	c.starts(50)
	for range 20 {
		c.submit("b", 1)
	}
	if got := c.starts(10); strings.Count(got, "b") != 5 {
		t.Errorf("started %s", got)
	}
}

func TestWeightedFairShares(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 10, "maxQueued": 9999, "schedulingPolicy": "weighted_fair", "subGroups": [
		{"name": "a", "schedulingWeight": 7, "hardConcurrencyLimit": 99, "maxQueued": 9999}, {"name": "b", "schedulingWeight": 3, "hardConcurrencyLimit": 99, "maxQueued": 9999},
		{"name": "c", "schedulingWeight": 1, "hardConcurrencyLimit": 9, "maxQueued": 99}]}`)
	for range 10 {
		c.submit("b", 1)
	}
	for range 100 {
		c.submit("a", 1)
		c.submit("b", 1)
	}
	c.starts(40)
	count := map[byte]int{}
	for _, id := range c.running {
		count[id[0]]++
	}
	if count['a'] != 7 || count['b'] != 3 {
		t.Errorf("running: %v", count)
	}
}

func TestQueriesByPriority(t *testing.T) {
	for _, policy := range []string{"weighted_fair", "query_priority"} {
		c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 99, "schedulingPolicy": "`+policy+`"}`)
		for _, p := range []int{1, 1, 3, 2, 3} {
			c.submit("x", p)
		}
		var got []string
		for range 4 {
			got = append(got, c.end(c.running[0])...)
		}
		if want := []string{"x3", "x5", "x4", "x2"}; !slices.Equal(got, want) {
			t.Errorf("%s: started %v, want %v", policy, got, want)
		}
	}
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 99, "schedulingPolicy": "query_priority", "subGroups": [
		{"name": "${group}", "hardConcurrencyLimit": 9, "maxQueued": 99}]}`)
	for i, g := range strings.Split("aaabb", "") {
		c.submit(g, []int{1, 5, 1, 3, 1}[i])
	}
	if got := c.starts(4); got != "abab" {
		t.Errorf("in sub-groups started %s", got)
	}
}

func TestWeightedDrawIsInProportion(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 99999, "schedulingPolicy": "weighted"}`)
	priority := map[string]int{}
	add := func(p int) {
		id, _ := c.submit("x", p)
		priority[id] = p
	}
	for range 20 {
		add(1)
		add(4)
	}
	drawn := map[int]int{}
	for range 2000 {
		for _, id := range c.end(c.running[0]) {
			drawn[priority[id]]++
			add(priority[id])
		}
	}
	if share := float64(drawn[4]) / 2000; share < 0.75 || share > 0.85 {
		t.Errorf("queries of priority 4 were drawn %.2f of the time, want 0.8", share)
	}
}

func TestMemory(t *testing.T) {
	for _, limit := range []string{"100B", "10%"} {
		c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 9, "maxQueued": 9, "softMemoryLimit": "`+limit+`"}`)
		c.tree.SetMemory(1000)
		c.submit("x", 1)
		c.started(c.tree.Use(map[string]Usage{"x1": {Memory: 101}}))
		if _, v := c.submit("x", 1); v != Wait {
			t.Errorf("%s: memory is full, but %v", limit, v)
		}
		if got := c.started(c.tree.Use(map[string]Usage{"x1": {Memory: 100}})); !slices.Equal(got, []string{"x2"}) {
			t.Errorf("%s: starts %v", limit, got)
		}
		c.tree.Use(map[string]Usage{"x1": {Memory: 200}})
		c.submit("x", 1)
		if got := c.end("x1"); !slices.Equal(got, []string{"x3"}) {
			t.Errorf("%s: its end gives memory back, and starts %v", limit, got)
		}
	}
}

func TestCPU(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 10, "maxQueued": 99, "softCpuLimit": "30m", "hardCpuLimit": "60m"}`)
	c.tree.Advance(time.Second)
	for range 20 {
		c.submit("x", 1)
	}
	used := func(d time.Duration) { c.started(c.tree.Use(map[string]Usage{"x1": {CPU: d}})) }
	used(45 * time.Minute) // half way: five may run
	for _, want := range []int{9, 8, 7, 6, 5, 5, 5} {
		c.end(c.running[1])
		if len(c.running) != want {
			t.Fatalf("%d run, want %d", len(c.running), want)
		}
	}
	used(70 * time.Minute)
	c.end("x1")
	if len(c.running) != 4 {
		t.Errorf("%d run: CPU time is used up", len(c.running))
	}
	c.started(c.tree.Advance(9 * time.Minute)) // an hour's worth in an hour: 61 minutes are left
	if len(c.running) != 4 {
		t.Errorf("%d run after a while", len(c.running))
	}
	c.started(c.tree.Advance(41 * time.Minute)) // 29 minutes
	if len(c.running) != 10 {
		t.Errorf("%d run although there is CPU time again", len(c.running))
	}
}

func TestScans(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 10, "maxQueued": 99, "hardPhysicalDataScanLimit": "1000B"}`)
	c.submit("x", 1)
	c.tree.Use(map[string]Usage{"x1": {Scanned: 1010}})
	if _, v := c.submit("x", 1); v != Wait {
		t.Errorf("%v", v)
	}
	if got := c.started(c.tree.Advance(time.Second)); got != nil {
		t.Errorf("%v starts", got)
	}
	if got := c.started(c.tree.Advance(2 * time.Second)); !slices.Equal(got, []string{"x2"}) {
		t.Errorf("%v starts", got)
	}
}

// What another coordinator has started counts, whatever the limits say; it does not push out anything.
func TestResume(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 9}`)
	sel, _, _ := c.spec.Select(&Query{User: "in x"})
	for _, id := range []string{"a", "b", "b"} {
		c.tree.Resume(id, sel)
	}
	c.submit("x", 1)
	if got := c.end("a"); got != nil {
		t.Errorf("%v starts while b runs", got)
	}
	if got := c.end("b"); len(got) != 1 {
		t.Errorf("%v starts", got)
	}
}

// Groups of templates are forgotten when nothing is to be remembered.
func TestGroupsAreForgotten(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 9, "maxQueued": 9, "subGroups": [{"name": "${group}", "hardConcurrencyLimit": 1, "maxQueued": 9,
		"hardPhysicalDataScanLimit": "1000B"}]}`)
	for i := range 100 {
		id, _ := c.submit(fmt.Sprintf("u%dx", i), 1)
		c.tree.End(id, Usage{Scanned: 10 * int64(i%2)})
	}
	info, ok := c.tree.Info([]string{"global"})
	if !ok || len(c.tree.top.subs[0].subs) != 50 || info.Running != 0 {
		t.Errorf("%d groups are left of those that have scanned something", len(c.tree.top.subs[0].subs))
	}
	c.tree.Advance(2 * time.Second)
	if _, ok := c.tree.Info([]string{"global"}); !ok || len(c.tree.top.subs[0].subs) != 0 {
		t.Errorf("%d groups are left", len(c.tree.top.subs[0].subs))
	}
}

func TestInfo(t *testing.T) {
	c := newCluster(t, `{"name": "global", "hardConcurrencyLimit": 1, "maxQueued": 2, "softMemoryLimit": "10%", "subGroups": [{"name": "${group}", "hardConcurrencyLimit": 1, "maxQueued": 1}]}`)
	c.tree.SetMemory(500)
	states := map[string]string{}
	for _, g := range []string{"a", "b", "a"} {
		c.submit(g, 1)
		for _, id := range []string{"global", "a"} {
			info, ok := c.tree.Info(strings.Split(map[string]string{"global": "global", "a": "global a"}[id], " "))
			states[id] += fmt.Sprintf("%s %d %d %v;", info.State, info.Running, info.Queued, ok)
		}
	}
	if states["global"] != "CAN_QUEUE 1 0 true;CAN_QUEUE 1 1 true;FULL 1 2 true;" || states["a"] != "CAN_QUEUE 1 0 true;CAN_QUEUE 1 0 true;FULL 1 1 true;" {
		t.Errorf("got %v", states)
	}
	info, _ := c.tree.Info([]string{"global"})
	if info.SoftMemory != 50 || len(info.SubGroups) != 2 || info.EligibleSubGroups != 1 || !slices.Equal(info.RunningQueries, []string{"a1"}) {
		t.Errorf("got %+v", info)
	}
	if _, ok := c.tree.Info([]string{"global", "zz"}); ok {
		t.Error("a group that is not in use is shown")
	}
}
