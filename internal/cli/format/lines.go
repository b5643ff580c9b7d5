package format

import (
	"fmt"
	"slices"
	"strings"
)

// delimited prints values with a separator between them: CSV and TSV.
type delimited struct {
	columns   []Column
	w         *writer
	separator string
	cell      func(string) string
	header    bool // still to be printed
}

func (p *delimited) Rows(rows []Row) error {
	if p.header {
		p.header = false
		names := make([]string, len(p.columns))
		for i, c := range p.columns {
			names[i] = c.Name
		}
		p.line(names)
	}
	for _, row := range rows {
		p.line(cells(p.columns, row, "", 0))
	}
	return p.w.Flush()
}

func (p *delimited) line(values []string) {
	for i, v := range values {
		if i > 0 {
			p.w.print(p.separator)
		}
		p.w.print(p.cell(v))
	}
	p.w.print("\n")
}

func (p *delimited) Finish() error { return p.Rows(nil) }

func plainCell(s string) string { return s }

func csvCell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

var tsvEscape = strings.NewReplacer(
	"\n", `\n`, "\t", `\t`, "\r", `\r`, "\b", `\b`, "\f", `\f`, "\x00", `\0`, `\`, `\\`)

func tsvCell(s string) string { return tsvEscape.Replace(s) }

// jsonLines prints an object on a line for each row.
type jsonLines struct {
	columns []Column
	w       *writer
}

func (p *jsonLines) Rows(rows []Row) error {
	for _, row := range rows {
		p.w.print("{")
		for i, c := range p.columns {
			if i > 0 {
				p.w.print(",")
			}
			p.w.print(jsonString(c.Name), ":")
			value := node{kind: 'n'}
			if i < len(row.values) {
				value = row.values[i]
			}
			p.value(value, c.Type)
		}
		p.w.print("}\n")
	}
	return p.w.Flush()
}

func (p *jsonLines) Finish() error { return p.w.Flush() }

// value prints a value: arrays and maps as JSON has them, rows as objects if their fields have names.
func (p *jsonLines) value(n node, t Type) {
	switch n.kind {
	case 'n':
		p.w.print("null")
	case 'b':
		p.w.print(n.text)
	case '0':
		p.w.print(scalarText(n, t, 0))
	case '"':
		p.w.print(jsonString(scalarText(n, t, 0)))
	case '{':
		p.list("{}", n.items, func(i int) (string, Type) { return scalarText(scalar(n.keys[i]), t.arg(0), 0), t.arg(1) })
	case '[':
		switch {
		case t.Raw != "row":
			p.list("[]", n.items, func(int) (string, Type) { return "", t.arg(0) })
		case len(t.Names) == len(n.items) && allNamed(t.Names):
			p.list("{}", n.items, func(i int) (string, Type) { return t.Names[i], t.arg(i) })
		default:
			p.list("[]", n.items, func(i int) (string, Type) { return "", t.arg(i) })
		}
	}
}

func (p *jsonLines) list(brackets string, items []node, at func(int) (string, Type)) {
	p.w.print(brackets[:1])
	for i, item := range items {
		if i > 0 {
			p.w.print(",")
		}
		key, typ := at(i)
		if brackets == "{}" {
			p.w.print(jsonString(key), ":")
		}
		p.value(item, typ)
	}
	p.w.print(brackets[1:])
}

func allNamed(names []string) bool {
	if slices.Contains(names, "") {
		return false
	}
	return len(names) > 0
}

// jsonString quotes a text, escaping only what JSON demands.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if short, ok := jsonEscapes[r]; ok {
			b.WriteString(short)
		} else if r < 0x20 {
			fmt.Fprintf(&b, `\u%04X`, r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

var jsonEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`,
}
