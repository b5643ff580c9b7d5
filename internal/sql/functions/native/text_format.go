package native

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/formatter"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// textFormatFunctions are format, whose arguments have many types: each comes as a text that begins with a letter for its type.
//
//	b true      i -12     r 1.5 (real)     f 1.5 (double)     n 1.50 (decimal)     s text     d 123 (days)
//	t 123 (picoseconds)   l 123 456 (microseconds, picoseconds)   z 123 456 zone (the same of an instant)
var textFormatFunctions = []Function{
	{"wb_format", params("VARCHAR", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		encoded := a[1].([]any)
		args := make([]any, len(encoded))
		for i, e := range encoded {
			text, ok := e.(string)
			if !ok {
				continue
			}
			v, err := formatArgument(text)
			if err != nil {
				return nil, err
			}
			args[i] = v
		}
		return formatted(a[0].(string), args)
	}},
}

func formatted(pattern string, args []any) (any, error) {
	text, err := formatter.Format(pattern, args)
	var bad *formatter.Error
	if errors.As(err, &bad) {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid format string: %s (%s)", pattern, bad)
	}
	return text, err
}

// formatArgument decodes an argument.
func formatArgument(text string) (v any, err error) {
	rest := text[1:]
	switch text[0] {
	case 'b':
		return rest == "true", nil
	case 'i':
		return strconv.ParseInt(rest, 10, 64)
	case 'r':
		f, err := strconv.ParseFloat(rest, 32)
		return float32(f), err
	case 'f':
		return strconv.ParseFloat(rest, 64)
	case 'n':
		whole, fraction, _ := strings.Cut(rest, ".")
		if n, ok := new(big.Int).SetString(whole+fraction, 10); ok {
			return formatter.Decimal{Unscaled: n, Scale: len(fraction)}, nil
		}
	case 's':
		return rest, nil
	case 'd':
		n, err := strconv.ParseInt(rest, 10, 64)
		return formatter.Date(n), err
	case 't':
		n, err := strconv.ParseInt(rest, 10, 64)
		return formatTime(n, err)
	case 'l', 'z':
		return formatTimestamp(rest)
	}
	return nil, fmt.Errorf("native: %q is no argument of format", text)
}

// nanos rounds picoseconds half up.
func nanos(picos int64) int64 { return (picos + 500) / 1000 }

func formatTime(picos int64, err error) (any, error) {
	n := nanos(picos)
	if n >= int64(24*time.Hour) {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "Invalid value for NanoOfDay (valid values 0 - 86399999999999): %d", n)
	}
	return formatter.Time(n), err
}

// formatTimestamp reads microseconds and picoseconds, and a zone if there is one.
func formatTimestamp(s string) (any, error) {
	first, rest, _ := strings.Cut(s, " ")
	second, zone, zoned := strings.Cut(rest, " ")
	us, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return nil, err
	}
	picos, err := strconv.ParseInt(second, 10, 64)
	if err != nil {
		return nil, err
	}
	z := formatter.ZonedDateTime{Zone: zone}
	if zoned {
		millis := floorDiv(us, 1000)
		z.Offset = types.Zone(zone).OffsetSeconds(millis)
		z.Fixed = strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-")
		z.Abbreviation = types.Zone(zone).Abbreviation(millis)
		us += int64(z.Offset) * 1_000_000
	}
	days := floorDiv(us, microsPerDay)
	ns := (us-days*microsPerDay)*1000 + nanos(picos)
	if ns == int64(24*time.Hour) {
		days, ns = days+1, 0
	}
	z.DateTime = formatter.DateTime{Date: formatter.Date(days), Time: formatter.Time(ns)}
	if zoned {
		return z, nil
	}
	return z.DateTime, nil
}
