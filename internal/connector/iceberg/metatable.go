package iceberg

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// metadataTables are the tables about a table, by what stands behind the dollar in their names, as Trino has them.
var metadataTables = map[string]struct {
	columns []connector.Column
	rows    func(ctx context.Context, c *Connector, t *table.Table, h *handle) ([][]any, error)
}{
	"history": {columnsOf("made_current_at", moment, "snapshot_id", bigint, "parent_id", bigint, "is_current_ancestor", boolean), historyRows},
	"snapshots": {columnsOf("committed_at", moment, "snapshot_id", bigint, "parent_id", bigint, "operation", varchar, "manifest_list", varchar,
		"summary", types.MapOf(varchar, varchar)), snapshotRows},
	"refs": {columnsOf("name", varchar, "type", varchar, "snapshot_id", bigint, "max_reference_age_in_ms", bigint, "min_snapshots_to_keep", integer,
		"max_snapshot_age_in_ms", bigint), refRows},
	"properties": {columnsOf("key", varchar, "value", varchar), propertyRows},
	"metadata_log_entries": {columnsOf("timestamp", moment, "file", varchar, "latest_snapshot_id", bigint, "latest_schema_id", integer,
		"latest_sequence_number", bigint), logRows},
	"manifests": {columnsOf("path", varchar, "length", bigint, "partition_spec_id", integer, "added_snapshot_id", bigint,
		"added_data_files_count", integer, "added_rows_count", bigint, "existing_data_files_count", integer, "existing_rows_count", bigint,
		"deleted_data_files_count", integer, "deleted_rows_count", bigint), manifestRows},
	"files": {columnsOf("content", integer, "file_path", varchar, "file_format", varchar, "spec_id", integer, "partition", varchar,
		"record_count", bigint, "file_size_in_bytes", bigint, "column_sizes", types.MapOf(integer, bigint), "value_counts", types.MapOf(integer, bigint),
		"null_value_counts", types.MapOf(integer, bigint), "nan_value_counts", types.MapOf(integer, bigint), "lower_bounds", types.MapOf(integer, varchar),
		"upper_bounds", types.MapOf(integer, varchar), "key_metadata", types.Of(types.Varbinary), "split_offsets", types.ArrayOf(bigint),
		"equality_ids", types.ArrayOf(integer), "sort_order_id", integer), fileRows},
	"partitions": {columnsOf("partition", varchar, "record_count", bigint, "file_count", bigint, "total_size", bigint), partitionRows},
}

var (
	boolean = types.Of(types.Boolean)
	integer = types.Of(types.Integer)
	bigint  = types.Of(types.BigInt)
	varchar = types.Of(types.Varchar)
	moment  = types.TimestampTZP(3)
)

// columnsOf makes columns of names and types in turn.
func columnsOf(namesAndTypes ...any) (out []connector.Column) {
	for i := 0; i < len(namesAndTypes); i += 2 {
		out = append(out, connector.Column{Name: namesAndTypes[i].(string), Type: namesAndTypes[i+1].(types.Type)})
	}
	return out
}

// metadataTable describes a table about a table; nil when there is none.
func (c *Connector) metadataTable(ctx context.Context, name connector.SchemaTable, kind string) (*connector.Table, error) {
	m, known := metadataTables[kind]
	if !known {
		return nil, nil
	}
	t, err := c.load(ctx, name)
	if t == nil || err != nil {
		return nil, err
	}
	h := handleOf(name, t, t.CurrentSnapshot())
	h.Metadata, h.Mapping = kind, nil
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return &connector.Table{Name: connector.SchemaTable{Schema: name.Schema, Table: name.Table + "$" + kind}, Handle: raw, Columns: m.columns}, nil
}

// metadataSplit is the one split of a metadata table.
func metadataSplit() (connector.SplitSource, error) {
	return &splitSource{splits: []connector.Split{{Handle: json.RawMessage("{}"), Rows: 1, Bytes: 1}}}, nil
}

// metadataSource reads a metadata table.
func (c *Connector) metadataSource(ctx context.Context, h *handle, scan connector.Scan) (connector.Source, error) {
	m := metadataTables[h.Metadata]
	t, err := c.pinned(ctx, h)
	if err != nil {
		return connector.Source{}, err
	}
	all, err := m.rows(ctx, c, t, h)
	if err != nil {
		return connector.Source{}, trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "Error reading the metadata of %s", h.Name)
	}
	src := &rowSource{columns: scan.Columns, rows: make([][]any, len(all))}
	for i, row := range all {
		src.rows[i] = make([]any, len(scan.Columns))
		for n, col := range scan.Columns {
			at := slices.IndexFunc(m.columns, func(c connector.Column) bool { return c.Name == col.Name })
			if at < 0 {
				return connector.Source{}, trinoerr.New(trinoerr.GenericInternalError, "%s has no column %s", scan.Table, col.Name)
			}
			src.rows[i][n] = row[at]
		}
	}
	return connector.Source{Batches: src}, nil
}

func millis(ms int64) any { return types.TimestampTZValue{EpochMillis: ms, Zone: "UTC"} }

func optional[T any](p *T, value func(T) any) any {
	if p == nil {
		return nil
	}
	return value(*p)
}

func long(n int64) any { return n }
func count(n int) any  { return int64(n) }

func historyRows(_ context.Context, _ *Connector, t *table.Table, _ *handle) (out [][]any, _ error) {
	current := map[int64]bool{}
	if s := t.CurrentSnapshot(); s != nil {
		for _, a := range table.AncestorsOf(s.SnapshotID, t.SnapshotByID) {
			current[a.SnapshotID] = true
		}
	}
	for e := range t.Metadata().SnapshotLogs() {
		var parent any
		if s := t.SnapshotByID(e.SnapshotID); s != nil {
			parent = optional(s.ParentSnapshotID, long)
		}
		out = append(out, []any{millis(e.TimestampMs), e.SnapshotID, parent, current[e.SnapshotID]})
	}
	return out, nil
}

func snapshotRows(_ context.Context, _ *Connector, t *table.Table, _ *handle) (out [][]any, _ error) {
	for _, s := range t.Metadata().Snapshots() {
		row := []any{millis(s.TimestampMs), s.SnapshotID, optional(s.ParentSnapshotID, long), nil, s.ManifestList, nil}
		if s.Summary != nil {
			row[3], row[5] = string(s.Summary.Operation), texts(s.Summary.Properties)
		}
		out = append(out, row)
	}
	return out, nil
}

// texts are properties as a map, in order.
func texts(p iceberg.Properties) []types.MapEntry {
	out := []types.MapEntry{}
	for _, k := range slices.Sorted(maps.Keys(p)) {
		out = append(out, types.MapEntry{Key: k, Value: p[k]})
	}
	return out
}

func refRows(_ context.Context, _ *Connector, t *table.Table, _ *handle) (out [][]any, _ error) {
	for name, r := range t.Metadata().Refs() {
		out = append(out, []any{name, strings.ToUpper(string(r.SnapshotRefType)), r.SnapshotID, optional(r.MaxRefAgeMs, long), optional(r.MinSnapshotsToKeep, count),
			optional(r.MaxSnapshotAgeMs, long)})
	}
	slices.SortFunc(out, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	return out, nil
}

func propertyRows(_ context.Context, _ *Connector, t *table.Table, _ *handle) (out [][]any, _ error) {
	for _, e := range texts(t.Properties()) {
		out = append(out, []any{e.Key, e.Value})
	}
	return out, nil
}

func logRows(_ context.Context, _ *Connector, t *table.Table, _ *handle) (out [][]any, _ error) {
	add := func(at int64, file string) {
		row := []any{millis(at), file, nil, nil, nil}
		for e := range t.Metadata().SnapshotLogs() {
			s := t.SnapshotByID(e.SnapshotID)
			if e.TimestampMs > at || s == nil {
				continue
			}
			row[2], row[3], row[4] = s.SnapshotID, optional(s.SchemaID, count), s.SequenceNumber
		}
		out = append(out, row)
	}
	for e := range t.Metadata().PreviousFiles() {
		add(e.TimestampMs, e.MetadataFile)
	}
	add(t.Metadata().LastUpdatedMillis(), t.MetadataLocation())
	return out, nil
}

func manifestRows(ctx context.Context, c *Connector, t *table.Table, h *handle) (out [][]any, _ error) {
	manifests, err := c.manifests(ctx, t, h)
	for _, m := range manifests {
		out = append(out, []any{m.FilePath(), m.Length(), int64(m.PartitionSpecID()), m.SnapshotID(), int64(m.AddedDataFiles()), m.AddedRows(),
			int64(m.ExistingDataFiles()), m.ExistingRows(), int64(m.DeletedDataFiles()), m.DeletedRows()})
	}
	return out, err
}

// manifests are those of the pinned snapshot.
func (c *Connector) manifests(ctx context.Context, t *table.Table, h *handle) ([]iceberg.ManifestFile, error) {
	if h.Snapshot == nil {
		return nil, nil
	}
	return t.SnapshotByID(*h.Snapshot).Manifests(&fileIO{ctx: ctx, files: c.storage.files})
}

// liveFiles calls f for the data and delete files of the pinned snapshot.
func (c *Connector) liveFiles(ctx context.Context, t *table.Table, h *handle, f func(iceberg.DataFile)) error {
	manifests, err := c.manifests(ctx, t, h)
	if err != nil {
		return err
	}
	for _, m := range manifests {
		for e, err := range m.Entries(&fileIO{ctx: ctx, files: c.storage.files}, true) {
			if err != nil {
				return err
			}
			f(e.DataFile())
		}
	}
	return nil
}

func fileRows(ctx context.Context, c *Connector, t *table.Table, h *handle) (out [][]any, _ error) {
	err := c.liveFiles(ctx, t, h, func(f iceberg.DataFile) {
		var key any
		if k := f.KeyMetadata(); len(k) > 0 {
			key = k
		}
		out = append(out, []any{int64(f.ContentType()), f.FilePath(), string(f.FileFormat()), int64(f.SpecID()), partitionOf(t, f), f.Count(), f.FileSizeBytes(),
			counts(f.ColumnSizes()), counts(f.ValueCounts()), counts(f.NullValueCounts()), counts(f.NaNValueCounts()),
			bounds(t, f.LowerBoundValues()), bounds(t, f.UpperBoundValues()), key, list(f.SplitOffsets()), list(f.EqualityFieldIDs()),
			optional(f.SortOrderID(), count)})
	})
	return out, err
}

// partitionOf shows the partition of a file; NULL where the table has none.
func partitionOf(t *table.Table, f iceberg.DataFile) any {
	spec := t.Metadata().PartitionSpecByID(int(f.SpecID()))
	if spec == nil || spec.NumFields() == 0 {
		return nil
	}
	return partitionPath(spec, t.Schema(), f.Partition())
}

func counts(m map[int]int64) any {
	if m == nil {
		return nil
	}
	out := []types.MapEntry{}
	for _, id := range slices.Sorted(maps.Keys(m)) {
		out = append(out, types.MapEntry{Key: int64(id), Value: m[id]})
	}
	return out
}

// bounds are bounds of columns as text.
func bounds(t *table.Table, m map[int][]byte) any {
	if m == nil {
		return nil
	}
	out := []types.MapEntry{}
	for _, id := range slices.Sorted(maps.Keys(m)) {
		field, found := t.Schema().FindFieldByID(id)
		if !found {
			continue
		}
		if lit, err := iceberg.LiteralFromBytes(field.Type, m[id]); err == nil {
			out = append(out, types.MapEntry{Key: int64(id), Value: iceberg.IdentityTransform{}.ToHumanStrType(field.Type, lit.Any())})
		}
	}
	return out
}

func list[N int | int64](values []N) any {
	if values == nil {
		return nil
	}
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = int64(v)
	}
	return out
}

func partitionRows(ctx context.Context, c *Connector, t *table.Table, h *handle) (out [][]any, _ error) {
	at := map[any]int{}
	err := c.liveFiles(ctx, t, h, func(f iceberg.DataFile) {
		if f.ContentType() != iceberg.EntryContentData {
			return
		}
		p := partitionOf(t, f)
		i, seen := at[p]
		if !seen {
			i = len(out)
			at[p] = i
			out = append(out, []any{p, int64(0), int64(0), int64(0)})
		}
		out[i][1], out[i][2], out[i][3] = out[i][1].(int64)+f.Count(), out[i][2].(int64)+1, out[i][3].(int64)+f.FileSizeBytes()
	})
	return out, err
}
