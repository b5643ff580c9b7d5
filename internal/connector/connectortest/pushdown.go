package connectortest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Tricky is a query for rows over which systems differ: in what equals, in order, in what NULL does. They are what a table of Harness.Tricky has.
const Tricky = `SELECT * FROM (VALUES
	(BIGINT '1', 'a', INTEGER '10', DOUBLE '1.5', DATE '2020-01-01', true, DECIMAL '1.50'),
	(2, 'A', -10, -1.5, DATE '1969-12-31', false, DECIMAL '-1.50'),
	(3, 'a ', 0, 0e0, DATE '2020-01-01', NULL, DECIMAL '0.00'),
	(4, '', NULL, nan(), NULL, true, NULL),
	(5, NULL, 2147483647, infinity(), DATE '9999-12-31', false, DECIMAL '99999999.99'),
	(6, U&'\00E4', -2147483648, -infinity(), DATE '0001-01-01', true, DECIMAL '-99999999.99'),
	(7, 'it''s 100%', 10, NULL, DATE '2020-02-29', false, DECIMAL '1.50'),
	(8, 'b_c', 7, 1e0, DATE '2020-03-01', NULL, DECIMAL '2.00'),
	(9, 'z', 8, 2e0, DATE '2020-03-02', true, DECIMAL '2.01')) AS v (id, s, i, d, day, yes, m)`

// pushedQueries are what is asked of them, as t.
var pushedQueries = []struct {
	sql     string
	ordered bool
}{
	{sql: "SELECT * FROM t"},
	{sql: "SELECT count(*) FROM t"},
	{sql: "SELECT m, s FROM t WHERE id = 3"},
	{sql: "SELECT id FROM t WHERE s = 'a'"},
	{sql: "SELECT id FROM t WHERE s <> 'a'"},
	{sql: "SELECT id FROM t WHERE s > 'Z'"},
	{sql: "SELECT id FROM t WHERE s >= 'a' AND s < 'b'"},
	{sql: "SELECT id FROM t WHERE s IN ('a', 'A', '', 'b_c')"},
	{sql: "SELECT id FROM t WHERE s IS NULL"},
	{sql: "SELECT id FROM t WHERE s IS NOT NULL"},
	{sql: "SELECT id FROM t WHERE s LIKE 'b\\_c' ESCAPE '\\'"},
	{sql: "SELECT id FROM t WHERE s LIKE '%''s%'"},
	{sql: "SELECT id FROM t WHERE s LIKE 'A%'"},
	{sql: "SELECT id FROM t WHERE s IS DISTINCT FROM 'a'"},
	{sql: "SELECT id FROM t WHERE i BETWEEN -10 AND 10"},
	{sql: "SELECT id FROM t WHERE i <> 10"},
	{sql: "SELECT id FROM t WHERE NOT (i > 0)"},
	{sql: "SELECT id FROM t WHERE i > 0 OR d < 0e0"},
	{sql: "SELECT id FROM t WHERE i = 10 AND (s = 'a' OR yes)"},
	{sql: "SELECT id FROM t WHERE CAST(i AS bigint) + 1 = 11"},
	{sql: "SELECT id FROM t WHERE i % 3 = 1"},
	{sql: "SELECT id FROM t WHERE abs(CAST(i AS bigint)) = 10"},
	{sql: "SELECT id FROM t WHERE d > 1e0"},
	{sql: "SELECT id FROM t WHERE d <= 1.5e0"},
	{sql: "SELECT id FROM t WHERE d = 0e0"},
	{sql: "SELECT id FROM t WHERE day = DATE '2020-01-01'"},
	{sql: "SELECT id FROM t WHERE day < DATE '1970-01-01'"},
	{sql: "SELECT id FROM t WHERE day >= DATE '2020-02-29' OR day IS NULL"},
	{sql: "SELECT id FROM t WHERE year(day) = 2020"},
	{sql: "SELECT id FROM t WHERE yes"},
	{sql: "SELECT id FROM t WHERE NOT yes"},
	{sql: "SELECT id FROM t WHERE yes IS NULL"},
	{sql: "SELECT id FROM t WHERE m = DECIMAL '1.50'"},
	{sql: "SELECT id FROM t WHERE m > DECIMAL '1.5' AND m <= 2"},
	{sql: "SELECT id FROM t WHERE lower(s) = 'a'"},
	{sql: "SELECT id FROM t WHERE length(s) = 2"},
	{sql: "SELECT id FROM t WHERE s || 'x' = 'ax'"},
	{sql: "SELECT id FROM t WHERE coalesce(i, 7) = 7"},
	{sql: "SELECT id FROM t WHERE id = 1 AND id = 2"},
	{sql: "SELECT count(*) FROM (SELECT 1 FROM t LIMIT 4)"},
	{sql: "SELECT count(*) FROM (SELECT s FROM t WHERE id > 2 LIMIT 3)"},
	{sql: "SELECT count(*) FROM (SELECT s FROM t LIMIT 100)"},
	{sql: "SELECT count(*) FROM (SELECT s FROM t LIMIT 4) WHERE s IS NOT NULL OR s IS NULL"},
	{"SELECT id FROM t ORDER BY id DESC LIMIT 3", true},
	{"SELECT id, s FROM t ORDER BY s, id LIMIT 5", true},
	{"SELECT id, s FROM t ORDER BY s DESC NULLS FIRST, id LIMIT 4", true},
	{"SELECT id FROM t ORDER BY d, id LIMIT 9", true},
	{"SELECT id FROM t ORDER BY d DESC, id LIMIT 9", true},
	{"SELECT id FROM t WHERE i > 0 ORDER BY day, id LIMIT 2", true},
	{sql: "SELECT DISTINCT i FROM t"},
	{sql: "SELECT DISTINCT s, yes FROM t"},
	{sql: "SELECT count(*), count(s), count(DISTINCT i), min(i), max(i), sum(CAST(i AS bigint)) FROM t"},
	{sql: "SELECT min(s), max(s), min(day), max(day), sum(m), avg(m) FROM t WHERE id <> 5 AND id <> 6"},
	{sql: "SELECT avg(i) FROM t WHERE i BETWEEN 0 AND 10"},
	{sql: "SELECT sum(id), count(*) FROM t WHERE id > 100"},
	{sql: "SELECT yes, count(*), sum(m) FROM t GROUP BY yes"},
	{sql: "SELECT s, count(*) FROM t GROUP BY s"},
	{sql: "SELECT day, max(id) FROM t GROUP BY day HAVING count(*) > 1"},
	{sql: "SELECT yes, count(*) FILTER (WHERE i > 0) FROM t GROUP BY yes"},
	{sql: "SELECT a.id, b.id FROM t a JOIN t b ON a.i = b.i"},
	{sql: "SELECT a.id, b.id FROM t a JOIN t b ON a.s = b.s AND a.id < b.id + 1"},
	{sql: "SELECT a.id, b.id FROM t a LEFT JOIN t b ON a.i = b.i AND b.id > 6"},
	{sql: "SELECT a.id FROM t a WHERE a.i IN (SELECT i FROM t WHERE id > 6)"},
	{sql: "SELECT a.yes, count(*) FROM t a JOIN t b ON a.day = b.day GROUP BY a.yes"},
	{sql: "SELECT id FROM t WHERE i > (SELECT avg(i) FROM t WHERE id < 4)"},
}

// pushdowns asks the same questions with the connector's help and without it.
func pushdowns(t *testing.T, h Harness) {
	c := h.New(t)
	defer c.Close()
	if h.Tricky {
		want, _ := answer(t, c, h.Schema, Tricky, false, false)
		got, _ := answer(t, c, h.Schema, "SELECT * FROM t", false, false)
		wantRows(t, got, want...)
	} else {
		tricky := Tricky
		if slices.Contains(h.Without, "nan()") {
			tricky = strings.NewReplacer("nan()", "0e0", "-infinity()", "-9e0", "infinity()", "9e0").Replace(tricky)
		}
		if slices.Contains(h.Without, "DATE '9999-12-31'") {
			tricky = strings.NewReplacer("9999-12-31", "2299-12-31", "0001-01-01", "1900-01-01").Replace(tricky)
		}
		insert(t, c, h.Schema, "tricky", "CREATE TABLE t AS "+tricky)
	}
	pushed := 0
	for _, q := range pushedQueries {
		if h.Types["boolean"] != "" { // the column is one of numbers
			q.sql = regexp.MustCompile(`(\w\.)?\byes\b`).ReplaceAllString(q.sql, "($0 <> 0)")
		}
		without, _ := answer(t, c, h.Schema, q.sql, false, q.ordered)
		with, n := answer(t, c, h.Schema, q.sql, true, q.ordered)
		pushed += n
		if !slices.Equal(with, without) {
			t.Errorf("%s (%d scans with something pushed) gives\n%q\nand the engine alone\n%q", q.sql, n, with, without)
		}
	}
	wantPushed(t, c, pushed)
	if h.Tricky {
		return
	}
	must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, connector.SchemaTable{Schema: h.Schema, Table: "t"})))
}

// wantPushed checks that a connector that takes offers has taken any.
func wantPushed(t *testing.T, c connector.Connector, pushed int) {
	t.Helper()
	_, filters := c.(connector.FilterPushdown)
	_, aggregates := c.(connector.AggregationPushdown)
	if (filters || aggregates) && pushed == 0 {
		t.Error("nothing was pushed into the connector")
	}
	t.Logf("%d scans held something that was pushed", pushed)
}
