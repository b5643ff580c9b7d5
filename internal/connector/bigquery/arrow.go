package bigquery

import (
	"bytes"
	"fmt"
	"io"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// decoder makes vectors of Arrow's record batches.
type decoder struct {
	schema  []byte
	columns []types.Type
	places  []int // of the columns in the batches
	record  arrow.RecordBatch
	next    int // row of the record
}

// newDecoder makes a decoder for batches of a schema, of which it takes some fields.
func newDecoder(schema []byte, names []string, columns []types.Type) (d *decoder, err error) {
	defer broken(&err)
	r, err := ipc.NewReader(bytes.NewReader(schema))
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.GenericInternalError, "read a schema of Arrow")
	}
	defer r.Release()
	d = &decoder{schema: schema, columns: columns}
	for _, name := range names {
		found := r.Schema().FieldIndices(name)
		if len(found) != 1 {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "BigQuery sends no field '%s'", name)
		}
		d.places = append(d.places, found[0])
	}
	return d, nil
}

// broken makes an error of a panic, which is what the library does over some broken messages.
func broken(err *error) {
	if p := recover(); p != nil {
		*err = trinoerr.New(trinoerr.GenericInternalError, "read a message of Arrow: %v", p)
	}
}

// left is how many rows of the current batch are left.
func (d *decoder) left() int {
	if d.record == nil {
		return 0
	}
	return int(d.record.NumRows()) - d.next
}

// add takes the next batch and returns its number of rows. There is nothing left of the one before.
func (d *decoder) add(batch []byte) (rows int64, err error) {
	defer broken(&err)
	d.close()
	r, err := ipc.NewReader(io.MultiReader(bytes.NewReader(d.schema), bytes.NewReader(batch)))
	if err != nil {
		return 0, err
	}
	defer r.Release()
	if !r.Next() {
		if r.Err() != nil {
			return 0, r.Err()
		}
		return 0, io.ErrUnexpectedEOF
	}
	d.record = r.RecordBatch()
	d.record.Retain()
	d.next = 0
	return d.record.NumRows(), nil
}

func (d *decoder) close() {
	if d.record != nil {
		d.record.Release()
		d.record = nil
	}
}

// take fills a batch with the next rows.
func (d *decoder) take(b *connector.Batch, limit int) (n int, err error) {
	defer broken(&err)
	n = min(limit, d.left())
	if len(b.Columns) != len(d.columns) {
		b.Columns = make([]connector.Vector, len(d.columns))
	}
	for i, t := range d.columns {
		b.Columns[i].Reset()
		if err := appendArray(&b.Columns[i], t, d.record.Column(d.places[i]), d.next, d.next+n); err != nil {
			return 0, err
		}
	}
	d.next += n
	b.Rows = n
	return n, nil
}

// appendArray appends the values from to end of an array.
func appendArray(v *connector.Vector, t types.Type, a arrow.Array, from, end int) error {
	at := v.Len(t)
	if a.NullN() > 0 {
		for i := from; i < end; i++ {
			if a.IsNull(i) {
				v.SetNull(at+i-from, at+end-from)
			}
		}
	}
	switch a := a.(type) {
	case *array.Boolean:
		for i := from; i < end; i++ {
			n := int8(0)
			if a.Value(i) {
				n = 1
			}
			v.I8 = append(v.I8, n)
		}
		return expect(t, types.Boolean)
	case *array.Int64:
		v.I64 = append(v.I64, a.Int64Values()[from:end]...)
		return expect(t, types.BigInt)
	case *array.Float64:
		v.F64 = append(v.F64, a.Float64Values()[from:end]...)
		return expect(t, types.Double)
	case *array.Date32:
		for _, d := range a.Date32Values()[from:end] {
			v.I32 = append(v.I32, int32(d))
		}
		return expect(t, types.Date)
	case *array.Time64:
		unit := a.DataType().(*arrow.Time64Type).Unit
		for _, n := range a.Time64Values()[from:end] {
			v.I64 = append(v.I64, micros(int64(n), unit))
		}
		return expect(t, types.Time)
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType).Unit
		for _, n := range a.TimestampValues()[from:end] {
			v.I64 = append(v.I64, micros(int64(n), unit))
		}
		return expect(t, types.Timestamp, types.TimestampTZ)
	case *array.Decimal128:
		return appendDecimals(v, t, a, from, end, int(a.DataType().(*arrow.Decimal128Type).Scale), func(i int) *big.Int { return a.Value(i).BigInt() })
	case *array.Decimal256:
		return appendDecimals(v, t, a, from, end, int(a.DataType().(*arrow.Decimal256Type).Scale), func(i int) *big.Int { return a.Value(i).BigInt() })
	case *array.String:
		return appendBytes(v, t, a, from, end, func(i int) []byte { return []byte(a.Value(i)) }, types.Varchar, types.JSON)
	case *array.LargeString:
		return appendBytes(v, t, a, from, end, func(i int) []byte { return []byte(a.Value(i)) }, types.Varchar, types.JSON)
	case *array.Binary:
		return appendBytes(v, t, a, from, end, a.Value, types.Varbinary)
	case *array.LargeBinary:
		return appendBytes(v, t, a, from, end, a.Value, types.Varbinary)
	case array.ListLike:
		return appendLists(v, t, a, from, end)
	case *array.Struct:
		if err := expect(t, types.Row); err != nil || len(t.Args) != a.NumField() {
			return mismatch(t, a)
		}
		return appendRows(v, t, a, from, end)
	}
	return mismatch(t, a)
}

func mismatch(t types.Type, a arrow.Array) error {
	return trinoerr.New(trinoerr.GenericInternalError, "BigQuery sends values of the Arrow type %s for a column of type %s", a.DataType(), t)
}

func expect(t types.Type, kinds ...types.Kind) error {
	for _, k := range kinds {
		if t.Kind == k {
			return nil
		}
	}
	return trinoerr.New(trinoerr.GenericInternalError, "BigQuery sends values of another type than %s", t)
}

func micros(n int64, unit arrow.TimeUnit) int64 {
	switch unit {
	case arrow.Second:
		return n * 1_000_000
	case arrow.Millisecond:
		return n * 1000
	case arrow.Nanosecond:
		return types.FloorDiv(n, 1000)
	}
	return n
}

func appendBytes(v *connector.Vector, t types.Type, a arrow.Array, from, end int, value func(i int) []byte, kinds ...types.Kind) error {
	if err := expect(t, kinds...); err != nil {
		return err
	}
	for i := from; i < end; i++ {
		if a.IsNull(i) {
			v.AppendBytes(nil)
			continue
		}
		text := value(i)
		if t.Kind == types.JSON {
			canonical, err := types.CanonicalJSON(string(text))
			if err != nil {
				return err
			}
			text = []byte(canonical)
		}
		v.AppendBytes(text)
	}
	return nil
}

// appendDecimals appends unscaled values, which may have another scale than the column.
func appendDecimals(v *connector.Vector, t types.Type, a arrow.Array, from, end, scale int, value func(i int) *big.Int) error {
	if err := expect(t, types.Decimal); err != nil {
		return err
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale-t.S, t.S-scale))), nil)
	var rest big.Int
	for i := from; i < end; i++ {
		var n types.Int128
		if !a.IsNull(i) {
			x := value(i)
			if t.S >= scale {
				x.Mul(x, power)
			} else if x.QuoRem(x, power, &rest); rest.Sign() != 0 {
				return trinoerr.New(trinoerr.NumericValueOutOfRange, "A number has more digits than %s", t)
			}
			var ok bool
			if n, ok = types.Int128FromBig(x); !ok || len(x.Text(10)) > t.P+(1-x.Sign())/2 {
				return trinoerr.New(trinoerr.NumericValueOutOfRange, "A number has more digits than %s", t)
			}
		}
		if t.P > 18 {
			v.I128 = append(v.I128, connector.Int128{Lo: n.Lo, Hi: n.Hi})
		} else {
			v.I64 = append(v.I64, int64(n.Lo))
		}
	}
	return nil
}

func appendLists(v *connector.Vector, t types.Type, a array.ListLike, from, end int) error {
	if err := expect(t, types.Array); err != nil {
		return err
	}
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	if v.Items == nil {
		v.Items = new(connector.Vector)
	}
	for i := from; i < end; i++ {
		first, last := a.ValueOffsets(i)
		if err := appendArray(v.Items, t.Elem(0), a.ListValues(), int(first), int(last)); err != nil {
			return err
		}
		v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+uint32(last-first))
	}
	return nil
}

func appendRows(v *connector.Vector, t types.Type, a *array.Struct, from, end int) error {
	if v.Fields == nil {
		v.Fields = make([]connector.Vector, len(t.Args))
	}
	for k, f := range t.Args {
		part := &v.Fields[k]
		at := part.Len(f.Type)
		if err := appendArray(part, f.Type, a.Field(k), from, end); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		for i := from; i < end; i++ {
			if a.IsNull(i) { // then all of its fields are
				part.SetNull(at+i-from, at+end-from)
			}
		}
	}
	return nil
}
