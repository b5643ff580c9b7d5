package lines

import (
	"encoding/base64"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Writer makes lines of rows.
type Writer struct {
	o       Options
	columns []Column
}

// NewWriter makes a writer; the error is about columns that a format cannot have.
func NewWriter(o Options, columns []Column) (*Writer, error) {
	if err := Check(o, columns); err != nil {
		return nil, err
	}
	return &Writer{o: o, columns: columns}, nil
}

// Check says why a format cannot have columns.
func Check(o Options, columns []Column) error {
	for _, c := range columns {
		if err := checkType(o, c, c.Type); err != nil {
			return err
		}
		if o.Format == Text && depth(c.Type) >= len(o.Separators) {
			return trinoerr.New(trinoerr.NotSupported, "Column '%s' is nested deeper than there are separators: %s", c.Name, c.Type)
		}
	}
	return nil
}

func checkType(o Options, c Column, t types.Type) error {
	switch {
	case o.Format == CSV && (t.Kind != types.Varchar || t.P != types.UnboundedLength):
		return trinoerr.New(trinoerr.NotSupported, "Hive CSV storage format only supports VARCHAR (unbounded). Unsupported columns: %s %s", c.Name, c.Type)
	case t.Kind == types.Timestamp && t.P > 6:
		return trinoerr.New(trinoerr.NotSupported, "Timestamps of nanoseconds are not supported in the storage format %s: column %s", o.Format, c.Name)
	}
	for i := range t.Args {
		if err := checkType(o, c, t.Elem(i)); err != nil {
			return err
		}
	}
	return nil
}

// Header is the first line of files of a table that skips one: the names of the columns.
func (w *Writer) Header(out []byte) []byte {
	names := connector.Batch{Rows: 1, Columns: make([]connector.Vector, len(w.columns))}
	for i, c := range w.columns {
		names.Columns[i].AppendBytes([]byte(c.Name))
	}
	texts := make([]Column, len(w.columns))
	for i, c := range w.columns {
		texts[i] = Column{Name: c.Name, Type: types.Of(types.Varchar)}
	}
	line, _ := (&Writer{o: w.o, columns: texts}).Append(out, names.Columns, 0) // of texts there is always one
	return line
}

// Append appends the line of a row.
func (w *Writer) Append(out []byte, columns []connector.Vector, row int) (line []byte, err error) {
	if w.o.Format == JSON || w.o.Format == OpenXJSON {
		if out, err = w.object(out, columns, row); err != nil {
			return nil, err
		}
		return append(out, '\n'), nil
	}
	for i := range w.columns {
		switch {
		case w.o.Format == CSV:
			if i > 0 {
				out = append(out, byte(w.o.Separator))
			}
			out = appendCSV(out, &w.o, &columns[i], row)
		default:
			if i > 0 {
				out = append(out, w.o.Separators[0])
			}
			out = w.text(out, &columns[i], w.columns[i].Type, row, 1)
		}
	}
	return append(out, '\n'), nil
}

// text writes a value of a text, its parts divided by the separator of a level.
func (w *Writer) text(out []byte, v *connector.Vector, t types.Type, i, level int) []byte {
	if v.IsNull(i) {
		return append(out, w.o.Null...)
	}
	switch t.Kind {
	case types.Array:
		for j := v.Offsets[i]; j < v.Offsets[i+1]; j++ {
			if j > v.Offsets[i] {
				out = append(out, w.o.Separators[level])
			}
			out = w.text(out, v.Items, t.Elem(0), int(j), level+1)
		}
		return out
	case types.Map:
		for j := v.Offsets[i]; j < v.Offsets[i+1]; j++ {
			if j > v.Offsets[i] {
				out = append(out, w.o.Separators[level])
			}
			out = w.text(out, &v.Fields[0], t.Elem(0), int(j), level+2)
			out = append(out, w.o.Separators[level+1])
			out = w.text(out, &v.Fields[1], t.Elem(1), int(j), level+2)
		}
		return out
	case types.Row:
		for n := range t.Args {
			if n > 0 {
				out = append(out, w.o.Separators[level])
			}
			out = w.text(out, &v.Fields[n], t.Elem(n), i, level+1)
		}
		return out
	case types.Varbinary:
		return base64.StdEncoding.AppendEncode(out, v.Data[v.Offsets[i]:v.Offsets[i+1]])
	case types.Varchar, types.Char:
		return w.escaped(out, appendScalarText(nil, v, t, i))
	}
	return appendScalarText(out, v, t, i)
}

func (w *Writer) escaped(out, text []byte) []byte {
	if w.o.Escape == 0 {
		return append(out, text...)
	}
	for _, c := range text {
		if c == w.o.Escape || strings.IndexByte(string(w.o.Separators), c) >= 0 {
			out = append(out, w.o.Escape)
		}
		out = append(out, c)
	}
	return out
}

// ScalarText is a value without parts as Hive writes it; nil for NULL.
func ScalarText(v *connector.Vector, t types.Type, i int) *string {
	if v.IsNull(i) {
		return nil
	}
	text := string(appendScalarText(nil, v, t, i))
	return &text
}

// appendScalarText writes a value that has no parts, as Hive does.
func appendScalarText(out []byte, v *connector.Vector, t types.Type, i int) []byte {
	switch t.Kind {
	case types.Boolean:
		if v.I8[i] != 0 {
			return append(out, "true"...)
		}
		return append(out, "false"...)
	case types.Varchar, types.Varbinary:
		return append(out, v.Data[v.Offsets[i]:v.Offsets[i+1]]...)
	case types.Char:
		text := v.Data[v.Offsets[i]:v.Offsets[i+1]]
		out = append(out, text...)
		return append(out, strings.Repeat(" ", max(t.P-utf8.RuneCount(text), 0))...)
	case types.Real:
		return append(out, strings.Trim(string(types.AppendWire(nil, t, v.F32[i])), `"`)...)
	case types.Double:
		return append(out, strings.Trim(string(types.AppendWire(nil, t, v.F64[i])), `"`)...)
	case types.Date:
		return append(out, strings.TrimPrefix(types.Text(t, types.DateValue(v.I32[i])), "+")...)
	case types.Timestamp:
		return append(out, strings.TrimPrefix(timestampText(v.I64[i]), "+")...)
	}
	return append(out, types.Text(t, number(v, t, i))...)
}

func timestampText(us int64) string {
	t := time.UnixMicro(us).UTC()
	text := types.Text(types.TimestampP(6), types.TimestampValue{EpochMicros: us})
	if t.Nanosecond() == 0 {
		return strings.TrimSuffix(text, ".000000")
	}
	return strings.TrimRight(text, "0")
}

// number is a whole or decimal number in the representation of package types.
func number(v *connector.Vector, t types.Type, i int) any {
	switch t.Kind {
	case types.TinyInt:
		return int64(v.I8[i])
	case types.SmallInt:
		return int64(v.I16[i])
	case types.Integer:
		return int64(v.I32[i])
	case types.Decimal:
		if t.P > 18 {
			return types.Int128{Lo: v.I128[i].Lo, Hi: v.I128[i].Hi}
		}
		return types.Int128From(v.I64[i])
	}
	return v.I64[i]
}

// object writes a row as a JSON object.
func (w *Writer) object(out []byte, columns []connector.Vector, row int) (_ []byte, err error) {
	out = append(out, '{')
	for i, c := range w.columns {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, c.Name), ':')
		if out, err = appendJSON(out, &columns[i], c.Type, row); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func appendJSON(out []byte, v *connector.Vector, t types.Type, i int) (_ []byte, err error) {
	if v.IsNull(i) {
		return append(out, "null"...), nil
	}
	switch t.Kind {
	case types.Array:
		out = append(out, '[')
		for j := v.Offsets[i]; j < v.Offsets[i+1]; j++ {
			if j > v.Offsets[i] {
				out = append(out, ',')
			}
			if out, err = appendJSON(out, v.Items, t.Elem(0), int(j)); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case types.Map:
		out = append(out, '{')
		for j := v.Offsets[i]; j < v.Offsets[i+1]; j++ {
			if j > v.Offsets[i] {
				out = append(out, ',')
			}
			out = append(appendString(out, string(appendScalarText(nil, &v.Fields[0], t.Elem(0), int(j)))), ':')
			if out, err = appendJSON(out, &v.Fields[1], t.Elem(1), int(j)); err != nil {
				return nil, err
			}
		}
		return append(out, '}'), nil
	case types.Row:
		out = append(out, '{')
		for n, f := range t.Args {
			if n > 0 {
				out = append(out, ',')
			}
			out = append(appendString(out, f.Name), ':')
			if out, err = appendJSON(out, &v.Fields[n], f.Type, i); err != nil {
				return nil, err
			}
		}
		return append(out, '}'), nil
	case types.Real:
		if f := float64(v.F32[i]); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, unserializable(f)
		}
	case types.Double:
		if f := v.F64[i]; math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, unserializable(f)
		}
	case types.Varchar, types.Char, types.Varbinary, types.Date, types.Timestamp:
		return appendString(out, string(appendScalarText(nil, v, t, i))), nil
	}
	return appendScalarText(out, v, t, i), nil
}

func unserializable(f float64) error {
	return trinoerr.New(trinoerr.HiveUnserializableJsonValue, "Invalid value to Insert: %s", types.Text(types.Of(types.Double), f))
}

// appendString writes a JSON string. Only what must be is escaped; bytes that are no UTF-8 are replaced.
func appendString(out []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\r':
			out = append(out, `\r`...)
		case r == '\t':
			out = append(out, `\t`...)
		case r == '\b':
			out = append(out, `\b`...)
		case r == '\f':
			out = append(out, `\f`...)
		case r < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}
