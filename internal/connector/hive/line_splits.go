package hive

import (
	"context"
	"math"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
)

// cutLines makes splits of a file of lines: ranges of bytes of one that can be read from anywhere, or else the whole.
func (c *Connector) cutLines(src *splitSource, t *table, f *lineFormat, p *partition, file *dataFile, scan connector.Scan) error {
	codec, err := codecOf(file.Location)
	if err != nil {
		return err
	}
	prototype := split{Location: file.Location, Size: file.Size}
	for _, col := range scan.Columns {
		s, err := lineSourceOf(t, f, p, file, col)
		if err != nil {
			return err
		}
		prototype.Columns = append(prototype.Columns, s)
	}
	step := c.maxSplitBytes
	if codec != "" || f.Options.Header > 1 || f.Options.Footer > 0 {
		step = file.Size
	}
	for from := int64(0); from < file.Size; from += step {
		s := prototype
		s.From, s.To = from, min(from+step, file.Size)
		src.add(s, 0, s.To-s.From)
	}
	return src.err
}

// lineSourceOf says where the values of a column come from: from the lines, or they are the same for all.
func lineSourceOf(t *table, f *lineFormat, p *partition, file *dataFile, c connector.Column) (splitColumn, error) {
	name := c.Name
	if c.Base != "" {
		name = c.Base
	}
	if f.ordinal(name) >= 0 {
		return splitColumn{Name: name}, nil
	}
	return sourceOf(t, p, file, lake.Column{Column: c})
}

// ordinal is the number of a column; negative when it is none of those in files.
func (f *lineFormat) ordinal(name string) int {
	for i, c := range f.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// lineStatistics is what the metastore says of the rows of a table made of lines, whose files do not say it.
func (c *Connector) lineStatistics(ctx context.Context, t *table, parts []*partition, columns []connector.Column) connector.Statistics {
	out := connector.Statistics{Rows: 0, Columns: map[string]connector.ColumnStatistics{}}
	bytes := 0.0
	for _, p := range parts {
		for _, f := range p.files {
			bytes += float64(f.Size)
		}
		rows, ok := c.rowsOf(ctx, t, p)
		if !ok || out.Rows < 0 {
			out.Rows = -1
			continue
		}
		out.Rows += rows
	}
	for _, col := range columns {
		out.Columns[col.Name] = connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: bytes / float64(max(len(t.columns), 1)), Low: math.NaN(), High: math.NaN()}
	}
	return out
}

// rowsOf is how many rows the metastore says that there are.
func (c *Connector) rowsOf(ctx context.Context, t *table, p *partition) (float64, bool) {
	parameters := t.meta.Parameters
	if len(t.partitionColumns) > 0 {
		f, err := c.partitionOf(ctx, t.meta, p.name)
		if f == nil || err != nil {
			return 0, false // statistics are no reason to fail
		}
		parameters = f.Parameters
	}
	n, err := strconv.ParseInt(parameters[paramRows], 10, 64)
	return float64(n), err == nil && n >= 0
}
