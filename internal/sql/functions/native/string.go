package native

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// stringFunctions need a loop over characters.
var stringFunctions = join(regexpFunctions, []Function{
	{"wb_reverse", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		r := []rune(a[0].(string))
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r), nil
	}},
	// Text, part, which occurrence; a negative one counts from the end.
	{"wb_strpos", params("VARCHAR", "VARCHAR", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return occurrence(a[0].(string), a[1].(string), a[2].(int64))
	}},
	{"wb_split", params("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR[]", func(a []any) (any, error) {
		return list(strings.SplitN(a[0].(string), a[1].(string), int(min(a[2].(int64), 1<<30)))), nil
	}},
	{"wb_to_base", params("BIGINT", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		radix := a[1].(int64)
		if radix < 2 || radix > 36 {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Radix must be between 2 and 36")
		}
		return strconv.FormatInt(a[0].(int64), int(radix)), nil
	}},
	{"wb_from_base", params("VARCHAR", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		radix := a[1].(int64)
		if radix < 2 || radix > 36 {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Radix must be between 2 and 36")
		}
		v, err := strconv.ParseInt(a[0].(string), int(radix), 64)
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Not a valid base-%d number: %s", radix, a[0])
		}
		return v, nil
	}},
	{"wb_hamming", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		x, y := []rune(a[0].(string)), []rune(a[1].(string))
		if len(x) != len(y) {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "The input strings to hamming_distance function must have the same length")
		}
		n := int64(0)
		for i := range x {
			if x[i] != y[i] {
				n++
			}
		}
		return n, nil
	}},
})

func list(parts []string) []any {
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

func occurrence(s, part string, n int64) (any, error) {
	if n == 0 {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "'instance' must be a positive or negative number.")
	}
	if part == "" {
		return int64(1), nil
	}
	from := 0
	if n > 0 {
		for ; ; n-- {
			i := strings.Index(s[from:], part)
			if i < 0 {
				return int64(0), nil
			}
			if n == 1 {
				return int64(utf8.RuneCountInString(s[:from+i])) + 1, nil
			}
			_, size := utf8.DecodeRuneInString(s[from+i:])
			from += i + size
		}
	}
	end := len(s)
	for ; ; n++ {
		i := strings.LastIndex(s[:end], part)
		if i < 0 {
			return int64(0), nil
		}
		if n == -1 {
			return int64(utf8.RuneCountInString(s[:i])) + 1, nil
		}
		end = i + len(part)
		_, size := utf8.DecodeLastRuneInString(s[:end])
		end -= size
	}
}
