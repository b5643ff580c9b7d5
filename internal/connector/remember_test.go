package connector

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

type rememberKey string

// What is found out in a query is found out once, until it is old, fails, or is too much.
func TestRemember(t *testing.T) {
	ctx := Remembering(t.Context())
	m := ctx.Value(memoryKey{}).(*memory)
	now := time.Unix(0, 0)
	m.now = func() time.Time { return now }
	asked := 0
	get := func(ctx context.Context, key string, weight int, err error) int {
		v, got := Remember(ctx, rememberKey(key), func(int) int { return weight }, func() (int, error) { asked++; return asked, err })
		if !errors.Is(got, err) {
			t.Errorf("%s: got %v", key, got)
		}
		return v
	}
	broken := errors.New("broken")
	for i, step := range []struct {
		key    string
		weight int
		err    error
		later  time.Duration
		want   int
	}{
		{"a", 10, nil, 0, 1}, {"a", 10, nil, 59 * time.Second, 1}, {"b", 10, nil, 0, 2}, {"a", 10, nil, time.Second, 3}, {"a", 10, nil, 0, 3},
		{"c", 10, broken, 0, 4}, {"c", 10, nil, 0, 5}, {"c", 10, nil, 0, 5}, {"d", rememberedWeight, nil, 0, 6}, {"d", 1, nil, 0, 7}, {"d", 1, nil, 0, 7}, {"b", 10, nil, 0, 2},
	} {
		now = now.Add(step.later)
		if got := get(ctx, step.key, step.weight, step.err); got != step.want {
			t.Errorf("step %d: %s is %d, want %d", i, step.key, got, step.want)
		}
	}
	if m.weight != 11+11+11+2 || len(m.found) != 4 {
		t.Errorf("%d things of weight %d", len(m.found), m.weight)
	}
	if a, b := get(t.Context(), "a", 1, nil), get(t.Context(), "a", 1, nil); a == b {
		t.Error("remembered without a query")
	}
	asked = 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { get(ctx, "together", 1, nil) })
	}
	wg.Wait()
	if asked != 1 {
		t.Errorf("found out %d times", asked)
	}
}
