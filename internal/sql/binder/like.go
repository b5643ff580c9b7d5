package binder

// likeMatches is SQL's LIKE over a constant pattern; escape is empty or one character.
func likeMatches(s, pattern, escape string) bool {
	return matchLike([]rune(s), compileLike(pattern, escape))
}

// likeItem is an element of a pattern: a character, _ or %.
type likeItem struct {
	char     rune
	any, all bool // _ and %
}

func compileLike(pattern, escape string) []likeItem {
	esc := []rune(escape)
	var out []likeItem
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case len(esc) == 1 && r == esc[0] && i+1 < len(runes):
			i++
			out = append(out, likeItem{char: runes[i]})
		case r == '%':
			out = append(out, likeItem{all: true})
		case r == '_':
			out = append(out, likeItem{any: true})
		default:
			out = append(out, likeItem{char: r})
		}
	}
	return out
}

// matchLike backtracks to the last % only, so that it takes at most len(s) × len(p) steps.
func matchLike(s []rune, p []likeItem) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(p) && p[j].all:
			star, mark = j, i
			j++
		case j < len(p) && (p[j].any || p[j].char == s[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j].all {
		j++
	}
	return j == len(p)
}
