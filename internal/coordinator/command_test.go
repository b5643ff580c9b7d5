package coordinator

import (
	"testing"
	"time"
)

// SET SESSION of a property that steers nothing says so; of others it says nothing.
func TestHintsWarn(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	for _, test := range []struct {
		sql      string
		warnings int
	}{
		{"SET SESSION initial_splits_per_node = 4", 1},
		{"SET SESSION retry_policy = 'NONE'", 0},
	} {
		q := submit(t, c, test.sql)
		p, err := q.Next(t.Context(), 1, "", time.Minute, 1)
		if err != nil || p.Err != nil {
			t.Fatal(err, p.Err)
		}
		if len(p.Warnings) != test.warnings || len(p.Changes.SetProperties) != 1 {
			t.Errorf("%s: warnings %v, changes %+v", test.sql, p.Warnings, p.Changes)
		}
	}
}
