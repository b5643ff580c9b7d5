package coordinator

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// waterbear.exchange-deletion-enabled: what a query has spooled is deleted at its end, or left to the storage.
func TestDeletionIsLeftToTheStorage25897(t *testing.T) {
	for _, leave := range []bool{false, true} {
		c, spool := testCoordinator(t, func(cfg *Config) { cfg.LeaveOutputs = leave })
		w := join(t, c, "w")
		q := submit(t, c, anyQuery)
		w.finish(w.next(), spool, strings.Repeat("x", 100_000))
		if _, err := result(t, q); err != nil {
			t.Fatal(err)
		}
		<-q.cleaned
		n := 0
		if err := spool.List(t.Context(), string(q.id)+"/", func(store.Object) error { n++; return nil }); err != nil {
			t.Error(err)
		}
		if (n > 0) != leave {
			t.Errorf("leave=%t: %d objects are left", leave, n)
		}
	}
}
