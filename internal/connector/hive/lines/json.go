package lines

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// jsonReader makes rows of JSON: of objects as Hive's own SerDe does, or of that and more as OpenX's.
type jsonReader struct {
	o     Options
	openX bool
	names map[string]int // of columns, in lower case
	count int
	row   []*node // by ordinal; nil for NULL
}

func newJSONReader(o Options, columns []Column) *jsonReader {
	r := &jsonReader{o: o, openX: o.Format == OpenXJSON, names: map[string]int{}, count: len(columns), row: make([]*node, len(columns))}
	for i, c := range columns {
		r.names[strings.ToLower(c.Name)] = i
	}
	return r
}

// split reads a line. What follows the value is passed over, as by the SerDes.
func (r *jsonReader) split(line []byte) error {
	clear(r.row)
	p := &parser{text: line, lenient: r.openX}
	if r.openX && p.next() == 0 {
		return nil // an empty line is a row of NULLs
	}
	n, err := p.value(maxNested)
	switch {
	case err != nil && r.o.IgnoreMalformed:
		return nil
	case err != nil:
		return err
	case r.openX && n.kind == nullNode:
		return nil
	case r.openX && n.kind == arrayNode:
		for i := range min(len(n.items), r.count) {
			r.row[i] = &n.items[i]
		}
		return nil
	case n.kind != objectNode:
		return malformed("Invalid JSON: start of object expected")
	}
	for i, key := range n.keys {
		if at := r.position(r.names, key, r.count); at >= 0 {
			r.row[at] = &n.items[i]
		}
	}
	return nil
}

// position finds a field by its name in any case, or else, in Hive's own SerDe, by a name that has its number.
func (r *jsonReader) position(names map[string]int, key string, count int) int {
	if at, ok := names[strings.ToLower(key)]; ok {
		return at
	}
	if digits, ok := strings.CutPrefix(key, "_col"); ok && !r.openX {
		if n, err := strconv.ParseUint(digits, 10, 31); err == nil && int(n) < count {
			return int(n)
		}
	}
	return -1
}

// appendField appends the value of a column of a line.
func (r *jsonReader) appendField(v *connector.Vector, t types.Type, ordinal int) error {
	return r.value(v, t, r.row[ordinal])
}

func (r *jsonReader) value(v *connector.Vector, t types.Type, n *node) error {
	if n == nil || n.kind == nullNode {
		v.AppendNull(t)
		return nil
	}
	switch t.Kind {
	case types.Array:
		return r.array(v, t, n)
	case types.Map:
		return r.mapping(v, t, n)
	case types.Row:
		return r.rowValue(v, t, n)
	}
	text := n.text
	if n.kind == arrayNode || n.kind == objectNode {
		if !r.openX {
			return malformed("Invalid JSON: %s value must be a scalar json value", t)
		}
		text = string(canonical(nil, n))
	} else if r.openX && n.kind == numberNode {
		text = canonicalNumber(text)
	}
	if r.openX {
		return r.lenient(v, t, n, text)
	}
	return r.strict(v, t, n, text)
}

// strict appends a scalar value as Hive's SerDe reads it.
func (r *jsonReader) strict(v *connector.Vector, t types.Type, n *node, text string) error {
	switch t.Kind {
	case types.Boolean:
		v.I8 = append(v.I8, truth(strings.EqualFold(text, "true")))
		return nil
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double:
		if n.kind != numberNode {
			return malformed("the value of type %s is no number: %s", t, text)
		}
		if t.Kind != types.Real && t.Kind != types.Double {
			text = truncated(text)
		}
		if !appendScalar(v, t, text) {
			return malformed("Numeric value (%s) out of range of %s", text, t)
		}
		return nil
	case types.Decimal:
		if appendScalar(v, t, text) {
			return nil
		}
		if _, _, isNumber := bigDecimal(text); isNumber {
			return malformed("Cannot convert '%s' to %s. Value too large.", text, t)
		}
		v.AppendNull(t)
		return nil
	}
	if !appendScalar(v, t, text) {
		return malformed("Text '%s' could not be parsed as %s", text, t)
	}
	return nil
}

// truncated is a number without its fraction, written out.
func truncated(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	n, scale, ok := bigDecimal(text)
	switch {
	case !ok:
		return text
	case scale > 0:
		return n.Quo(n, pow10(scale)).String()
	}
	return n.Mul(n, pow10(-scale)).String()
}

// lenient appends a scalar value as OpenX's SerDe reads it: NULL for what it is not.
func (r *jsonReader) lenient(v *connector.Vector, t types.Type, n *node, text string) error {
	switch t.Kind {
	case types.Boolean:
		v.I8 = append(v.I8, truth(strings.EqualFold(text, "true")))
		return nil
	case types.Timestamp:
		if us, ok := epoch(n.text, t.P); ok {
			v.I64 = append(v.I64, us)
			return nil
		}
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		text = truncated(text)
	case types.Varbinary:
		v.AppendBytes(binary(text))
		return nil
	}
	if !appendScalar(v, t, text) {
		v.AppendNull(t)
	}
	return nil
}

// malformedError is an error in Trino's words.
type malformedError string

// Error returns them.
func (e malformedError) Error() string { return string(e) }

func malformed(format string, args ...any) error { return malformedError(fmt.Sprintf(format, args...)) }

// epoch reads an instant given as a number: seconds, perhaps with a fraction, or milliseconds when there are many digits.
func epoch(text string, precision int) (int64, bool) {
	n, scale, ok := bigDecimal(text)
	if !ok || scale < 0 {
		return 0, false
	}
	const millis = 13 // digits, from 2001 on
	if scale == 0 && len(strings.TrimLeft(text, "+-")) >= millis {
		scale = 3
	}
	us, ok := decimal(n.String()+"e-"+strconv.Itoa(scale), types.DecimalOf(30, precision))
	if !ok || !us.IsInt64() {
		return 0, false
	}
	us.Mul(us, pow10(6-precision))
	return us.Int64(), us.IsInt64()
}

func (r *jsonReader) array(v *connector.Vector, t types.Type, n *node) error {
	items := n.items
	if n.kind != arrayNode {
		if !r.openX {
			return malformed("Invalid JSON: start of array expected")
		}
		items = []node{*n}
	}
	if v.Items == nil {
		v.Items = new(connector.Vector)
	}
	for i := range items {
		if err := r.value(v.Items, t.Elem(0), &items[i]); err != nil {
			return err
		}
	}
	closeList(v, t, len(items))
	return nil
}

// mapping reads a map. Of equal keys the last one counts.
func (r *jsonReader) mapping(v *connector.Vector, t types.Type, n *node) error {
	if n.kind != objectNode {
		return malformed("Invalid JSON: start of object expected")
	}
	v.MakeParts(t)
	keys := distinct{v: &v.Fields[0], t: t.Elem(0)}
	var failed error
	var order []int
	for i := len(n.keys) - 1; i >= 0; i-- {
		key := node{kind: stringNode, text: n.keys[i]}
		if _, isNumber := map[types.Kind]bool{types.TinyInt: true, types.SmallInt: true, types.Integer: true, types.BigInt: true, types.Real: true, types.Double: true}[t.Elem(0).Kind]; isNumber {
			key.kind = numberNode
		}
		added := keys.add(func() {
			before := v.Fields[0].Len(t.Elem(0))
			if err := r.value(&v.Fields[0], t.Elem(0), &key); err != nil {
				failed = err
				if v.Fields[0].Len(t.Elem(0)) == before {
					v.Fields[0].AppendNull(t.Elem(0))
				}
			}
		})
		if failed != nil {
			return failed
		}
		if added {
			order = append(order, i)
		}
	}
	for _, i := range order {
		if err := r.value(&v.Fields[1], t.Elem(1), &n.items[i]); err != nil {
			return err
		}
	}
	closeList(v, t, len(order))
	return nil
}

func (r *jsonReader) rowValue(v *connector.Vector, t types.Type, n *node) error {
	fields := make([]*node, len(t.Args))
	switch {
	case n.kind == objectNode:
		names := map[string]int{}
		for i, f := range t.Args {
			names[strings.ToLower(f.Name)] = i
		}
		for i, key := range n.keys {
			if at := r.position(names, key, len(fields)); at >= 0 {
				fields[at] = &n.items[i]
			}
		}
	case n.kind == arrayNode && r.openX:
		for i := range min(len(fields), len(n.items)) {
			fields[i] = &n.items[i]
		}
	default:
		return malformed("Invalid JSON: start of object expected")
	}
	v.MakeParts(t)
	for i := range fields {
		if err := r.value(&v.Fields[i], t.Elem(i), fields[i]); err != nil {
			return err
		}
	}
	return nil
}

// canonical writes a value without spaces.
func canonical(out []byte, n *node) []byte {
	switch n.kind {
	case nullNode:
		return append(out, "null"...)
	case stringNode:
		return appendString(out, n.text)
	case arrayNode:
		out = append(out, '[')
		for i := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = canonical(out, &n.items[i])
		}
		return append(out, ']')
	case objectNode:
		out = append(out, '{')
		for i := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = canonical(append(appendString(out, n.keys[i]), ':'), &n.items[i])
		}
		return append(out, '}')
	case numberNode:
		return append(out, canonicalNumber(n.text)...)
	}
	return append(out, n.text...)
}

// canonicalNumber writes a number with an exponent as Java's BigDecimal does.
func canonicalNumber(text string) string {
	if !strings.ContainsAny(text, "eE") {
		return text
	}
	n, scale, ok := bigDecimal(text)
	if !ok {
		return text
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	digits := n.Abs(n).String()
	adjusted := len(digits) - 1 - scale
	if scale >= 0 && adjusted >= -6 {
		if scale == 0 {
			return sign + digits
		}
		if len(digits) <= scale {
			digits = strings.Repeat("0", scale-len(digits)+1) + digits
		}
		return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	return fmt.Sprintf("%s%sE%+d", sign, digits, adjusted)
}
