package native

import (
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
)

// constructFunctions are the SQL/JSON constructs. Their descriptions are those of package sqljson; lists have the texts of
// parameters.
var constructFunctions = []Function{
	// Document, description, parameters.
	{"wb_json_exists", params("VARCHAR", "VARCHAR", "VARCHAR[]"), "BOOLEAN", func(a []any) (any, error) {
		f, err := exists.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		return f(a[0].(string), a[2].([]any))
	}},
	// Document, description, parameters and the two defaults: the text of the result.
	{"wb_json_value", params("VARCHAR", "VARCHAR", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		f, err := value.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		return f(a[0].(string), a[2].([]any))
	}},
	// Document, description, parameters: JSON text.
	{"wb_json_query", params("VARCHAR", "VARCHAR", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		f, err := query.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		return f(a[0].(string), a[2].([]any))
	}},
	// Document, description, parameters and defaults of columns: the rows, each the JSON text of an array of texts.
	{"wb_json_table", params("VARCHAR", "VARCHAR", "VARCHAR[]"), "VARCHAR[]", func(a []any) (any, error) {
		f, err := table.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		rows, err := f(a[0].(string), a[2].([]any))
		return rows, err
	}},
	// Description, keys, values.
	{"wb_json_object", params("VARCHAR", "VARCHAR[]", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		f, err := object.get(a[0].(string))
		if err != nil {
			return nil, err
		}
		return f(a[1].([]any), a[2].([]any))
	}},
	// Description, elements.
	{"wb_json_array", params("VARCHAR", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		f, err := array.get(a[0].(string))
		if err != nil {
			return nil, err
		}
		return f(a[1].([]any))
	}},
	// Text and encoding: 8, 16 or 32 bits to a unit, little-endian.
	{"wb_encode_unicode", params("VARCHAR", "BIGINT"), "BLOB", func(a []any) (any, error) {
		return encodeUnicode(a[0].(string), a[1].(int64)), nil
	}},
	{"wb_decode_unicode", params("BLOB", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return decodeUnicode(a[0].([]byte), a[1].(int64)), nil
	}},
}

// The constructs that have been prepared, by their descriptions.
var (
	exists = &prepared[func(string, []any) (any, error)]{prepare: sqljson.PrepareExists}
	value  = &prepared[func(string, []any) (any, error)]{prepare: sqljson.PrepareValue}
	query  = &prepared[func(string, []any) (any, error)]{prepare: sqljson.PrepareQuery}
	table  = &prepared[func(string, []any) ([]any, error)]{prepare: sqljson.PrepareTable}
	object = &prepared[func([]any, []any) (string, error)]{prepare: sqljson.PrepareObject}
	array  = &prepared[func([]any) (string, error)]{prepare: sqljson.PrepareArray}
)

// prepared remembers what has been prepared of descriptions: every row of a task has the same one.
type prepared[F any] struct {
	prepare func(description string) (F, error)

	mu   sync.Mutex
	last map[string]F // at most maxPrepared
}

// maxPrepared is how many descriptions are remembered: more than a statement has of them.
const maxPrepared = 1000

func (p *prepared[F]) get(description string) (F, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f, ok := p.last[description]; ok {
		return f, nil
	}
	f, err := p.prepare(description)
	if err != nil {
		return f, err
	}
	if p.last == nil || len(p.last) >= maxPrepared {
		p.last = map[string]F{}
	}
	p.last[description] = f
	return f, nil
}

func encodeUnicode(text string, bits int64) []byte {
	var out []byte
	switch bits {
	case 16:
		for _, u := range utf16.Encode([]rune(text)) {
			out = append(out, byte(u), byte(u>>8))
		}
	case 32:
		for _, r := range text {
			out = append(out, byte(r), byte(r>>8), byte(r>>16), byte(r>>24))
		}
	default:
		out = []byte(text)
	}
	return out
}

// decodeUnicode reads text; what is no character becomes U+FFFD.
func decodeUnicode(b []byte, bits int64) string {
	var out []byte
	switch bits {
	case 16:
		units := make([]uint16, 0, (len(b)+1)/2)
		for n := 0; n+1 < len(b); n += 2 {
			units = append(units, uint16(b[n])|uint16(b[n+1])<<8)
		}
		for _, r := range utf16.Decode(units) {
			out = utf8.AppendRune(out, r)
		}
		if len(b)%2 != 0 {
			out = utf8.AppendRune(out, utf8.RuneError)
		}
	case 32:
		for n := 0; n+3 < len(b); n += 4 {
			out = utf8.AppendRune(out, rune(uint32(b[n])|uint32(b[n+1])<<8|uint32(b[n+2])<<16|uint32(b[n+3])<<24))
		}
		if len(b)%4 != 0 {
			out = utf8.AppendRune(out, utf8.RuneError)
		}
	default:
		for _, r := range string(b) {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}
