package regex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pattern is a translated pattern, in a syntax that both engines read.
type pattern struct {
	text   string
	groups int
	names  map[string]int

	regular    bool // nothing in it needs backtracking
	lineEnd    bool // $ or \Z is in it, which also matches before a line break at the end
	boundary   bool // \b or \B is in it, for which all letters count
	contextual bool // whether it matches depends on what stands before
}

// parser translates a pattern while it reads it. Named groups become numbered ones, since one of the engines numbers them last.
type parser struct {
	pattern
	in       string
	at       int
	depth    int // of groups
	extended bool
	refs     []reference
}

// reference is a group that is referred to, possibly before it begins.
type reference struct {
	name   string
	number int
}

// translate reads Java's syntax as Joni does.
func translate(text string) (pattern, error) {
	p := &parser{in: text}
	p.regular, p.names = true, map[string]int{}
	out, err := p.alternation()
	if err != nil {
		return pattern{}, err
	}
	if p.at < len(p.in) {
		return pattern{}, errors.New("unmatched close parenthesis")
	}
	for _, r := range p.refs {
		n := r.number
		if r.name != "" {
			var ok bool
			if n, ok = p.names[r.name]; !ok {
				return pattern{}, fmt.Errorf("undefined name <%s> reference", r.name)
			}
			out = strings.ReplaceAll(out, nameMark(r.name), strconv.Itoa(n))
		}
		if n > p.groups {
			return pattern{}, errors.New("invalid backref number/name")
		}
	}
	p.text = out
	return p.pattern, nil
}

// nameMark stands for the number of a group whose name may be defined later.
func nameMark(name string) string { return "\x00" + name + "\x00" }

func (p *parser) more() bool { return p.at < len(p.in) }

func (p *parser) rest() string { return p.in[p.at:] }

func (p *parser) next() rune {
	r, size := utf8.DecodeRuneInString(p.rest())
	p.at += size
	return r
}

// accept skips a text if it comes next.
func (p *parser) accept(s string) bool {
	if strings.HasPrefix(p.rest(), s) {
		p.at += len(s)
		return true
	}
	return false
}

// alternation reads up to the end or a closing parenthesis.
func (p *parser) alternation() (string, error) {
	var b strings.Builder
	for p.more() && p.in[p.at] != ')' {
		if p.accept("|") {
			b.WriteByte('|')
			continue
		}
		if p.skipSpace() {
			continue
		}
		atom, err := p.atom()
		if err != nil {
			return "", err
		}
		if atom, err = p.quantified(atom); err != nil {
			return "", err
		}
		b.WriteString(atom)
	}
	return b.String(), nil
}

// skipSpace skips what does not count in extended patterns.
func (p *parser) skipSpace() bool {
	if !p.extended {
		return false
	}
	switch p.in[p.at] {
	case ' ', '\t', '\n', '\v', '\f', '\r':
		p.at++
	case '#':
		end := strings.IndexByte(p.rest(), '\n')
		if end < 0 {
			end = len(p.rest()) - 1
		}
		p.at += end + 1
	default:
		return false
	}
	return true
}

// quantified reads the quantifiers after an atom.
func (p *parser) quantified(atom string) (string, error) {
	for first := true; ; first = false {
		for p.more() && p.skipSpace() {
		}
		q, ok, err := p.quantifier()
		if !ok || err != nil {
			return atom, err
		}
		if !first {
			atom = "(?:" + atom + ")"
		}
		switch {
		case p.accept("?"):
			atom += q + "?"
		case p.accept("+"):
			p.regular = false
			atom = "(?>" + atom + q + ")"
		default:
			atom += q
		}
	}
}

func (p *parser) quantifier() (q string, ok bool, err error) {
	switch {
	case p.accept("*"):
		return "*", true, nil
	case p.accept("+"):
		return "+", true, nil
	case p.accept("?"):
		return "?", true, nil
	case !strings.HasPrefix(p.rest(), "{"):
		return "", false, nil
	}
	end := strings.IndexByte(p.rest(), '}')
	if end < 0 {
		return "", false, nil
	}
	low, high, two := strings.Cut(p.rest()[1:end], ",")
	lo, err1 := strconv.ParseUint(low, 10, 17)
	hi, err2 := strconv.ParseUint(high, 10, 17)
	if err1 != nil || two && high != "" && err2 != nil {
		return "", false, nil
	}
	if two && high != "" && hi < lo {
		return "", false, errors.New("upper is smaller than lower in repeat range")
	}
	const most = 100_000
	if lo > most || hi > most {
		return "", false, errors.New("too big number is specified in repeat range")
	}
	q = p.rest()[:end+1]
	p.at += end + 1
	return q, true, nil
}

// atom reads a character, class, group or assertion.
func (p *parser) atom() (string, error) {
	switch r := p.next(); r {
	case '(':
		return p.group()
	case '[':
		return p.class()
	case '\\':
		return p.escape()
	case '*', '+', '?':
		return "", errors.New("target of repeat operator is not specified")
	case '{':
		p.at--
		if _, ok, _ := p.quantifier(); ok {
			return "", errors.New("target of repeat operator is not specified")
		}
		p.at++
		return `\{`, nil
	case '^':
		p.contextual = true
		return "^", nil
	case '$':
		p.lineEnd = true
		return "$", nil
	case '.':
		return ".", nil
	default:
		return quote(r), nil
	}
}

// quote writes a character so that it stands for itself.
func quote(r rune) string {
	if r < utf8.RuneSelf && strings.IndexByte(`\.+*?()|[]{}^$#-&~ `, byte(r)) >= 0 || r < ' ' || r == 0x7f {
		return fmt.Sprintf(`\x%02x`, r)
	}
	return string(r)
}

// beyondRegular are the marks of groups that no automaton can match: look-ahead, look-behind and atomic ones.
var beyondRegular = []string{"?=", "?!", "?<=", "?<!", "?>"}

// group reads what follows an opening parenthesis.
func (p *parser) group() (string, error) {
	for _, mark := range beyondRegular {
		if p.accept(mark) {
			p.regular = false
			return p.enclosed("(" + mark)
		}
	}
	open := "("
	switch {
	case p.accept("?:"):
		open = "(?:"
	case p.accept("?#"):
		end := strings.IndexByte(p.rest(), ')')
		if end < 0 {
			return "", errors.New("end pattern in group")
		}
		p.at += end + 1
		return "(?:)", nil
	case p.accept("?<"):
		end := strings.IndexByte(p.rest(), '>')
		if end < 0 {
			return "", errors.New("end pattern with unmatched parenthesis")
		}
		name := p.rest()[:end]
		if !isName(name) {
			return "", fmt.Errorf("invalid group name <%s>", name)
		}
		if _, ok := p.names[name]; ok {
			return "", fmt.Errorf("multiplex defined name <%s>", name)
		}
		p.at += end + 1
		p.groups++
		p.names[name] = p.groups
	case p.accept("?"):
		return p.options()
	default:
		p.groups++
	}
	return p.enclosed(open)
}

func isName(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') && r < utf8.RuneSelf {
			return false
		}
	}
	return s != ""
}

// maxDepth bounds how deep groups may lie in each other.
const maxDepth = 1000

// enclosed reads up to the closing parenthesis of a group. Options that are set in it end with it.
func (p *parser) enclosed(open string) (string, error) {
	if p.depth++; p.depth > maxDepth {
		return "", errors.New("too deep nest level")
	}
	extended := p.extended
	body, err := p.alternation()
	if err != nil {
		return "", err
	}
	if !p.accept(")") {
		return "", errors.New("end pattern with unmatched parenthesis")
	}
	p.extended = extended
	p.depth--
	return open + body + ")", nil
}

// options reads (?ims-ims) and (?ims-ims:…). What follows the former up to the end of the group becomes a group of its own.
func (p *parser) options() (string, error) {
	var set [2]string // on, off
	off := 0
	extended := p.extended
	for {
		if !p.more() {
			return "", errors.New("end pattern in group")
		}
		switch c := p.next(); c {
		case 'i', 'm', 's':
			set[off] += string(c)
		case 'x':
			extended = off == 0
		case '-':
			off = 1
		case ')', ':':
			flags := set[0]
			if set[1] != "" {
				flags += "-" + set[1]
			}
			saved := p.extended
			p.extended = extended
			if c == ':' {
				text, err := p.enclosed("(?" + flags + ":")
				p.extended = saved
				return text, err
			}
			body, err := p.alternation()
			return "(?" + flags + ":" + body + ")", err
		default:
			return "", errors.New("undefined group option")
		}
	}
}
