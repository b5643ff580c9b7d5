package sqljson

import (
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Invocation is a path and what is passed to it.
type Invocation struct {
	Path      string     `json:"path"`
	Variables []Variable `json:"variables,omitempty"`
	// Zone is the session's time zone.
	Zone types.Zone `json:"zone,omitempty"`
}

// Variable is a parameter of a path.
type Variable struct {
	Name string `json:"name"`
	// Type is the SQL type of the text that is passed, or json when the text is read as JSON.
	Type string `json:"type"`
}

// Behavior is what a construct gives when it finds nothing or fails.
type Behavior string

// The behaviors. Not every construct has all of them.
const (
	Error       Behavior = "error"
	Null        Behavior = "null"
	Default     Behavior = "default"
	True        Behavior = "true"
	False       Behavior = "false"
	EmptyArray  Behavior = "[]"
	EmptyObject Behavior = "{}"
)

// Encode returns the text of a description.
func Encode(description any) string {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(description); err != nil {
		panic(err) // the descriptions are made of texts and booleans
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// decode reads the text of a description.
func decode(text string, description any) error {
	return trinoerr.Wrap(json.Unmarshal([]byte(text), description), trinoerr.GenericInternalError, "sqljson: description")
}

// prepared is an invocation that has been parsed.
type prepared struct {
	path      *jsonpath.Path
	variables []variable
	zone      types.Zone
}

type variable struct {
	name string
	typ  types.Type
}

func (i *Invocation) prepare() (*prepared, error) {
	p := &prepared{zone: i.Zone}
	var err error
	if p.path, err = parsePath(i.Path); err != nil {
		return nil, err
	}
	for _, v := range i.Variables {
		t, err := types.Parse(v.Type)
		if err != nil {
			return nil, err
		}
		p.variables = append(p.variables, variable{v.Name, t})
	}
	return p, nil
}

// parsePath parses a path that the binder has parsed before.
func parsePath(text string) (*jsonpath.Path, error) {
	path, err := jsonpath.Parse(text)
	return path, trinoerr.Wrap(err, trinoerr.SyntaxError, "JSON path")
}

// inputError is the error for a text that is no JSON. It is that of Trino, which gives no details.
func inputError() error {
	return trinoerr.New(trinoerr.JsonInputConversionError, "conversion to JSON failed: ")
}

// read reads JSON input.
func read(text string) (jsonpath.Item, error) {
	item, err := jsonpath.Decode(text)
	if err != nil {
		return nil, inputError()
	}
	return item, nil
}

// evaluate applies the path to the text of a document. parameters has a text for each variable.
func (p *prepared) evaluate(document string, parameters []any) ([]jsonpath.Item, error) {
	context, err := read(document)
	if err != nil {
		return nil, err
	}
	variables, err := p.pass(parameters)
	if err != nil {
		return nil, err
	}
	return p.find(context, variables)
}

// pass makes items of parameters. A NULL is the JSON null, or an empty sequence where JSON was announced.
func (p *prepared) pass(parameters []any) (map[string]jsonpath.Item, error) {
	out := map[string]jsonpath.Item{}
	for n, v := range p.variables {
		text, ok := parameters[n].(string)
		var err error
		switch {
		case v.typ.Kind == types.JSON && !ok:
		case v.typ.Kind == types.JSON:
			if out[v.name], err = read(text); err != nil {
				return nil, err
			}
		case !ok:
			out[v.name] = jsonpath.Null{}
		default:
			if out[v.name], err = valueOf(v.typ, text, p.zone); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// find evaluates the path.
func (p *prepared) find(context jsonpath.Item, variables map[string]jsonpath.Item) ([]jsonpath.Item, error) {
	items, err := p.path.Evaluate(&jsonpath.Env{Context: context, Variables: variables, Zone: p.zone})
	if err != nil {
		return nil, trinoerr.New(trinoerr.PathEvaluationError, "path evaluation failed: %s", err)
	}
	return items, nil
}

// valueOf reads the text that a cast to varchar made of an SQL value.
func valueOf(t types.Type, text string, zone types.Zone) (jsonpath.Value, error) {
	v, ok := types.Cast(text, types.Of(types.Varchar), t, zone)
	if !ok {
		return jsonpath.Value{}, trinoerr.New(trinoerr.GenericInternalError, "sqljson: %q is no %s", text, t)
	}
	return jsonpath.Value{Type: t, Value: v}, nil
}
