package types

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// ErrUnknownType is what Parse's errors wrap when the text names no type. The statement decides how users see it
// ("Unknown type: x", "Unknown type 'x' for column 'c'").
var ErrUnknownType = errors.New("unknown type")

// maxTypeDepth bounds the nesting of types, so that hostile text cannot exhaust the stack.
const maxTypeDepth = 200

// Parse reads a type as it is written in SQL: varchar(10), decimal(38, 0), timestamp(3) with time zone,
// array(row(a bigint, "b c" varchar)), map<k, v>, bigint array, double precision. Names are not case-sensitive; the
// names of row fields keep their case only within quotes. The error wraps ErrUnknownType, or is a *trinoerr.Error
// where Trino has an error of its own (a decimal with an impossible precision, INTERVAL DAY TO HOUR).
func Parse(text string) (Type, error) {
	toks, err := typeTokens(text)
	if err != nil {
		return Type{}, fmt.Errorf("%w: %s: %w", ErrUnknownType, text, err)
	}
	p := typeParser{toks: toks}
	t, err := p.parseType()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("unexpected %q", p.peek())
	}
	if err == nil {
		return t, nil
	}
	if errors.As(err, new(*trinoerr.Error)) {
		return Type{}, err
	}
	return Type{}, fmt.Errorf("%w: %s: %w", ErrUnknownType, text, err)
}

// MustParse is Parse for tables of constants; it panics on an error.
func MustParse(text string) Type {
	t, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return t
}

// kindsByName maps lower-case names to the kinds that can be written in SQL.
var kindsByName = func() map[string]Kind {
	m := map[string]Kind{"int": Integer}
	for _, names := range []map[Kind]string{simpleNames, rawNames} {
		for k, n := range names {
			m[strings.ToLower(n)] = k
		}
	}
	delete(m, "unknown")
	delete(m, "function")
	return m
}()

// typeToken is a word (lower-cased unless quoted), a number or a punctuation character of a type's text.
type typeToken struct {
	text   string
	quoted bool
}

func typeTokens(text string) ([]typeToken, error) {
	var toks []typeToken
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.IndexByte("(),<>[]", c) >= 0:
			toks = append(toks, typeToken{text: text[i : i+1]})
			i++
		case c == '"':
			name, n, err := quotedName(text[i:])
			if err != nil {
				return nil, err
			}
			toks = append(toks, typeToken{text: name, quoted: true})
			i += n
		case isWordByte(c):
			start := i
			for i < len(text) && isWordByte(text[i]) {
				i++
			}
			toks = append(toks, typeToken{text: strings.ToLower(text[start:i])})
		default:
			return nil, fmt.Errorf("unexpected %q", text[i:])
		}
	}
	return toks, nil
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c == '@' || c == ':' || c >= 0x80 || isDigit(c) ||
		c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quotedName reads a quoted identifier at the start of s and returns it with the number of bytes it took.
func quotedName(s string) (name string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		if b.Len() == 0 {
			return "", 0, errors.New("zero-length delimited identifier")
		}
		return b.String(), i + 1, nil
	}
	return "", 0, errors.New("unterminated quoted identifier")
}

// typeParser is a recursive descent over the tokens; rows need one step of backtracking, because a field's name may
// look like a type.
type typeParser struct {
	toks  []typeToken
	at    int
	depth int
}

// peek returns the next token's text, "" at the end; a quoted name is no keyword and shows as `"`.
func (p *typeParser) peek() string {
	if p.at >= len(p.toks) {
		return ""
	}
	if p.toks[p.at].quoted {
		return `"`
	}
	return p.toks[p.at].text
}

func (p *typeParser) accept(words ...string) bool {
	start := p.at
	for _, w := range words {
		if p.peek() != w {
			p.at = start
			return false
		}
		p.at++
	}
	return true
}

func (p *typeParser) expect(word string) error {
	if !p.accept(word) {
		return fmt.Errorf("expected %q, found %q", word, p.peek())
	}
	return nil
}

func (p *typeParser) name() (string, error) {
	if p.at >= len(p.toks) {
		return "", errors.New("unexpected end")
	}
	t := p.toks[p.at]
	if !t.quoted && (!isWordByte(t.text[0]) || isDigit(t.text[0])) {
		return "", fmt.Errorf("unexpected %q", t.text)
	}
	p.at++
	return t.text, nil
}

func (p *typeParser) parseType() (Type, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxTypeDepth {
		return Type{}, errors.New("nested too deeply")
	}
	t, err := p.parsePrimary()
	for err == nil && p.accept("array") {
		if p.depth++; p.depth > maxTypeDepth {
			return Type{}, errors.New("nested too deeply")
		}
		if p.accept("[") {
			if _, err = p.number(); err == nil {
				err = p.expect("]")
			}
		}
		t = ArrayOf(t)
	}
	return t, err
}

func (p *typeParser) parsePrimary() (Type, error) {
	keyword := p.peek()
	name, err := p.name()
	if err != nil {
		return Type{}, err
	}
	switch {
	case keyword == "interval":
		return p.interval()
	case keyword == "double" && p.accept("precision"):
		return Of(Double), nil
	case keyword == "row" && p.peek() == "(":
		return p.row()
	}
	kind, ok := kindsByName[strings.ToLower(name)]
	if !ok {
		return Type{}, fmt.Errorf("no type is named %q", name)
	}
	args, err := p.args()
	if err != nil {
		return Type{}, err
	}
	if keyword == "timestamp" || keyword == "time" {
		if p.accept("with", "time", "zone") {
			kind = map[Kind]Kind{Timestamp: TimestampTZ, Time: TimeTZ}[kind]
		} else {
			p.accept("without", "time", "zone")
		}
	}
	return build(kind, args)
}

// typeArg is a parameter of a type: a number or a type.
type typeArg struct {
	number int
	typ    Type
	isType bool
}

// args reads the parameters in parentheses, or angle brackets, after a type's name.
func (p *typeParser) args() ([]typeArg, error) {
	closing := ")"
	if !p.accept("(") {
		if !p.accept("<") {
			return nil, nil
		}
		closing = ">"
	}
	var args []typeArg
	for {
		var a typeArg
		var err error
		if next := p.peek(); next != "" && isDigit(next[0]) {
			a.number, err = p.number()
		} else {
			a.isType = true
			a.typ, err = p.parseType()
		}
		if err != nil {
			return nil, err
		}
		if args = append(args, a); !p.accept(",") {
			return args, p.expect(closing)
		}
	}
}

func (p *typeParser) number() (int, error) {
	n, err := strconv.ParseInt(p.peek(), 10, 32)
	p.at++
	return int(n), err
}

var intervalFields = []string{"year", "month", "day", "hour", "minute", "second"}

func (p *typeParser) interval() (Type, error) {
	from := p.peek()
	if !slices.Contains(intervalFields, from) {
		return Type{}, fmt.Errorf("unexpected %q", from)
	}
	p.at++
	to := from
	if p.accept("to") {
		if to = p.peek(); !slices.Contains(intervalFields, to) {
			return Type{}, fmt.Errorf("unexpected %q", to)
		}
		p.at++
	}
	switch {
	case from == "day" && to == "second":
		return Of(IntervalDayToSecond), nil
	case from == "year" && to == "month":
		return Of(IntervalYearToMonth), nil
	}
	return Type{}, trinoerr.New(trinoerr.NotSupported, "INTERVAL %s TO %s type not supported",
		strings.ToUpper(from), strings.ToUpper(to))
}

func (p *typeParser) row() (Type, error) {
	t := Type{Kind: Row}
	p.at++
	for {
		f, err := p.rowField()
		if err != nil {
			return Type{}, err
		}
		if t.Args = append(t.Args, f); !p.accept(",") {
			return t, p.expect(")")
		}
	}
}

// rowField reads "type" or "name type"; what can be read as a type alone is one.
func (p *typeParser) rowField() (Field, error) {
	start := p.at
	t, typeErr := p.parseType()
	if next := p.peek(); typeErr == nil && (next == "," || next == ")") {
		return Field{Type: t}, nil
	}
	p.at = start
	name, err := p.name()
	if err != nil {
		return Field{}, err
	}
	t, err = p.parseType()
	if err != nil && errors.As(typeErr, new(*trinoerr.Error)) {
		err = typeErr
	}
	return Field{Name: name, Type: t}, err
}

// build makes a type of a kind from the parameters that were written, applying Trino's defaults and limits.
func build(kind Kind, args []typeArg) (Type, error) {
	var types, numbers int
	for _, a := range args {
		if a.isType {
			types++
		} else {
			numbers++
		}
	}
	n := func(i, otherwise int) int {
		if i < len(args) {
			return args[i].number
		}
		return otherwise
	}
	bad := fmt.Errorf("wrong parameters of %s", Type{Kind: kind}.RawType())
	switch kind {
	case Decimal:
		if types > 0 || numbers > 2 {
			return Type{}, bad
		}
		return NewDecimal(n(0, MaxDecimalPrecision), n(1, 0))
	case Varchar, Char:
		if types > 0 || numbers > 1 || kind == Char && n(0, 1) > maxCharLength {
			return Type{}, bad
		}
		if kind == Char {
			return CharN(n(0, 1)), nil
		}
		return VarcharN(n(0, UnboundedLength)), nil
	case Time, TimeTZ, Timestamp, TimestampTZ:
		if types > 0 || numbers > 1 || n(0, 3) > maxFractionDigits {
			return Type{}, bad
		}
		return Type{Kind: kind, P: n(0, 3)}, nil
	case Array, Map, QDigest:
		want := 1
		if kind == Map {
			want = 2
		}
		if numbers > 0 || types != want {
			return Type{}, bad
		}
		t := Type{Kind: kind}
		for _, a := range args {
			t.Args = append(t.Args, Field{Type: a.typ})
		}
		return t, nil
	case Row:
		return Type{}, bad
	}
	if len(args) > 0 {
		return Type{}, bad
	}
	return Of(kind), nil
}

// maxFractionDigits is the largest precision of times and timestamps: picoseconds.
const maxFractionDigits = 12
