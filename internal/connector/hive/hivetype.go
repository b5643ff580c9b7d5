package hive

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Limits of Hive's types, as Trino has them.
const (
	maxVarchar = 65535
	maxChar    = 255
)

// plainTypes relates SQL types without parameters to Hive's names.
var plainTypes = []struct {
	kind types.Kind
	name string
}{
	{types.Boolean, "boolean"}, {types.TinyInt, "tinyint"}, {types.SmallInt, "smallint"}, {types.Integer, "int"},
	{types.BigInt, "bigint"}, {types.Real, "float"}, {types.Double, "double"}, {types.Varbinary, "binary"}, {types.Date, "date"},
}

// hiveType returns Hive's name of a SQL type.
func hiveType(t types.Type) (string, error) {
	for _, p := range plainTypes {
		if p.kind == t.Kind {
			return p.name, nil
		}
	}
	switch t.Kind {
	case types.Decimal:
		return fmt.Sprintf("decimal(%d,%d)", t.P, t.S), nil
	case types.Timestamp:
		return "timestamp", nil
	case types.Varchar:
		switch {
		case t.P == types.UnboundedLength:
			return "string", nil
		case t.P > maxVarchar || t.P < 1:
			return "", trinoerr.New(trinoerr.NotSupported, "Unsupported Hive type: %s. Supported VARCHAR types: VARCHAR(<=%d), VARCHAR.", t, maxVarchar)
		}
		return fmt.Sprintf("varchar(%d)", t.P), nil
	case types.Char:
		if t.P > maxChar || t.P < 1 {
			return "", trinoerr.New(trinoerr.NotSupported, "Unsupported Hive type: %s. Supported CHAR types: CHAR(<=%d).", t, maxChar)
		}
		return fmt.Sprintf("char(%d)", t.P), nil
	case types.Array, types.Map:
		args := make([]string, len(t.Args))
		for i := range t.Args {
			var err error
			if args[i], err = hiveType(t.Elem(i)); err != nil {
				return "", err
			}
		}
		return map[types.Kind]string{types.Array: "array", types.Map: "map"}[t.Kind] + "<" + strings.Join(args, ",") + ">", nil
	case types.Row:
		return hiveStruct(t)
	}
	return "", trinoerr.New(trinoerr.NotSupported, "Unsupported Hive type: %s", t)
}

func hiveStruct(t types.Type) (string, error) {
	fields := make([]string, len(t.Args))
	for i, f := range t.Args {
		if f.Name == "" {
			return "", trinoerr.New(trinoerr.NotSupported, "Anonymous row type is not supported in Hive. Please give each field a name: %s", t)
		}
		inner, err := hiveType(f.Type)
		if err != nil {
			return "", err
		}
		fields[i] = f.Name + ":" + inner
	}
	return "struct<" + strings.Join(fields, ",") + ">", nil
}

// maxNesting bounds the depth of types that are read.
const maxNesting = 100

// parseHiveType returns the SQL type of a Hive type's name. Timestamps have the given precision.
func parseHiveType(text string, precision int) (types.Type, error) {
	p := typeParser{text: text, precision: precision}
	t, ok := p.parse(maxNesting)
	if !ok || p.rest() != "" {
		return types.Type{}, trinoerr.New(trinoerr.NotSupported, "Unsupported Hive type: %s", text)
	}
	return t, nil
}

type typeParser struct {
	text      string
	pos       int
	precision int
}

func (p *typeParser) rest() string { return strings.TrimSpace(p.text[p.pos:]) }

// take skips a character; false when another one follows.
func (p *typeParser) take(c byte) bool {
	p.spaces()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *typeParser) spaces() {
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
}

// until returns the text before the next of some characters.
func (p *typeParser) until(stops string) string {
	p.spaces()
	n := strings.IndexAny(p.text[p.pos:], stops)
	if n < 0 {
		n = len(p.text) - p.pos
	}
	word := strings.TrimSpace(p.text[p.pos : p.pos+n])
	p.pos += n
	return word
}

func (p *typeParser) parse(depth int) (types.Type, bool) {
	if depth == 0 {
		return types.Type{}, false
	}
	word := strings.ToLower(p.until("<>(),:"))
	for _, t := range plainTypes {
		if t.name == word {
			return types.Of(t.kind), true
		}
	}
	switch word {
	case "string":
		return types.Of(types.Varchar), true
	case "integer":
		return types.Of(types.Integer), true
	case "timestamp":
		return types.TimestampP(p.precision), true
	case "varchar", "char":
		n, ok := p.numbers()
		if !ok || len(n) != 1 || n[0] < 1 || n[0] > maxVarchar {
			return types.Type{}, false
		}
		if word == "char" {
			return types.CharN(n[0]), n[0] <= maxChar
		}
		return types.VarcharN(n[0]), true
	case "decimal":
		return p.decimal()
	case "array":
		elem, ok := p.args(depth, 1)
		if !ok {
			return types.Type{}, false
		}
		return types.ArrayOf(elem[0]), true
	case "map":
		args, ok := p.args(depth, 2)
		if !ok {
			return types.Type{}, false
		}
		return types.MapOf(args[0], args[1]), true
	case "struct":
		return p.structure(depth)
	}
	return types.Type{}, false
}

// decimal reads the parameters of a decimal; without any they are Hive's.
func (p *typeParser) decimal() (types.Type, bool) {
	p.spaces()
	if p.pos == len(p.text) || p.text[p.pos] != '(' {
		return types.DecimalOf(10, 0), true
	}
	n, ok := p.numbers()
	if ok && len(n) == 1 {
		n = append(n, 0)
	}
	if !ok || len(n) != 2 || n[0] < 1 || n[0] > types.MaxDecimalPrecision || n[1] > n[0] {
		return types.Type{}, false
	}
	return types.DecimalOf(n[0], n[1]), true
}

// numbers reads "(n, …)".
func (p *typeParser) numbers() (list []int, ok bool) {
	if !p.take('(') {
		return nil, false
	}
	for {
		n, err := strconv.ParseUint(p.until(",)"), 10, 31)
		if err != nil {
			return nil, false
		}
		list = append(list, int(n))
		if p.take(')') {
			return list, true
		}
		if !p.take(',') {
			return nil, false
		}
	}
}

// args reads "<type, …>" of n types.
func (p *typeParser) args(depth, n int) ([]types.Type, bool) {
	list := make([]types.Type, n)
	opening := byte('<')
	for i := range list {
		if !p.take(opening) {
			return nil, false
		}
		opening = ','
		var ok bool
		if list[i], ok = p.parse(depth - 1); !ok {
			return nil, false
		}
	}
	return list, p.take('>')
}

// structure reads "<name:type, …>". Names are lower case in SQL.
func (p *typeParser) structure(depth int) (types.Type, bool) {
	var fields []types.Field
	for opening := byte('<'); ; opening = ',' {
		if !p.take(opening) {
			return types.Type{}, false
		}
		name := strings.ToLower(p.until(":<>,"))
		if name == "" || !p.take(':') {
			return types.Type{}, false
		}
		t, ok := p.parse(depth - 1)
		if !ok {
			return types.Type{}, false
		}
		fields = append(fields, types.Field{Name: name, Type: t})
		if p.take('>') {
			return types.RowOf(fields...), true
		}
	}
}
