package metrics

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// expressions returns the PromQL of the dashboard and of the alerts, by where it stands.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	text, err := os.ReadFile("../../deploy/grafana/waterbear.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Templating struct {
			List []struct{ Name, Query string }
		}
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range dashboard.Panels {
		if ids[p.ID] {
			t.Errorf("two panels are number %d", p.ID)
		}
		ids[p.ID] = true
		for _, q := range p.Targets {
			out["dashboard: "+p.Title+": "+q.Expr] = q.Expr
		}
	}
	for _, v := range dashboard.Templating.List {
		out["dashboard: variable "+v.Name] = v.Query
	}
	if text, err = os.ReadFile("../../deploy/prometheus/alerts.yml"); err != nil {
		t.Fatal(err)
	}
	for _, alert := range strings.Split(string(text), "- alert: ")[1:] {
		name, rest, _ := strings.Cut(alert, "\n")
		expr := regexp.MustCompile(`(?s)expr: (?:>-)?(.*?)\n +(?:for|labels):`).FindStringSubmatch(rest)
		if expr == nil {
			t.Fatalf("alert %s has no expression", name)
		}
		out["alert "+name] = expr[1]
	}
	return out
}

var (
	series   = regexp.MustCompile(`\b(waterbear_\w+)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"`)
	grouping = regexp.MustCompile(`\bby \(([^)]*)\)`)
)

// What the dashboard and the alerts in deploy/ ask for is there: metrics, their labels, and the values of those.
func TestDeploy(t *testing.T) {
	parts := map[string]*Metric{}
	for _, m := range all {
		parts[m.Name] = m
		if m.Kind == Histogram {
			delete(parts, m.Name)
			parts[m.Name+"_bucket"], parts[m.Name+"_sum"], parts[m.Name+"_count"] = m, m, m
		}
	}
	asked := 0
	for where, expr := range expressions(t) {
		var labels []string // that the series of the expression have
		for _, s := range series.FindAllStringSubmatch(expr, -1) {
			asked++
			m := parts[s[1]]
			if m == nil {
				t.Errorf("%s: there is no %s", where, s[1])
				continue
			}
			labels = append(labels, m.labelNames()...)
			if strings.HasSuffix(s[1], "_bucket") {
				labels = append(labels, "le")
			}
			if m.Kind != Gauge && !regexp.MustCompile(`(?:rate|increase)\(`+regexp.QuoteMeta(s[0])+`\[`).MatchString(expr) {
				t.Errorf("%s: %s only grows, and is asked for as it is", where, s[1])
			}
			for _, label := range matcher.FindAllStringSubmatch(s[2], -1) {
				i := slices.IndexFunc(m.Labels, func(l Label) bool { return l.Name == label[1] })
				if label[1] == "job" {
					continue
				}
				if i < 0 || m.Labels[i].Values != nil && !slices.Contains(m.Labels[i].Values, label[2]) {
					t.Errorf("%s: %s is never with %s=%q", where, s[1], label[1], label[2])
				}
			}
		}
		for _, by := range grouping.FindAllStringSubmatch(expr, -1) {
			for _, label := range strings.Split(by[1], ",") {
				if label = strings.TrimSpace(label); label != "instance" && !slices.Contains(labels, label) {
					t.Errorf("%s: no label is named %s", where, label)
				}
			}
		}
	}
	if asked < 40 {
		t.Errorf("only %d series are asked for: the expressions were not found", asked)
	}
}
