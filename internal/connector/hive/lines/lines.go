// Package lines reads and writes tables as lines of text, in the formats of Hive: values divided by separators (TEXTFILE), quoted ones
// (CSV) and JSON objects.
//
// It is pure: bytes in, columns of record batches out, and the other way round. What a cell means is as Trino has it, which has it from
// Hive: what is no number is NULL in a text and an error in JSON. Start with Reader and Writer.
package lines

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Names of formats.
const (
	Text      = "TEXTFILE"
	CSV       = "CSV"
	JSON      = "JSON"
	OpenXJSON = "OPENX_JSON"
)

// Known reports whether a format is one of lines.
func Known(format string) bool {
	switch format {
	case Text, CSV, JSON, OpenXJSON:
		return true
	}
	return false
}

// Options say how lines are read and written. They travel in splits.
type Options struct {
	Format string `json:"format"`
	// Separators of a text are for the columns, the items of what is nested in them, the keys of maps, and so on inwards.
	Separators []byte `json:"separators,omitempty"`
	// Escape is zero when there is none.
	Escape byte `json:"escape,omitempty"`
	// Null stands for NULL in a text.
	Null     string `json:"null,omitempty"`
	TakeRest bool   `json:"takeRest,omitempty"` // by the last column
	// Of CSV.
	Separator rune `json:"separator,omitempty"`
	Quote     rune `json:"quote,omitempty"`
	// ReadEscape and WriteEscape differ when a table does not say what it is, in Hive.
	ReadEscape  rune `json:"readEscape,omitempty"`
	WriteEscape rune `json:"writeEscape,omitempty"`
	// Lines at the beginning and the end of a file that are no rows.
	Header int `json:"header,omitempty"`
	Footer int `json:"footer,omitempty"`
	// IgnoreMalformed makes rows of NULLs of lines that are no JSON.
	IgnoreMalformed bool `json:"ignoreMalformed,omitempty"`
}

// Column is a column of a table in this form.
type Column struct {
	Name string
	Type types.Type
}

// Keys of parameters of tables and of their SerDes.
const (
	HeaderKey         = "skip.header.line.count"
	FooterKey         = "skip.footer.line.count"
	fieldKey          = "field.delim"
	formatKey         = "serialization.format"
	itemKey           = "collection.delim"
	misspeltItemKey   = "colelction.delim" // of Hive before 3
	mapKey            = "mapkey.delim"
	escapeKey         = "escape.delim"
	nullKey           = "serialization.null.format"
	takeRestKey       = "serialization.last.column.takes.rest"
	extendedKey       = "hive.serialization.extend.nesting.levels"
	moreExtendedKey   = "hive.serialization.extend.additional.nesting.levels"
	SeparatorKey      = "separatorChar"
	QuoteKey          = "quoteChar"
	EscapeKey         = "escapeChar"
	malformedKey      = "ignore.malformed.json"
	TextFieldKey      = fieldKey
	TextFormatKey     = formatKey
	TextEscapeKey     = escapeKey
	TextNullFormatKey = nullKey
)

// Levels of nesting for which there are separators.
const (
	levels         = 8
	extendedLevels = 24
)

// defaultSeparators are the control characters that are nothing else, then all above ASCII.
var defaultSeparators = func() (out []byte) {
	for b := 1; b < 256; b++ {
		switch {
		case b >= ' ' && b < 0x80, b == '\t', b == '\n', b == '\f', b == '\r', b == 0x1b:
		default:
			out = append(out, byte(b))
		}
	}
	return out
}()

// OptionsOf reads the parameters of a table's format, those of the SerDe before those of the table.
func OptionsOf(format string, serde, table map[string]string) (Options, error) {
	get := func(key string) (string, bool) {
		if v, ok := serde[key]; ok {
			return v, true
		}
		v, ok := table[key]
		return v, ok
	}
	o := Options{Format: format}
	var err error
	if o.Header, err = count(table, HeaderKey); err != nil {
		return o, err
	}
	if o.Footer, err = count(table, FooterKey); err != nil {
		return o, err
	}
	switch format {
	case Text:
		o.text(get)
	case CSV:
		return o, o.csv(get)
	case OpenXJSON:
		v, _ := get(malformedKey)
		o.IgnoreMalformed = strings.EqualFold(v, "true")
	}
	return o, nil
}

func count(table map[string]string, key string) (int, error) {
	text, ok := table[key]
	if !ok {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<20 {
		return 0, trinoerr.New(trinoerr.HiveInvalidMetadata, "Invalid value for %s property: %s", key, text)
	}
	return n, nil
}

func (o *Options) text(get func(string) (string, bool)) {
	flag := func(key string) bool { v, _ := get(key); return strings.EqualFold(v, "true") }
	n := levels
	switch {
	case flag(moreExtendedKey):
		n = len(defaultSeparators)
	case flag(extendedKey):
		n = extendedLevels
	}
	o.Separators = append([]byte(nil), defaultSeparators[:n]...)
	for level, keys := range [][]string{{fieldKey, formatKey}, {itemKey, misspeltItemKey}, {mapKey}} {
		for _, key := range keys {
			if v, ok := get(key); ok {
				o.Separators[level] = byteOf(v, o.Separators[level])
				break
			}
		}
	}
	o.Null = `\N`
	if v, ok := get(nullKey); ok {
		o.Null = v
	}
	if v, ok := get(escapeKey); ok {
		o.Escape = byteOf(v, '\\')
	}
	o.TakeRest = flag(takeRestKey)
}

// byteOf reads a byte given as a number, or else as itself.
func byteOf(text string, otherwise byte) byte {
	if text == "" {
		return otherwise
	}
	if n, err := strconv.ParseInt(text, 10, 8); err == nil {
		return byte(n)
	}
	return text[0]
}

func (o *Options) csv(get func(string) (string, bool)) error {
	char := func(key string, otherwise rune) rune {
		if v, _ := get(key); v != "" {
			return []rune(v)[0]
		}
		return otherwise
	}
	o.Separator, o.Quote = char(SeparatorKey, ','), char(QuoteKey, '"')
	o.ReadEscape, o.WriteEscape = char(EscapeKey, '\\'), char(EscapeKey, '"')
	switch {
	case o.Separator == 0:
		return trinoerr.New(trinoerr.HiveInvalidMetadata, "Separator cannot be the null character (ASCII 0)")
	case o.Separator == o.Quote:
		return trinoerr.New(trinoerr.HiveInvalidMetadata, "Separator and quote character cannot be the same")
	case o.Separator == o.ReadEscape, o.Separator == o.WriteEscape:
		return trinoerr.New(trinoerr.HiveInvalidMetadata, "Separator and escape character cannot be the same")
	case o.Quote == o.ReadEscape && o.Quote != 0:
		return trinoerr.New(trinoerr.HiveInvalidMetadata, "Quote and escape character cannot be the same")
	}
	return nil
}
