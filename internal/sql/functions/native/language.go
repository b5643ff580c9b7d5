package native

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// languageFunctions know words and letters.
var languageFunctions = []Function{
	{"wb_soundex", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) { return soundex(a[0].(string)) }},
	{"wb_luhn_check", params("VARCHAR"), "BOOLEAN", func(a []any) (any, error) { return luhn(a[0].(string)) }},
	// Text, form.
	{"wb_normalize", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		form, ok := forms[a[1].(string)]
		if !ok {
			return nil, invalidArgument("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
		}
		return form.String(a[0].(string)), nil
	}},
	// Word, language.
	{"wb_word_stem", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return wordStem(a[0].(string), a[1].(string))
	}},
	{"wb_levenshtein", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return levenshtein([]rune(a[0].(string)), []rune(a[1].(string)))
	}},
	{"wb_char2hexint", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) { return hexUnits(a[0].(string)), nil }},
}

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

// soundexCodes are the digits of the letters A to Z.
const soundexCodes = "01230120022455012623010202"

// soundex is the first letter and the digits of the sounds that follow; H and W do not separate equal sounds.
func soundex(s string) (any, error) {
	out := make([]byte, 0, 4)
	last := byte('0')
	for _, r := range cases.Upper(language.Und).String(s) {
		switch {
		case r > 0xffff || !unicode.IsLetter(r):
			continue
		case r < 'A' || r > 'Z':
			return nil, invalidArgument("The character is not mapped: %c (index=%d)", r, r-'A')
		case len(out) == 4:
			continue
		}
		code := soundexCodes[r-'A']
		switch {
		case len(out) == 0:
			out = append(out, byte(r))
		case r == 'H' || r == 'W':
			continue
		case code != '0' && code != last:
			out = append(out, code)
		}
		last = code
	}
	if len(out) == 0 {
		return "", nil
	}
	return (string(out) + "000")[:4], nil
}

// luhn checks the last digit of a number.
func luhn(s string) (any, error) {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i]) - '0'
		if d < 0 || d > 9 {
			return nil, invalidArgument("Input contains non-digit character")
		}
		if double {
			d = d*2/10 + d*2%10
		}
		sum, double = sum+d, !double
	}
	return s != "" && sum%10 == 0, nil
}

// maxDistance bounds the work of levenshtein.
const maxDistance = 1_000_000

func levenshtein(a, b []rune) (any, error) {
	if len(a)*(len(b)-1) > maxDistance {
		return nil, invalidArgument("The combined inputs for Levenshtein distance are too large")
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return int64(row[len(b)]), nil
}

// hexUnits writes the UTF-16 units of a text.
func hexUnits(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(4 * utf8.RuneCountInString(s))
	for _, u := range utf16.Encode([]rune(s)) {
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(digits[u>>shift&15])
		}
	}
	return b.String()
}
