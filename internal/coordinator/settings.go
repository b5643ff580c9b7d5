package coordinator

import (
	"maps"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Settings are what the scheduler and the planner go by for one query.
type Settings struct {
	config.Session
	RetryPolicy scheduler.RetryPolicy
	Scheduler   scheduler.Settings
	Join        plan.JoinDistribution

	perNode int64 // query.max-memory-per-node, when it is what limits the tasks
}

// settings are the cluster's defaults with the session's changes.
func (c *Coordinator) settings(s *protocol.Session) (Settings, error) {
	session := c.cfg.Session
	for _, name := range sortedKeys(s.Properties) {
		if name == zoneProperty {
			continue // see sessionZone
		}
		if strings.Contains(name, ".") {
			if err := c.cfg.checkCatalogProperty(name, s.Properties[name]); err != nil {
				return Settings{}, err
			}
			continue // connectors look at it themselves: see connector.SessionOf
		}
		if err := session.Set(name, s.Properties[name]); err != nil {
			return Settings{}, err
		}
	}
	out := Settings{Session: session}
	switch session.RetryPolicy {
	case config.RetryQuery:
		out.RetryPolicy = scheduler.RetryQuery
	case config.RetryTask:
		out.RetryPolicy = scheduler.RetryTask
	}
	switch session.JoinDistribution {
	case config.JoinBroadcast:
		out.Join = plan.Replicated
	case config.JoinPartitioned:
		out.Join = plan.Partitioned
	}
	out.Scheduler = schedulerSettings(&session, c.cfg.Scheduling)
	c.scaleDown(&out)
	return out, nil
}

func joinOrder(r config.JoinReordering) rules.JoinOrder {
	switch r {
	case config.ReorderNone:
		return rules.KeepJoinOrder
	case config.ReorderEliminateCrossJoins:
		return rules.EliminateCrossJoins
	}
	return rules.OrderByCost
}

// eagerRows is a bound as rules.Context has it, where 0 has another meaning than for a session.
func eagerRows(least int64) int64 {
	if least == 0 {
		return -1
	}
	return least
}

func distinctStrategy(d config.DistinctAggregations) stages.DistinctStrategy {
	switch d {
	case config.DistinctSingleStep:
		return stages.SingleStep
	case config.DistinctMark:
		return stages.MarkDistinct
	case config.DistinctPreAggregate:
		return stages.PreAggregate
	case config.DistinctSplitToSubqueries:
		return stages.SplitToSubqueries
	}
	return stages.ByEstimate
}

// checkSession refuses a bad value for a session property now, and not when it is used.
func (c *Coordinator) checkSession(set *binder.SetSession) error {
	if err := c.checkSet(set); err != nil {
		e := *trinoerr.From(err)
		e.Pos = set.At
		return &e
	}
	return nil
}

// withSession is a session with what a query sets for itself alone.
func (c *Coordinator) withSession(s protocol.Session, sets []*binder.SetSession) (protocol.Session, error) {
	properties := map[string]string{}
	maps.Copy(properties, s.Properties)
	for _, set := range sets {
		if err := c.checkSession(set); err != nil {
			return s, err
		}
		properties[set.FullName()] = set.Value
	}
	s.Properties = properties
	return s, nil
}

// sessionProperties describes the session properties to the binder.
func (c *Config) sessionProperties() []binder.SessionProperty {
	var out []binder.SessionProperty
	for _, p := range c.Session.SessionProperties() {
		out = append(out, binder.SessionProperty{Name: p.Name, Type: p.Type.String(), Default: p.Default, Description: p.Description, Hidden: p.Hidden})
	}
	return append(out, c.catalogProperties()...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// durationText renders a duration as Trino's messages do: "5.00m".
func durationText(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}}
	for _, u := range units {
		if d >= u.of {
			return strconv.FormatFloat(float64(d)/float64(u.of), 'f', 2, 64) + u.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + ".00ns"
}
