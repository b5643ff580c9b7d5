package jdbc

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"
)

// stagingPrefix begins the names of the tables of a write; the query's id follows.
const stagingPrefix = "tmp_waterbear_"

// stagingName matches their names, in lower case.
var stagingName = regexp.MustCompile(`^` + stagingPrefix + `([0-9]{8}_[0-9]{6}_[0-9]{5}_[a-z0-9]+)(_[a-z0-9_]+)?$`)

// sweepEvery is how long the staging tables of a schema are not looked at after they have been.
const sweepEvery = 10 * time.Minute

// sweeper remembers when the schemas were looked at.
type sweeper struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// due says whether it is time to look at a schema, and that it is done now.
func (s *sweeper) due(schema string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.last[schema]; ok && now.Sub(at) < sweepEvery {
		return false
	}
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	s.last[schema] = now
	return true
}

// sweep drops staging tables in a schema that are of dead queries: coordinators began them that are no more, and nobody goes on with them. It is
// called when something is made in the schema anyway. What it cannot do it leaves for another time; the statement that called it does not suffer.
func (c *Connector) sweep(ctx context.Context, schema string) {
	if c.env.Abandoned == nil || !c.sweeper.due(schema, time.Now()) {
		return
	}
	names, err := c.dialect.Tables(ctx, c.writes, schema)
	if err != nil {
		return
	}
	tables := map[string][]Name{}
	var queries []string
	for _, name := range names {
		m := stagingName.FindStringSubmatch(strings.ToLower(name))
		if m == nil {
			continue
		}
		if tables[m[1]] == nil {
			queries = append(queries, m[1])
		}
		if m[2] == "" { // the table with the token goes last
			tables[m[1]] = append(tables[m[1]], Name{schema, name})
		} else {
			tables[m[1]] = append([]Name{{schema, name}}, tables[m[1]]...)
		}
	}
	if len(queries) == 0 {
		return
	}
	dead, err := c.env.Abandoned(ctx, queries)
	if err != nil {
		return
	}
	for _, query := range dead {
		if err := c.drop(ctx, tables[query]...); err != nil {
			return
		}
	}
}
