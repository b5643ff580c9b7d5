package azure

import (
	"context"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

var _ store.Copier = (*Store)(nil)

// copyPoll is how often it is asked whether a copy that takes time is done.
const copyPoll = 200 * time.Millisecond

// Copy implements store.Copier. Within an account the copy is allowed by the credentials of the request.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	for _, key := range []string{from, to} {
		if err := s.account.cfg.Keys.Check(key); err != nil {
			return err
		}
	}
	target := s.blob(to)
	out, err := target.StartCopyFromURL(ctx, s.blob(from).URL(), nil)
	if err != nil {
		return s.failed(ctx, err, "copy an object")
	}
	for status := out.CopyStatus; status == nil || *status != blob.CopyStatusTypeSuccess; {
		if status != nil && *status != blob.CopyStatusTypePending {
			return trinoerr.New(trinoerr.GenericInternalError, "copy an object in %s: it has ended with %s", s.uri(), *status)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(copyPoll):
		}
		p, err := target.GetProperties(ctx, nil)
		if err != nil {
			return s.failed(ctx, fmt.Errorf("while it is copied: %w", err), "copy an object")
		}
		status = p.CopyStatus
	}
	return nil
}
