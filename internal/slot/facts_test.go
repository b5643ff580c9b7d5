package slot

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// A task that writes partitions, or one, tells what it was asked of their columns; one that puts nothing out tells that there is nothing.
func TestFactsOfOutputs(t *testing.T) {
	f := begin(t, nil)
	asked := []*rpcv1.FactRequest{{Output: 0, Value: `"k"`, FilterWords: 1024}, {Output: 1, Value: `CAST("p" AS VARCHAR)`, Text: true},
		{Output: 1, Value: `CAST("p" AS BIGINT)`, Every: 16}}
	for _, c := range []struct {
		name, sql  string
		partitions int32
		rows       int64
	}{
		{"q.0.0.0", many, 3, 300000},
		{"q.0.1.0", many, 1, 300000},
		{"q.0.2.0", many + " WHERE k < 0", 3, 0},
	} {
		task := f.writing(c.name, c.sql, c.partitions)
		task.GetExchange().Facts = asked
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}})
		m := f.end()
		if m.GetFinished() == nil {
			t.Fatal(m.GetFailed())
		}
		sketches, err := facts.Decode(m.GetFinished().Facts)
		if err != nil || len(sketches) != 3 {
			t.Fatal(sketches, err)
		}
		k, p := sketches[0].Column(), sketches[1].Column()
		if k.Rows != c.rows || p.Rows != c.rows {
			t.Errorf("%s: %d and %d rows instead of %d", c.name, k.Rows, p.Rows, c.rows)
		}
		if c.rows == 0 {
			continue
		}
		if k.Low.Int != 0 || k.High.Int != 299999 || k.Values != nil || k.Distinct < 270000 || k.Distinct > 330000 {
			t.Errorf("%s: %+v", c.name, k)
		}
		if s := sketches[2].Column(); s.Distinct >= 0 || s.Low != nil || len(s.Frequent) != 3 || s.Frequent[0].Rows < c.rows/4 {
			t.Errorf("%s: %+v", c.name, s)
		}
		if p.Distinct != 3 || len(p.Values) != 3 || p.Values[2].Text != "2" || p.Frequent[0].Rows != c.rows/3 {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

// BenchmarkFacts is what facts of columns cost beside the writing of an output like that of a scan of lineitem.
func BenchmarkFacts(b *testing.B) {
	const rows = 2_000_000
	dir := b.TempDir()
	i, err := engine.Open(b.Context(), engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer i.Close()
	query := fmt.Sprintf(`SELECT (hash(o) %% 16)::INTEGER AS p, o AS orderkey, (hash(range) %% 200000)::BIGINT AS partkey, range * 1.5 AS price,
		range %% 50 AS quantity, (range %% 11) / 100 AS discount, DATE '1992-01-01' + (range %% 2500)::INTEGER AS shipped, 'mode ' || range %% 7 AS shipmode
		FROM (SELECT range, range // 4 AS o FROM range(%d))`, rows)
	asked := []*rpcv1.FactRequest{{Output: 1, Value: "orderkey"}, {Output: 2, Value: "partkey", FilterWords: 4096}, {Output: 7, Value: "shipmode", Text: true}}
	var sampled []*rpcv1.FactRequest
	for _, r := range asked {
		sampled = append(sampled, &rpcv1.FactRequest{Output: r.Output, Value: r.Value, Text: r.Text, Every: 16})
	}
	n := 0
	for _, facts := range [][]*rpcv1.FactRequest{nil, asked[:1], asked[1:2], asked[2:], asked, sampled} {
		name := fmt.Sprint(len(facts))
		if len(facts) > 0 && facts[0].Every > 0 {
			name += "/sampled"
		}
		if len(facts) == 1 {
			name += "/" + facts[0].Value
		}
		b.Run(name, func(b *testing.B) {
			before := cpuTime()
			for b.Loop() {
				n++
				g, observed := gather(facts)
				_, err := i.WriteParquet(b.Context(), query, filepath.Join(dir, fmt.Sprint(n)), engine.ParquetOptions{PartitionColumns: []string{"p"},
					Pace: func() error { return nil }, Observed: observed})
				if err == nil {
					_, err = g.encode()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/float64(b.N)/rows, "cpu-ns/row")
		})
	}
}
