package formatter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// part is a stretch of literal text or a specifier: %[index$][flags][width][.precision][t]conversion.
type part struct {
	text    bool
	literal string

	index      int    // 0 when none is given
	flags      string // without repetitions, in no order
	width      int    // -1 when none is given
	precision  int    // the same
	time       bool   // t or T stands before the conversion
	conversion byte   // in lower case, unless it is one of a time's
	upper      bool
}

// allFlags are the flags in the order in which Java names them.
const allFlags = "-#+ 0,(<"

// conversions are those that are no times; the upper-case ones give upper-case results.
const conversions = "bBhHsScCdoxXeEfgGaA%n"

// timeConversions may stand after a t.
const timeConversions = "HIklMNLQpsSTzZaAbBCdehjmyYDFrRc"

func (p *part) has(flag byte) bool { return strings.IndexByte(p.flags, flag) >= 0 }

func (p *part) previous() bool { return p.has('<') }

// shownFlags are the flags as Java's messages show them.
func (p *part) shownFlags() string {
	var b strings.Builder
	for i := range len(allFlags) {
		if p.has(allFlags[i]) {
			b.WriteByte(allFlags[i])
		}
	}
	return b.String()
}

// String returns the specifier in its normal form.
func (p *part) String() string {
	var b strings.Builder
	b.WriteString("%" + p.shownFlags())
	if p.index > 0 {
		fmt.Fprintf(&b, "%d$", p.index)
	}
	if p.width >= 0 {
		b.WriteString(strconv.Itoa(p.width))
	}
	if p.precision >= 0 {
		b.WriteString("." + strconv.Itoa(p.precision))
	}
	c := string(p.conversion)
	switch {
	case p.time && p.upper:
		b.WriteByte('T')
	case p.time:
		b.WriteByte('t')
	case p.upper:
		c = strings.ToUpper(c)
	}
	return b.String() + c
}

// parse splits a pattern and checks every specifier.
func parse(pattern string) ([]part, error) {
	var out []part
	for pattern != "" {
		at := strings.IndexByte(pattern, '%')
		if at < 0 {
			return append(out, part{text: true, literal: pattern}), nil
		}
		if at > 0 {
			out = append(out, part{text: true, literal: pattern[:at]})
		}
		pattern = pattern[at+1:]
		if pattern == "" {
			return nil, unknown("%")
		}
		p, rest, err := specifier(pattern)
		if err != nil {
			return nil, err
		}
		if err := p.check(); err != nil {
			return nil, err
		}
		out = append(out, p)
		pattern = rest
	}
	return out, nil
}

func unknown(c string) error { return fail("UnknownFormatConversion", "Conversion = '%s'", c) }

// tooLarge stands for a number that is no 32-bit integer, as Java shows it.
const tooLarge = math.MinInt32

// digits reads a number, if there is one.
func digits(s string) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == 0 {
		return -1, s, false
	}
	v, err := strconv.ParseInt(s[:i], 10, 32)
	if err != nil {
		v = tooLarge
	}
	return int(v), s[i:], true
}

// specifier reads what follows a percent sign.
func specifier(s string) (p part, rest string, err error) {
	_, size := utf8.DecodeRuneInString(s)
	first := s[:size]
	if size == 4 {
		first = "?"
	}
	p.width, p.precision = -1, -1
	if n, after, ok := digits(s); ok && strings.HasPrefix(after, "$") {
		switch n {
		case tooLarge:
			return p, "", fail("IllegalFormatArgumentIndex", "Format argument index: (not representable as int)")
		case 0:
			return p, "", fail("IllegalFormatArgumentIndex", "Illegal format argument index = 0")
		}
		p.index, s = n, after[1:]
	}
	for s != "" && strings.IndexByte(allFlags, s[0]) >= 0 {
		if p.has(s[0]) {
			return p, "", fail("DuplicateFormatFlags", "Flags = '%c'", s[0])
		}
		p.flags += s[:1]
		s = s[1:]
	}
	if p.previous() {
		p.index = 0
	}
	var ok bool
	if p.width, s, ok = digits(s); ok && p.width == tooLarge {
		return p, "", fail("IllegalFormatWidth", "%d", tooLarge)
	}
	if strings.HasPrefix(s, ".") {
		if p.precision, s, ok = digits(s[1:]); !ok {
			return p, "", unknown(first)
		}
		if p.precision == tooLarge {
			return p, "", fail("IllegalFormatPrecision", "%d", tooLarge)
		}
	}
	if s == "" {
		return p, "", unknown(first)
	}
	if s[0] == 't' || s[0] == 'T' {
		p.time, p.upper = true, s[0] == 'T'
		if len(s) == 1 {
			return p, "", unknown(s)
		}
		if s = s[1:]; !isLetter(s[0]) {
			return p, "", unknown("\x00")
		}
		if strings.IndexByte(timeConversions, s[0]) < 0 {
			return p, "", unknown("t" + s[:1])
		}
		p.conversion = s[0]
		return p, s[1:], nil
	}
	if strings.IndexByte(conversions, s[0]) < 0 {
		if isLetter(s[0]) {
			first = s[:1]
		}
		return p, "", unknown(first)
	}
	p.conversion = s[0]
	if isLetter(s[0]) && s[0] < 'a' {
		p.conversion, p.upper = s[0]+'a'-'A', true
	}
	return p, s[1:], nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// check refuses flags, widths and precisions that do not go with the conversion, in Java's order.
func (p *part) check() error {
	if p.time {
		return first(p.noPrecision, p.without("#+ 0,("), p.widthFor("-"))
	}
	switch p.conversion {
	case 'b', 'h':
		return first(p.without("#"), p.widthFor("-"), p.without("+ 0,("))
	case 's':
		return first(p.widthFor("-"), p.without("+ 0,("))
	case 'c':
		return first(p.noPrecision, p.without("#+ 0,("), p.widthFor("-"))
	case 'd':
		return first(p.numeric, p.noPrecision, p.without("#"))
	case 'o', 'x':
		return first(p.numeric, p.noPrecision, p.without(","))
	case 'a':
		return first(p.numeric, p.without("(,"))
	case 'e':
		return first(p.numeric, p.without(","))
	case 'g':
		return first(p.numeric, p.without("#"))
	case '%':
		if p.precision < 0 && p.flags != "" && p.flags != "-" {
			return fail("IllegalFormatFlags", "Flags = '%s'", p.shownFlags())
		}
		return first(p.noPrecision, p.widthFor("-"))
	case 'n':
		switch {
		case p.precision >= 0:
			return p.noPrecision()
		case p.width >= 0:
			return fail("IllegalFormatWidth", "%d", p.width)
		case p.flags != "":
			return fail("IllegalFormatFlags", "Flags = '%s'", p.shownFlags())
		}
	}
	if p.conversion == 'f' {
		return p.numeric()
	}
	return nil
}

// first returns the first error.
func first(checks ...func() error) error {
	for _, c := range checks {
		if err := c(); err != nil {
			return err
		}
	}
	return nil
}

func (p *part) noPrecision() error {
	if p.precision >= 0 {
		return fail("IllegalFormatPrecision", "%d", p.precision)
	}
	return nil
}

func (p *part) without(flags string) func() error {
	return func() error {
		for i := range len(flags) {
			if p.has(flags[i]) {
				return badFlag(p.conversion, flags[i])
			}
		}
		return nil
	}
}

// widthFor requires a width with certain flags.
func (p *part) widthFor(flags string) func() error {
	return func() error {
		if p.width < 0 && strings.ContainsAny(p.flags, flags) {
			return fail("MissingFormatWidth", "%s", p)
		}
		return nil
	}
}

func (p *part) numeric() error {
	if err := p.widthFor("-0")(); err != nil {
		return err
	}
	if p.has('+') && p.has(' ') || p.has('-') && p.has('0') {
		return fail("IllegalFormatFlags", "Flags = '%s'", p.shownFlags())
	}
	return nil
}
