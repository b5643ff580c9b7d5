package retry_test

import (
	"io"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
)

// BenchmarkRead shows what the wrapper costs where nothing goes wrong.
func BenchmarkRead(b *testing.B) {
	d, err := local.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	const size = 32 << 20
	if err := store.Put(b.Context(), d, "k", content(size), store.CreateOptions{}); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		s      store.Store
		length int64
	}{{"plain", d, size}, {"retry", retry.New(d, usual), size}, {"plain-4K", d, 4 << 10}, {"retry-4K", retry.New(d, usual), 4 << 10}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(c.length)
			for b.Loop() {
				r, err := c.s.Open(b.Context(), "k", 0, c.length)
				if err != nil {
					b.Fatal(err)
				}
				buf := make([]byte, 256<<10)
				if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, buf); err != nil || n != c.length {
					b.Fatal(n, err)
				}
				r.Close()
			}
		})
	}
}
