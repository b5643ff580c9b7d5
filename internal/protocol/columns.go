package protocol

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// ParametricDatetime is the capability of clients that know the precision of times and timestamps.
const ParametricDatetime = "PARAMETRIC_DATETIME"

// legacyPrecision is what a client without ParametricDatetime gets of times and timestamps: milliseconds.
const legacyPrecision = 3

// ClientType returns the type in which a client can take values of type t: clients without the capability
// ParametricDatetime get times and timestamps, nested ones too, rounded to milliseconds. Rows must be rendered in
// this type; the columns of a ResultPage may have either.
func ClientType(t types.Type, s *Session) types.Type {
	if s.Has(ParametricDatetime) {
		return t
	}
	return toLegacy(t)
}

func toLegacy(t types.Type) types.Type {
	if isDatetime(t) {
		t.P = legacyPrecision
	}
	t.Args = slices.Clone(t.Args)
	for i := range t.Args {
		t.Args[i].Type = toLegacy(t.Args[i].Type)
	}
	return t
}

// columnJSON is a column of the response.
type columnJSON struct {
	Name      string        `json:"name"`
	Type      string        `json:"type"`
	Signature signatureJSON `json:"typeSignature"`
}

type signatureJSON struct {
	RawType   string         `json:"rawType"`
	Arguments []argumentJSON `json:"arguments"`
}

type argumentJSON struct {
	Kind  string `json:"kind"` // LONG, TYPE, NAMED_TYPE
	Value any    `json:"value"`
}

type namedTypeJSON struct {
	FieldName *fieldNameJSON `json:"fieldName,omitempty"`
	Signature signatureJSON  `json:"typeSignature"`
}

type fieldNameJSON struct {
	Name string `json:"name"`
}

// renderColumns returns the value of the response's "columns".
func renderColumns(columns []Column, parametric bool) []byte {
	out := make([]columnJSON, len(columns))
	for i, c := range columns {
		out[i] = columnJSON{Name: c.Name, Type: typeName(c.Type, parametric), Signature: signature(c.Type, parametric)}
	}
	return mustJSON(out)
}

// signature returns the machine-readable form of a type; parametric is whether the client has ParametricDatetime.
func signature(t types.Type, parametric bool) signatureJSON {
	s := signatureJSON{RawType: t.RawType(), Arguments: []argumentJSON{}}
	if parametric || !isDatetime(t) {
		for _, n := range t.NumericArguments() {
			s.Arguments = append(s.Arguments, argumentJSON{"LONG", n})
		}
	}
	for _, f := range t.Args {
		arg := signature(f.Type, parametric)
		if t.Kind != types.Row {
			s.Arguments = append(s.Arguments, argumentJSON{"TYPE", arg})
			continue
		}
		named := namedTypeJSON{Signature: arg}
		if f.Name != "" {
			named.FieldName = &fieldNameJSON{f.Name}
		}
		s.Arguments = append(s.Arguments, argumentJSON{"NAMED_TYPE", named})
	}
	return s
}

// typeName returns the name of a type as the response shows it: for clients without ParametricDatetime, times and
// timestamps are written without precision.
func typeName(t types.Type, parametric bool) string {
	if parametric || !hasDatetime(t) {
		return t.ProtocolName()
	}
	if isDatetime(t) {
		return t.RawType()
	}
	args := make([]string, len(t.Args))
	for i, f := range t.Args {
		args[i] = fieldPrefix(f.Name) + typeName(f.Type, parametric)
	}
	return t.RawType() + "(" + strings.Join(args, ", ") + ")"
}

// fieldPrefix returns a row field's name, quoted if it must be, and a space; nothing for a field without a name.
func fieldPrefix(name string) string {
	row := types.RowOf(types.Field{Name: name, Type: types.Of(types.Boolean)}).ProtocolName()
	return strings.TrimSuffix(strings.TrimPrefix(row, "row("), "boolean)")
}

func isDatetime(t types.Type) bool {
	switch t.Kind {
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return true
	}
	return false
}

func hasDatetime(t types.Type) bool {
	return isDatetime(t) || slices.ContainsFunc(t.Args, func(f types.Field) bool { return hasDatetime(f.Type) })
}

// mustJSON encodes a value of this package's own types, which cannot fail. Unlike json.Marshal it leaves <, > and & as
// they are.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
