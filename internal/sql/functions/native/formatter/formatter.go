// Package formatter formats values by a pattern of percent signs the way java.util.Formatter does in the English locale:
// the same conversions, flags, rounding and errors. The SQL function format is defined by it.
//
// The package knows nothing of SQL. Start with Format.
package formatter

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf16"
)

// Decimal is a decimal number: Unscaled divided by ten to the power of Scale.
type Decimal struct {
	Unscaled *big.Int
	Scale    int
}

// Error says what is wrong with a pattern, or with an argument for it. Kind is what Java's exception is called, without
// "Exception".
type Error struct{ Kind, Detail string }

// Error returns the kind and the detail.
func (e *Error) Error() string { return e.Kind + ": " + e.Detail }

func fail(kind, format string, args ...any) error {
	return &Error{"" + kind, fmt.Sprintf(format, args...)}
}

func badConversion(c byte, v any) error {
	return fail("IllegalFormatConversion", "%c != %s", c, className(v))
}

func badFlag(c, flag byte) error {
	return fail("FormatFlagsConversionMismatch", "Conversion = %c, Flags = %c", c, flag)
}

// Format formats values: nil, bool, int64, float32, float64, string, Decimal, Date, Time, DateTime and ZonedDateTime. The error
// is an *Error.
func Format(pattern string, args []any) (string, error) {
	parts, err := parse(pattern)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	last, ordinary := -1, -1
	for i := range parts {
		p := &parts[i]
		var value any
		switch {
		case p.text:
			out.WriteString(p.literal)
			continue
		case p.conversion == '%' || p.conversion == 'n':
		default:
			switch {
			case p.previous():
			case p.index > 0:
				last = p.index - 1
			default:
				ordinary++
				last = ordinary
			}
			if last < 0 || last >= len(args) {
				return "", fail("MissingFormatArgument", "Format specifier '%s'", p)
			}
			value = args[last]
		}
		text, err := p.format(value)
		if err != nil {
			return "", err
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// format formats one value.
func (p *part) format(v any) (string, error) {
	if p.time {
		return p.formatTime(v)
	}
	switch p.conversion {
	case '%':
		return p.justify("%"), nil
	case 'n':
		return "\n", nil
	case 'b':
		switch v := v.(type) {
		case nil:
			return p.show("false"), nil
		case bool:
			return p.show(fmt.Sprint(v)), nil
		}
		return p.show("true"), nil
	case 'h':
		if v == nil {
			return p.show("null"), nil
		}
		return p.show(fmt.Sprintf("%x", uint32(hashCode(v)))), nil
	case 's':
		if p.has('#') {
			return "", badFlag('s', '#')
		}
		if v == nil {
			return p.show("null"), nil
		}
		return p.show(display(v)), nil
	}
	if v == nil {
		return p.show("null"), nil
	}
	switch p.conversion {
	case 'd', 'o', 'x':
		if n, ok := v.(int64); ok {
			return p.formatInteger(n)
		}
	case 'e', 'f', 'g', 'a':
		switch v := v.(type) {
		case float32:
			return p.formatDouble(float64(v)), nil
		case float64:
			return p.formatDouble(v), nil
		case Decimal:
			if p.conversion != 'a' {
				return p.formatDecimal(v), nil
			}
		}
	}
	return "", badConversion(p.conversion, v) // 'c' as well: no value of SQL is a character
}

// show cuts a text to the precision, brings it to upper case when wanted, and pads it.
func (p *part) show(s string) string {
	if p.precision >= 0 {
		s = firstUnits(s, p.precision)
	}
	return p.justify(p.upperCase(s))
}

func (p *part) upperCase(s string) string {
	if p.upper {
		return upper(s)
	}
	return s
}

// justify pads a text with blanks to the width, which counts UTF-16 units.
func (p *part) justify(s string) string {
	n := p.width - units(s)
	if n <= 0 {
		return s
	}
	if p.has('-') {
		return s + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + s
}

// units counts the UTF-16 units of a text.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// firstUnits cuts a text to a number of UTF-16 units; half a pair becomes a question mark.
func firstUnits(s string, n int) string {
	for i, r := range s {
		size := utf16.RuneLen(r)
		if n < size {
			return s[:i] + strings.Repeat("?", n)
		}
		n -= size
	}
	return s
}
