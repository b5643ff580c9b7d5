package hive

import (
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// lineFormat is what a table made of lines of text has to say of them. It travels in the handle of the table.
type lineFormat struct {
	Options lines.Options  `json:"options"`
	Columns []lines.Column `json:"columns"` // those in files
}

// lineFormat says how the lines of a table are read and written; nil when it is made of something else.
func (t *table) lineFormat() (*lineFormat, error) {
	if !lines.Known(t.format()) {
		return nil, nil
	}
	o, err := lines.OptionsOf(t.format(), t.meta.Storage.SerdeParameters, t.meta.Parameters)
	if err != nil {
		return nil, err
	}
	f := &lineFormat{Options: o, Columns: lineColumns(t.columns)}
	return f, lines.Check(o, f.Columns)
}

func lineColumns(columns []connector.Column) []lines.Column {
	out := make([]lines.Column, len(columns))
	for i, c := range columns {
		out[i] = lines.Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// decompressors are the readers of compressed files, by the ends of their names.
var decompressors = map[string]func(io.Reader) (io.ReadCloser, error){
	".gz":      func(in io.Reader) (io.ReadCloser, error) { return gzip.NewReader(in) },
	".deflate": zlib.NewReader,
	".bz2":     func(in io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(in)), nil },
	".zst": func(in io.Reader) (io.ReadCloser, error) {
		r, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, err
		}
		return r.IOReadCloser(), nil
	},
}

// otherCodecs are the ends of names of files in codecs that cannot be read.
var otherCodecs = []string{".snappy", ".lz4", ".lzo", ".lzo_deflate"}

// codecOf is the end of a file's name that says how it is compressed; empty when it is not.
func codecOf(location string) (string, error) {
	end := strings.ToLower(path.Ext(location))
	for _, other := range otherCodecs {
		if end == other {
			return "", trinoerr.New(trinoerr.NotSupported, "Compressed files of this kind are not supported: %s", location)
		}
	}
	if decompressors[end] == nil {
		end = ""
	}
	return end, nil
}

// lineCodecs are the ends of names of files of lines, by the codec that the catalog wants.
var lineCodecs = map[string]string{"NONE": "", "GZIP": ".gz", "ZSTD": ".zst"}

// compressor writes what a codec, by the end of its name, makes of what is written to it.
func compressor(end string, out io.Writer) (io.WriteCloser, error) {
	switch end {
	case ".gz":
		return gzip.NewWriter(out), nil
	case ".zst":
		return zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	}
	return plain{out}, nil
}

// plain compresses nothing.
type plain struct{ io.Writer }

// Close does nothing.
func (plain) Close() error { return nil }
