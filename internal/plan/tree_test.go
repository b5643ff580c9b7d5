package plan

import (
	"reflect"
	"testing"
)

// TestSplitHead takes heads of nodes apart whose attributes hold what separates them.
func TestSplitHead(t *testing.T) {
	for _, tt := range []struct {
		head, name string
		attributes []TreeAttribute
	}{
		{"Distinct[]", "Distinct", nil},
		{"Values[a, b]", "Values", []TreeAttribute{{"", "a"}, {"", "b"}}},
		{"Output[columnNames = [a, b]]", "Output", []TreeAttribute{{"columnNames", "[a, b]"}}},
		{"Filter[filterPredicate = (a = varchar '], x = y')]", "Filter", []TreeAttribute{{"filterPredicate", "(a = varchar '], x = y')"}}},
		{"Aggregate[type = FINAL, keys = [a, b]]", "Aggregate", []TreeAttribute{{"type", "FINAL"}, {"keys", "[a, b]"}}},
		{"InnerJoin[criteria = (a = b) AND (c = d), distribution = REPLICATED]", "InnerJoin",
			[]TreeAttribute{{"criteria", "(a = b) AND (c = d)"}, {"distribution", "REPLICATED"}}},
	} {
		name, attributes := splitHead(tt.head)
		if name != tt.name || !reflect.DeepEqual(attributes, tt.attributes) {
			t.Errorf("splitHead(%q) = %q, %v", tt.head, name, attributes)
		}
	}
}
