package bigquery

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/bigquery"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// maxValues is how long a list of values may be that BigQuery is told.
const maxValues = 1000

// quote quotes an identifier.
func quote(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// quoteText quotes a text, of any characters.
func quoteText(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range text {
		switch {
		case r == '\\' || r == '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// restriction is a constraint as a condition of BigQuery's, empty when there is none, and whether it says all of it: otherwise more rows satisfy it.
func (h *handle) restriction(columns []connector.Column, constraint []connector.Domain) (where string, exact bool) {
	var terms []string
	exact = true
	for _, d := range constraint {
		f := h.field(d.Column)
		i := slices.IndexFunc(columns, func(c connector.Column) bool { return c.Name == d.Column })
		if f == nil || i < 0 {
			exact = false
			continue
		}
		e := d.Condition(columns[i].Type)
		if e == nil {
			continue
		}
		if sql, ok := h.condition(e); ok && len(d.Values) <= maxValues {
			terms = append(terms, sql)
		} else {
			exact = false
		}
	}
	return strings.Join(terms, " AND "), exact
}

// operators are those between two values.
var operators = map[string]string{connector.OpEqual: " = ", connector.OpLess: " < ", connector.OpLessOrEqual: " <= ", connector.OpGreater: " > ", connector.OpGreaterOrEqual: " >= "}

// condition renders the condition of a domain.
func (h *handle) condition(e connector.Expression) (string, bool) {
	call, ok := e.(*connector.Call)
	if !ok {
		return "", false
	}
	switch call.Function {
	case connector.OpAnd, connector.OpOr:
		terms := make([]string, len(call.Args))
		for i, a := range call.Args {
			if terms[i], ok = h.condition(a); !ok {
				return "", false
			}
		}
		return "(" + strings.Join(terms, map[string]string{connector.OpAnd: " AND ", connector.OpOr: " OR "}[call.Function]) + ")", true
	}
	ref, ok := call.Args[0].(*connector.Reference)
	if !ok {
		return "", false
	}
	f := h.field(ref.Column)
	if f == nil {
		return "", false
	}
	if call.Function == connector.OpIsNull {
		return "(" + quote(f.Name) + " IS NULL)", !f.Unordered
	}
	var values []string
	for _, a := range call.Args[1:] {
		c, ok := a.(*connector.Constant)
		if !ok || f.Unordered {
			return "", false
		}
		text, ok := literal(f.Type, c.Type, c.Value)
		if !ok {
			return "", false
		}
		values = append(values, text)
	}
	if call.Function == connector.OpIn {
		return "(" + quote(f.Name) + " IN (" + strings.Join(values, ", ") + "))", true
	}
	op, ok := operators[call.Function]
	if !ok {
		return "", false
	}
	return "(" + quote(f.Name) + op + values[0] + ")", true
}

// literal renders a value that is compared with a field, of a type of which both systems have the same equality and order.
func literal(kind bigquery.FieldType, t types.Type, v any) (string, bool) {
	switch kind {
	case bigquery.IntegerFieldType:
		n, ok := v.(int64)
		return strconv.FormatInt(n, 10), ok
	case bigquery.BooleanFieldType:
		b, ok := v.(bool)
		return strings.ToUpper(strconv.FormatBool(b)), ok
	case bigquery.NumericFieldType, bigquery.BigNumericFieldType:
		return string(kind) + " " + quoteText(types.Text(t, v)), t.Kind == types.Decimal
	case bigquery.StringFieldType:
		s, ok := v.(string)
		return quoteText(s), ok
	case bigquery.BytesFieldType:
		b, ok := v.([]byte)
		return "FROM_BASE64('" + base64.StdEncoding.EncodeToString(b) + "')", ok
	case bigquery.DateFieldType:
		d, ok := v.(types.DateValue)
		return "DATE " + quoteText(types.Text(t, v)), ok && inYears(int64(d)*microsOfDay)
	case bigquery.TimeFieldType:
		_, ok := v.(types.TimeValue)
		return "TIME " + quoteText(types.Text(t, v)), ok
	case bigquery.DateTimeFieldType:
		ts, ok := v.(types.TimestampValue)
		return "DATETIME " + quoteText(types.Text(t, v)), ok && inYears(ts.EpochMicros)
	case bigquery.TimestampFieldType:
		at, ok := v.(types.TimestampTZValue)
		micros := at.EpochMillis*1000 + int64(at.PicosOfMilli)/1_000_000
		if !ok || !inYears(micros) {
			return "", false
		}
		return "TIMESTAMP '" + string(appendDateTime(nil, micros)) + " UTC'", true
	}
	return "", false
}
