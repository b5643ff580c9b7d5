package fault

import (
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
)

// What processes under test pay at every point: with faults at other points, and with faults at this one that are aimed at
// somebody else.
func BenchmarkReach(b *testing.B) {
	for _, bench := range []struct{ here, elsewhere int }{{0, 0}, {0, 20}, {5, 15}} {
		b.Run(fmt.Sprintf("here=%d,elsewhere=%d", bench.here, bench.elsewhere), func(b *testing.B) {
			d := Dir(b.TempDir())
			for range bench.here {
				armFor(b, d, "task-fails-internal", Aim{Task: "9.*.*"})
			}
			for range bench.elsewhere {
				armFor(b, d, "task-held-after-write", Aim{Task: "9.*.*"})
			}
			p := faultpoint.Open(string(d))
			for b.Loop() {
				if err := p.Reach(b.Context(), faultpoint.BeforeRead, "q.0.0.0"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func armFor(b *testing.B, d Dir, name string, at Aim) {
	b.Helper()
	if _, err := d.Arm(name, at); err != nil {
		b.Fatal(err)
	}
}
