package adaptive

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// TestKeyFilters runs scripts. plan begins a query; finish says what stages have put out, as stage=rows/bytes, and what their columns
// have, as stage.column=1,2,3 or stage.column=low..high/distinct; it shows what that changes.
func TestKeyFilters(t *testing.T) {
	catalogs := plantest.New(t)
	datadriven.Walk(t, "testdata_keys", func(t *testing.T, path string) {
		var r *running
		o := Options{KeyFilters: true}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var err error
			switch d.Cmd {
			case "plan":
				session, join := "tpch.sf100", "partitioned"
				d.MaybeScanArgs(t, "session", &session)
				d.MaybeScanArgs(t, "join", &join)
				if r, err = begin(catalogs, session, join, d.Input); err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				o = Options{Estimator: r.est, KeyFilters: !d.HasArg("off"), KeyFilterMinScan: 64 << 20}
				if d.HasArg("small-scans") {
					o.KeyFilterMinScan = 0
				}
				if d.HasArg("wait") { // scans of the catalog remote are dear
					wait := ""
					d.ScanArgs(t, "wait", &wait)
					wanted := connector.DynamicFilters{Enabled: wait != "off"}
					if wanted.Enabled {
						if wanted.Wait, err = time.ParseDuration(wait); err != nil {
							t.Fatalf("%s: %v", d.Pos, err)
						}
					}
					o.DynamicFilters = func(catalog string) (connector.DynamicFilters, bool) { return wanted, catalog == "remote" }
				}
				var fragments []stages.Fragment
				for _, s := range r.stages {
					fragments = append(fragments, s.Fragment)
				}
				Prepare(fragments, o)
				for i, f := range fragments {
					r.stages[i].Fragment, r.stages[i].Started = f, len(f.Inputs)+len(f.After) == 0
				}
				return prepared(r.stages) + r.text()
			case "finish":
				for text := range strings.FieldsSeq(d.Input) {
					if err := r.learn(text); err != nil {
						t.Fatalf("%s: %v", d.Pos, err)
					}
				}
				p, err := Replan(r.stages, r.next, o)
				if err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				out := changesText(p)
				if p != nil {
					r.adopt(p)
					out += prepared(r.stages) + r.text()
					again, err := Replan(r.stages, r.next, o)
					if again != nil || err != nil {
						t.Errorf("%s: planned once more, %s, %v", d.Pos, changesText(again), err)
					}
				}
				return out
			}
			t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
			return ""
		})
	})
}

// prepared shows what stages that have not finished gather and wait for.
func prepared(all []Stage) string {
	var b strings.Builder
	for _, s := range all {
		if s.Measured != nil || len(s.Facts)+len(s.After) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%d:", s.ID)
		for _, r := range s.Facts {
			how := "gathers"
			if r.Every > 0 {
				how = "samples"
			}
			fmt.Fprintf(&b, " %s %s", how, s.Root.Outputs()[r.Output].Name)
			if r.FilterWords > 0 {
				fmt.Fprintf(&b, " with a filter of %d words", r.FilterWords)
			}
		}
		if len(s.After) > 0 {
			fmt.Fprintf(&b, " after %v", s.After)
			if s.AfterAtMost > 0 {
				fmt.Fprintf(&b, " for %s", s.AfterAtMost)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// learn notes the size of a stage's output, or what is in a column of it.
func (r *running) learn(text string) error {
	where, what, _ := strings.Cut(text, "=")
	stage, column, ok := strings.Cut(where, ".")
	if !ok {
		return r.finish(text)
	}
	id, err := strconv.Atoi(stage)
	i := slices.IndexFunc(r.stages, func(s Stage) bool { return s.ID == id })
	if err != nil || i < 0 || r.stages[i].Measured == nil {
		return fmt.Errorf("no stage %s has finished", stage)
	}
	s := &r.stages[i]
	at := slices.IndexFunc(s.Facts, func(q facts.Request) bool { return s.Root.Outputs()[q.Output].Name == column })
	if at < 0 {
		return fmt.Errorf("nobody asked for facts of %s", text)
	}
	sketch := facts.New(s.Facts[at])
	add := func(v int64) { sketch.Ints([]int64{v}, nil) }
	if bounds, distinct, ok := strings.Cut(what, "/"); ok {
		low, high, _ := strings.Cut(bounds, "..")
		l, lerr := strconv.ParseInt(low, 10, 64)
		h, herr := strconv.ParseInt(high, 10, 64)
		n, derr := strconv.ParseInt(distinct, 10, 64)
		if lerr != nil || herr != nil || derr != nil || n < 2 {
			return fmt.Errorf("no facts: %s", text)
		}
		for k := range n {
			add(l + (h-l)*k/(n-1))
		}
	} else {
		for v := range strings.SplitSeq(what, ",") {
			if n, err := strconv.ParseInt(v, 10, 64); err == nil {
				add(n)
			} else {
				sketch.Text([]byte(v), 1)
			}
		}
	}
	c := sketch.Column()
	c.Rows = s.Measured.Rows
	s.Columns = append(s.Columns, c)
	return nil
}
