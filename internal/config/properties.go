package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Entry is one property of a file.
type Entry struct {
	Key, Value string
	Line       int // of the key, 1-based
	// FromEnv says that the value came from the environment and may be a secret: messages do not show it.
	FromEnv bool
}

// File is a properties file that was read.
type File struct {
	// Path is the file's name as messages show it.
	Path    string
	Entries []Entry
}

// ParseProperties reads text in the format of Java's Properties (comments with # or !, = or : or white space between
// key and value, lines continued by a backslash, escapes), as UTF-8. ${ENV:NAME} in a value stands for an environment
// variable, which lookup finds. The error is a Problems; the File then has what could be read.
func ParseProperties(path, text string, lookup func(string) (string, bool)) (*File, error) {
	f := &File{Path: path}
	var problems Problems
	lines := map[string]int{}
	r := lineReader{text: text}
	for r.next() {
		key, written, err := splitLine(r.logical)
		value := written
		if err == nil {
			value, err = substitute(written, lookup)
		}
		if err != nil {
			problems.add(path, r.first, "%v", err)
			continue
		}
		if first, dup := lines[key]; dup {
			problems.add(path, r.first, "duplicate property '%s', first set in line %d", key, first)
			continue
		}
		lines[key] = r.first
		f.Entries = append(f.Entries, Entry{Key: key, Value: value, Line: r.first, FromEnv: value != written})
	}
	return f, problems.err()
}

// lineReader splits text into logical lines: comments and blank lines dropped, continued lines joined.
type lineReader struct {
	text    string
	at      int    // line of the text's start
	logical string // the current line
	first   int    // where it begins
}

func (r *lineReader) next() bool {
	for r.text != "" {
		line := strings.TrimLeft(r.natural(), " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		r.first = r.at
		for continues(line) {
			line = line[:len(line)-1]
			if r.text == "" {
				break
			}
			line += strings.TrimLeft(r.natural(), " \t\f")
		}
		r.logical = line
		return true
	}
	return false
}

// natural returns the next line as it stands in the text.
func (r *lineReader) natural() string {
	r.at++
	end := strings.IndexAny(r.text, "\r\n")
	if end < 0 {
		line := r.text
		r.text = ""
		return line
	}
	line := r.text[:end]
	if strings.HasPrefix(r.text[end:], "\r\n") {
		end++
	}
	r.text = r.text[end+1:]
	return line
}

// continues reports whether a line ends with an odd number of backslashes.
func continues(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// splitLine separates and unescapes key and value. White space around the value does not count.
func splitLine(line string) (key, value string, err error) {
	end := 0
	for end < len(line) && !strings.ContainsRune("=: \t\f", rune(line[end])) {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(line))
	rest := strings.TrimLeft(line[end:], " \t\f")
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = rest[1:]
	}
	if key, err = unescape(line[:end]); err != nil {
		return "", "", err
	}
	if key == "" {
		return "", "", fmt.Errorf("a property without a name")
	}
	value, err = unescape(strings.Trim(rest, " \t\f"))
	return key, value, err
}

// unescape resolves the backslash escapes. A \u escape is a UTF-16 code unit.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'f':
			b.WriteByte('\f')
		case 'u':
			unit, ok := codeUnit(s[i+1:])
			if !ok {
				return "", fmt.Errorf("malformed \\uxxxx escape in '%s'", s)
			}
			i += 4
			if utf16.IsSurrogate(unit) && strings.HasPrefix(s[i+1:], `\u`) {
				if low, ok := codeUnit(s[i+3:]); ok && utf16.DecodeRune(unit, low) != utf8.RuneError {
					unit = utf16.DecodeRune(unit, low)
					i += 6
				}
			}
			b.WriteRune(unit)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

func codeUnit(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	v, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(v), err == nil
}

// substitute replaces ${ENV:NAME} by the value of the environment variable.
func substitute(value string, lookup func(string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(value, "${ENV:")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("'${ENV:%s' is not closed by '}'", after)
		}
		v, ok := lookup(name)
		if !ok {
			return "", fmt.Errorf("environment variable '%s' is not set", name)
		}
		b.WriteString(v)
		value = rest
	}
}
