package system

import (
	"context"
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

const (
	// splitBytes is about how large a split is, which travels in the description of its task.
	splitBytes = 128 << 10
	// maxBytes bounds the rows of a scan, which the coordinator holds until the query ends.
	maxBytes = 64 << 20
)

// Splits makes the rows of a scan and cuts them into splits. A split's handle is a JSON array of rows, of which each is an
// array of the scan's columns.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	t := find(scan.Table)
	if t == nil {
		return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", Catalog, scan.Table)
	}
	if t.rows == nil {
		return &splitSource{}, nil
	}
	rows, err := t.rows(ctx, c, filter(scan.Constraint))
	if err != nil {
		return nil, err
	}
	var positions []int
	for _, col := range scan.Columns {
		p := t.position(col.Name)
		if p < 0 {
			return nil, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", col.Name)
		}
		positions = append(positions, p)
	}
	if scan.Limit > 0 && int64(len(rows)) > scan.Limit {
		rows = rows[:scan.Limit]
	}
	return cut(rows, positions)
}

// cut renders rows and cuts them into splits.
func cut(rows [][]any, positions []int) (*splitSource, error) {
	s := &splitSource{}
	var handle []byte
	count, total := 0, 0
	flush := func() {
		if count > 0 {
			s.rest = append(s.rest, connector.Split{Handle: append(handle, ']'), Rows: int64(count), Bytes: int64(len(handle))})
		}
		handle, count = nil, 0
	}
	for _, row := range rows {
		picked := make([]any, len(positions))
		for i, p := range positions {
			picked[i] = encodable(row[p])
		}
		text, err := json.Marshal(picked)
		if err != nil {
			return nil, err
		}
		if total += len(text); total > maxBytes {
			return nil, trinoerr.New(trinoerr.GenericInsufficientResources, "A scan of a system table has more than %d MB of rows", maxBytes>>20)
		}
		if count == 0 {
			handle = append(handle, '[')
		} else {
			handle = append(handle, ',')
		}
		handle = append(handle, text...)
		count++
		if len(handle) >= splitBytes {
			flush()
		}
	}
	flush()
	return s, nil
}

// encodable is a value as it travels in a split: an instant as UTC milliseconds, all else as JSON has it.
func encodable(v any) any {
	if t, ok := v.(types.TimestampTZValue); ok {
		return t.EpochMillis
	}
	return v
}

type splitSource struct{ rest []connector.Split }

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	n := min(limit, len(s.rest))
	out := s.rest[:n:n]
	s.rest = s.rest[n:]
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }
