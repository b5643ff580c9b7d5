package multipart

import (
	"context"
	"errors"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
)

// repeat makes a request of an object in parts. When one of them fails, all that was sent is lost with it, and whoever writes has nothing
// to begin it again with: so what SDKs call final is repeated too, as often as they repeat others. Servers and what lies before them
// answer many a passing failure with a status of 400 or 403.
func (w *Writer) repeat(f func(ctx context.Context) error) error {
	for n := 0; ; n++ {
		err := f(w.ctx)
		if err == nil || n >= w.limits.Retries || w.ctx.Err() != nil || retry.Final(err) {
			return err
		}
		pause := transport.Pause(n)
		if throttled, ok := errors.AsType[*store.ThrottledError](err); ok {
			pause = max(pause, min(throttled.After, transport.LongestCalm))
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-w.ctx.Done():
			timer.Stop()
			return err
		}
	}
}
