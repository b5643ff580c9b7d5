package coordinator

import (
	"context"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// measureInterval is how often it is looked at what queries use, when a limit of a group is about that; as in Trino.
const measureInterval = 100 * time.Millisecond

// groups are the resource groups: they say when a query is planned and run. A query is in its group from then on, or from when it
// begins to wait for that, until it ends. A coordinator that takes over puts those that ran back into their groups, and lets the others
// wait again in the order in which they came.
type groups struct {
	c     *Coordinator
	spec  *resourcegroups.Spec
	began time.Time
	used  chan struct{} // has a token once there are queries

	mu      sync.Mutex
	tree    *resourcegroups.Tree
	members map[scheduler.QueryID]*query
	waiting map[scheduler.QueryID]chan struct{} // closed when the query may go on
}

func newGroups(c *Coordinator, spec *resourcegroups.Spec) *groups {
	if spec == nil {
		spec = resourcegroups.Global(c.cfg.Query.MaxConcurrent, c.cfg.Query.MaxQueued)
	}
	return &groups{c: c, spec: spec, began: time.Now(), used: make(chan struct{}, 1), tree: resourcegroups.New(spec),
		members: map[scheduler.QueryID]*query{}, waiting: map[scheduler.QueryID]chan struct{}{}}
}

// find finds the group of a statement.
func (g *groups) find(q *query, stmt ast.Statement) (resourcegroups.Selection, error) {
	s := &q.req.Session
	criteria := resourcegroups.Query{User: s.User, OriginalUser: s.OriginalUser, AuthenticatedUser: s.OriginalUser, Source: s.Source, Tags: s.ClientTags,
		Type: queryType(stmt, s.Prepared)}
	if d, err := config.ParseDuration(s.ResourceEstimates["EXECUTION_TIME"]); err == nil {
		criteria.ExecutionTime = &d
	}
	if d, err := config.ParseDuration(s.ResourceEstimates["CPU_TIME"]); err == nil {
		criteria.CPUTime = &d
	}
	if n, err := config.ParseSize(s.ResourceEstimates["PEAK_MEMORY"]); err == nil {
		criteria.PeakMemory = &n
	}
	sel, ok, err := g.spec.Select(&criteria)
	switch {
	case err != nil:
		return sel, trinoerr.New(trinoerr.InvalidResourceGroup, "%v", err)
	case !ok:
		return sel, trinoerr.New(trinoerr.QueryRejected, "Query did not match any selection rule")
	}
	q.update(func() { q.group = &sel })
	return sel, nil
}

// room reports whether a query of a group would run at once.
func (g *groups) room(s resourcegroups.Selection) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.advance()
	return g.tree.Room(s)
}

// admit returns when the query may run.
func (g *groups) admit(q *query, s resourcegroups.Selection, priority int) error {
	began := time.Now()
	wait, err := g.submit(q, s, priority)
	if err != nil {
		return err
	}
	if wait == nil {
		g.c.cfg.Metrics.Observe(metrics.QueryQueued, 0)
		return nil
	}
	q.enter(stateQueued)
	select {
	case <-wait:
		q.update(func() { q.queued = time.Since(q.created) })
		g.c.cfg.Metrics.Observe(metrics.QueryQueued, time.Since(began).Seconds())
		return nil
	case <-q.ctx.Done():
		return context.Cause(q.ctx)
	}
}

// submit puts a query into its group; the channel, when there is one, is closed when it may run.
func (g *groups) submit(q *query, s resourcegroups.Selection, priority int) (chan struct{}, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.members[q.id] != nil { // it ran before this coordinator did
		return nil, nil
	}
	if err := context.Cause(q.ctx); err != nil { // nobody would take it out again
		return nil, err
	}
	g.advance()
	switch g.tree.Submit(string(q.id), s, priority, q.created.UnixNano()) {
	case resourcegroups.Full:
		return nil, trinoerr.New(trinoerr.QueryQueueFull, "Too many queued queries for \"%s\"", &s)
	case resourcegroups.Inner:
		return nil, trinoerr.New(trinoerr.InvalidResourceGroup, "Cannot add queries to '%s'. It is not a leaf group.", &s)
	case resourcegroups.Wait:
		g.waiting[q.id] = make(chan struct{})
	}
	g.join(q)
	return g.waiting[q.id], nil
}

// resume puts a query that ran under the coordinator before this one into its group, whatever the limits say.
func (g *groups) resume(q *query, s resourcegroups.Selection) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tree.Resume(string(q.id), s)
	g.join(q)
}

// join notes that a query is in its group. The caller holds the lock.
func (g *groups) join(q *query) {
	g.members[q.id] = q
	select {
	case g.used <- struct{}{}:
	default:
	}
}

// leave takes out a query that has ended.
func (g *groups) leave(q *query) {
	used := q.used()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.members[q.id] != q {
		return
	}
	delete(g.members, q.id)
	delete(g.waiting, q.id)
	g.advance()
	g.start(g.tree.End(string(q.id), used))
}

// start lets queries go on. The caller holds the lock.
func (g *groups) start(ids []string) {
	for _, id := range ids {
		if wait := g.waiting[scheduler.QueryID(id)]; wait != nil {
			close(wait)
			delete(g.waiting, scheduler.QueryID(id))
		}
	}
}

// advance tells the tree how late it is. The caller holds the lock.
func (g *groups) advance() { g.start(g.tree.Advance(time.Since(g.began))) }

// measure tells the tree what queries use, again and again as long as there are any.
func (g *groups) measure(ctx context.Context) {
	if !g.spec.Measured() {
		return
	}
	ticker := time.NewTicker(measureInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.used:
		}
		for g.update() {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}
}

// update tells the tree once what queries use. It reports whether there are any.
func (g *groups) update() bool {
	g.mu.Lock()
	running := make([]*query, 0, len(g.members))
	for _, q := range g.members {
		running = append(running, q)
	}
	g.mu.Unlock()
	used := make(map[string]resourcegroups.Usage, len(running))
	for _, q := range running {
		used[string(q.id)] = q.used()
	}
	memory := g.c.nodes.memoryBytes()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.advance()
	g.start(g.tree.SetMemory(memory))
	g.start(g.tree.Use(used))
	return len(g.members) > 0
}

// used is what the query has used so far, by what its attempts have said.
func (q *query) used() resourcegroups.Usage {
	q.mu.Lock()
	defer q.mu.Unlock()
	u := resourcegroups.Usage{CPU: q.totals.CPU, Scanned: q.totals.ScannedBytes}
	for _, p := range q.running {
		u.Memory += p.MemoryBytes
		u.CPU += time.Duration(p.CpuMillis) * time.Millisecond
		u.Scanned += p.ScannedBytes
	}
	return u
}

// memoryBytes is the memory for tasks of all workers.
func (ns *nodes) memoryBytes() (sum int64) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for _, n := range ns.known {
		sum += n.info.MemoryBytes
	}
	return sum
}

// groupID is the name of the query's group; nil as long as it is not known. The caller holds the lock.
func (q *query) groupID() []string {
	if q.group == nil {
		return nil
	}
	return q.group.ID
}

// ResourceGroup implements protocol.Dispatcher.
func (c *Coordinator) ResourceGroup(id []string) (protocol.ResourceGroupInfo, bool) {
	g := c.groups
	g.mu.Lock()
	defer g.mu.Unlock()
	g.advance()
	info, ok := g.tree.Info(id)
	if !ok {
		return protocol.ResourceGroupInfo{}, false
	}
	out := groupInfo(&info)
	for i := range info.SubGroups {
		out.SubGroups = append(out.SubGroups, groupInfo(&info.SubGroups[i]))
	}
	out.Running = info.RunningQueries
	return out, true
}

func groupInfo(i *resourcegroups.Info) protocol.ResourceGroupInfo {
	return protocol.ResourceGroupInfo{ID: i.ID, State: i.State, Policy: i.Spec.Policy.String(), Weight: max(1, i.Spec.Weight), SoftMemoryBytes: i.SoftMemory,
		SoftConcurrency: i.Spec.Soft, HardConcurrency: i.Spec.Hard, MaxQueued: i.Spec.MaxQueued, MemoryBytes: i.Used.Memory, CPU: i.Used.CPU,
		NumQueued: i.Queued, NumRunning: i.Running, NumEligible: i.EligibleSubGroups}
}
