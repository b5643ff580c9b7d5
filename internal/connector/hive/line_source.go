package hive

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// lineSource reads splits of a table made of lines, as many at a time as the engine wants.
type lineSource struct {
	c      *Connector
	format *lineFormat
	scan   connector.Scan
	splits []split
}

// newLineSource makes a source of splits.
func (c *Connector) newLineSource(f *lineFormat, scan connector.Scan, splits []connector.Split) (*lineSource, error) {
	s := &lineSource{c: c, format: f, scan: scan, splits: make([]split, len(splits))}
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &s.splits[i]); err != nil || len(s.splits[i].Columns) != len(scan.Columns) {
			return nil, trinoerr.New(trinoerr.SerializationError, "split of %s: %v", scan.Table, err)
		}
	}
	return s, nil
}

// Partitions is the number of splits.
func (s *lineSource) Partitions() int { return len(s.splits) }

// Open opens the file of a split.
func (s *lineSource) Open(ctx context.Context, partition int, projection []int) (connector.BatchReader, error) {
	sp := &s.splits[partition]
	codec, err := codecOf(sp.Location)
	if err != nil {
		return nil, err
	}
	r := &lineReader{split: sp}
	wanted, err := s.columns(r, sp, projection)
	if err != nil {
		return nil, err
	}
	raw, err := s.c.files.Open(ctx, sp.Location, sp.From, -1)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.HiveCannotOpenSplit, "Error opening Hive split %s", sp.Location)
	}
	r.closers = append(r.closers, raw)
	in, end := io.Reader(raw), sp.To
	if codec != "" {
		unpacked, err := decompressors[codec](raw)
		if err != nil {
			return nil, errors.Join(r.failed(err), r.Close())
		}
		r.closers = append(r.closers, unpacked)
		in, end = unpacked, -1
	}
	if r.lines, err = lines.NewReader(in, s.format.Options, s.format.Columns, wanted, sp.From, end); err != nil {
		return nil, errors.Join(r.failed(err), r.Close())
	}
	return r, nil
}

// columns says where the columns of a projection come from, and which columns of the table's are to be read for them.
func (s *lineSource) columns(r *lineReader, sp *split, projection []int) (wanted []int, err error) {
	for _, i := range projection {
		col := s.scan.Columns[i]
		out := lineColumn{typ: col.Type, from: -1}
		if name := sp.Columns[i].Name; name != "" {
			at := s.format.ordinal(name)
			if at < 0 {
				return nil, trinoerr.New(trinoerr.SerializationError, "split of %s has a column %s that the table lacks", s.scan.Table, name)
			}
			if out.from = slices.Index(wanted, at); out.from < 0 {
				out.from = len(wanted)
				wanted = append(wanted, at)
			}
			out.fields = col.Fields
		} else if out.constant, err = constant(col.Type, sp.Columns[i].Value); err != nil {
			return nil, err
		}
		r.columns = append(r.columns, out)
	}
	r.read = make([]connector.Vector, len(wanted))
	return wanted, nil
}

// lineColumn is a column of a projection: one of those that are read, or a field within it, or a constant.
type lineColumn struct {
	typ      types.Type
	from     int
	fields   []int
	constant any
}

// lineReader reads a split.
type lineReader struct {
	split   *split
	lines   *lines.Reader
	columns []lineColumn
	read    []connector.Vector
	fixed   []connector.Vector // of the constants
	rows    int                // how many values these have
	closers []io.Closer
}

// Next reads rows.
func (r *lineReader) Next(b *connector.Batch, limit int) (int, error) {
	for i := range r.read {
		r.read[i].Reset()
	}
	n, err := r.lines.Next(r.read, limit)
	if err != nil {
		return 0, r.failed(err)
	}
	if len(b.Columns) != len(r.columns) {
		b.Columns = make([]connector.Vector, len(r.columns))
	}
	if r.fixed == nil || r.rows < n {
		r.rows, r.fixed = n, make([]connector.Vector, len(r.columns))
		for i, c := range r.columns {
			if c.from < 0 {
				for range n {
					appendValue(&r.fixed[i], c.typ, c.constant)
				}
			}
		}
	}
	for i, c := range r.columns {
		if c.from < 0 {
			b.Columns[i] = r.fixed[i]
			continue
		}
		v := &r.read[c.from]
		for _, f := range c.fields {
			if n > 0 {
				v = &v.Fields[f]
			}
		}
		b.Columns[i] = *v
	}
	b.Rows = n
	return n, nil
}

// failed words what was wrong with a file.
func (r *lineReader) failed(err error) error {
	var e *trinoerr.Error
	if errors.As(err, &e) {
		return err
	}
	return &trinoerr.Error{Code: trinoerr.HiveCursorError, Msg: "Failed to read file at " + r.split.Location + ": " + err.Error(), Cause: err}
}

// Close closes the file.
func (r *lineReader) Close() error {
	var errs []error
	for _, c := range slices.Backward(r.closers) {
		errs = append(errs, c.Close())
	}
	r.closers = nil
	return errors.Join(errs...)
}

// appendValue appends a value of a column that is not in files.
func appendValue(v *connector.Vector, t types.Type, value any) {
	n := v.Len(t)
	if value == nil {
		v.SetNull(n, n+1)
	}
	whole, _ := value.(int64)
	switch t.Kind {
	case types.Boolean:
		yes, _ := value.(bool)
		v.I8 = append(v.I8, int8(truth(yes)))
	case types.TinyInt:
		v.I8 = append(v.I8, int8(whole))
	case types.SmallInt:
		v.I16 = append(v.I16, int16(whole))
	case types.Integer:
		v.I32 = append(v.I32, int32(whole))
	case types.BigInt:
		v.I64 = append(v.I64, whole)
	case types.Date:
		day, _ := value.(types.DateValue)
		v.I32 = append(v.I32, int32(day))
	case types.Real:
		f, _ := value.(float32)
		v.F32 = append(v.F32, f)
	case types.Double:
		f, _ := value.(float64)
		v.F64 = append(v.F64, f)
	case types.Decimal:
		d, _ := value.(types.Int128)
		if t.P > 18 {
			v.I128 = append(v.I128, connector.Int128{Lo: d.Lo, Hi: d.Hi})
		} else {
			v.I64 = append(v.I64, int64(d.Lo))
		}
	case types.Timestamp:
		ts, _ := value.(types.TimestampValue)
		v.I64 = append(v.I64, ts.EpochMicros)
	case types.TimestampTZ:
		ts, _ := value.(types.TimestampTZValue)
		v.I64 = append(v.I64, ts.EpochMillis)
	default:
		text, _ := value.(string)
		v.AppendBytes([]byte(text))
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
