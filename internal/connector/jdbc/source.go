package jdbc

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Source reads splits, each by a query of its own when its turn comes.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{c: c, relation: r, columns: scan.Columns}
	for _, raw := range splits {
		own, err := readSplit(raw.Handle)
		if err != nil {
			return connector.Source{}, err
		}
		s.splits = append(s.splits, own)
	}
	return connector.Source{Batches: s}, nil
}

type source struct {
	c        *Connector
	relation *relation
	columns  []connector.Column
	splits   []split
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.splits) }

// Open runs the query of a split, on a connection that it has for itself until the reader is closed.
func (s *source) Open(ctx context.Context, partition int, projection []int) (connector.BatchReader, error) {
	columns := make([]connector.Column, len(projection))
	kinds := make([]types.Type, len(projection))
	for i, p := range projection {
		columns[i], kinds[i] = s.columns[p], s.columns[p].Type
	}
	list, err := s.relation.selected(columns)
	if err != nil {
		return nil, err
	}
	own := s.splits[partition]
	from := *s.relation
	if own.From != "" {
		from.From = own.From
	}
	text := s.c.query(&from, list, own.Where...)
	if own.Comment != "" {
		text += " /*" + own.Comment + "*/"
	}
	conn, err := s.c.reads.Conn(ctx)
	if err != nil {
		return nil, s.c.failed(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var rows connector.BatchReader
	if d, ok := s.c.dialect.(Reader); ok {
		rows, err = d.Rows(ctx, conn, text, kinds)
	} else {
		rows, err = DriverRows(ctx, conn, text, kinds)
	}
	if err != nil {
		cancel()
		discard(conn)
		return nil, s.c.failed(err)
	}
	return &reader{c: s.c, conn: conn, rows: rows, cancel: cancel}, nil
}

// reader gives back the connection when the rows are read.
type reader struct {
	c      *Connector
	conn   *sql.Conn
	rows   connector.BatchReader
	cancel context.CancelFunc
	ended  bool // all rows were read
}

// Next reads rows.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	n, err := r.rows.Next(b, limit)
	r.ended = n == 0 && err == nil
	return n, r.c.failed(err)
}

// Close ends the query. A connection on which rows are left is given up: that is quicker than to read them.
func (r *reader) Close() error {
	if r.conn == nil {
		return nil
	}
	conn := r.conn
	r.conn = nil
	if !r.ended {
		r.cancel()
		_ = r.rows.Close() // of a query that was cancelled
		discard(conn)
		return nil
	}
	err := r.rows.Close()
	r.cancel()
	if err != nil {
		discard(conn)
		return r.c.failed(err)
	}
	return r.c.failed(conn.Close())
}

// discard closes a connection instead of giving it back.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close() // it is closed
}
