package mongodb

import (
	"cmp"
	"context"
	"math/big"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A filter of the server may let documents pass that do not satisfy a constraint. So a delete reads those that pass, looks at the values that they have as rows, and
// deletes by _id.

// deleteBatch is how many documents are deleted at a time.
const deleteBatch = 1000

// CanDelete reports whether the constraint is on columns whose values Delete compares.
func (c *Connector) CanDelete(_ context.Context, t *connector.Table, constraint []connector.Domain) (bool, error) {
	h, err := readHandle(t.Handle)
	if err != nil || h.View {
		return false, err
	}
	for _, d := range constraint {
		if col := columnOf(t, d.Column); col == nil || !comparable(col.Type) {
			return false, nil
		}
	}
	return true, nil
}

func columnOf(t *connector.Table, name string) *connector.Column {
	if i := slices.IndexFunc(t.Columns, func(col connector.Column) bool { return col.Name == name }); i >= 0 {
		return &t.Columns[i]
	}
	return nil
}

// comparable reports whether valueOf knows values of a type.
func comparable(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Double, types.Decimal, types.Varchar, types.Date:
		return true
	case types.Timestamp:
		return t.P <= 6
	}
	return false
}

// Delete deletes the documents that satisfy a constraint.
func (c *Connector) Delete(ctx context.Context, t *connector.Table, constraint []connector.Domain) (int64, error) {
	h, err := readHandle(t.Handle)
	if err != nil {
		return 0, err
	}
	if len(constraint) == 0 {
		r, err := c.collection(h.place).DeleteMany(ctx, bson.D{})
		if err != nil {
			return 0, failed(err, "delete from %s", h.place)
		}
		return r.DeletedCount, nil
	}
	var conditions bson.A
	wanted := bson.D{{Key: id, Value: 1}}
	var columns []connector.Column
	for _, d := range constraint {
		col := columnOf(t, d.Column)
		if col == nil || !comparable(col.Type) {
			return 0, trinoerr.New(trinoerr.NotSupported, "This connector does not support modifying table rows")
		}
		columns = append(columns, *col)
		f := h.field(col.Name)
		if f.Name != id {
			wanted = append(wanted, bson.E{Key: f.Name, Value: 1})
		}
		if p := predicate(f, col.Type, d); p != nil {
			conditions = append(conditions, p)
		}
	}
	filter := bson.D{}
	if len(conditions) > 0 {
		filter = bson.D{{Key: "$and", Value: conditions}}
	}
	cursor, err := c.collection(h.place).Find(ctx, filter, options.Find().SetProjection(wanted).SetCollation(&options.Collation{Locale: "simple"}))
	if err != nil {
		return 0, failed(err, "delete from %s", h.place)
	}
	return c.deleteEach(ctx, h.place, cursor, func(doc bsoncore.Document) (bool, error) {
		for i, d := range constraint {
			value, err := doc.LookupErr(h.field(columns[i].Name).Name)
			if err != nil {
				value = bsoncore.Value{} // it is not there
			}
			if ok, err := satisfies(value, columns[i].Type, d); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

// deleteEach deletes from a collection what a cursor finds, by _id; with chosen not nil only documents that it chooses. It closes the cursor.
func (c *Connector) deleteEach(ctx context.Context, at place, cursor *mongo.Cursor, chosen func(bsoncore.Document) (bool, error)) (deleted int64, err error) {
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }() // what counts is what was deleted
	var ids bson.A
	flush := func() error {
		if len(ids) == 0 {
			return nil
		}
		r, err := c.collection(at).DeleteMany(ctx, bson.D{{Key: id, Value: bson.D{{Key: "$in", Value: ids}}}})
		if err != nil {
			return failed(err, "delete from %s", at)
		}
		deleted += r.DeletedCount
		ids = nil
		return nil
	}
	for cursor.Next(ctx) {
		if chosen != nil {
			ok, err := chosen(bsoncore.Document(cursor.Current))
			if err != nil {
				return deleted, err
			}
			if !ok {
				continue
			}
		}
		value := cursor.Current.Lookup(id)
		ids = append(ids, bson.RawValue{Type: value.Type, Value: slices.Clone(value.Value)})
		if len(ids) == deleteBatch {
			if err := flush(); err != nil {
				return deleted, err
			}
		}
	}
	if err := cursor.Err(); err != nil {
		return deleted, failed(err, "delete from %s", at)
	}
	return deleted, flush()
}

// satisfies reports whether a document's value, as one of a column, is in a domain.
func satisfies(value bsoncore.Value, t types.Type, d connector.Domain) (bool, error) {
	var v connector.Vector
	if err := appendValue(&v, t, value); err != nil {
		return false, err
	}
	if v.IsNull(0) {
		return d.NullAllowed, nil
	}
	x := valueOf(&v, t)
	if len(d.Values) > 0 {
		return slices.ContainsFunc(d.Values, func(y any) bool { return compare(x, y) == 0 }), nil
	}
	low, high := 0, 0
	if d.Low != nil {
		low = compare(x, d.Low.Value)
	}
	if d.High != nil {
		high = compare(x, d.High.Value)
	}
	if low == incomparable || high == incomparable {
		return false, nil
	}
	above := d.Low == nil || low > 0 || d.Low.Inclusive && low == 0
	below := d.High == nil || high < 0 || d.High.Inclusive && high == 0
	return above && below, nil
}

// valueOf is the first value of a vector, as domains have it.
func valueOf(v *connector.Vector, t types.Type) any {
	switch t.Kind {
	case types.Boolean:
		return v.I8[0] != 0
	case types.TinyInt:
		return int64(v.I8[0])
	case types.SmallInt:
		return int64(v.I16[0])
	case types.Integer:
		return int64(v.I32[0])
	case types.BigInt:
		return v.I64[0]
	case types.Double:
		return v.F64[0]
	case types.Date:
		return types.DateValue(v.I32[0])
	case types.Timestamp:
		return types.TimestampValue{EpochMicros: v.I64[0]}
	case types.Decimal:
		if t.P > 18 {
			return types.Int128{Lo: v.I128[0].Lo, Hi: v.I128[0].Hi}
		}
		n, _ := types.Int128FromBig(big.NewInt(v.I64[0]))
		return n
	}
	return string(bytesOf(v, 0))
}

// incomparable is the answer of compare for values that are not less, equal or greater.
const incomparable = 2

// compare orders two values of a type as SQL does.
func compare(x, y any) int {
	switch x := x.(type) {
	case bool:
		if y, ok := y.(bool); ok {
			return int(boolean(x)) - int(boolean(y))
		}
	case int64:
		if y, ok := y.(int64); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := y.(float64); ok && x == x && y == y {
			return cmp.Compare(x, y)
		}
	case string:
		if y, ok := y.(string); ok {
			return strings.Compare(x, y)
		}
	case types.Int128:
		if y, ok := y.(types.Int128); ok {
			return x.Cmp(y)
		}
	case types.DateValue:
		if y, ok := y.(types.DateValue); ok {
			return cmp.Compare(x, y)
		}
	case types.TimestampValue:
		if y, ok := y.(types.TimestampValue); ok {
			return cmp.Or(cmp.Compare(x.EpochMicros, y.EpochMicros), cmp.Compare(x.PicosOfMicro, y.PicosOfMicro))
		}
	}
	return incomparable
}
