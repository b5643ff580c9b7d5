package iceberg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// writtenFile is a data file as fragments have it: what its manifest entry will say.
type writtenFile struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
	Rows int64  `json:"rows"`
	// Partition has the values of the spec's fields, serialized; nil is NULL.
	Partition [][]byte       `json:"partition,omitempty"`
	Sizes     map[int]int64  `json:"sizes,omitempty"`
	Values    map[int]int64  `json:"values,omitempty"`
	Nulls     map[int]int64  `json:"nulls,omitempty"`
	NaNs      map[int]int64  `json:"nans,omitempty"`
	Low       map[int][]byte `json:"low,omitempty"`
	High      map[int][]byte `json:"high,omitempty"`
	Offsets   []int64        `json:"offsets,omitempty"`
}

// describeFile reads the footer of a file on this machine that will be at a location.
func describeFile(path, location string, w *write, rows int64) (*writtenFile, error) {
	r, err := parquetfile.OpenParquetFile(path, false)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.IcebergWriterDataError, "read the footer of %s", path)
	}
	defer r.Close()
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	df, err := table.DataFileFromMetadata(table.DataFileArgs{Schema: w.Schema, Spec: *iceberg.UnpartitionedSpec, Format: iceberg.ParquetFile,
		Metadata: r.MetaData(), FilePath: location, FileSize: info.Size(), Content: iceberg.EntryContentData, FormatVersion: w.Version})
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.IcebergWriterDataError, "read the footer of %s", path)
	}
	if df.Count() != rows {
		return nil, trinoerr.New(trinoerr.IcebergWriterDataError, "%s has %d rows instead of %d", path, df.Count(), rows)
	}
	return &writtenFile{Path: location, Size: info.Size(), Rows: rows, Sizes: df.ColumnSizes(), Values: df.ValueCounts(), Nulls: df.NullValueCounts(),
		NaNs: df.NaNValueCounts(), Low: df.LowerBoundValues(), High: df.UpperBoundValues(), Offsets: df.SplitOffsets()}, nil
}

// dataFile makes the manifest entry of a written file.
func (f *writtenFile) dataFile(spec *iceberg.PartitionSpec, schema *iceberg.Schema) (iceberg.DataFile, error) {
	p, err := newPartitioner(spec, schema)
	if err != nil {
		return nil, err
	}
	values, err := p.decode(f.Partition)
	if err != nil {
		return nil, err
	}
	b, err := iceberg.NewDataFileBuilder(*spec, iceberg.EntryContentData, f.Path, iceberg.ParquetFile, values, avroTypes(spec, schema), nil, f.Rows, f.Size)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", f.Path, err)
	}
	return b.ColumnSizes(f.Sizes).ValueCounts(f.Values).NullValueCounts(f.Nulls).NaNValueCounts(f.NaNs).LowerBoundValues(f.Low).
		UpperBoundValues(f.High).SplitOffsets(f.Offsets).Build(), nil
}

// upload copies a file from this machine to a location.
func upload(ctx context.Context, files filesystem.FileSystem, path, location string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := files.Create(ctx, location, filesystem.CreateOptions{Durable: true})
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Abort())
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Remove(path)
}
