package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A read session is a snapshot of a table: all of its streams show the table as it was when the session was made, each can be read again and from any row, by any number of
// readers, for six hours. So an attempt that is repeated reads the same rows.

// split is a stream of a read session.
type split struct {
	Stream string `json:"stream"`
	// Schema is that of the record batches, as Arrow serializes it.
	Schema []byte `json:"schema"`
}

// viewPrefix is how names of tables begin that have the rows of views; Trino's.
const viewPrefix = "_pbc_"

// Splits makes a read session for a scan. For a view or a query BigQuery computes the rows first.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return nil, err
	}
	s := c.SettingsFor(ctx)
	if h.View && !s.views {
		return nil, trinoerr.New(trinoerr.NotSupported, "Views are not enabled. They are read with bigquery.views-enabled=true, which has BigQuery run a query for each scan, at a cost")
	}
	where, _ := h.restriction(scan.Columns, scan.Constraint)
	selected, err := h.selected(scan.Columns)
	if err != nil {
		return nil, err
	}
	from := h.place
	switch {
	case h.Query != "":
		from, err = c.compute(ctx, c.query(ctx, newJobID(), h.Location, h.Query))
	case h.View:
		from, err = c.materialize(ctx, &s, &h, selected, where)
	}
	if err != nil {
		return nil, err
	}
	most := int32(s.maxParallelism)
	if scan.Limit > 0 {
		most = 1
	}
	session, err := c.reads.CreateReadSession(ctx, &storagepb.CreateReadSessionRequest{
		Parent: "projects/" + c.parent,
		ReadSession: &storagepb.ReadSession{
			Table:      fmt.Sprintf("projects/%s/datasets/%s/tables/%s", from.Project, from.Dataset, from.Table),
			DataFormat: storagepb.DataFormat_ARROW,
			ReadOptions: &storagepb.ReadSession_TableReadOptions{
				SelectedFields: selected,
				RowRestriction: where,
			},
		},
		MaxStreamCount: most,
	})
	if err != nil {
		return nil, failed(err, trinoerr.BigqueryCreateReadSessionError, "Cannot create a read session for %s", from)
	}
	out := &splitSource{}
	rows := session.GetEstimatedRowCount() / int64(max(1, len(session.GetStreams())))
	bytes := session.GetEstimatedTotalBytesScanned() / int64(max(1, len(session.GetStreams())))
	for _, stream := range session.GetStreams() {
		raw, err := json.Marshal(split{Stream: stream.GetName(), Schema: session.GetArrowSchema().GetSerializedSchema()})
		if err != nil {
			return nil, err
		}
		out.splits = append(out.splits, connector.Split{Handle: raw, Rows: rows, Bytes: bytes})
	}
	return out, nil
}

// selected are the fields that a scan reads. Where only rows count it is one all the same: no fields would be all of them.
func (h *handle) selected(columns []connector.Column) ([]string, error) {
	var names []string
	for _, col := range columns {
		f := h.field(col.Name)
		if f == nil {
			return nil, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", col.Name)
		}
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		names = append(names, h.narrowest())
	}
	return names, nil
}

// narrowest is a field that costs little to read.
func (h *handle) narrowest() string {
	for _, f := range h.Fields {
		switch f.Type {
		case bigquery.BooleanFieldType, bigquery.IntegerFieldType, bigquery.FloatFieldType, bigquery.DateFieldType:
			return f.Name
		}
	}
	return h.Fields[0].Name
}

// compute runs a query and returns the table that has its rows.
func (c *Connector) compute(ctx context.Context, q *bigquery.Query) (place, error) {
	job, _, err := c.finish(ctx, q)
	if err != nil {
		return place{}, err
	}
	config, err := job.Config()
	if err != nil {
		return place{}, failed(err, trinoerr.BigqueryFailedToExecuteQuery, "find the rows of a query")
	}
	if own, ok := config.(*bigquery.QueryConfig); ok && own.Dst != nil {
		return place{own.Dst.ProjectID, own.Dst.DatasetID, own.Dst.TableID}, nil
	}
	return place{}, trinoerr.New(trinoerr.BigqueryFailedToExecuteQuery, "The query has no rows to read: it must be a SELECT")
}

// materialize has the rows of a view written into a table.
func (c *Connector) materialize(ctx context.Context, s *settings, h *handle, selected []string, where string) (place, error) {
	list := make([]string, len(selected))
	for i, name := range selected {
		list[i] = quote(name)
	}
	if !s.filterViews && !s.skipMaterialization {
		where = ""
	}
	text := "SELECT " + strings.Join(list, ", ") + " FROM " + h.quoted()
	if where != "" {
		text += " WHERE " + where
	}
	q := c.query(ctx, newJobID(), h.Location, text)
	if s.skipMaterialization {
		return c.compute(ctx, q)
	}
	into := place{h.Project, h.Dataset, viewPrefix + strings.ReplaceAll(q.JobID, "-", "")}
	if s.viewProject != "" {
		into.Project = s.viewProject
	}
	if s.viewDataset != "" {
		into.Dataset = s.viewDataset
	}
	q.Dst = c.table(into)
	if _, _, err := c.finish(ctx, q); err != nil {
		return place{}, err
	}
	_, err := q.Dst.Update(ctx, bigquery.TableMetadataToUpdate{ExpirationTime: time.Now().Add(s.viewExpiry)}, "")
	return into, failed(err, trinoerr.BigqueryFailedToExecuteQuery, "set when %s expires", into)
}

type splitSource struct{ splits []connector.Split }

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	n := min(limit, len(s.splits))
	out := s.splits[:n:n]
	s.splits = s.splits[n:]
	return out, nil
}

// Close does nothing: sessions end by themselves.
func (s *splitSource) Close() error { return nil }

// Momentary says that another session has other streams, of the table as it is then.
func (s *splitSource) Momentary() {}
