package functions

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// tables are the functions of all areas.
var tables = [][]Function{
	operatorFunctions, mathFunctions, stringFunctions, formatFunctions, regexpFunctions, datetimeFunctions, arrayFunctions, mapFunctions,
	jsonFunctions, aggregateFunctions, extremeFunctions, mapAggregates, reduceAggregates, sketchFunctions, checksumFunctions, percentileFunctions, windowFunctions, assignmentFunctions, subqueryFunctions, keyFilterFunctions, tableRowFunctions, routineFunctions,
	sessionFunctions, failureFunctions,
}

var byName, byVariant = index()

func index() (map[string][]*Function, map[string]*Function) {
	names, variants := map[string][]*Function{}, map[string]*Function{}
	for _, table := range tables {
		for i := range table {
			f := &table[i]
			f.parse()
			if variants[f.Signature] != nil {
				panic("functions: declared twice: " + f.Signature)
			}
			names[f.Name] = append(names[f.Name], f)
			variants[f.Signature] = f
		}
	}
	return names, variants
}

// All returns every function, sorted by signature. The functions must not be changed.
func All() []*Function {
	var out []*Function
	for _, f := range byVariant {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Signature < out[j].Signature })
	return out
}

// Named returns the overloads of a name, which is not case-sensitive; none when there is no such function.
func Named(name string) []*Function { return byName[strings.ToLower(name)] }

// IsAggregate reports whether a name is that of an aggregate function.
func IsAggregate(name string) bool {
	fs := Named(name)
	return len(fs) > 0 && fs[0].Kind == Aggregate
}

// IsWindow reports whether a name is that of a window function proper, which needs OVER.
func IsWindow(name string) bool {
	fs := Named(name)
	return len(fs) > 0 && fs[0].Kind == Window
}

// Variants of the steps of a split aggregate are the signature followed by one of these.
const (
	stateMark = "#state"
	mergeMark = "#merge"
	finalMark = "#final"
)

// Part is a state component of a split aggregate: an aggregate of its own over the same arguments.
type Part struct {
	Variant string
	Type    types.Type
}

// Parts tells how an aggregate called with arguments of the given (coerced) types is split: the components that a
// partial aggregation computes, each from all the arguments, and the variant that computes the result from the
// components, its arguments in that order. ok is false when the aggregate cannot be split. A call with DISTINCT or
// ORDER BY must not be split; a FILTER belongs to the partial step.
func Parts(variant string, args []types.Type) (parts []Part, final string, ok bool) {
	if base, is := strings.CutSuffix(variant, finalMark); is {
		return merges(base, args)
	}
	f := byVariant[variant]
	if f == nil || f.Split == nil {
		return nil, "", false
	}
	actual := make([]Arg, len(args))
	for i, t := range args {
		actual[i].Type = t
	}
	b := &binder{vars: f.parsed.vars}
	b.Types, b.Nums, b.Args = map[string]types.Type{}, map[string]int{}, args
	formals, fit := f.expand(len(args))
	if !fit {
		return nil, "", false
	}
	for i, p := range formals {
		if !b.unify(p, args[i], false) {
			return nil, "", false
		}
	}
	for i, s := range f.Split.States {
		p := Part{Variant: variant + stateMark + strconv.Itoa(i)}
		if s.TypeOf != nil {
			p.Type = s.TypeOf(b.Binding)
		} else if p.Type, ok = b.substitute(parsePattern(s.Type, f.parsed.vars)); !ok {
			panic(fmt.Sprintf("functions: state %d of %s has an unbound type", i, variant))
		}
		parts = append(parts, p)
	}
	return parts, variant + finalMark, true
}

// merges splits the final step of an aggregate, whose arguments are its components: they are merged first, each by itself.
func merges(base string, args []types.Type) (parts []Part, final string, ok bool) {
	f := byVariant[base]
	if f == nil || f.Split == nil || len(f.Split.States) != len(args) {
		return nil, "", false
	}
	for i, s := range f.Split.States {
		if s.Merge == "" && s.MergeEmit == nil {
			return nil, "", false
		}
		parts = append(parts, Part{Variant: base + mergeMark + strconv.Itoa(i), Type: args[i]})
	}
	return parts, base + finalMark, true
}

// Lookup finds the function that a plan's Variant names; nil when there is none. Variants of split aggregates give a
// function that computes the part.
func Lookup(variant string) *Function {
	if f := byVariant[variant]; f != nil {
		return f
	}
	base, mark, ok := strings.Cut(variant, "#")
	f := byVariant[base]
	if !ok || f == nil || f.Split == nil {
		return nil
	}
	part := &Function{Name: f.Name, Signature: variant, Kind: Aggregate, Hidden: true}
	if "#"+mark == finalMark {
		part.SQL, part.Emit = f.Split.Final, f.Split.FinalEmit
		return part
	}
	number, merge := strings.CutPrefix("#"+mark, mergeMark)
	i, err := strconv.Atoi(strings.TrimPrefix(number, stateMark))
	if err != nil || i < 0 || i >= len(f.Split.States) {
		return nil
	}
	if s := f.Split.States[i]; merge {
		part.SQL = strings.ReplaceAll(s.Merge, "$1", "$"+strconv.Itoa(i+1)) // among all components
		if part.Emit = s.MergeEmit; part.SQL == "" && (part.Emit == nil || i > 0) {
			return nil
		}
		return part
	}
	part.SQL, part.Emit = f.Split.States[i].SQL, f.Split.States[i].Emit
	return part
}
