package resourcegroups

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// example is the configuration of Trino's manual.
func example(t testing.TB) *Spec {
	t.Helper()
	text, err := os.ReadFile("testdata/example.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseExample(t *testing.T) {
	s := example(t)
	global := s.Roots[0]
	if s.CPUPeriod != time.Hour || len(s.Roots) != 2 || len(s.Selectors) != 8 || !s.Measured() {
		t.Errorf("got %+v", s)
	}
	if global.MemoryShare != 0.8 || global.Hard != 100 || global.Soft != 100 || global.MaxQueued != 1000 || global.Policy != Weighted || global.HardScan != 50<<40 {
		t.Errorf("global is %+v", global)
	}
	if tool := global.SubGroups[1].SubGroups[1]; tool.Name.String() != "bi-${toolname}" || tool.Policy != WeightedFair || tool.Weight != 10 {
		t.Errorf("tool is %+v", tool)
	}
}

func TestParseRefuses(t *testing.T) {
	group := func(more string) string {
		return `{"rootGroups": [{"name": "g", "maxQueued": 1, "hardConcurrencyLimit": 2` + more + `}], "selectors": [{"group": "g"}]}`
	}
	selector := func(text string) string {
		return `{"rootGroups": [{"name": "g", "hardConcurrencyLimit": 2, "subGroups": [{"name": "${USER}", "hardConcurrencyLimit": 1}]}],
 "selectors": [` + text + `]}`
	}
	for _, tt := range []struct{ text, err string }{
		{``, "line 1:1: Invalid JSON: it ends too early"},
		{"{\"rootGroups\": [\n", "line 2:1: Invalid JSON: it ends too early"},
		{"{\n  \"rootGroups\": [}\n", "line 2:18: Invalid JSON: invalid character '}' looking for"},
		{`{} {}`, "line 1:4: there is more after the configuration"},
		{`[]`, "line 1:1: an object is expected"},
		{`{}`, "line 1:1: rootGroups is null"},
		{`{"rootGroups": []}`, "line 1:1: selectors is null"},
		{"{\"rootGroups\": [],\n \"selector\": []}", "line 2:2: Unknown property at line 2:2: selector"},
		{`{"rootGroups": [], "rootGroups": []}`, "line 1:20: Duplicate property: rootGroups"},
		{`{"rootGroups": {}, "selectors": []}`, "line 1:16: a list is expected"},
		{group(`, "foo": 1`), "Unknown property at line 1:74: foo"},
		{group(`, "maxQueued": -1`), "Duplicate property: maxQueued"},
		{group(`, "softConcurrencyLimit": 3`), "line 1:17: hardConcurrencyLimit must be greater than or equal to softConcurrencyLimit"},
		{group(`, "softConcurrencyLimit": -3`), "softConcurrencyLimit is negative"},
		{group(`, "softConcurrencyLimit": 1.5`), "softConcurrencyLimit: 1.5 is no whole number that can be used"},
		{group(`, "softConcurrencyLimit": "1"`), "softConcurrencyLimit: a number is expected"},
		{group(`, "schedulingWeight": 0`), "schedulingWeight must be positive"},
		{group(`, "schedulingPolicy": "best"`), "schedulingPolicy must be one of fair, weighted, weighted_fair, query_priority, but is 'best'"},
		{group(`, "softMemoryLimit": "101%"`), "softMemoryLimit percentage is over 100%"},
		{group(`, "softMemoryLimit": "1XB"`), "Unknown unit: XB"},
		{group(`, "jmxExport": 1`), "true or false is expected"},
		{group(`, "hardCpuLimit": "1h"`), "cpuQuotaPeriod must be specified to use CPU limits on group: g"},
		{group(`, "hardPhysicalDataScanLimit": "1GB"`), "physicalDataScanQuotaPeriod must be specified to use physical data scan limits on group: g"},
		{strings.Replace(group(`, "softCpuLimit": "1h"`), "{", `{"cpuQuotaPeriod": "1h", `, 1), "Must specify hard CPU limit in addition to soft limit"},
		{strings.Replace(group(`, "softCpuLimit": "2h", "hardCpuLimit": "1h"`), "{", `{"cpuQuotaPeriod": "1h", `, 1), "Soft CPU limit cannot be greater than hard CPU limit"},
		{group(`, "subGroups": [{"name": "a", "hardConcurrencyLimit": 1}, {"name": "a", "hardConcurrencyLimit": 1}]`), "Duplicated sub group: a"},
		{group(`, "schedulingPolicy": "weighted", "subGroups": [{"name": "a", "hardConcurrencyLimit": 1}, {"name": "b", "hardConcurrencyLimit": 1, "schedulingWeight": 1}]`),
			"Must specify scheduling weight for all sub-groups of 'g' or none of them"},
		{group(`, "schedulingPolicy": "fair", "subGroups": [{"name": "b", "hardConcurrencyLimit": 1, "schedulingWeight": 1}]`),
			"Must use 'weighted' or 'weighted_fair' scheduling policy if specifying scheduling weight for 'g'"},
		{group(`, "schedulingPolicy": "query_priority", "subGroups": [{"name": "b", "hardConcurrencyLimit": 1, "schedulingPolicy": "fair"}]`),
			"Parent of b uses query priority scheduling, so b must also"},
		{`{"rootGroups": [{"name": "a.b", "hardConcurrencyLimit": 1}], "selectors": []}`, "Invalid resource group name. 'a.b' contains a '.'"},
		{`{"rootGroups": [{"name": "a$", "hardConcurrencyLimit": 1}], "selectors": []}`, "Invalid resource group name. 'a$' contains extraneous '$', '{', or '}"},
		{`{"rootGroups": [{"hardConcurrencyLimit": 1}], "selectors": []}`, "Resource group name is empty"},
		{`{"rootGroups": [{"name": "a"}], "selectors": []}`, "Missing required property: hardConcurrencyLimit"},
		{selector(`{"user": "a"}`), "line 2:16: group is null"},
		{selector(`{"group": "h"}`), "Selector refers to nonexistent group: h"},
		{selector(`{"group": "g.h"}`), "Selector refers to nonexistent group: g.h"},
		{selector(`{"user": "(", "group": "g"}`), "line 2:25: Invalid regular expression '('"},
		{selector(`{"user": "a)|(b", "group": "g"}`), "Invalid regular expression 'a)|(b'"},
		{selector(`{"user": "(?<x>a)", "source": "(?<x>b)", "group": "g"}`), "Multiple definitions found for variable ${x}"},
		{selector(`{"user": "(?<USER>a)", "group": "g"}`), "Multiple definitions found for variable ${USER}"},
		{selector(`{"queryType": "WRITE", "group": "g"}`), "Selector specifies an invalid query type: WRITE"},
		{selector(`{"selectorResourceEstimate": {"cpuTime": {"most": "1s"}}, "group": "g"}`), "Unknown property at line 2:58: most"},
		{`{"rootGroups": [{"name": "${x}", "hardConcurrencyLimit": 1}], "selectors": [{"group": "${x}"}]}`,
			"unresolved variables [x] in resource group ID '${x}', available: [USER, SOURCE]"},
	} {
		_, err := Parse(tt.text)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s:\n got %v\nwant %s", tt.text, err, tt.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/example.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), "bob", "jdbc#x")
	f.Add(`{"rootGroups": [{"name": "${a}", "hardConcurrencyLimit": 1}], "selectors": [{"user": "(?<a>.)|b", "group": "${a}"}]}`, "b", "")
	f.Add(`{"rootGroups":`, "", "")
	f.Fuzz(func(t *testing.T, text, user, source string) {
		s, err := Parse(text)
		if err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("%T without a place: %v", err, err)
			}
			return
		}
		sel, ok, err := s.Select(&Query{User: user, Source: source})
		if err != nil || !ok {
			return
		}
		tree := New(s)
		if v := tree.Submit("q", sel, 1, 0); v == Run {
			tree.End("q", Usage{})
		}
		checkTree(t, tree)
	})
}
