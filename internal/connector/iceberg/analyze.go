package iceberg

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/puffin"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/sketch/theta"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// What ANALYZE finds is kept where Trino and Spark keep it: theta sketches of columns in a Puffin file, which the table's metadata names, as
// the statistics of the snapshot that was read. The estimate stands beside each sketch, under this name.
const ndvProperty = "ndv"

const argColumns = "columns"

// AnalyzeProperties are Trino's.
func (c *Connector) AnalyzeProperties() []connector.Property {
	return []connector.Property{{Name: argColumns, Type: types.ArrayOf(varchar), Description: "Columns to be analyzed"}}
}

// analysis is the handle of an ANALYZE.
type analysis struct {
	Handle *handle `json:"handle"`
	// Fields are the ids of the columns.
	Fields []int `json:"fields"`
}

// Analysis asks for sketches of the columns, all of those that are neither lists nor maps nor rows if none are chosen.
func (c *Connector) Analysis(ctx context.Context, t *connector.Table, properties map[string]any) (*connector.Analysis, error) {
	if !c.SettingsFor(ctx).extendedStats {
		return nil, trinoerr.New(trinoerr.NotSupported,
			"Analyze is not enabled. You can enable analyze using iceberg.extended-statistics.enabled config or extended_statistics_enabled catalog session property")
	}
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, err
	}
	if h.Metadata != "" || h.Past {
		return nil, trinoerr.New(trinoerr.NotSupported, "Analyzing metadata tables and older snapshots is not supported: %s", t.Name)
	}
	wanted, chosen := properties[argColumns].([]string)
	if chosen && len(wanted) == 0 {
		return nil, trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Cannot specify empty list of columns for analysis")
	}
	out, a := &connector.Analysis{Sketches: true}, analysis{Handle: h}
	for _, f := range h.Schema.Fields() {
		name := strings.ToLower(f.Name)
		_, nested := f.Type.(iceberg.NestedType)
		if nested || chosen && !slices.Contains(wanted, name) {
			continue
		}
		out.Columns, a.Fields = append(out.Columns, name), append(a.Fields, f.ID)
	}
	unknown := slices.DeleteFunc(slices.Clone(wanted), func(n string) bool { return slices.Contains(out.Columns, n) })
	if len(unknown) > 0 {
		return nil, trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Invalid columns specified for analysis: [%s]", strings.Join(unknown, ", "))
	}
	out.Handle, err = json.Marshal(a)
	return out, err
}

// StoreStatistics writes sketches beside the table and names them in its metadata. What was known of other columns stays.
func (c *Connector) StoreStatistics(ctx context.Context, raw json.RawMessage, groups []connector.GroupStatistics) error {
	var a analysis
	if err := json.Unmarshal(raw, &a); err != nil {
		return trinoerr.Wrap(err, trinoerr.SerializationError, "handle of an ANALYZE of an Iceberg table")
	}
	if a.Handle.Snapshot == nil || len(groups) == 0 || len(a.Fields) == 0 {
		return nil // there is nothing to be described
	}
	t, err := c.pinned(ctx, a.Handle)
	if err != nil {
		return err
	}
	snapshot := t.SnapshotByID(*a.Handle.Snapshot)
	var file bytes.Buffer
	w, err := newSketchFile(&file, snapshot)
	if err != nil {
		return err
	}
	for i, column := range groups[0].Columns {
		if err := w.add(a.Fields[i], column); err != nil {
			return err
		}
	}
	if err := w.keep(ctx, c.storage.files, t); err != nil {
		return err
	}
	stats, err := w.finish()
	if err != nil {
		return trinoerr.Wrap(err, trinoerr.IcebergWriterDataError, "statistics of %s", a.Handle.Name)
	}
	stats.StatisticsPath = filesystem.Join(t.Location(), "metadata", uuid.NewString()+".stats")
	stats.FileSizeInBytes = int64(file.Len())
	stats.FileFooterSizeInBytes = footerBytes(file.Bytes())
	if err := filesystem.WriteAll(ctx, c.storage.files, stats.StatisticsPath, file.Bytes(), filesystem.CreateOptions{Durable: true, IfAbsent: true}); err != nil {
		return err
	}
	return c.setStatistics(ctx, a.Handle, func(*table.Table) []table.Update { return []table.Update{table.NewSetStatisticsUpdate(*stats)} })
}

// footerBytes is how long the footer of a Puffin file is: from its first magic to the end.
func footerBytes(file []byte) int64 {
	const magic = "PFA1"
	tail := file[:len(file)-len(magic)]
	return int64(len(file) - bytes.LastIndex(tail, []byte(magic)))
}

// setStatistics changes which statistics a table has.
func (c *Connector) setStatistics(ctx context.Context, h *handle, updates func(*table.Table) []table.Update) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		t, err := c.load(ctx, h.Name)
		if err == nil && (t == nil || t.Metadata().TableUUID().String() != h.UUID) {
			err = trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.name, h.Name)
		}
		if err != nil {
			return err
		}
		todo := updates(t)
		if len(todo) == 0 {
			return nil
		}
		_, _, err = cat.CommitTable(ctx, identifier(h.Name), []table.Requirement{table.AssertTableUUID(t.Metadata().TableUUID())}, todo)
		if err == nil || !errors.Is(err, table.ErrCommitFailed) || attempt >= c.retries(t) {
			return catalogError(err, "change the statistics of %s", h.Name)
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// sketchFile writes the sketches of a snapshot.
type sketchFile struct {
	writer   *puffin.Writer
	snapshot *table.Snapshot
	stats    table.StatisticsFile
}

func newSketchFile(to *bytes.Buffer, snapshot *table.Snapshot) (*sketchFile, error) {
	w, err := puffin.NewWriter(to)
	if err == nil {
		err = w.SetCreatedBy("waterbear")
	}
	return &sketchFile{writer: w, snapshot: snapshot, stats: table.StatisticsFile{SnapshotID: snapshot.SnapshotID, BlobMetadata: []table.BlobMetadata{}}}, err
}

// add writes the sketch of a column; one without values has an empty sketch.
func (f *sketchFile) add(field int, column connector.GatheredStatistics) error {
	raw := column.Sketch
	if raw == nil {
		s, err := theta.New()
		if err != nil {
			return err
		}
		if raw, err = s.Bytes(); err != nil {
			return err
		}
	}
	n, err := theta.Estimate(raw)
	if err != nil {
		return trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "sketch of a column")
	}
	return f.blob(table.BlobMetadata{Type: table.BlobTypeApacheDatasketchesThetaV1, SnapshotID: f.snapshot.SnapshotID, SequenceNumber: f.snapshot.SequenceNumber,
		Fields: []int32{int32(field)}, Properties: map[string]string{ndvProperty: strconv.FormatInt(int64(math.Round(n)), 10)}}, raw)
}

func (f *sketchFile) blob(m table.BlobMetadata, raw []byte) error {
	_, err := f.writer.AddBlob(puffin.BlobMetadataInput{Type: puffin.BlobType(m.Type), SnapshotID: m.SnapshotID, SequenceNumber: m.SequenceNumber,
		Fields: m.Fields, Properties: m.Properties}, raw)
	f.stats.BlobMetadata = append(f.stats.BlobMetadata, m)
	return err
}

// keep copies what the snapshot's statistics have of other columns, since a snapshot has one file of them.
func (f *sketchFile) keep(ctx context.Context, files filesystem.FileSystem, t *table.Table) error {
	for old := range t.Metadata().Statistics() {
		if old.SnapshotID != f.snapshot.SnapshotID {
			continue
		}
		raw, err := filesystem.ReadAll(ctx, files, old.StatisticsPath)
		if err != nil {
			return err
		}
		r, err := puffin.NewReader(bytes.NewReader(raw))
		if err != nil {
			return trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "statistics %s", old.StatisticsPath)
		}
		for i, b := range r.Blobs() {
			if slices.ContainsFunc(f.stats.BlobMetadata, func(m table.BlobMetadata) bool { return slices.Equal(m.Fields, b.Fields) }) {
				continue
			}
			data, err := r.ReadBlob(i)
			if err != nil {
				return trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "statistics %s", old.StatisticsPath)
			}
			if err := f.blob(table.BlobMetadata{Type: table.BlobType(b.Type), SnapshotID: b.SnapshotID, SequenceNumber: b.SequenceNumber, Fields: b.Fields,
				Properties: b.Properties}, data.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *sketchFile) finish() (*table.StatisticsFile, error) { return &f.stats, f.writer.Finish() }

// distinctValues is what ANALYZE has found out of columns, by the ids of their fields: of the snapshot that is read, or else of the newest of
// those before it.
func distinctValues(t *table.Table, snapshot int64) map[int]float64 {
	files := map[int64][]table.BlobMetadata{}
	for f := range t.Metadata().Statistics() {
		files[f.SnapshotID] = append(files[f.SnapshotID], f.BlobMetadata...)
	}
	out := map[int]float64{}
	if len(files) == 0 {
		return out
	}
	for _, s := range table.AncestorsOf(snapshot, t.SnapshotByID) {
		for _, b := range files[s.SnapshotID] {
			if b.Type != table.BlobTypeApacheDatasketchesThetaV1 || len(b.Fields) != 1 {
				continue
			}
			n, err := strconv.ParseFloat(b.Properties[ndvProperty], 64)
			if _, known := out[int(b.Fields[0])]; !known && err == nil {
				out[int(b.Fields[0])] = n
			}
		}
	}
	return out
}

// dropExtendedStats forgets what ANALYZE has found. The files are for remove_orphan_files.
func (c *Connector) dropExtendedStats(ctx context.Context, t *connector.Table, _ map[string]any, _ []connector.Domain) error {
	if !c.SettingsFor(ctx).extendedStats {
		return trinoerr.New(trinoerr.NotSupported,
			"Extended statistics are not enabled. You can enable them using iceberg.extended-statistics.enabled config or extended_statistics_enabled catalog session property")
	}
	_, h, err := c.changing(ctx, t)
	if err != nil {
		return err
	}
	return c.setStatistics(ctx, h, func(t *table.Table) (out []table.Update) {
		for f := range t.Metadata().Statistics() {
			out = append(out, table.NewRemoveStatisticsUpdate(f.SnapshotID))
		}
		return out
	})
}
