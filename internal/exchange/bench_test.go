package exchange

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// memory is a store that costs nothing: it swallows what is written, and gives one object's bytes.
type memory struct {
	store.Store
	object bytes.Buffer
}

func (m *memory) URI() string { return "memory:" }

func (m *memory) Create(context.Context, string, store.CreateOptions) (store.Writer, error) {
	m.object.Reset()
	return memoryWriter{m}, nil
}

func (m *memory) Open(_ context.Context, _ string, offset, length int64) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m.object.Bytes()[offset : offset+length])), nil
}

type memoryWriter struct{ m *memory }

func (w memoryWriter) Write(p []byte) (int, error) { return w.m.object.Write(p) }
func (w memoryWriter) Close() error                { return nil }
func (w memoryWriter) Abort() error                { return nil }

func benchmark(b *testing.B, f func(b *testing.B, cfg WriterConfig, key *QueryKey, partitions, size int)) {
	for _, c := range []struct{ partitions, size int }{{4, 16 << 20}, {50, 1 << 20}, {1000, 20 << 10}} {
		for _, key := range []*QueryKey{nil, NewQueryKey()} {
			b.Run(fmt.Sprintf("partitions=%d/size=%dK/encrypted=%v", c.partitions, c.size>>10, key != nil), func(b *testing.B) {
				b.SetBytes(int64(c.partitions * c.size))
				f(b, WriterConfig{Store: &memory{}, Key: key, Producer: "q.0.0.0"}, key, c.partitions, c.size)
			})
		}
	}
}

func fillBundle(b *testing.B, cfg WriterConfig, data []byte, partitions int) *Handle {
	w, err := NewWriter(ctx, cfg)
	if err != nil {
		b.Fatal(err)
	}
	for p := range partitions {
		if err := w.Add(p, 1, int64(len(data)), bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
	h, err := w.Close()
	if err != nil {
		b.Fatal(err)
	}
	return &h
}

func BenchmarkWrite(b *testing.B) {
	benchmark(b, func(b *testing.B, cfg WriterConfig, _ *QueryKey, partitions, size int) {
		data := content(size, 1)
		for b.Loop() {
			fillBundle(b, cfg, data, partitions)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	benchmark(b, func(b *testing.B, cfg WriterConfig, key *QueryKey, partitions, size int) {
		h := fillBundle(b, cfg, content(size, 1), partitions)
		for b.Loop() {
			files, err := readerOf(cfg.Store, key).Files(ctx, Wanted{[]*Handle{h}, all}, NewSpool(b.TempDir(), 1<<30))
			if err != nil {
				b.Fatal(err)
			}
			for _, f := range files {
				f.File.Close()
			}
		}
	})
}
