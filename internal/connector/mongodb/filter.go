package mongodb

import (
	"encoding/hex"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A filter is what the server is asked to keep. It may keep more than the rows of interest, as the engine evaluates its conditions itself, but none less:
// documents have values of any types, of which appendValue makes values of the column's. MongoDB compares values of one type, and all numbers, with each other.
// So a condition is said of the values that it compares as SQL does, and the others that are not NULL pass.

// passing are the types, by MongoDB's names, of values that become one of a column's and that MongoDB compares otherwise than SQL does with the value that they become.
var (
	otherNumbers = bson.A{"double", "decimal"} // cut to whole numbers
	wideNumbers  = bson.A{"long", "decimal"}   // rounded to doubles
	otherTexts   = bson.A{"bool", "int", "long", "double", "decimal", "object", "array", "date", "objectId", "binData", "timestamp"}
	otherIDs     = bson.A{"bool", "int", "long", "double", "decimal", "object", "array", "date", "string", "binData", "timestamp"}
)

// predicate is a filter of a domain; nil when none can be told.
func predicate(f handleField, t types.Type, d connector.Domain) bson.D {
	if f.Name == "" || strings.ContainsAny(f.Name, ".$") || d.NullAllowed {
		return nil
	}
	condition, others := bson.D{}, bson.A(nil)
	switch {
	case f.ObjectID:
		others = otherIDs
	case t.Kind == types.Varchar:
		others = otherTexts
	case t.Integral():
		others = otherNumbers
	case t.Kind == types.Double:
		others = wideNumbers
	case t.Kind == types.Boolean, t.Kind == types.Decimal, t.Kind == types.Date, t.Kind == types.Timestamp && t.P == 3, t.Kind == types.TimestampTZ && t.P == 3:
	default:
		return nil
	}
	if len(d.Values) > 0 {
		if t.Kind == types.Date {
			return nil // one value of the column is many of the documents
		}
		list := bson.A{}
		for _, v := range d.Values {
			value, ok := literal(f, t, v)
			if !ok {
				return nil
			}
			list = append(list, value)
		}
		condition = bson.D{{Key: "$in", Value: list}}
	} else {
		low, high := d.Low, d.High
		if t.Kind == types.Date {
			low, high = dayBounds(low, high)
		}
		for _, b := range []struct {
			bound                *connector.Bound
			inclusive, exclusive string
		}{{low, "$gte", "$gt"}, {high, "$lte", "$lt"}} {
			if b.bound == nil {
				continue
			}
			value, ok := literal(f, t, b.bound.Value)
			if !ok {
				return nil
			}
			operator := b.exclusive
			if b.bound.Inclusive {
				operator = b.inclusive
			}
			condition = append(condition, bson.E{Key: operator, Value: value})
		}
	}
	if len(condition) == 0 {
		// Anything but NULL, which may be more than is there: what is not the column's type is NULL and told apart by the engine.
		return bson.D{{Key: f.Name, Value: bson.D{{Key: "$ne", Value: nil}}}}
	}
	exact := bson.D{{Key: f.Name, Value: condition}}
	if others == nil {
		return exact
	}
	return bson.D{{Key: "$or", Value: bson.A{exact, bson.D{{Key: f.Name, Value: bson.D{{Key: "$type", Value: others}}}}}}}
}

// dayBounds are bounds of days as bounds of the moments in them.
func dayBounds(low, high *connector.Bound) (*connector.Bound, *connector.Bound) {
	day := func(b *connector.Bound, next bool, inclusive bool) *connector.Bound {
		n, _ := b.Value.(types.DateValue)
		if next {
			n++
		}
		return &connector.Bound{Value: n, Inclusive: inclusive}
	}
	if low != nil {
		low = day(low, !low.Inclusive, true)
	}
	if high != nil {
		high = day(high, high.Inclusive, false)
	}
	return low, high
}

// literal is a constant as MongoDB has it.
func literal(f handleField, t types.Type, v any) (any, bool) {
	switch v := v.(type) {
	case bool, int64:
		return v, true
	case float64:
		return v, v == v
	case types.Int128:
		d, ok := bson.ParseDecimal128FromBigInt(v.Big(), -t.S)
		return d, ok
	case string:
		if !f.ObjectID {
			return v, len(v) < t.P || t.P == types.UnboundedLength // a longer text may have been cut
		}
		raw, err := hex.DecodeString(v)
		if err != nil || len(raw) != 12 || strings.ToLower(v) != v {
			return nil, false
		}
		return bson.ObjectID(raw), true
	case types.DateValue:
		return bson.DateTime(int64(v) * millisPerDay), true
	case types.TimestampValue:
		return bson.DateTime(v.EpochMicros / 1000), v.EpochMicros%1000 == 0 && v.PicosOfMicro == 0
	case types.TimestampTZValue:
		return bson.DateTime(v.EpochMillis), v.PicosOfMilli == 0
	}
	return nil, false
}

// filterOf is the filter of a scan: a conjunction.
func filterOf(h *handle, scan connector.Scan) (bson.A, error) {
	var all bson.A
	if h.Filter != "" {
		own, err := parseFilter(h.Filter)
		if err != nil {
			return nil, err
		}
		all = append(all, own)
	}
	for _, d := range scan.Constraint {
		for _, col := range scan.Columns {
			if col.Name != d.Column {
				continue
			}
			if p := predicate(h.field(col.Name), col.Type, d); p != nil {
				all = append(all, p)
			}
		}
	}
	return all, nil
}
