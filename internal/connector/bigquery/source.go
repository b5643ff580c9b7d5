package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// source reads streams.
type source struct {
	c       *Connector
	names   []string
	columns []connector.Column
	splits  []split
}

// Source opens splits.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{c: c, columns: scan.Columns, splits: make([]split, len(splits))}
	for _, col := range scan.Columns {
		f := h.field(col.Name)
		if f == nil {
			return connector.Source{}, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", col.Name)
		}
		s.names = append(s.names, f.Name)
	}
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &s.splits[i]); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.SerializationError, "split of a BigQuery table")
		}
	}
	return connector.Source{Batches: s}, nil
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.splits) }

// Open opens a stream at its begin.
func (s *source) Open(ctx context.Context, partition int, projection []int) (connector.BatchReader, error) {
	own := s.splits[partition]
	r := &reader{c: s.c, split: own}
	r.ctx, r.cancel = context.WithCancel(ctx)
	columns := make([]types.Type, len(projection))
	names := make([]string, len(projection))
	for i, p := range projection {
		columns[i], names[i] = s.columns[p].Type, s.names[p]
	}
	var err error
	if r.decoder, err = newDecoder(own.Schema, names, columns); err == nil {
		err = r.open()
	}
	if err != nil {
		r.cancel()
		return nil, err
	}
	return r, nil
}

// reader reads a stream. One that breaks is opened again after the last batch that came.
type reader struct {
	c       *Connector
	split   split
	ctx     context.Context // of the scan: the stream ends with it
	cancel  context.CancelFunc
	stream  storagepb.BigQueryRead_ReadRowsClient
	decoder *decoder
	// offset counts the rows of the batches that came.
	offset int64
	failed int
}

func (r *reader) open() (err error) {
	r.stream, err = r.c.reads.ReadRows(r.ctx, &storagepb.ReadRowsRequest{ReadStream: r.split.Stream, Offset: r.offset})
	return r.broken(err)
}

// broken gives an error of the stream an identity: one that another attempt may not have.
func (r *reader) broken(err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	return failed(err, trinoerr.GenericInternalError, "read %s from row %d", r.split.Stream, r.offset)
}

// passing are the errors after which a stream is opened again.
var passing = []codes.Code{codes.Unavailable, codes.Internal, codes.Aborted, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Unknown}

// reopenPause is what is waited before a stream is opened again, times the number of failures.
const reopenPause = 50 * time.Millisecond

// Next gives rows of the current batch, or of the next one.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	for r.decoder.left() == 0 {
		response, err := r.stream.Recv()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			if r.failed++; r.ctx.Err() != nil || r.failed > r.c.Settings().readRetries || !slices.Contains(passing, status.Code(err)) {
				return 0, r.broken(err)
			}
			if err := r.pause(); err != nil {
				return 0, err
			}
			if err := r.open(); err != nil {
				return 0, err
			}
			continue
		}
		rows, err := r.decoder.add(response.GetArrowRecordBatch().GetSerializedRecordBatch())
		if err != nil {
			return 0, r.broken(err)
		}
		r.offset += rows
	}
	return r.decoder.take(b, limit)
}

func (r *reader) pause() error {
	timer := time.NewTimer(time.Duration(r.failed) * reopenPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// Close ends the stream.
func (r *reader) Close() error {
	r.cancel()
	r.decoder.close()
	return nil
}
