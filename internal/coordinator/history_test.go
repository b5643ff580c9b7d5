package coordinator

import (
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// query.max-history, query.min-expire-age: the oldest ended queries are forgotten, unless they have ended just now.
func TestHistory(t *testing.T) {
	statement := "SET SESSION query_max_run_time = '1d'"
	for _, test := range []struct {
		most  int
		age   time.Duration
		first int // that is remembered, of six
	}{{2, 0, 4}, {1, 0, 5}, {2, time.Hour, 0}, {100, 0, 0}} {
		c, _ := testCoordinator(t, func(cfg *Config) { cfg.Query.MaxHistory, cfg.Query.MinExpireAge = test.most, test.age })
		var ended []*query
		for range 6 {
			q := submit(t, c, statement)
			if _, err := result(t, q); err != nil {
				t.Fatal(err)
			}
			ended = append(ended, q)
		}
		for i, q := range ended {
			if _, known := c.Lookup(q.ID()); known != (i >= test.first) {
				t.Errorf("%d for %s: query %d is known: %t", test.most, test.age, i, known)
			}
		}
	}
}

// query.max-length and query.max-stage-count.
func TestStatementsThatAreTooLarge(t *testing.T) {
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.Query.MaxLength = 300 })
	join(t, c, "w")
	stages := "SELECT count(*) FROM nation JOIN region USING (regionkey)"
	for _, test := range []struct {
		sql        string
		properties []string
		code       *trinoerr.Code
		want       string
	}{
		{"SELECT " + strings.Repeat("1", 294), nil, trinoerr.QueryTextTooLarge, "Query text length (301) exceeds the maximum length (300)"},
		{stages, []string{"query_max_stage_count=1", "waterbear_single_task_input_size=0B"}, trinoerr.QueryHasTooManyStages,
			"exceeds the allowed maximum (1)"},
	} {
		_, err := result(t, submit(t, c, test.sql, test.properties...))
		if err == nil || err.Code != test.code || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40s: %v", test.sql, err)
		}
	}
	for _, sql := range []string{"EXPLAIN " + stages, "EXPLAIN SELECT '" + strings.Repeat("1", 300-len("EXPLAIN SELECT ''")) + "'"} {
		if _, err := result(t, submit(t, c, sql)); err != nil {
			t.Errorf("%.40s: %v", sql, err)
		}
	}
}
