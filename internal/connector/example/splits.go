package example

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// pagesPerSplit makes splits neither so many that the scheduler has more to do than the tasks, nor so few that only some of them have.
const pagesPerSplit = 4

// split is pages of a data set, from First up to Last.
type split struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Splits divides the pages. Of the same handle they are always the same, as the handle names a revision.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := decode(scan.Handle)
	if err != nil {
		return nil, err
	}
	rows := h.Records
	if len(h.Where) > 0 {
		first, err := c.client.page(ctx, h, 1, 1, nil)
		if err != nil {
			return nil, gone(h, err)
		}
		rows = first.Total
	}
	perSplit := pagesPerSplit
	if h.Limit > 0 { // one reader counts to the limit
		rows = min(rows, h.Limit)
		perSplit = int((rows + int64(h.PageSize) - 1) / int64(h.PageSize))
	}
	return &splitSource{size: int64(h.PageSize), rows: rows, perSplit: perSplit}, nil
}

// splitSource makes splits as they are asked for: a data set may have many pages.
type splitSource struct {
	size, rows int64
	perSplit   int
	pages      int // that have been given out
}

// Next returns further splits.
func (s *splitSource) Next(_ context.Context, limit int) (out []connector.Split, err error) {
	for len(out) < limit && int64(s.pages)*s.size < s.rows {
		left := s.rows - int64(s.pages)*s.size
		pages := min(int64(s.perSplit), (left+s.size-1)/s.size)
		raw, err := json.Marshal(split{First: s.pages + 1, Last: s.pages + int(pages)})
		if err != nil {
			return nil, err
		}
		out = append(out, connector.Split{Handle: raw, Rows: min(left, pages*s.size)})
		s.pages += int(pages)
	}
	return out, nil
}

// Close does nothing: there is nothing open.
func (s *splitSource) Close() error { return nil }

// gone explains that a data set or a revision of it has disappeared since the query was planned.
func gone(h handle, err error) error {
	if errors.Is(err, errNone) {
		return failed(err, "the data set %s is no more", h.Dataset)
	}
	return err
}
