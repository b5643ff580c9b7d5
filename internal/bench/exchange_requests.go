package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
)

// Requests are those of the tasks of a shuffle.
type Requests struct {
	Producers, Consumers int
	Objects, Written     int64 // created, and their bytes
	Reads, Read          int64 // ranged reads, and their bytes
	// What was asked of the storage by HTTP for that, by method; empty where the storage has another protocol.
	WriteHTTP, ReadHTTP map[string]int64 `json:",omitempty"`
}

// counting counts what a store is asked.
type counting struct {
	store.Store
	r *Requests
}

// Create implements store.Store.
func (s counting) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	atomic.AddInt64(&s.r.Objects, 1)
	return s.Store.Create(ctx, key, o)
}

// Open implements store.Store. The exchange always says how much it wants.
func (s counting) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	atomic.AddInt64(&s.r.Reads, 1)
	atomic.AddInt64(&s.r.Read, length)
	return s.Store.Open(ctx, key, offset, length)
}

// CountRequests lets producers write bundles of as many partitions as there are, each of the given size, and consumers read them, as
// many partitions each as it takes.
func CountRequests(ctx context.Context, st store.Store, prefix string, producers, partitions, consumers int, bytesEach int64) (Requests, error) {
	r := Requests{Producers: producers, Consumers: consumers}
	defer st.DeletePrefix(context.WithoutCancel(ctx), prefix)
	var writes, reads transport.Tally
	counted, key, data := counting{st, &r}, exchange.NewQueryKey(), make([]byte, bytesEach)
	var handles []*exchange.Handle
	for p := range producers {
		name := fmt.Sprintf("bench.0.%d.0", p)
		w, err := exchange.NewWriter(transport.WithTally(ctx, &writes), exchange.WriterConfig{Store: counted, Prefix: fmt.Sprintf("%s0/%d.0/", prefix, p), Producer: name, Key: key})
		if err != nil {
			return r, err
		}
		for n := range partitions {
			if err := w.Add(n, 1, bytesEach, bytes.NewReader(data)); err != nil {
				w.Abort()
				return r, err
			}
		}
		h, err := w.Close()
		if err != nil {
			return r, err
		}
		r.Written += h.StoredBytes()
		handles = append(handles, &h)
	}
	reader := &exchange.Reader{Key: key, Open: func(context.Context, string) (store.Store, error) { return counted, nil }}
	for c := range consumers {
		mine := func(p int) bool { return p*consumers/partitions == c }
		files, err := reader.Files(transport.WithTally(ctx, &reads), exchange.Wanted{Handles: handles, Partition: mine}, exchange.NewSpool("", 1<<40))
		for _, f := range files {
			f.File.Close()
		}
		if err != nil {
			return r, err
		}
	}
	r.WriteHTTP, r.ReadHTTP = writes.Requests(), reads.Requests()
	return r, nil
}
