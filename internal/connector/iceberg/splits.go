package iceberg

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// split is a data file, or a range of its row groups, with all that a task needs to read it.
type split struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
	// Start and Length are a range of bytes: the row groups that begin in it are meant. Length 0 is the whole file.
	Start  int64 `json:"start,omitempty"`
	Length int64 `json:"length,omitempty"`
	Rows   int64 `json:"rows"` // of the whole file
	// Partition shows the partition, and Identity are the values of columns that the table is partitioned by as they are, by field id,
	// serialized as Iceberg does; nil is NULL. A file need not have these columns.
	Partition string         `json:"partition,omitempty"`
	Identity  map[int][]byte `json:"identity,omitempty"`
	Deletes   []deleteFile   `json:"deletes,omitempty"`
}

// deleteFile is a file that says which rows are no more.
type deleteFile struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
	Rows int64  `json:"rows"`
	// Fields are the ids of the fields of an equality delete, and Vector a deletion vector's place in the file. A file with neither has
	// positions.
	Fields []int  `json:"fields,omitempty"`
	Vector *place `json:"vector,omitempty"`
}

type place struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// plan lists the data files of a scan that a constraint leaves, with their deletes.
func (c *Connector) plan(ctx context.Context, h *handle, constraint []connector.Domain, opts ...table.ScanOption) ([]table.FileScanTask, *table.Table, error) {
	t, err := c.pinned(ctx, h)
	if err != nil || h.Snapshot == nil {
		return nil, t, err
	}
	tasks, err := c.planFiles(ctx, t, h, constraint, opts...)
	return tasks, t, err
}

func (c *Connector) planFiles(ctx context.Context, t *table.Table, h *handle, constraint []connector.Domain, opts ...table.ScanOption) ([]table.FileScanTask, error) {
	where, _ := filter(h.Schema, schemaOf(t, *h.Snapshot), constraint)
	opts = append([]table.ScanOption{table.WithSnapshotID(*h.Snapshot), table.WithRowFilter(where), table.WithCaseSensitive(true),
		table.WithMaxConcurrency(planConcurrency)}, opts...)
	tasks, err := c.over(t, nil, nil).Scan(opts...).PlanFiles(ctx)
	if h.Only != nil {
		only := map[string]bool{}
		for _, name := range h.Only {
			only[name] = true
		}
		tasks = slices.DeleteFunc(tasks, func(t table.FileScanTask) bool { return !only[t.File.FilePath()] })
	}
	return tasks, trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "Error reading the manifests of %s", h.Name)
}

// schemaOf is the schema of a snapshot, by which its files are pruned.
func schemaOf(t *table.Table, snapshot int64) *iceberg.Schema {
	if s := t.SnapshotByID(snapshot); s != nil && s.SchemaID != nil {
		if schema := t.Schemas()[*s.SchemaID]; schema != nil {
			return schema
		}
	}
	return t.Schema()
}

// planConcurrency is how many manifests are read at a time.
const planConcurrency = 8

// Splits lists the files that a constraint leaves.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return nil, err
	}
	if h.Metadata != "" {
		return metadataSplit()
	}
	if nothing(scan.Constraint) {
		return &splitSource{}, nil
	}
	tasks, t, err := c.plan(ctx, h, scan.Constraint)
	if err != nil {
		return nil, err
	}
	return splitsOf(tasks, t, h)
}

// nothing reports whether no row can satisfy a constraint.
func nothing(constraint []connector.Domain) bool {
	for _, d := range constraint {
		if d.Values != nil && len(d.Values) == 0 && !d.NullAllowed {
			return true
		}
	}
	return false
}

func splitsOf(tasks []table.FileScanTask, t *table.Table, h *handle) (*splitSource, error) {
	src := &splitSource{}
	for i := range tasks {
		s, err := newSplit(&tasks[i], t, h.Schema)
		if err != nil {
			return nil, err
		}
		raw, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		rows, bytes := s.Rows, s.Size
		if s.Length > 0 && s.Size > 0 {
			rows, bytes = max(1, int64(float64(s.Rows)*float64(s.Length)/float64(s.Size))), s.Length
		}
		src.splits = append(src.splits, connector.Split{Handle: raw, Rows: rows, Bytes: bytes})
	}
	return src, nil
}

func newSplit(task *table.FileScanTask, t *table.Table, schema *iceberg.Schema) (*split, error) {
	f := task.File
	if f.FileFormat() != iceberg.ParquetFile {
		return nil, trinoerr.New(trinoerr.NotSupported, "Only Parquet files of Iceberg tables can be read: %s", f.FilePath())
	}
	if len(f.KeyMetadata()) > 0 {
		return nil, trinoerr.New(trinoerr.NotSupported, "Encrypted files of Iceberg tables cannot be read: %s", f.FilePath())
	}
	s := &split{Path: f.FilePath(), Size: f.FileSizeBytes(), Rows: f.Count()}
	if task.Start > 0 || task.Length > 0 && task.Length < s.Size {
		s.Start, s.Length = task.Start, task.Length
	}
	if err := s.addPartition(f, t, schema); err != nil {
		return nil, err
	}
	for _, list := range [][]iceberg.DataFile{task.DeleteFiles, task.EqualityDeleteFiles, task.DeletionVectorFiles} {
		for _, d := range list {
			s.Deletes = append(s.Deletes, newDeleteFile(d))
		}
	}
	return s, nil
}

func newDeleteFile(d iceberg.DataFile) deleteFile {
	out := deleteFile{Path: d.FilePath(), Size: d.FileSizeBytes(), Rows: d.Count()}
	if d.ContentType() == iceberg.EntryContentEqDeletes {
		out.Fields = d.EqualityFieldIDs()
	}
	if offset, length := d.ContentOffset(), d.ContentSizeInBytes(); d.FileFormat() == iceberg.PuffinFile && offset != nil && length != nil {
		out.Vector = &place{*offset, *length}
	}
	return out
}

// addPartition notes the partition of a data file.
func (s *split) addPartition(f iceberg.DataFile, t *table.Table, schema *iceberg.Schema) error {
	spec := t.Metadata().PartitionSpecByID(int(f.SpecID()))
	if spec == nil {
		return trinoerr.New(trinoerr.IcebergInvalidMetadata, "Table %s has no partition spec %d", strings.Join(t.Identifier(), "."), f.SpecID())
	}
	s.Partition = partitionPath(spec, schema, f.Partition())
	for _, field := range spec.Fields() {
		if _, ok := field.Transform.(iceberg.IdentityTransform); !ok {
			continue
		}
		source, found := schema.FindFieldByID(field.SourceID())
		if !found {
			continue
		}
		raw, ok := serialized(source.Type, f.Partition()[field.FieldID])
		if !ok {
			continue
		}
		if s.Identity == nil {
			s.Identity = map[int][]byte{}
		}
		s.Identity[source.ID] = raw
	}
	return nil
}

// splitSource hands out splits.
type splitSource struct{ splits []connector.Split }

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	n := min(limit, len(s.splits))
	out := s.splits[:n]
	s.splits = s.splits[n:]
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }
