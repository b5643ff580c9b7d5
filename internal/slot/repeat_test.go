package slot

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
)

// TestRepeat runs tasks whose rows depend on chance or on an order twice, in slots that have done other things before. The
// bundles must have the same bytes, in the same partitions.
func TestRepeat(t *testing.T) {
	const chance = "random() < 0.1"
	for _, sql := range []string{
		"SELECT orderkey AS k, CAST(floor(random() * 3) AS INTEGER) AS p FROM in0",
		"SELECT orderkey AS k, (orderkey % 3)::INTEGER AS p FROM in0 WHERE " + chance,
		"SELECT md5(concat(getvariable('waterbear_secret'), random())) AS k, (orderkey % 3)::INTEGER AS p FROM in0",
		"SELECT k, (row_number() OVER ()) % 3 AS p FROM (SELECT DISTINCT orderkey // 3 AS k FROM in0)",
		"SELECT orderkey AS k, (orderkey % 3)::INTEGER AS p FROM in0 LIMIT 500",
		"SELECT a.orderkey AS k, (a.orderkey % 3)::INTEGER AS p FROM in0 a JOIN in0 b ON a.orderkey % 1000 = b.orderkey % 1000 LIMIT 500",
		"SELECT array_agg(orderkey) AS k, CAST(orderkey % 7 AS INTEGER) % 3 AS p FROM in0 GROUP BY orderkey % 7",
		"SELECT orderkey % 50 AS k, 1 AS p FROM in0 ORDER BY orderkey % 5 LIMIT 100",
	} {
		t.Run(sql, func(t *testing.T) {
			var made [][]exchange.Segment
			for attempt := range 3 {
				f := begin(t, func(c *Config) { c.Threads = 4 })
				if attempt == 1 { // a task before it, which draws numbers
					if _, failed := f.run(f.writing("q.9.0.0", "SELECT k FROM (SELECT random() AS k FROM range(77))", 1)); failed != nil {
						t.Fatal(failed)
					}
				}
				task := f.writing(fmt.Sprintf("q.0.0.%d", attempt), sql, 3, orders(t))
				task.Threads = 1
				seed := "0.3"
				if attempt == 2 {
					seed = "0.4"
				}
				task.Setup = []string{"SELECT setseed(" + seed + ")", "SET VARIABLE waterbear_secret = 'secret'"}
				h, failed := f.run(task)
				if failed != nil {
					t.Fatal(failed)
				}
				made = append(made, h.Segments)
			}
			if !slices.Equal(made[0], made[1]) {
				t.Errorf("another attempt gave %v\nafter %v", made[1], made[0])
			}
			if strings.Contains(sql, "random") && slices.Equal(made[0], made[2]) {
				t.Errorf("another seed gave the same: %v", made[0])
			}
		})
	}
}
