package protocol

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// leavingQuery is a query of a coordinator that ends, and that the next one has.
type leavingQuery struct{ Query }

func (leavingQuery) Next(context.Context, int64, string, time.Duration, int) (ResultPage, error) {
	return ResultPage{}, context.Canceled
}

// TestLeftQueryHasNotFailed18851: the client is told to ask again, and not that its query has failed.
func TestLeftQueryHasNotFailed18851(t *testing.T) {
	c := newClientQuery(leavingQuery{}, &Session{}, slog.New(slog.DiscardHandler), time.Now())
	for range 2 {
		if page, _, err := c.fetch(t.Context(), 1, "", time.Second, 1); page != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%+v, %v", page, err)
		}
	}
}
