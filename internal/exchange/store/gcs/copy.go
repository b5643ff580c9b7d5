package gcs

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Copier = (*Store)(nil)

// Copy implements store.Copier.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	for _, key := range []string{from, to} {
		if err := s.cfg.Keys.Check(key); err != nil {
			return err
		}
	}
	c := s.object(to).CopierFrom(s.object(from))
	c.DestinationKMSKeyName = s.cfg.KMSKey
	_, err := c.Run(ctx)
	return s.failed(ctx, err, "copy an object")
}
