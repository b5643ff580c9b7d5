package functions

import "strings"

// lambda is a lambda argument taken apart, so that it can be applied to any expressions.
type lambda struct {
	params []string
	body   string
}

// lambdaOf reads what package plan/duck writes: "lambda name, …: body" with quoted names that are unique in the statement.
func lambdaOf(o Operand) lambda {
	head, body, _ := strings.Cut(strings.TrimPrefix(o.SQL, "lambda "), ": ")
	return lambda{strings.Split(head, ", "), body}
}

// apply writes the body over the given arguments, which have to be cheap to write.
func (l lambda) apply(args ...string) string {
	var b strings.Builder
	text := l.body
next:
	for text != "" {
		switch text[0] {
		case '\'':
			// A string literal; its doubled quotes look like the end of one and the beginning of the next.
			end := strings.IndexByte(text[1:], '\'') + 2
			b.WriteString(text[:end])
			text = text[end:]
			continue
		case '"':
			for i, p := range l.params {
				if strings.HasPrefix(text, p) {
					b.WriteString(args[i])
					text = text[len(p):]
					continue next
				}
			}
			end := strings.IndexByte(text[1:], '"') + 2
			b.WriteString(text[:end])
			text = text[end:]
			continue
		}
		end := strings.IndexAny(text, `'"`)
		if end < 0 {
			end = len(text)
		}
		b.WriteString(text[:end])
		text = text[end:]
	}
	return b.String()
}
