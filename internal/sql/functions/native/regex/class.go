package regex

import (
	"errors"
	"strings"
)

// class reads a class after its opening bracket. The classes of both engines have neither unions with classes inside nor
// intersections: those become expressions for one character with look-ahead.
func (p *parser) class() (string, error) {
	if p.depth++; p.depth > maxDepth {
		return "", errors.New("too deep nest level")
	}
	defer func() { p.depth-- }()
	negated := p.accept("^")
	var operands []string // of the intersection
	var set strings.Builder
	var nested []string
	finish := func() {
		operands = append(operands, union(set.String(), nested))
		set.Reset()
		nested = nil
	}
	for first := true; ; first = false {
		switch {
		case !p.more():
			return "", errors.New("premature end of char-class")
		case !first && p.accept("]"):
			finish()
			return p.combined(operands, negated), nil
		case p.accept("&&"):
			finish()
		case strings.HasPrefix(p.rest(), "[:") && strings.Contains(p.rest(), ":]"):
			posix, ok, err := p.bracket()
			if err != nil {
				return "", err
			}
			if ok {
				set.WriteString(posix)
				continue
			}
			fallthrough
		case strings.HasPrefix(p.rest(), "["):
			p.at++
			inner, err := p.class()
			if err != nil {
				return "", err
			}
			nested = append(nested, inner)
		default:
			if err := p.classItem(&set); err != nil {
				return "", err
			}
		}
	}
}

// bracket reads [:name:].
func (p *parser) bracket() (string, bool, error) {
	name, _, _ := strings.Cut(p.rest()[2:], ":]")
	set, ok := posixClasses[strings.TrimPrefix(name, "^")]
	if !ok {
		return "", false, nil
	}
	if strings.HasPrefix(name, "^") {
		if !strings.HasPrefix(set, `\p{`) || strings.Count(set, `\`) > 1 {
			return "", false, errors.New("invalid character property name <" + name + ">")
		}
		set = `\P` + set[2:]
	}
	p.at += len("[:") + len(name) + len(":]")
	return set, true, nil
}

// classItem reads a character, a range or an escape.
func (p *parser) classItem(set *strings.Builder) error {
	low, isSet, err := p.classCharacter(set)
	if err != nil || isSet {
		return err
	}
	if strings.HasPrefix(p.rest(), "-") && len(p.rest()) > 1 && p.rest()[1] != ']' && p.rest()[1] != '[' {
		p.at++
		var discard strings.Builder
		high, isSet, err := p.classCharacter(&discard)
		if err != nil {
			return err
		}
		switch {
		case isSet:
			return errors.New("char-class value at end of range")
		case high < low:
			return errors.New("empty range in char class")
		}
		set.WriteString(quote(low) + "-" + quote(high))
		return nil
	}
	set.WriteString(quote(low))
	return nil
}

// classCharacter reads one character, or writes a set and says so.
func (p *parser) classCharacter(set *strings.Builder) (r rune, isSet bool, err error) {
	if !p.accept(`\`) {
		return p.next(), false, nil
	}
	if !p.more() {
		return 0, false, errors.New("end pattern at escape")
	}
	if p.in[p.at] == 'b' {
		p.at++
		return '\b', false, nil
	}
	text, ok, err := p.classEscape()
	if ok || err != nil {
		set.WriteString(text)
		return 0, true, err
	}
	r, err = p.character()
	return r, false, err
}

// union is an expression for a character of a set or of one of several classes; empty when there is none.
func union(set string, nested []string) string {
	if len(nested) == 0 {
		if set == "" {
			return ""
		}
		return "[" + set + "]"
	}
	if set != "" {
		nested = append(nested, "["+set+"]")
	}
	return "(?:" + strings.Join(nested, "|") + ")"
}

// nothing matches no character.
const nothing = `[^\x00-` + lastRune + `]`

// combined is an expression for a character that all operands match, or that not all match.
func (p *parser) combined(operands []string, negated bool) string {
	for i, o := range operands {
		if o == "" {
			operands[i] = nothing
		}
	}
	if len(operands) == 1 {
		one := operands[0]
		switch {
		case !negated:
			return one
		case strings.HasPrefix(one, "[^"):
			return "[" + one[2:]
		case strings.HasPrefix(one, "["):
			return "[^" + one[1:]
		}
	}
	var b strings.Builder
	for _, o := range operands[:len(operands)-1] {
		b.WriteString("(?=" + o + ")")
	}
	b.WriteString(operands[len(operands)-1])
	p.regular = false
	if negated {
		return "(?:(?!" + b.String() + `)[\x00-` + lastRune + `])`
	}
	return "(?:" + b.String() + ")"
}
