package journal

import "context"

// prefetchSegments is how many segments are read at a time: reading one from object storage is mostly waiting. With what Config
// lets a segment have, they are a bounded part of memory.
const prefetchSegments = 8

// prefetch reads the segments that are known to be there before they are asked for. stop ends it.
type prefetch struct {
	ctx    context.Context
	cancel context.CancelFunc
	read   func(context.Context, uint64) ([]byte, error)
	last   uint64 // the last segment that is known to be there
	asked  uint64 // the last segment that was asked for
	ahead  map[uint64]chan fetched
}

type fetched struct {
	data []byte
	err  error
}

func newPrefetch(ctx context.Context, last uint64, read func(context.Context, uint64) ([]byte, error)) *prefetch {
	p := &prefetch{read: read, last: last, ahead: map[uint64]chan fetched{}}
	p.ctx, p.cancel = context.WithCancel(ctx)
	return p
}

// get returns a segment, and begins to read those after it.
func (p *prefetch) get(n uint64) ([]byte, error) {
	for m := max(n, p.asked+1); m <= p.last && m < n+prefetchSegments; m++ {
		ch := make(chan fetched, 1)
		p.ahead[m], p.asked = ch, m
		go func() {
			data, err := p.read(p.ctx, m)
			ch <- fetched{data, err}
		}()
	}
	if ch, ok := p.ahead[n]; ok {
		delete(p.ahead, n)
		f := <-ch
		return f.data, f.err
	}
	return p.read(p.ctx, n)
}

// stop ends what is being read, and waits for it.
func (p *prefetch) stop() {
	p.cancel()
	for _, ch := range p.ahead {
		<-ch
	}
}
