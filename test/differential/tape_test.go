package differential

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// Equal tapes give equal queries, all queries can be parsed, and an empty tape gives a simple one.
func TestQuery(t *testing.T) {
	for seed := range uint64(300) {
		sql := query(record(seed))
		if again := query(record(seed)); again != sql {
			t.Fatalf("%s\nthen %s", sql, again)
		}
		if _, err := parser.ParseStatement(sql); err != nil {
			t.Errorf("%v: %s", err, sql)
		}
	}
	if sql := query(nil); len(sql) > 400 {
		t.Errorf("the simplest query is %s", sql)
	}
	for _, sql := range statements(1) {
		if _, err := parser.ParseStatement(sql); err != nil {
			t.Errorf("%v: %s", err, sql)
		}
	}
}

// Shrinking finds what makes a tape bad.
func TestShrink(t *testing.T) {
	long := record(5)
	long[100], long[250] = 7, 9
	small := shrink(long, 10000, func(n []uint32) bool { return slices.Contains(n, 7) && slices.Contains(n, 9) })
	if !slices.Equal(small, []uint32{7, 9}) {
		t.Errorf("%v", small)
	}
	bad := record(11)
	small = shrink(bad, 2000, func(n []uint32) bool { return strings.Contains(query(n), "FULL JOIN") })
	if strings.Contains(query(bad), "FULL JOIN") && len(query(small)) > len(query(bad)) {
		t.Errorf("%s\nfrom %s", query(small), query(bad))
	}
}
