package resourcegroups

import (
	"testing"
	"time"
)

func TestSelect(t *testing.T) {
	s := example(t)
	for _, tt := range []struct {
		q    Query
		want string
	}{
		{Query{User: "bob"}, "admin"},
		{Query{User: "bobby"}, "global.adhoc.other.bobby"},
		{Query{User: "x", OriginalUser: "bob"}, "admin"},
		{Query{User: "x", AuthenticatedUser: "bob"}, "admin"},
		{Query{User: "x", Groups: []string{"staff", "admin"}}, "admin"},
		{Query{User: "x", Source: "my pipeline 1", Type: "DATA_DEFINITION"}, "global.data_definition"},
		{Query{User: "x", Source: "my pipeline 1", Type: "SELECT"}, "global.pipeline.pipeline_x"},
		{Query{User: "kayla", Source: "jdbc#powerfulbi", Tags: []string{"hipri", "fast"}}, "global.adhoc.bi-powerfulbi.kayla"},
		{Query{User: "kayla", Source: "jdbc#powerfulbi", Tags: []string{"fast"}}, "global.adhoc.other.kayla"},
		{Query{User: "kayla", Source: "xjdbc#powerfulbi", Tags: []string{"hipri"}}, "global.adhoc.other.kayla"},
	} {
		got, ok, err := s.Select(&tt.q)
		if err != nil || !ok || got.String() != tt.want {
			t.Errorf("%+v: got %s %v %v, want %s", tt.q, &got, ok, err, tt.want)
		}
	}
	if _, _, err := s.Select(&Query{User: "x", Source: "jdbc#", Tags: []string{"hipri"}}); err != nil {
		t.Errorf("an empty part of a name: %v", err)
	}
	if _, _, err := s.Select(&Query{}); err == nil {
		t.Error("a group without a name was taken")
	}
}

func TestSelectByEstimates(t *testing.T) {
	s, err := Parse(`{"rootGroups": [{"name": "small", "hardConcurrencyLimit": 1}, {"name": "large-${part}", "hardConcurrencyLimit": 1}],
		"selectors": [{"selectorResourceEstimate": {"executionTime": {"max": "5m"}, "peakMemory": {"min": "1MB", "max": "1GB"}}, "group": "small"},
			{"source": "(?<part>[a-z])(?<rest>x)?", "queryType": "insert", "group": "large-${part}"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	minutes := func(n int) *time.Duration { d := time.Duration(n) * time.Minute; return &d }
	bytes := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		q    Query
		want string // empty: none
	}{
		{Query{ExecutionTime: minutes(5), PeakMemory: bytes(1 << 30)}, "small"},
		{Query{ExecutionTime: minutes(6), PeakMemory: bytes(1 << 30)}, ""},
		{Query{ExecutionTime: minutes(5), PeakMemory: bytes(1 << 10)}, ""},
		{Query{ExecutionTime: minutes(5)}, ""},
		{Query{Source: "a", Type: "INSERT"}, "large-a"},
		{Query{Source: "ab", Type: "INSERT"}, ""},
		{Query{Source: "a", Type: "SELECT"}, ""},
	} {
		got, ok, err := s.Select(&tt.q)
		if err != nil || ok != (tt.want != "") || ok && got.String() != tt.want {
			t.Errorf("%+v: got %s %v %v, want %q", tt.q, &got, ok, err, tt.want)
		}
	}
}
