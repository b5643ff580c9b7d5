package native

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/regex"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// regexpFunctions are regular expressions. Each takes a text and a pattern first.
var regexpFunctions = []Function{
	{"wb_regexp_like", params("VARCHAR", "VARCHAR"), "BOOLEAN", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		ok, err := re.Like(a[0].(string))
		return ok, regexpError(err)
	}},
	// And the number of a group.
	{"wb_regexp_extract", params("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		matches, g, err := find(a, 1)
		if err != nil || len(matches) == 0 {
			return nil, err
		}
		return part(a[0].(string), matches[0], g), nil
	}},
	{"wb_regexp_extract_all", params("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR[]", func(a []any) (any, error) {
		matches, g, err := find(a, -1)
		out := []any{}
		for _, m := range matches {
			out = append(out, part(a[0].(string), m, g))
		}
		return out, err
	}},
	// And the replacement.
	{"wb_regexp_replace", params("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		re, matches, err := findAll(a)
		if err != nil {
			return nil, err
		}
		return replaceAll(re, a[0].(string), matches, a[2].(string))
	}},
	{"wb_regexp_count", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		_, matches, err := findAll(a)
		return int64(len(matches)), err
	}},
	// And where to start (a character number from 1), which occurrence.
	{"wb_regexp_position", params("VARCHAR", "VARCHAR", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		re, err := compile(a[1].(string))
		if err != nil {
			return nil, err
		}
		return position(re, a[0].(string), a[2].(int64), a[3].(int64))
	}},
	{"wb_regexp_split", params("VARCHAR", "VARCHAR"), "VARCHAR[]", func(a []any) (any, error) {
		_, matches, err := findAll(a)
		s, last := a[0].(string), 0
		out := []any{}
		for _, m := range matches {
			out = append(out, s[last:m[0]])
			last = m[1]
		}
		return append(out, s[last:]), err
	}},
	// The groups of every match.
	{"wb_regexp_groups", params("VARCHAR", "VARCHAR"), "VARCHAR[][]", func(a []any) (any, error) {
		re, matches, err := findAll(a)
		out := []any{}
		for _, m := range matches {
			groups := []any{}
			for g := range re.Groups() {
				groups = append(groups, part(a[0].(string), m, g+1))
			}
			out = append(out, groups)
		}
		return out, err
	}},
	// Puts replacements between the parts of a split text. The result is NULL when one of them is.
	{"wb_interleave", params("VARCHAR[]", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		var b strings.Builder
		replacements := a[1].([]any)
		for i, p := range a[0].([]any) {
			if i > 0 {
				r, ok := replacements[i-1].(string)
				if !ok {
					return nil, nil
				}
				b.WriteString(r)
			}
			b.WriteString(p.(string))
		}
		return b.String(), nil
	}},
}

// regexps caches compiled patterns: a statement uses few, for many rows.
var regexps struct {
	sync.RWMutex
	compiled map[string]*regex.Regex
}

// maxRegexps bounds the cache, for statements that make patterns of data.
const maxRegexps = 1000

func compile(pattern string) (*regex.Regex, error) {
	regexps.RLock()
	re := regexps.compiled[pattern]
	regexps.RUnlock()
	if re != nil {
		return re, nil
	}
	re, err := regex.Compile(pattern)
	if err != nil {
		return nil, invalidArgument("%s", err)
	}
	regexps.Lock()
	defer regexps.Unlock()
	if regexps.compiled == nil || len(regexps.compiled) >= maxRegexps {
		regexps.compiled = map[string]*regex.Regex{}
	}
	regexps.compiled[pattern] = re
	return re, nil
}

func regexpError(err error) error {
	if err != nil {
		return trinoerr.New(trinoerr.ExceededTimeLimit, "%s", err)
	}
	return nil
}

func findAll(a []any) (*regex.Regex, [][]int, error) {
	re, err := compile(a[1].(string))
	if err != nil {
		return nil, nil, err
	}
	matches, err := re.Find(a[0].(string), 0, -1)
	return re, matches, regexpError(err)
}

// find returns n matches, and the group that is the third argument.
func find(a []any, n int) ([][]int, int, error) {
	re, err := compile(a[1].(string))
	if err != nil {
		return nil, 0, err
	}
	g := a[2].(int64)
	if g < 0 {
		return nil, 0, invalidArgument("Group cannot be negative")
	}
	if g > int64(re.Groups()) {
		return nil, 0, invalidArgument("Pattern has %d groups. Cannot access group %d", re.Groups(), g)
	}
	matches, err := re.Find(a[0].(string), 0, n)
	return matches, int(g), regexpError(err)
}

// part is the text of a group, nil when it took no part in the match.
func part(s string, m []int, group int) any {
	if m[2*group] < 0 {
		return nil
	}
	return s[m[2*group]:m[2*group+1]]
}

// replaceAll replaces every match; $1 and ${name} in the replacement are groups, and a backslash quotes.
func replaceAll(re *regex.Regex, s string, matches [][]int, replacement string) (any, error) {
	var b strings.Builder
	last := 0
	for _, m := range matches {
		b.WriteString(s[last:m[0]])
		if err := expand(&b, re, s, m, replacement); err != nil {
			return nil, err
		}
		last = m[1]
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

func illegalReplacement(format string, args ...any) error {
	return invalidArgument("Illegal replacement sequence: "+format, args...)
}

func expand(b *strings.Builder, re *regex.Regex, s string, m []int, r string) error {
	for i := 0; i < len(r); i++ {
		switch r[i] {
		case '\\':
			if i++; i == len(r) {
				return illegalReplacement("%s", r)
			}
			b.WriteByte(r[i])
		case '$':
			g, next, err := groupOf(re, r, i+1)
			if err != nil {
				return err
			}
			if text, ok := part(s, m, g).(string); ok {
				b.WriteString(text)
			}
			i = next - 1
		default:
			b.WriteByte(r[i])
		}
	}
	return nil
}

// groupOf reads a group's number, as many digits as name a group, or its name in braces.
func groupOf(re *regex.Regex, r string, i int) (group, next int, err error) {
	if i < len(r) && r[i] == '{' {
		end := i + 1
		for end < len(r) && (isLetter(r[end]) || isDigit(r[end])) {
			end++
		}
		name := r[i+1 : end]
		g, ok := re.Group(name)
		if !ok {
			return 0, 0, illegalReplacement("unknown group { %s }", name)
		}
		if end == len(r) || r[end] != '}' {
			return 0, 0, illegalReplacement("%s", r)
		}
		return g, end + 1, nil
	}
	if i == len(r) || !isDigit(r[i]) {
		return 0, 0, illegalReplacement("%s", r)
	}
	group = int(r[i] - '0')
	if group > re.Groups() {
		return 0, 0, illegalReplacement("unknown group %d", group)
	}
	for i++; i < len(r) && isDigit(r[i]); i++ {
		g := group*10 + int(r[i]-'0')
		if g > re.Groups() {
			break
		}
		group = g
	}
	return group, i, nil
}

func position(re *regex.Regex, s string, start, n int64) (any, error) {
	if start < 1 {
		return nil, invalidArgument("start position cannot be smaller than 1")
	}
	if n < 1 {
		return nil, invalidArgument("occurrence cannot be smaller than 1")
	}
	from := 0
	for chars := int64(1); chars < start && from < len(s); chars++ {
		_, size := utf8.DecodeRuneInString(s[from:])
		from += size
	}
	if start > 1 && from >= len(s) {
		return int64(-1), nil
	}
	all, err := re.Find(s, from, int(min(n, 1<<30)))
	if err != nil || int64(len(all)) < n {
		return int64(-1), regexpError(err)
	}
	return int64(utf8.RuneCountInString(s[:all[n-1][0]])) + 1, nil
}
