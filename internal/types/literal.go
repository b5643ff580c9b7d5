package types

import (
	"errors"
	"math"
	"math/big"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// ParseLiteral reads a literal written as a type's name and a text: DATE '2020-01-01', DOUBLE '1e3', UUID '…'. The type
// that comes back has the precision that the text asks for. Errors are Trino's, without a position.
func ParseLiteral(t Type, text string) (Type, any, error) {
	parse := literalParsers[t.Kind]
	if parse == nil {
		return Type{}, nil, trinoerr.New(trinoerr.NotSupported, "Literal of type %s is not supported", t)
	}
	typ, v, err := parse(t, text)
	if err == nil {
		return typ, v, nil
	}
	if errors.As(err, new(*trinoerr.Error)) {
		return Type{}, nil, err
	}
	return Type{}, nil, trinoerr.New(trinoerr.InvalidLiteral, "'%s' is not a valid %s literal", text,
		strings.ToUpper(t.RawType()))
}

type literalParser func(t Type, text string) (Type, any, error)

var literalParsers = map[Kind]literalParser{
	Boolean:   sameType(parseBoolean),
	TinyInt:   integerLiteral(8),
	SmallInt:  integerLiteral(16),
	Integer:   integerLiteral(32),
	BigInt:    integerLiteral(64),
	Real:      sameType(func(s string) (any, error) { v, err := parseJavaFloat(s, 32); return float32(v), err }),
	Double:    sameType(func(s string) (any, error) { return parseJavaFloat(s, 64) }),
	Decimal:   func(_ Type, s string) (Type, any, error) { return asAny(ParseDecimal(s)) },
	Varchar:   sameType(func(s string) (any, error) { return s, nil }),
	Varbinary: sameType(func(s string) (any, error) { return []byte(s), nil }),
	Char: func(_ Type, s string) (Type, any, error) {
		return CharN(utf8.RuneCountInString(s)), strings.TrimRight(s, " "), nil
	},
	JSON:        sameType(func(s string) (any, error) { return CanonicalJSON(s) }),
	Date:        sameType(func(s string) (any, error) { return ParseDate(s) }),
	Time:        func(_ Type, s string) (Type, any, error) { return ParseTime(s) },
	TimeTZ:      func(_ Type, s string) (Type, any, error) { return ParseTime(s) },
	Timestamp:   func(_ Type, s string) (Type, any, error) { return ParseTimestamp(s) },
	TimestampTZ: func(_ Type, s string) (Type, any, error) { return ParseTimestamp(s) },
	UUID:        sameType(func(s string) (any, error) { return ParseUUID(s) }),
	IPAddress:   sameType(func(s string) (any, error) { return ParseIPAddress(s) }),
}

func sameType(parse func(string) (any, error)) literalParser {
	return func(t Type, text string) (Type, any, error) {
		v, err := parse(text)
		return t, v, err
	}
}

func integerLiteral(bitSize int) literalParser {
	return sameType(func(s string) (any, error) { return strconv.ParseInt(trimJava(s), 10, bitSize) })
}

func asAny(t Type, v Int128, err error) (Type, any, error) { return t, v, err }

// ParseInteger reads an integer literal as it stands in a statement: decimal, 0x, 0b or 0o, with underscores, and with
// the minus sign when there is one directly before it. It is an integer when it fits, a bigint otherwise.
func ParseInteger(text string) (Type, int64, error) {
	digits, negative := strings.CutPrefix(strings.ReplaceAll(text, "_", ""), "-")
	base := 10
	if len(digits) > 2 && digits[0] == '0' {
		if b := map[byte]int{'x': 16, 'b': 2, 'o': 8}[digits[1]|0x20]; b != 0 {
			base, digits = b, digits[2:]
		}
	}
	if negative {
		digits = "-" + digits
	}
	v, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return Type{}, 0, trinoerr.New(trinoerr.SyntaxError, "Invalid numeric literal: %s", text)
	}
	if v == int64(int32(v)) {
		return Of(Integer), v, nil
	}
	return Of(BigInt), v, nil
}

func parseBoolean(s string) (any, error) {
	switch strings.ToLower(s) {
	case "true", "t", "1":
		return true, nil
	case "false", "f", "0":
		return false, nil
	}
	return nil, errMalformed
}

// javaFloat is the syntax of Java's Double.parseDouble without hexadecimal numbers.
var javaFloat = regexp.MustCompile(`^[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?)$`)

// javaHexFloat is the syntax of its hexadecimal numbers, in which the exponent is required.
var javaHexFloat = regexp.MustCompile(`^[+-]?0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+[dDfF]?$`)

// parseJavaFloat reads a number as Java does; one that is too large becomes an infinity.
func parseJavaFloat(s string, bitSize int) (float64, error) {
	s = trimJava(s)
	switch {
	case javaFloat.MatchString(s):
		if strings.HasSuffix(s, "NaN") {
			return math.NaN(), nil
		}
		if !strings.HasSuffix(s, "Infinity") {
			s = strings.TrimRight(s, "dDfF")
		}
	case javaHexFloat.MatchString(s):
		s = strings.TrimRight(s, "dDfF") // cannot eat digits: the exponent is decimal
	default:
		return 0, errMalformed
	}
	v, err := strconv.ParseFloat(s, bitSize)
	if math.IsInf(v, 0) {
		err = nil
	}
	return v, err
}

// ParseDouble reads the text of a DOUBLE literal, of a number with an exponent, or of a cast to double.
func ParseDouble(text string) (float64, error) { return parseJavaFloat(text, 64) }

// decimalText is the syntax of decimals: digits may be grouped by single underscores.
var decimalText = regexp.MustCompile(`^([+-]?)(\d(?:_?\d)*)?(?:\.(\d(?:_?\d)*)?)?$`)

// ParseDecimal reads a decimal literal, with or without a point and a sign. Its type has the digits that are written
// but leading zeros. Errors are for the caller to word.
func ParseDecimal(text string) (Type, Int128, error) {
	m := decimalText.FindStringSubmatch(text)
	if m == nil || m[2] == "" && m[3] == "" {
		return Type{}, Int128{}, errMalformed
	}
	integral := strings.TrimLeft(strings.ReplaceAll(m[2], "_", ""), "0")
	fraction := strings.ReplaceAll(m[3], "_", "")
	precision := len(integral) + len(fraction)
	if precision > MaxDecimalPrecision {
		return Type{}, Int128{}, errMalformed
	}
	digits := integral + fraction
	if digits == "" {
		digits, precision = "0", 1
	}
	b, _ := new(big.Int).SetString(digits, 10)
	v, _ := Int128FromBig(b)
	if m[1] == "-" {
		v = v.Neg()
	}
	return DecimalOf(precision, len(fraction)), v, nil
}

// ParseUUID reads a UUID in its usual form with four hyphens.
func ParseUUID(text string) (UUIDValue, error) {
	var v UUIDValue
	if len(text) != 36 {
		return v, errMalformed
	}
	n := 0
	for i := 0; i < len(text); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return v, errMalformed
			}
			continue
		}
		d := hexDigit(text[i])
		if d < 0 {
			return v, errMalformed
		}
		v[n/2] = v[n/2]<<4 | byte(d)
		n++
	}
	return v, nil
}

// hexDigit returns the value of a hexadecimal digit, -1 when it is none.
func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// ParseIPAddress reads an IPv4 or IPv6 address.
func ParseIPAddress(text string) (IPAddressValue, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return IPAddressValue{}, errMalformed
	}
	return a.As16(), nil
}
