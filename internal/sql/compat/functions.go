package compat

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

//go:embed trino476.tsv
var trino476 string

// Overload is a function as Trino lists it.
type Overload struct {
	Name, Returns, Arguments, Kind string
}

// Signature is the name with the argument types.
func (o Overload) Signature() string { return o.Name + "(" + o.Arguments + ")" }

// trinoFunctions are all overloads that Trino 476 lists, with lower-case names, sorted by name.
func trinoFunctions() []Overload {
	var out []Overload
	for line := range strings.Lines(trino476) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 5 {
			continue
		}
		out = append(out, Overload{strings.ToLower(f[0]), f[1], f[2], f[3]})
	}
	slices.SortStableFunc(out, func(a, b Overload) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// plugins are the functions of Trino's plugins that are not about SQL as such, by what names and types of theirs look like.
var plugins = []struct {
	Name    string
	pattern *regexp.Regexp
}{
	{"geospatial", regexp.MustCompile(`geometry|geography|bingtile|kdbtree|^(st_|bing_|geometr|great_circle|.*_geojson|.*polyline|spatial_|convex_hull|.*_spherical)`)},
	{"machine learning", regexp.MustCompile(`classifier|regressor|^(features|learn_|classify|regress\()`)},
	{"Teradata", regexp.MustCompile(`^(char2hexint|index|to_char|to_date|to_timestamp)\(`)},
	{"MongoDB", regexp.MustCompile(`objectid`)},
}

// Plugin names the plugin that an overload comes from; empty for Trino's own functions.
func (o Overload) Plugin() string {
	text := strings.ToLower(o.Signature() + " " + o.Returns)
	for _, p := range plugins {
		if p.pattern.MatchString(text) {
			return p.Name
		}
	}
	return ""
}

// Supported reports whether Waterbear resolves a call with arguments of the overload's types.
func (o Overload) Supported() bool {
	if o.Kind == "table" {
		return tableFunctions[o.Name]
	}
	var args []functions.Arg
	for _, text := range types.SplitList(o.Arguments) {
		arg, ok := argument(text)
		if !ok {
			return false
		}
		args = append(args, arg)
	}
	_, err := functions.ResolveWithLambdas(o.Name, args)
	if err == nil {
		return true
	}
	// Variadic functions are listed with one of the repeated arguments, and may want two.
	_, err = functions.ResolveWithLambdas(o.Name, append(args, args[max(0, len(args)-1):]...))
	return err == nil
}

var (
	typeVariable  = regexp.MustCompile(`\b[a-zA-Z][0-9]?\b`)
	typeParameter = regexp.MustCompile(`\b(varchar|char|decimal|time|timestamp)\(([a-z]|[ab]_precision)(,\s*([a-z]|[ab]_scale))?\)`)
	codeTypes     = regexp.MustCompile(`(?i)\b(jsonpath|joniregexp|codepoints|likepattern)\b`)
)

// concrete replaces the variables of a type: numbers by some that fit, types by one that fits everywhere.
func concrete(text string) string {
	text = codeTypes.ReplaceAllString(text, "varchar")
	text = typeParameter.ReplaceAllStringFunc(text, func(m string) string {
		name, _, _ := strings.Cut(m, "(")
		if strings.Contains(m, ",") {
			return name + "(10,2)"
		}
		return name + "(3)"
	})
	return typeVariable.ReplaceAllString(text, "double")
}

// argument makes an argument of a listed type.
func argument(text string) (functions.Arg, bool) {
	if inner, ok := strings.CutPrefix(text, "function("); ok {
		parts := types.SplitList(strings.TrimSuffix(inner, ")"))
		last := parts[len(parts)-1]
		result, err := types.Parse(concrete(last))
		return functions.Arg{LambdaArity: len(parts) - 1, Lambda: func([]types.Type) (types.Type, error) { return result, nil }}, err == nil
	}
	if text == "unknown" {
		return functions.Arg{Type: types.Of(types.Unknown)}, true
	}
	t, err := types.Parse(concrete(text))
	return functions.Arg{Type: t}, err == nil
}
