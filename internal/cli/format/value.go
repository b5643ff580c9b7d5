package format

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Column is a result column.
type Column struct {
	Name string
	Type Type
}

// Type is what printing needs to know of a type.
type Type struct {
	Raw   string   // the name without parameters: "map", "varchar"
	Args  []Type   // of arrays, maps and rows
	Names []string // of a row's fields, parallel to Args; empty for a field without a name
}

// numeric types are printed right-aligned.
func (t Type) numeric() bool {
	switch t.Raw {
	case "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal":
		return true
	}
	return false
}

// binary types come as base64 and are shown as hexadecimal.
func (t Type) binary() bool {
	switch t.Raw {
	case "varbinary", "HyperLogLog", "P4HyperLogLog", "qdigest", "tdigest", "SetDigest", "KdbTree", "Bitmap":
		return true
	}
	return false
}

func (t Type) arg(i int) Type {
	if i < len(t.Args) {
		return t.Args[i]
	}
	return Type{}
}

// text returns a value as the formats for people show it; ok is false for NULL. Binary values are divided into lines of
// perLine bytes, if that is not 0.
func text(n node, t Type, perLine int) (s string, ok bool) {
	if n.kind == 'n' {
		return "", false
	}
	var b strings.Builder
	appendText(&b, n, t, perLine)
	return b.String(), true
}

const nullText = "NULL"

func appendText(b *strings.Builder, n node, t Type, perLine int) {
	switch n.kind {
	case 'n':
		b.WriteString(nullText)
	case '[':
		appendList(b, n, t, perLine)
	case '{':
		b.WriteByte('{')
		for i, item := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			appendText(b, scalar(n.keys[i]), t.arg(0), perLine)
			b.WriteByte('=')
			appendText(b, item, t.arg(1), perLine)
		}
		b.WriteByte('}')
	default:
		b.WriteString(scalarText(n, t, perLine))
	}
}

// scalar is the node of a map's key, which is always a string in JSON.
func scalar(key string) node { return node{kind: '"', text: key} }

func appendList(b *strings.Builder, n node, t Type, perLine int) {
	brackets := "[]"
	if t.Raw == "row" {
		brackets = "{}"
	}
	b.WriteByte(brackets[0])
	for i, item := range n.items {
		if i > 0 {
			b.WriteString(", ")
		}
		arg := t.arg(0)
		if t.Raw == "row" {
			arg = t.arg(i)
			if i < len(t.Names) && t.Names[i] != "" {
				b.WriteString(t.Names[i] + "=")
			}
		}
		appendText(b, item, arg, perLine)
	}
	b.WriteByte(brackets[1])
}

func scalarText(n node, t Type, perLine int) string {
	switch {
	case t.binary():
		raw, err := base64.StdEncoding.DecodeString(n.text)
		if err != nil {
			return n.text
		}
		return hexText(raw, perLine)
	case t.Raw == "double":
		return javaFloat(n.text, 64)
	case t.Raw == "real":
		return javaFloat(n.text, 32)
	}
	return n.text
}

// tableBytes is how many bytes of a binary value stand on one line of a table.
const tableBytes = 16

func hexText(raw []byte, perLine int) string {
	var b strings.Builder
	for i, c := range raw {
		switch {
		case i == 0:
		case perLine > 0 && i%perLine == 0:
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%02x", c)
	}
	return b.String()
}

// javaFloat writes a floating point number as Java does: plain between 1e-3 and 1e7, otherwise with an exponent, always
// with a digit after the point.
func javaFloat(text string, bits int) string {
	f, err := strconv.ParseFloat(text, bits)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return text // NaN and Infinity come as these words
	}
	if abs := math.Abs(f); abs == 0 || abs >= 1e-3 && abs < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, bits)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, bits), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return text
	}
	return mantissa + "E" + strconv.Itoa(n)
}
