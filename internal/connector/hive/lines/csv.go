package lines

import (
	"strings"
	"unicode"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// csvReader divides lines as Hive's OpenCSVSerde does, oddities included.
type csvReader struct {
	o      Options
	fields []string
	have   int // of the fields, how many the line has
	buffer strings.Builder
}

// split divides a line into at most len(fields) values.
func (r *csvReader) split(line string) {
	r.have = 0
	if line == "" {
		return
	}
	r.buffer.Reset()
	text := []rune(line)
	quoted, inField := false, false
	next := func(i int) rune {
		if i+1 < len(text) {
			return text[i+1]
		}
		return -1
	}
	for i := 0; i < len(text) && r.have < len(r.fields); i++ {
		switch c := text[i]; {
		case c == r.o.ReadEscape:
			if n := next(i); (quoted || inField) && n >= 0 && (n == r.o.Quote || n == r.o.ReadEscape) {
				r.buffer.WriteRune(n)
				i++
			}
		case c == r.o.Quote:
			if (quoted || inField) && next(i) == r.o.Quote {
				r.buffer.WriteRune(c)
				i++
			} else {
				// A quote in the middle of a value, not next to a separator and not among the first three characters, is part of it.
				if i > 2 && text[i-1] != r.o.Separator && next(i) >= 0 && next(i) != r.o.Separator {
					if s := r.buffer.String(); s != "" && strings.TrimFunc(s, unicode.IsSpace) == "" {
						r.buffer.Reset()
					} else {
						r.buffer.WriteRune(c)
					}
				}
				quoted = !quoted
			}
			inField = !inField
		case c == r.o.Separator && !quoted:
			r.take()
			inField = false
		default:
			r.buffer.WriteRune(c)
			inField = true
		}
	}
	if r.have < len(r.fields) && !quoted {
		r.take()
	}
}

func (r *csvReader) take() {
	r.fields[r.have] = r.buffer.String()
	r.have++
	r.buffer.Reset()
}

// appendCSV writes a value of a line, after a separator unless it is the first one.
func appendCSV(out []byte, o *Options, v *connector.Vector, i int) []byte {
	if v.IsNull(i) {
		return out
	}
	quote, escape := byte(o.Quote), byte(o.WriteEscape)
	out = append(out, quote)
	for _, c := range v.Data[v.Offsets[i]:v.Offsets[i+1]] {
		if c == quote || c == escape {
			out = append(out, escape)
		}
		out = append(out, c)
	}
	return append(out, quote)
}

// appendField appends the value of a column of a line: NULL when the line is too short.
func (r *csvReader) appendField(v *connector.Vector, ordinal int) {
	if ordinal >= r.have {
		v.AppendNull(types.Of(types.Varchar))
		return
	}
	v.AppendBytes([]byte(r.fields[ordinal]))
}
