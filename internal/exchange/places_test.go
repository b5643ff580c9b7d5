package exchange

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Places
		abc := []string{"a", "b", "c"}
		want := func(order ...string) {
			t.Helper()
			if got := p.Order(abc); !slices.Equal(got, order) {
				t.Errorf("%v, want %v", got, order)
			}
		}
		want("a", "b", "c")
		p.Failed("a")
		want("b", "c", "a")
		time.Sleep(time.Second)
		p.Failed("b")
		want("c", "a", "b")
		p.Failed("c") // all have failed: none is left out
		want("a", "b", "c")
		time.Sleep(firstAvoidance)
		want("a", "b", "c")
		p.Failed("a") // a second time: longer
		p.Worked("b")
		time.Sleep(firstAvoidance + time.Second)
		want("b", "c", "a")
		time.Sleep(firstAvoidance)
		want("a", "b", "c")
		for range 100 {
			p.Failed("a")
		}
		want("b", "c", "a")
		time.Sleep(longestAvoidance + time.Second)
		want("a", "b", "c")
	})
}
