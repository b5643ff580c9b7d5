package native

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// misfit is why a JSON value is not of an SQL type.
type misfit struct {
	kind misfitKind
	msg  string // of the cast that failed within; may be empty
}

type misfitKind uint8

const (
	wrongToken misfitKind = iota // an array where a number is expected
	tooBig                       // an integer that is too big for its type
	farFloat                     // a float that is too big for its type
	badText                      // a string that is not the text of such a value
	badNumber                    // a string that is no decimal at all
)

func (m *misfit) Error() string { return m.msg }

// leafFromJSON casts a JSON scalar to a simple type, to a text that casts to that type; nil for null.
func leafFromJSON(n *jsonNode, t types.Type) (any, *misfit) {
	switch n.kind {
	case 'n':
		return nil, nil
	case 't', 'f':
		return exactText(t, fromBoolean(n.kind == 't', t)), nil
	case '"':
		return leafFromText(n.text, t)
	case '0':
		return leafFromNumber(n, t)
	}
	return nil, &misfit{kind: wrongToken}
}

// exactText is a text that casts to the same value again, which that of a cast to varchar does not for all floats.
func exactText(t types.Type, v any) string {
	switch v := v.(type) {
	case float64:
		return string(wire.TextDouble(nil, v))
	case float32:
		return string(wire.TextReal(nil, v))
	}
	return types.Text(t, v)
}

func fromBoolean(b bool, t types.Type) any {
	if t.Kind == types.Varchar {
		return strconv.FormatBool(b)
	}
	v, _ := types.Cast(b, types.Of(types.Boolean), t, "") // true and false are numbers of every type
	return v
}

// castNames are the names of types in messages about texts.
var castNames = map[types.Kind]string{
	types.Boolean: "BOOLEAN", types.TinyInt: "TINYINT", types.SmallInt: "SMALLINT", types.Integer: "INT", types.BigInt: "BIGINT",
	types.Real: "REAL", types.Double: "DOUBLE",
}

func leafFromText(text string, t types.Type) (any, *misfit) {
	switch t.Kind {
	case types.Varchar:
		return text, nil
	case types.Decimal:
		return decimalText(text, t)
	}
	v, ok := types.Cast(text, types.Of(types.Varchar), t, "")
	if !ok {
		return nil, &misfit{badText, "Cannot cast '" + text + "' to " + castNames[t.Kind]}
	}
	return exactText(t, v), nil
}

// plainDecimal is what Java's BigDecimal reads.
var plainDecimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func decimalText(text string, t types.Type) (any, *misfit) {
	if !plainDecimal.MatchString(text) {
		return nil, &misfit{kind: badNumber}
	}
	v, ok := types.Cast(text, types.Of(types.Varchar), t, "")
	if !ok {
		return nil, &misfit{tooBig, "Cannot cast input json to " + strings.ToUpper(t.String())}
	}
	return types.Text(t, v), nil
}

func leafFromNumber(n *jsonNode, t types.Type) (any, *misfit) {
	switch t.Kind {
	case types.Varchar:
		if n.integral() {
			return n.text, nil
		}
		return types.Text(types.Of(types.Double), n.float()), nil
	case types.Decimal:
		return decimalText(n.text, t)
	case types.Double:
		return exactText(t, n.float()), nil
	case types.Real:
		f, _ := strconv.ParseFloat(n.text, 32)
		return exactText(t, float32(f)), nil
	}
	if n.integral() {
		v, err := strconv.ParseInt(n.text, 10, 64)
		if err == nil {
			if out, ok := types.Cast(v, types.Of(types.BigInt), t, ""); ok {
				return types.Text(t, out), nil
			}
		}
		return nil, &misfit{kind: tooBig}
	}
	f := n.float()
	if t.Kind == types.Boolean {
		return strconv.FormatBool(f != 0), nil
	}
	out, ok := types.Cast(f, types.Of(types.Double), t, "")
	if !ok {
		shown := string(wire.TextDouble(nil, f))
		if t.Kind == types.BigInt {
			return nil, &misfit{farFloat, "Unable to cast " + shown + " to bigint"}
		}
		return nil, &misfit{farFloat, "Out of range for " + t.String() + ": " + shown}
	}
	return types.Text(t, out), nil
}
