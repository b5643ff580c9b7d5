package native

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/formatter"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// conversionFunctions read and write quantities with units.
var conversionFunctions = []Function{
	// The milliseconds of a duration.
	{"wb_parse_duration", params("VARCHAR"), "BIGINT", func(a []any) (any, error) { return parseDuration(a[0].(string)) }},
	{"wb_parse_data_size", params("VARCHAR"), "HUGEINT", func(a []any) (any, error) { return parseDataSize(a[0].(string)) }},
	{"wb_human_readable_seconds", params("DOUBLE"), "VARCHAR", func(a []any) (any, error) {
		return humanReadableSeconds(a[0].(float64))
	}},
}

var durationPattern = regexp.MustCompile(`^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$`)

// durationUnit is a unit by the name that messages use.
type durationUnit struct {
	name   string
	millis float64
}

var durationUnits = map[string]durationUnit{
	"ns": {"NANOSECONDS", 1.0 / 1000000.0}, "us": {"MICROSECONDS", 1.0 / 1000.0}, "ms": {"MILLISECONDS", 1}, "s": {"SECONDS", 1000},
	"m": {"MINUTES", 1000 * 60}, "h": {"HOURS", 1000 * 60 * 60}, "d": {"DAYS", 1000 * 60 * 60 * 24},
}

func parseDuration(s string) (any, error) {
	if s == "" {
		return nil, invalidArgument("duration is empty")
	}
	m := durationPattern.FindStringSubmatch(s)
	if m == nil {
		return nil, invalidArgument("duration is not a valid data duration string: %s", s)
	}
	unit, ok := durationUnits[m[2]]
	if !ok {
		return nil, invalidArgument("Unknown time unit: %s", m[2])
	}
	v, err := strconv.ParseFloat(m[1], 64)
	millis := math.Floor(v*unit.millis + 0.5)
	if err != nil || millis > math.MaxInt64 {
		return nil, invalidArgument("value %s %s is too large to be represented in requested unit MILLISECONDS as a long", formatter.Text(v), unit.name)
	}
	return toLong(millis), nil
}

// dataSizeUnits are powers of 1024.
var dataSizeUnits = []string{"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}

func parseDataSize(s string) (any, error) {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' })
	if end < 0 {
		end = len(s)
	}
	power := -1
	for i, u := range dataSizeUnits {
		if s[end:] == u {
			power = i
		}
	}
	number := asciiDigits(s[:end])
	value, ok := new(big.Rat).SetString(number)
	if power < 0 || !ok || strings.Count(number, ".") > 1 {
		return nil, invalidArgument("Invalid data size: '%s'", s)
	}
	n := new(big.Int).Lsh(value.Num(), uint(10*power))
	n.Quo(n, value.Denom())
	if n.BitLen() > 127 {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "Decimal overflow")
	}
	if n.CmpAbs(powerOfTen(types.MaxDecimalPrecision)) >= 0 {
		return nil, trinoerr.New(trinoerr.NumericValueOutOfRange, "Value out of range: '%s' ('%sB')", s, n)
	}
	v, _ := types.Int128FromBig(n)
	return v, nil
}

func powerOfTen(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// asciiDigits writes the digits of every script as those of ASCII.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		// The digits of a script follow each other.
		zero := r
		for zero > r-9 && unicode.IsDigit(zero-1) {
			zero--
		}
		return '0' + r - zero
	}, s)
}

var humanUnits = []struct {
	name    string
	seconds int64
}{{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}}

// humanReadableSeconds counts in units; the sign is lost.
func humanReadableSeconds(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, invalidArgument("Invalid argument found: %s", formatter.Text(v))
	}
	rest := toLong(math.Floor(math.Abs(v) + 0.5))
	var parts []string
	for _, u := range humanUnits {
		n := rest / u.seconds
		rest %= u.seconds
		switch {
		case n == 1:
			parts = append(parts, "1 "+u.name)
		case n > 1 || u.seconds == 1 && len(parts) == 0:
			parts = append(parts, strconv.FormatInt(n, 10)+" "+u.name+"s")
		}
	}
	return strings.Join(parts, ", "), nil
}
