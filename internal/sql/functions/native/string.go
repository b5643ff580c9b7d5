package native

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// stringFunctions are regular expressions and what else needs a loop over characters.
var stringFunctions = []Function{
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
	{"wb_regexp_like", params("VARCHAR", "VARCHAR"), "BOOLEAN", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		return re.MatchString(a[0].(string)), nil
	}},
	{"wb_regexp_extract", params("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		re, g, err := compileGroup(a)
		if err != nil {
			return nil, err
		}
		s := a[0].(string)
		m := re.FindStringSubmatchIndex(s)
		if m == nil || m[2*g] < 0 {
			return nil, nil
		}
		return s[m[2*g]:m[2*g+1]], nil
	}},
	{"wb_regexp_extract_all", params("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR[]", func(a []any) (any, error) {
		re, g, err := compileGroup(a)
		if err != nil {
			return nil, err
		}
		s := a[0].(string)
		out := []any{}
		for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
			if m[2*g] < 0 {
				out = append(out, nil)
			} else {
				out = append(out, s[m[2*g]:m[2*g+1]])
			}
		}
		return out, nil
	}},
	{"wb_regexp_replace", params("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		return replaceAll(re, a[0].(string), a[2].(string))
	}},
	{"wb_regexp_count", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		return int64(len(re.FindAllStringIndex(a[0].(string), -1))), nil
	}},
	// Text, pattern, where to start (a character number from 1), which occurrence.
	{"wb_regexp_position", params("VARCHAR", "VARCHAR", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		return position(re, a[0].(string), a[2].(int64), a[3].(int64))
	}},
	{"wb_regexp_split", params("VARCHAR", "VARCHAR"), "VARCHAR[]", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		s, last := a[0].(string), 0
		out := []any{}
		for _, m := range re.FindAllStringIndex(s, -1) {
			out = append(out, s[last:m[0]])
			last = m[1]
		}
		return append(out, s[last:]), nil
	}},
}

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

// compiledPatterns caches compiled expressions: a statement uses few, for many rows.
var compiledPatterns sync.Map

func compile(pattern string) (*regexp.Regexp, error) {
	if re, ok := compiledPatterns.Load(pattern); ok {
		return re.(*regexp.Regexp), nil
	}
	re, err := regexp.Compile(strings.ReplaceAll(pattern, "(?<", "(?P<"))
	if err != nil {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	compiledPatterns.Store(pattern, re)
	return re, nil
}

func compileGroup(a []any) (*regexp.Regexp, int, error) {
	re, err := compile(a[1].(string))
	if err != nil {
		return nil, 0, err
	}
	g := a[2].(int64)
	if g < 0 {
		return nil, 0, trinoerr.New(trinoerr.InvalidFunctionArgument, "Group cannot be negative")
	}
	if g > int64(re.NumSubexp()) {
		return nil, 0, trinoerr.New(trinoerr.InvalidFunctionArgument, "Pattern has %d groups. Cannot access group %d", re.NumSubexp(), g)
	}
	return re, int(g), nil
}

// replaceAll replaces every match; $1 and ${name} in the replacement are groups, and a backslash quotes.
func replaceAll(re *regexp.Regexp, s, replacement string) (any, error) {
	var b strings.Builder
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[last:m[0]])
		if err := expand(&b, re, s, m, replacement); err != nil {
			return nil, err
		}
		last = m[1]
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

func expand(b *strings.Builder, re *regexp.Regexp, s string, m []int, r string) error {
	for i := 0; i < len(r); i++ {
		switch {
		case r[i] == '\\':
			if i++; i == len(r) {
				return trinoerr.New(trinoerr.InvalidFunctionArgument, "Illegal replacement sequence: %s", r)
			}
			b.WriteByte(r[i])
		case r[i] == '$':
			g, next, ok := groupOf(re, r, i+1)
			if !ok {
				return trinoerr.New(trinoerr.InvalidFunctionArgument, "Illegal replacement sequence: %s", r)
			}
			if m[2*g] >= 0 {
				b.WriteString(s[m[2*g]:m[2*g+1]])
			}
			i = next - 1
		default:
			b.WriteByte(r[i])
		}
	}
	return nil
}

// groupOf reads the group's number, as many digits as name a group, or its name in braces.
func groupOf(re *regexp.Regexp, r string, i int) (group, next int, ok bool) {
	if i < len(r) && r[i] == '{' {
		end := strings.IndexByte(r[i:], '}')
		if end < 0 {
			return 0, 0, false
		}
		g := re.SubexpIndex(r[i+1 : i+end])
		return g, i + end + 1, g >= 0
	}
	for i < len(r) && r[i] >= '0' && r[i] <= '9' {
		g := group*10 + int(r[i]-'0')
		if g > re.NumSubexp() {
			break
		}
		group, i, ok = g, i+1, true
	}
	return group, i, ok
}

func position(re *regexp.Regexp, s string, start, n int64) (any, error) {
	if start < 1 {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "start position cannot be smaller than 1")
	}
	if n < 1 {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "occurrence cannot be smaller than 1")
	}
	from, chars := 0, int64(1)
	for chars < start {
		if from >= len(s) {
			return int64(-1), nil
		}
		_, size := utf8.DecodeRuneInString(s[from:])
		from += size
		chars++
	}
	all := re.FindAllStringIndex(s[from:], int(min(n, 1<<30)))
	if int64(len(all)) < n {
		return int64(-1), nil
	}
	return int64(utf8.RuneCountInString(s[:from+all[n-1][0]])) + 1, nil
}
