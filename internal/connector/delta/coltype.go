package delta

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// primitives are Delta's names of the types without parts.
var primitives = []struct {
	name string
	typ  types.Type
}{
	{"boolean", types.Of(types.Boolean)},
	{"byte", types.Of(types.TinyInt)},
	{"short", types.Of(types.SmallInt)},
	{"integer", types.Of(types.Integer)},
	{"long", types.Of(types.BigInt)},
	{"float", types.Of(types.Real)},
	{"double", types.Of(types.Double)},
	{"string", types.Of(types.Varchar)},
	{"binary", types.Of(types.Varbinary)},
	{"date", types.Of(types.Date)},
	{"timestamp", types.TimestampTZP(3)},
	{"timestamp_ntz", types.TimestampP(6)},
}

// typeOf is the SQL type of a type of Delta; ok is false for one that is not known.
func typeOf(t *deltalog.Type) (types.Type, bool) {
	switch {
	case t.Struct != nil:
		fields := make([]types.Field, len(t.Struct))
		for i := range t.Struct {
			inner, ok := typeOf(&t.Struct[i].Type)
			if !ok {
				return types.Type{}, false
			}
			fields[i] = types.Field{Name: strings.ToLower(t.Struct[i].Name), Type: inner}
		}
		return types.RowOf(fields...), len(fields) > 0
	case t.Element != nil:
		e, ok := typeOf(t.Element)
		return types.ArrayOf(e), ok
	case t.Key != nil:
		k, ok1 := typeOf(t.Key)
		v, ok2 := typeOf(t.Value)
		return types.MapOf(k, v), ok1 && ok2
	}
	for _, p := range primitives {
		if p.name == t.Primitive {
			return p.typ, true
		}
	}
	inside, isDecimal := strings.CutPrefix(t.Primitive, "decimal")
	if !isDecimal {
		return types.Type{}, false
	}
	p, s := 10, 0
	if inside != "" {
		precision, scale, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(inside, "("), ")"), ",")
		var err1, err2 error
		p, err1 = strconv.Atoi(strings.TrimSpace(precision))
		s, err2 = strconv.Atoi(strings.TrimSpace(scale))
		if !ok || err1 != nil || err2 != nil {
			return types.Type{}, false
		}
	}
	out, err := types.NewDecimal(p, s)
	return out, err == nil
}

// deltaType is the type of Delta that holds values of a SQL type. Lengths of texts are not kept.
func deltaType(t types.Type) (deltalog.Type, error) {
	switch t.Kind {
	case types.Row:
		out := deltalog.Type{Struct: []deltalog.Field{}}
		for i, f := range t.Args {
			if f.Name == "" {
				return out, trinoerr.New(trinoerr.NotSupported, "Row type field does not have a name: %s", t)
			}
			inner, err := deltaType(t.Elem(i))
			if err != nil {
				return out, err
			}
			out.Struct = append(out.Struct, deltalog.Field{Name: f.Name, Type: inner, Nullable: true})
		}
		return out, nil
	case types.Array:
		e, err := deltaType(t.Elem(0))
		return deltalog.Type{Element: &e, ContainsNull: true}, err
	case types.Map:
		k, err := deltaType(t.Elem(0))
		if err != nil {
			return k, err
		}
		v, err := deltaType(t.Elem(1))
		return deltalog.Type{Key: &k, Value: &v, ContainsNull: true}, err
	case types.Varchar:
		return deltalog.Type{Primitive: "string"}, nil
	case types.Decimal:
		return deltalog.Type{Primitive: fmt.Sprintf("decimal(%d,%d)", t.P, t.S)}, nil
	case types.Timestamp:
		t.P = 6 // which is what there is; Trino coerces as well
	}
	for _, p := range primitives {
		if p.typ.Equal(t) {
			return deltalog.Type{Primitive: p.name}, nil
		}
	}
	return deltalog.Type{}, trinoerr.New(trinoerr.NotSupported, "Unsupported type: %s", t)
}

// hasPlainTimestamp reports whether there is a timestamp without time zone in a type.
func hasPlainTimestamp(t *deltalog.Type) bool {
	for i := range t.Struct {
		if hasPlainTimestamp(&t.Struct[i].Type) {
			return true
		}
	}
	for _, inner := range []*deltalog.Type{t.Element, t.Key, t.Value} {
		if inner != nil && hasPlainTimestamp(inner) {
			return true
		}
	}
	return t.Primitive == "timestamp_ntz"
}
