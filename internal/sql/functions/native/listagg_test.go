package native

import (
	"strings"
	"testing"
)

func TestListagg(t *testing.T) {
	long := strings.Repeat("x", 1<<19)
	for _, c := range []struct {
		values []any
		count  bool
		end    string
		length int
	}{
		{[]any{"a", nil, "b"}, true, "a,b", 3},
		{[]any{long, long, "b"}, true, "x,...(2)", 1<<19 + 7},
		{[]any{long, "b", long}, false, "b,...", 1<<19 + 6},
	} {
		got := listagg(c.values, ",", "...", c.count).(string)
		if len(got) != c.length || !strings.HasSuffix(got, c.end) {
			t.Errorf("%d bytes that end in %q", len(got), got[max(0, len(got)-10):])
		}
	}
	if got := listagg([]any{nil}, ",", "", false); got != nil {
		t.Errorf("no values: %v", got)
	}
}
