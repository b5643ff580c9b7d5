package formatter

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// defaultPrecision is the number of digits of a floating-point conversion that gives none.
const defaultPrecision = 6

// formatInteger formats with d, o or x; octal and hexadecimal digits are those of the two's complement.
func (p *part) formatInteger(n int64) (string, error) {
	if p.conversion == 'd' {
		digits := strings.TrimPrefix(strconv.FormatInt(n, 10), "-")
		return p.signed(n < 0, digits, "", ""), nil
	}
	if err := p.without("( +")(); err != nil {
		return "", err
	}
	base, prefix := 16, "0x"
	if p.conversion == 'o' {
		base, prefix = 8, "0"
	}
	if !p.has('#') {
		prefix = ""
	}
	digits := strconv.FormatUint(uint64(n), base)
	if p.has('0') {
		prefix += strings.Repeat("0", max(0, p.width-len(prefix)-len(digits)))
	}
	return p.justify(p.upperCase(prefix + digits)), nil
}

// signed puts a number together: whole digits, which are grouped when wanted, what follows a point, and an exponent.
// Zeros fill it up to the width.
func (p *part) signed(negative bool, whole, fraction, exponent string) string {
	if p.has(',') {
		whole = grouped(whole)
	}
	body := whole + fraction + exponent
	sign, end := p.sign(negative)
	if p.has('0') {
		body = strings.Repeat("0", max(0, p.width-len(sign)-len(body)-len(end))) + body
	}
	return p.justify(p.upperCase(sign + body + end))
}

// sign returns what stands before and after a number.
func (p *part) sign(negative bool) (before, after string) {
	switch {
	case negative && p.has('('):
		return "(", ")"
	case negative:
		return "-", ""
	case p.has('+'):
		return "+", ""
	case p.has(' '):
		return " ", ""
	}
	return "", ""
}

// grouped puts a comma before every three digits.
func grouped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// formatDouble formats with e, f, g or a.
func (p *part) formatDouble(v float64) string {
	negative := math.Signbit(v)
	switch {
	case math.IsNaN(v):
		return p.justify(p.upperCase("NaN"))
	case math.IsInf(v, 0):
		before, after := p.sign(negative)
		return p.justify(p.upperCase(before + "Infinity" + after))
	case p.conversion == 'a':
		return p.formatHex(math.Abs(v), negative)
	}
	// The shortest digits that identify the number are what is rounded.
	text := strconv.FormatFloat(math.Abs(v), 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	exp, _ := strconv.Atoi(exponent)
	mantissa = strings.Replace(mantissa, ".", "", 1)
	unscaled, _ := new(big.Int).SetString(mantissa, 10)
	d := Decimal{unscaled, len(mantissa) - 1 - exp}
	precision := p.floatPrecision()
	form := p.conversion
	if form == 'g' {
		// What the digits are after rounding decides between the forms.
		precision = max(precision, 1)
		e := 0
		if v != 0 {
			e = d.rounded(precision).exponent()
		}
		if e < -4 || e >= precision {
			form, precision = 'e', precision-1
		} else {
			form, precision = 'f', precision-1-e
		}
	}
	if v == 0 {
		d.Scale = 0
	}
	return p.formatDigits(d, form, precision, negative)
}

// formatDecimal formats with e, f or g.
func (p *part) formatDecimal(d Decimal) string {
	negative := d.Unscaled.Sign() < 0
	d.Unscaled = new(big.Int).Abs(d.Unscaled)
	precision, form := p.floatPrecision(), p.conversion
	if form == 'g' {
		precision = max(precision, 1)
		d = d.rounded(precision)
		if e := d.exponent(); d.Unscaled.Sign() == 0 || e < -4 || e >= precision {
			form, precision = 'e', precision-1
		} else {
			form, precision = 'f', precision-1-e
		}
	}
	return p.formatDigits(d, form, precision, negative)
}

func (p *part) floatPrecision() int {
	if p.precision < 0 {
		return defaultPrecision
	}
	return p.precision
}

// formatDigits writes a number that is not negative in fixed or scientific form.
func (p *part) formatDigits(d Decimal, form byte, precision int, negative bool) string {
	if form == 'f' {
		s := d.scaled(precision).String()
		if len(s) <= precision {
			s = strings.Repeat("0", precision+1-len(s)) + s
		}
		return p.signed(negative, s[:len(s)-precision], p.fraction(s[len(s)-precision:]), "")
	}
	exponent := d.exponent()
	s := d.Unscaled.String()
	if len(s) > precision+1 {
		r := d.rounded(precision + 1)
		exponent, s = r.exponent(), r.Unscaled.String()
	}
	s += strings.Repeat("0", max(0, precision+1-len(s)))
	e := strconv.Itoa(max(exponent, -exponent))
	if len(e) < 2 {
		e = "0" + e
	}
	if exponent < 0 {
		e = "e-" + e
	} else {
		e = "e+" + e
	}
	return p.signed(negative, s[:1], p.fraction(s[1:precision+1]), e)
}

func (p *part) fraction(digits string) string {
	if digits == "" && !p.has('#') {
		return ""
	}
	return "." + digits
}

// exponent is the power of ten of the first digit.
func (d Decimal) exponent() int { return len(d.Unscaled.String()) - 1 - d.Scale }

// rounded keeps at most n digits.
func (d Decimal) rounded(n int) Decimal {
	drop := len(d.Unscaled.String()) - n
	if drop <= 0 {
		return d
	}
	return Decimal{d.scaled(d.Scale - drop), d.Scale - drop}
}

// scaled is the unscaled value at another scale, halves rounded up. The value is not negative.
func (d Decimal) scaled(scale int) *big.Int {
	if scale >= d.Scale {
		return new(big.Int).Mul(d.Unscaled, power(scale-d.Scale))
	}
	unit := power(d.Scale - scale)
	q, r := new(big.Int).QuoRem(d.Unscaled, unit, new(big.Int))
	if r.Lsh(r, 1).Cmp(unit) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// formatHex writes the binary fraction of a number that is not negative in hexadecimal digits.
func (p *part) formatHex(v float64, negative bool) string {
	digits, exponent := hexDigits(v, p.precision)
	text := digits + "p" + strconv.Itoa(exponent)
	before, _ := p.sign(negative)
	before += "0x"
	if p.has('0') {
		before += strings.Repeat("0", max(0, p.width-len(before)-len(text)))
	}
	return p.justify(p.upperCase(before + text))
}

// hexDigits are the digits around the point, and the power of two. A precision of less than 0 gives as many digits as there
// are.
func hexDigits(v float64, precision int) (string, int) {
	if precision == 0 {
		precision = 1
	}
	bits := math.Float64bits(v)
	exponent, fraction := int(bits>>52)-1023, bits&(1<<52-1)
	lead := uint64(1)
	switch {
	case v == 0:
		lead, exponent = 0, 0
	case exponent == -1023 && precision < 0 || exponent == -1023 && precision >= 13:
		lead, exponent = 0, -1022 // subnormal
	case exponent == -1023:
		for exponent++; fraction < 1<<52; exponent-- {
			fraction <<= 1
		}
		fraction &= 1<<52 - 1
	}
	if precision > 0 && precision < 13 {
		shift := uint(52 - 4*precision)
		all := lead<<52 | fraction
		low, half := all&(1<<shift-1), uint64(1)<<(shift-1)
		all >>= shift
		if low > half || low == half && all&1 == 1 {
			all++
		}
		all <<= shift
		if all>>52 > 1 {
			all >>= 1
			exponent++
		}
		lead, fraction = all>>52, all&(1<<52-1)
	}
	hex := strconv.FormatUint(1<<52|fraction, 16)[1:]
	hex = strings.TrimRight(hex, "0")
	hex += strings.Repeat("0", max(0, max(precision, 1)-len(hex)))
	return strconv.FormatUint(lead, 10) + "." + hex, exponent
}
