package iceberg

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/apache/iceberg-go/table/dv"
	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// The columns of a row's id: the data file, and the row's number in it.
const (
	rowFile     = "$row_file"
	rowPosition = "$row_position"
)

// RowID is a file and the number of the row in it. Tables of the first version of the format cannot lose single rows.
func (c *Connector) RowID(_ context.Context, t *connector.Table) ([]connector.Column, error) {
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, err
	}
	if h.Version < 2 {
		return nil, trinoerr.New(trinoerr.NotSupported, "Iceberg table updates require at least format version 2")
	}
	if h.Metadata != "" || h.Past {
		return nil, trinoerr.New(trinoerr.NotSupported, "Modifying metadata tables and older snapshots is not supported: %s", t.Name)
	}
	return []connector.Column{
		{Name: rowFile, Type: types.Of(types.Varchar), NotNull: true, Hidden: true},
		{Name: rowPosition, Type: types.Of(types.BigInt), NotNull: true, Hidden: true},
	}, nil
}

// BeginChange begins a change of rows.
func (c *Connector) BeginChange(ctx context.Context, t *connector.Table, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	w, err := c.beginInto(ctx, t, queryID)
	if err != nil {
		return nil, err
	}
	w.Change = true
	return json.Marshal(w)
}

// ChangeSink opens the writing of an attempt of a change.
func (c *Connector) ChangeSink(_ context.Context, raw json.RawMessage, id string) (connector.ChangeSink, error) {
	return c.sink(raw, id)
}

// Delete notes rows that are to go.
func (s *sink) Delete(_ context.Context, ids *connector.Batch) error {
	files, rows := &ids.Columns[0], &ids.Columns[1]
	for i := range ids.Rows {
		name := files.Data[files.Offsets[i]:files.Offsets[i+1]]
		p := s.deleted[string(name)]
		if p == nil {
			p = newPositions()
			s.deleted[string(name)] = p
		}
		p.add(rows.I64[i])
	}
	return nil
}

// finishChange commits new files together with deletes of rows. Other commits do not contradict it as long as the files with the rows are still
// there, and nobody else has deleted one of them.
func (c *Connector) finishChange(ctx context.Context, w *write, files []iceberg.DataFile, deleted map[string][]byte) error {
	if len(files) == 0 && len(deleted) == 0 {
		return nil
	}
	gone := map[string]*positions{}
	for name, raw := range deleted {
		p, err := decodePositions(raw)
		if err != nil {
			return trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a change of Iceberg")
		}
		gone[name] = p
	}
	return c.commit(ctx, w.Name, w.QueryID, w.load(ctx, c), func(t *table.Table, tx *table.Transaction) error {
		if err := w.fits(t); err != nil && len(files) > 0 {
			return err
		}
		delta := tx.NewRowDelta(summary(w.QueryID)).AddRows(files...)
		d := &changer{c: c, w: w, t: t}
		if err := d.plan(ctx, gone); err != nil {
			return err
		}
		added, removed, err := d.write(ctx)
		if err != nil {
			return err
		}
		return delta.AddDeletes(added...).RemoveDeletes(removed...).Commit(ctx)
	})
}

// changer makes delete files for a table as it is now.
type changer struct {
	c     *Connector
	w     *write
	t     *table.Table
	files []changedFile
}

// changedFile is a data file that loses rows.
type changedFile struct {
	file iceberg.DataFile
	rows *positions // that go now
	// before are those that went by position before, and vectors the deletion vectors that said so.
	before  []int64
	vectors []iceberg.DataFile
}

// plan finds the data files, and what has been deleted of them meanwhile.
func (d *changer) plan(ctx context.Context, gone map[string]*positions) error {
	if len(gone) == 0 {
		return nil
	}
	head := d.t.CurrentSnapshot()
	if head == nil {
		return conflict(d.w.Name, "all its rows were deleted")
	}
	h := handleOf(d.w.Name, d.t, head)
	tasks, err := d.c.planFiles(ctx, d.t, h, nil)
	if err != nil {
		return err
	}
	reader := newDeletes(d.c.storage.files, h)
	moved := d.w.Handle.Snapshot == nil || *d.w.Handle.Snapshot != head.SnapshotID
	seen := map[string]bool{}
	for i := range tasks {
		task := &tasks[i]
		name := task.File.FilePath()
		rows := gone[name]
		if rows == nil || seen[name] {
			continue
		}
		seen[name] = true
		f := changedFile{file: task.File, rows: rows, vectors: task.DeletionVectorFiles}
		if err := d.compare(ctx, &f, task, reader, moved); err != nil {
			return err
		}
		d.files = append(d.files, f)
	}
	for name := range gone {
		if !seen[name] {
			return conflict(d.w.Name, "the file %s, which has rows to be changed, was removed", name)
		}
	}
	slices.SortFunc(d.files, func(a, b changedFile) int { return cmp.Compare(a.file.FilePath(), b.file.FilePath()) })
	return nil
}

// compare finds out what has been deleted of a file before: no row that is to go may have gone since the change began.
func (d *changer) compare(ctx context.Context, f *changedFile, task *table.FileScanTask, reader *deletes, moved bool) error {
	if !moved && d.w.Version < 3 {
		return nil
	}
	s, err := newSplit(task, d.t, d.t.Schema())
	if err != nil {
		return err
	}
	byPosition := *s
	byPosition.Deletes = slices.DeleteFunc(slices.Clone(s.Deletes), func(f deleteFile) bool { return len(f.Fields) > 0 })
	if f.before, err = reader.rows(ctx, &byPosition, nil, nil); err != nil || !moved {
		return err
	}
	all := f.before
	if len(byPosition.Deletes) < len(s.Deletes) {
		file, err := openParquet(ctx, d.c.storage.files, s.Path, s.Size)
		if err != nil {
			return err
		}
		if all, err = reader.rows(ctx, s, file, newMapping(s.Path, file.Root(), reader.handle.Mapping)); err != nil {
			return err
		}
	}
	for _, row := range all {
		if f.rows.has(row) {
			return conflict(d.w.Name, "another change came before it to row %d of %s", row, s.Path)
		}
	}
	return nil
}

// write writes the delete files. Deletion vectors have all that is deleted of their file, so they take the place of those that were there.
func (d *changer) write(ctx context.Context) (added, removed []iceberg.DataFile, err error) {
	if len(d.files) == 0 {
		return nil, nil, nil
	}
	if d.t.Metadata().Version() < 3 {
		for i := range d.files {
			f, err := d.writePositions(ctx, &d.files[i])
			if err != nil {
				return nil, nil, err
			}
			added = append(added, f)
		}
		return added, nil, nil
	}
	io, err := d.t.FS(ctx)
	if err != nil {
		return nil, nil, err
	}
	out, ok := io.(*fileIO)
	if !ok {
		return nil, nil, errors.New("the table is not over the connector's storage")
	}
	w := dv.NewDVWriter(out, func(id int32) *iceberg.PartitionSpec { return d.t.Metadata().PartitionSpecByID(int(id)) })
	for _, f := range d.files {
		for _, row := range f.before {
			f.rows.add(row)
		}
		if err := w.Add(f.file.FilePath(), f.rows.list(), f.file.SpecID(), f.file.Partition()); err != nil {
			return nil, nil, err
		}
		removed = append(removed, f.vectors...)
	}
	added, err = w.Flush(ctx, filesystem.Join(d.w.Dir, d.w.QueryID+"-"+uuid.NewString()+".puffin"))
	return added, removed, err
}

// positionDelete is a row of a position delete file.
type positionDelete struct {
	Path     string `parquet:"file_path,id(2147483546),dict"`
	Position int64  `parquet:"pos,id(2147483545),plain"`
}

// writePositions writes the rows of one data file that go.
func (d *changer) writePositions(ctx context.Context, f *changedFile) (iceberg.DataFile, error) {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[positionDelete](&b, parquet.Compression(&parquet.Zstd))
	rows := make([]positionDelete, 0, readBatch)
	flush := func() error {
		_, err := w.Write(rows)
		rows = rows[:0]
		return err
	}
	path := f.file.FilePath()
	for _, row := range f.rows.list() {
		if rows = append(rows, positionDelete{path, row}); len(rows) == cap(rows) {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := errors.Join(flush(), w.Close()); err != nil {
		return nil, err
	}
	location := filesystem.Join(d.w.Dir, d.w.QueryID+"-"+uuid.NewString()+"-deletes.parquet")
	io, err := d.t.FS(ctx)
	if err != nil {
		return nil, err
	}
	if err := io.(*fileIO).WriteFile(location, b.Bytes()); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.IcebergWriterCloseError, "write %s", location)
	}
	spec := d.t.Metadata().PartitionSpecByID(int(f.file.SpecID()))
	df, err := iceberg.NewDataFileBuilder(*spec, iceberg.EntryContentPosDeletes, location, iceberg.ParquetFile, maps.Clone(f.file.Partition()), avroTypes(spec, d.t.Schema()), nil,
		f.rows.count(), int64(b.Len()))
	if err != nil {
		return nil, err
	}
	bound := map[int][]byte{deletePathID: []byte(path)}
	return df.ReferencedDataFile(path).LowerBoundValues(bound).UpperBoundValues(bound).Build(), nil
}
