package types

import "strings"

// SplitList splits a list of types, or of a type's parameters, at the commas that are outside of parentheses:
// "bigint, row(a, b)" has two items. They are trimmed; an empty list has none.
func SplitList(list string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(list[start:i]))
				start = i + 1
			}
		}
	}
	if last := strings.TrimSpace(list[start:]); last != "" {
		out = append(out, last)
	}
	return out
}
