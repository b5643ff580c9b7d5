package regex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The classes that stand for characters of ASCII only.
const (
	wordClass  = `a-zA-Z0-9_`
	digitClass = `0-9`
	spaceClass = `\x09-\x0d\x20`
)

// lastRune is the last character that there is.
const lastRune = "\U0010FFFF"

// escape reads what follows a backslash outside of classes.
func (p *parser) escape() (string, error) {
	if !p.more() {
		return "", errors.New("end pattern at escape")
	}
	switch c := p.in[p.at]; {
	case strings.IndexByte("AzZbBG", c) >= 0:
		p.at++
		switch c {
		case 'Z':
			p.lineEnd, p.regular = true, false
		case 'b', 'B':
			p.boundary, p.contextual = true, true
		case 'G':
			p.regular = false
		case 'A':
			p.contextual = true
		}
		return `\` + string(c), nil
	case c == 'Q':
		p.at++
		text, rest, _ := strings.Cut(p.rest(), `\E`)
		p.at = len(p.in) - len(rest)
		var b strings.Builder
		for _, r := range text {
			b.WriteString(quote(r))
		}
		return b.String(), nil
	case c == 'k' && strings.HasPrefix(p.in[p.at+1:], "<"):
		end := strings.IndexByte(p.rest(), '>')
		if end < 0 {
			return "", errors.New("invalid group name <>")
		}
		name := p.rest()[2:end]
		p.at += end + 1
		return p.reference(name)
	case c >= '1' && c <= '9':
		return p.number()
	}
	if set, ok, err := p.classEscape(); ok || err != nil {
		return "[" + set + "]", err
	}
	r, err := p.character()
	return quote(r), err
}

// reference writes a reference to a group by number or name.
func (p *parser) reference(name string) (string, error) {
	p.regular = false
	if n, err := strconv.Atoi(name); err == nil && n > 0 {
		p.refs = append(p.refs, reference{number: n})
		return fmt.Sprintf(`(?:\%d)`, n), nil
	}
	if !isName(name) {
		return "", fmt.Errorf("invalid group name <%s>", name)
	}
	p.refs = append(p.refs, reference{name: name})
	return `(?:\` + nameMark(name) + `)`, nil
}

// number reads the number of a group, or an octal one that no group can have.
func (p *parser) number() (string, error) {
	end := 1
	for end < len(p.rest()) && p.rest()[end] >= '0' && p.rest()[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(p.rest()[:end])
	if err == nil && (n <= p.groups || n < 10) {
		p.at += end
		return p.reference(strconv.Itoa(n))
	}
	if v, size := octal(p.rest(), 3); size > 0 {
		p.at += size
		return quote(v), nil
	}
	return quote(p.next()), nil
}

// octal reads at most n octal digits.
func octal(s string, n int) (v rune, size int) {
	for size < n && size < len(s) && s[size] >= '0' && s[size] <= '7' {
		v = v*8 + rune(s[size]-'0')
		size++
	}
	return v, size
}

// classEscape reads an escape that stands for a set of characters and returns the inside of a class.
func (p *parser) classEscape() (string, bool, error) {
	switch c := p.in[p.at]; c {
	case 'w', 'd', 's':
		p.at++
		return map[byte]string{'w': wordClass, 'd': digitClass, 's': spaceClass}[c], true, nil
	case 'W', 'D', 'S':
		p.at++
		return map[byte]string{'W': `\x00-/:-@\[-^` + "`{-" + lastRune, 'D': `\x00-/:-` + lastRune,
			'S': `\x00-\x08\x0e-\x1f!-` + lastRune}[c], true, nil
	case 'p', 'P':
		p.at++
		return p.property(c == 'P')
	}
	return "", false, nil
}

// posixClasses are the names of classes that are no categories or scripts.
var posixClasses = map[string]string{
	"alpha": `\p{L}\p{M}\p{Nl}`, "lower": `\p{Ll}`, "upper": `\p{Lu}`, "digit": `\p{Nd}`, "alnum": `\p{L}\p{M}\p{Nd}\p{Nl}`,
	"punct": `\p{P}`, "cntrl": `\p{Cc}`, "space": spaceClass + "\u0085" + `\p{Z}`, "blank": `\x09\p{Zs}`, "xdigit": `0-9A-Fa-f`,
	"word": `\p{L}\p{M}\p{Nd}\p{Pc}`, "ascii": `\x00-\x7f`, "any": `\x00-` + lastRune,
	"graph": `\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co}`, "print": `\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co}\p{Zs}`,
	"javalowercase": `\p{Ll}`, "javauppercase": `\p{Lu}`, "javawhitespace": spaceClass + `\x1c-\x1f\p{Zs}\p{Zl}\p{Zp}`,
}

// property reads a letter, or a name in braces.
func (p *parser) property(negated bool) (string, bool, error) {
	name := ""
	if p.accept("{") {
		end := strings.IndexByte(p.rest(), '}')
		if end < 0 {
			return "", false, errors.New("invalid character property name <>")
		}
		name = p.rest()[:end]
		p.at += end + 1
	} else if p.more() {
		name = string(p.next())
	}
	shown := name
	if rest, ok := strings.CutPrefix(name, "^"); ok {
		name, negated = rest, !negated
	}
	key := strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(name))
	if set, ok := posixClasses[key]; ok {
		if !negated {
			return set, true, nil
		}
		if strings.HasPrefix(set, `\p{`) && strings.Count(set, `\`) == 1 {
			return `\P` + set[2:], true, nil
		}
		return "", false, fmt.Errorf("invalid character property name <^%s>", name)
	}
	canonical := ""
	for c := range unicode.Categories {
		if strings.EqualFold(c, key) {
			canonical = c
		}
	}
	for s := range unicode.Scripts {
		if strings.EqualFold(strings.ReplaceAll(s, "_", ""), key) {
			canonical = s
		}
	}
	if canonical == "" {
		return "", false, fmt.Errorf("invalid character property name <%s>", shown)
	}
	if negated {
		return `\P{` + canonical + `}`, true, nil
	}
	return `\p{` + canonical + `}`, true, nil
}

var controlEscapes = map[byte]rune{'a': 7, 'e': 27, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}

// character reads an escape that stands for one character; an unknown one stands for what follows the backslash.
func (p *parser) character() (rune, error) {
	if !p.more() {
		return 0, errors.New("end pattern at escape")
	}
	c := p.in[p.at]
	if r, ok := controlEscapes[c]; ok {
		p.at++
		return r, nil
	}
	switch c {
	case 'x':
		p.at++
		if p.accept("{") {
			end := strings.IndexByte(p.rest(), '}')
			if end < 0 {
				return 0, errors.New("invalid code point value")
			}
			digits := p.rest()[:end]
			p.at += end + 1
			return codePoint(digits)
		}
		return p.hex(2)
	case 'u':
		p.at++
		if len(p.rest()) < 4 {
			return 0, errors.New("too short escape sequence")
		}
		return p.hex(4)
	case 'c':
		if p.at++; !p.more() {
			return 0, errors.New("end pattern at control")
		}
		return p.next() & 0x1f, nil
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, size := octal(p.rest(), 3)
		p.at += size
		return v, nil
	}
	return p.next(), nil
}

// hex reads at most n hexadecimal digits.
func (p *parser) hex(n int) (rune, error) {
	size := 0
	for size < n && size < len(p.rest()) && strings.IndexByte("0123456789abcdefABCDEF", p.rest()[size]) >= 0 {
		size++
	}
	digits := p.rest()[:size]
	p.at += size
	if digits == "" {
		return 0, nil
	}
	return codePoint(digits)
}

func codePoint(digits string) (rune, error) {
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || v > unicode.MaxRune {
		return 0, errors.New("invalid code point value")
	}
	return rune(v), nil
}
