package cli

import "strings"

// splitStatements divides a script at its semicolons, except those in strings, quoted names and comments. rest is what
// comes after the last semicolon; it is empty if that is only white space and comments. Statements without content are
// left out.
func splitStatements(script string) (statements []string, rest string) {
	begin, blank := 0, true
	for i := 0; i < len(script); {
		end, comment := skipToken(script, i)
		switch {
		case script[i] == ';':
			if !blank {
				statements = append(statements, strings.TrimSpace(script[begin:i]))
			}
			begin, blank = end, true
		case !comment && !isSpace(script[i]):
			blank = false
		}
		i = end
	}
	if !blank {
		rest = strings.TrimSpace(script[begin:])
	}
	return statements, rest
}

// open reports whether a text ends inside of a string, quoted name or block comment, or holds the begin of a statement: the
// shell then reads another line.
func open(script string) bool {
	_, rest := splitStatements(script)
	return rest != "" || unclosedComment(script)
}

func unclosedComment(script string) bool {
	for i := 0; i < len(script); {
		end, comment := skipToken(script, i)
		if comment && strings.HasPrefix(script[i:], "/*") && (end-i < 4 || !strings.HasSuffix(script[i:end], "*/")) {
			return true
		}
		i = end
	}
	return false
}

// skipToken returns where the token that begins at i ends: a string, a quoted name, a comment, or a single byte.
func skipToken(s string, i int) (end int, comment bool) {
	switch {
	case s[i] == '\'' || s[i] == '"':
		return skipQuoted(s, i), false
	case strings.HasPrefix(s[i:], "--"):
		if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
			return i + n + 1, true
		}
		return len(s), true
	case strings.HasPrefix(s[i:], "/*"):
		if n := strings.Index(s[i+2:], "*/"); n >= 0 {
			return i + 2 + n + 2, true
		}
		return len(s), true
	}
	return i + 1, false
}

// skipQuoted skips a string or name; a doubled quote inside simply begins another one.
func skipQuoted(s string, i int) int {
	if n := strings.IndexByte(s[i+1:], s[i]); n >= 0 {
		return i + 1 + n + 1
	}
	return len(s)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
