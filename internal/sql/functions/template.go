package functions

import (
	"strconv"
	"strings"
)

// Lower writes the call as SQL. Aggregates and window functions go through modify, which is given the DuckDB function's
// name and arguments and adds DISTINCT, ORDER BY, FILTER and OVER; it is nil for scalar functions.
func (s *Site) Lower(modify func(name, args string) string) (string, error) {
	f := s.Function
	var text string
	switch {
	case f.Emit != nil:
		t, err := f.Emit(s)
		if err != nil {
			return "", err
		}
		text = t
		if f.Kind == Scalar {
			return text, nil
		}
	case f.Kind == Scalar:
		return s.named(f.SQL, 0), nil
	default:
		text = f.SQL
	}
	return expandCalls(s.fill(text), modify), nil
}

// named gives arguments that the template uses more than once a name, unless they are cheap, and fills it.
func (s *Site) named(tmpl string, from int) string {
	for i := from; i < len(s.Args); i++ {
		if !s.Args[i].Cheap && strings.Count(tmpl, "$"+strconv.Itoa(i+1)) > 1 {
			saved := s.Args[i]
			text := s.once(saved, func(o Operand) string {
				s.Args[i] = o
				return s.named(tmpl, i+1)
			})
			s.Args[i] = saved
			return text
		}
	}
	return s.fill(tmpl)
}

// fill replaces the $ marks of a template. An argument's text is not searched for marks.
func (s *Site) fill(tmpl string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(tmpl, '$')
		if at < 0 || at+1 == len(tmpl) {
			b.WriteString(tmpl)
			return b.String()
		}
		b.WriteString(tmpl[:at])
		c := tmpl[at+1]
		tmpl = tmpl[at+2:]
		switch {
		case c >= '1' && c <= '9':
			b.WriteString(s.Args[c-'1'].SQL)
		case c == '*':
			b.WriteString(s.list(0))
		case c == 'r':
			b.WriteString(s.TypeSQL(s.Result))
		case c == 't':
			b.WriteString(s.TypeSQL(s.Args[tmpl[0]-'1'].Type))
			tmpl = tmpl[1:]
		default:
			b.WriteByte('$')
			b.WriteByte(c)
		}
	}
}

// list joins the arguments from the given one on.
func (s *Site) list(from int) string {
	parts := make([]string, 0, len(s.Args))
	for _, a := range s.Args[from:] {
		parts = append(parts, a.SQL)
	}
	return strings.Join(parts, ", ")
}

// expandCalls replaces each name{args} outside of string literals.
func expandCalls(text string, modify func(name, args string) string) string {
	for from := 0; ; {
		open := findBrace(text, from)
		if open < 0 {
			return text
		}
		start := open
		for start > 0 && isWord(text[start-1]) {
			start--
		}
		end := matchBrace(text, open)
		call := modify(text[start:open], text[open+1:end])
		text = text[:start] + call + text[end+1:]
		from = start + len(call)
	}
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// findBrace finds a call's brace: one that follows a word directly, outside of quotes.
func findBrace(s string, from int) int {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '\'' || s[i] == '"':
			quote = s[i]
		case s[i] == '{' && i >= from && i > 0 && isWord(s[i-1]):
			return i
		}
	}
	return -1
}

func matchBrace(s string, open int) int {
	var quote byte
	depth := 0
	for i := open; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '\'' || s[i] == '"':
			quote = s[i]
		case s[i] == '{':
			depth++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	panic("functions: unbalanced braces in " + s)
}

// once gives an operand that is used several times a name, so that it is written and computed once.
func (s *Site) once(o Operand, use func(Operand) string) string {
	if o.Cheap || o.Const {
		return use(o)
	}
	s.names++
	inner := o
	inner.SQL, inner.Cheap = "_v"+strconv.Itoa(s.names), true
	return "list_transform([" + o.SQL + "], lambda " + inner.SQL + ": " + use(inner) + ")[1]"
}

// raise is an expression that fails with a Trino error when it is evaluated; DuckDB gives it the type of its surroundings.
// message is a SQL expression that is not NULL.
func raise(code, message string) string { return "wb_raise('" + code + "', " + message + ")" }
