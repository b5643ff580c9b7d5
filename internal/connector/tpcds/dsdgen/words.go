package dsdgen

const (
	alphanumeric = "abcdefghijklmnopqrstuvxyzABCDEFGHIJKLMNOPQRSTUVXYZ0123456789"
	digits       = "0123456789"
)

// appendText appends prose of a length from lo to hi.
func (d *distributions) appendText(b []byte, s *stream, lo, hi int64) []byte {
	left := int(s.uniform(lo, hi))
	for first := true; left > 0; {
		start := len(b)
		b = d.appendSentence(b, s)
		if c := b[start]; first && 'a' <= c && c <= 'z' {
			b[start] = c - 'a' + 'A'
		}
		first = b[len(b)-1] == '.'
		n := len(b) - start
		if left < n {
			b = b[:start+left]
		}
		if left -= n; left > 0 {
			b = append(b, ' ')
			left--
		}
	}
	return b
}

// appendSentence appends a sentence. Its syntax has letters for kinds of words, other signs stand for themselves.
func (d *distributions) appendSentence(b []byte, s *stream) []byte {
	syntax := d.sentences.pick(s, 0)
	for i := range len(syntax) {
		words := (*distribution)(nil)
		switch syntax[i] {
		case 'N':
			words = d.nouns
		case 'V':
			words = d.verbs
		case 'J':
			words = d.adjectives
		case 'D':
			words = d.adverbs
		case 'X':
			words = d.auxiliaries
		case 'P':
			words = d.prepositions
		case 'A':
			words = d.articles
		case 'T':
			words = d.terminators
		default:
			b = append(b, syntax[i])
			continue
		}
		b = append(b, words.pick(s, 0)...)
	}
	return b
}

// appendWord appends the syllables that are the digits of a number, the lowest first, as far as there is room for them.
func (d *distribution) appendWord(b []byte, n int64, room int) []byte {
	for n > 0 {
		var syllable string
		syllable, n = d.cyclic(n)
		if room -= len(syllable); room < 0 {
			break
		}
		b = append(b, syllable...)
	}
	return b
}

// word returns what appendWord appends.
func (d *distribution) word(n int64, room int) string { return string(d.appendWord(nil, n, room)) }

// appendChars appends from lo to hi signs of a set; as many as hi are drawn.
func appendChars(b []byte, s *stream, set string, lo, hi int64) []byte {
	n := s.uniform(lo, hi)
	for i := range hi {
		c := set[s.uniform(0, int64(len(set)-1))]
		if i < n {
			b = append(b, c)
		}
	}
	return b
}

// appendKey appends the business key of a number: sixteen letters, those of the upper half first, each half from its lowest
// digit on.
func appendKey(b []byte, n int64) []byte {
	for _, half := range [2]uint64{uint64(n) >> 32, uint64(n) & (1<<32 - 1)} {
		for range 8 {
			b = append(b, 'A'+byte(half&15))
			half >>= 4
		}
	}
	return b
}

// fullName draws a name.
func (d *distributions) fullName(s *stream, set int) string {
	first := d.firstNames.pick(s, set)
	return first + " " + d.lastNames.pick(s, 0)
}
