package functions

import (
	"sort"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Arg is an argument of a call to be resolved: a value of a type, or a lambda.
type Arg struct {
	Type types.Type
	// Lambda analyses the lambda's body for given parameter types and returns the result's type. It may be called
	// several times, for different overloads; the last call is the one that counts.
	Lambda func(params []types.Type) (types.Type, error)
	// LambdaArity is the lambda's number of parameters.
	LambdaArity int
}

// Resolve chooses the overload of a function for arguments of the given types. Names are not case-sensitive; operators
// are "$add", "$subtract", "$multiply", "$divide", "$modulus", "$negate" and "$subscript". The error is Trino's, without a
// position: FUNCTION_NOT_FOUND, AMBIGUOUS_FUNCTION_CALL, or TYPE_MISMATCH for operators.
func Resolve(name string, args []types.Type) (Resolved, error) {
	a := make([]Arg, len(args))
	for i, t := range args {
		a[i].Type = t
	}
	return ResolveWithLambdas(name, a)
}

// ResolveWithLambdas is Resolve for calls with lambdas among the arguments. An error of a lambda's analysis is returned
// as it is.
func ResolveWithLambdas(name string, args []Arg) (Resolved, error) {
	name = strings.ToLower(name)
	candidates := byName[name]
	if len(candidates) == 0 {
		return Resolved{}, trinoerr.New(trinoerr.FunctionNotFound, "Function '%s' not registered", name)
	}
	var plain, generic []*Function
	for _, f := range candidates {
		if f.Vars == "" {
			plain = append(plain, f)
		} else {
			generic = append(generic, f)
		}
	}
	for _, round := range []struct {
		fs     []*Function
		coerce bool
	}{{plain, false}, {generic, false}, {candidates, true}} {
		r, ok, err := match(round.fs, args, round.coerce)
		if ok || err != nil {
			return r, err
		}
	}
	return Resolved{}, mismatch(name, candidates, args)
}

// match finds the one overload that fits best.
func match(fs []*Function, args []Arg, coerce bool) (Resolved, bool, error) {
	var fit []Resolved
	var failed error
	for _, f := range fs {
		r, ok, err := f.bind(args, coerce)
		if err != nil {
			failed = err
			continue
		}
		if ok {
			fit = append(fit, r)
		}
	}
	if len(fit) == 0 {
		return Resolved{}, false, failed
	}
	if coerce {
		fit = mostSpecific(fit, args)
	}
	if len(fit) > 1 {
		return Resolved{}, false, ambiguous(fit)
	}
	return fit[0], true, nil
}

// mostSpecific drops the overloads whose arguments are all coercible to those of another.
func mostSpecific(fit []Resolved, args []Arg) []Resolved {
	var keep []Resolved
	for _, cur := range fit {
		found := false
		for i, r := range keep {
			if moreSpecific(cur, r) {
				keep[i] = cur
				found = true
			} else if moreSpecific(r, cur) {
				found = true
			}
			if found {
				break
			}
		}
		if !found {
			keep = append(keep, cur)
		}
	}
	if len(keep) <= 1 || !someUnknown(args) {
		return keep
	}
	if only := castingUnknownOnly(keep, args); len(only) > 0 {
		keep = only
	}
	if len(keep) > 1 && interchangeable(keep) {
		// All give NULL: take any, but always the same.
		sort.Slice(keep, func(i, j int) bool { return keep[i].Function.Signature > keep[j].Function.Signature })
		keep = keep[:1]
	}
	return keep
}

// moreSpecific reports whether a call that fits l also fits r.
func moreSpecific(l, r Resolved) bool {
	args := make([]Arg, len(l.Args))
	for i, t := range l.Args {
		args[i].Type = t
		if t.Kind == types.Function {
			args[i].LambdaArity = len(t.Args) - 1
			args[i].Lambda = func([]types.Type) (types.Type, error) { return t.Elem(len(t.Args) - 1), nil }
		}
	}
	_, ok, err := r.Function.bind(args, true)
	return ok && err == nil
}

func someUnknown(args []Arg) bool {
	for _, a := range args {
		if a.Lambda != nil {
			return false
		}
	}
	for _, a := range args {
		if a.Type.Kind == types.Unknown {
			return true
		}
	}
	return false
}

func castingUnknownOnly(fit []Resolved, args []Arg) []Resolved {
	var out []Resolved
	for _, r := range fit {
		ok := true
		for i, t := range r.Args {
			ok = ok && (args[i].Type.Kind == types.Unknown || args[i].Type.Equal(t))
		}
		if ok {
			out = append(out, r)
		}
	}
	return out
}

func interchangeable(fit []Resolved) bool {
	for _, r := range fit {
		if r.Function.CalledOnNull || r.Function.Kind != Scalar || !r.Result.Equal(fit[0].Result) {
			return false
		}
	}
	return true
}

func ambiguous(fit []Resolved) error {
	var b strings.Builder
	b.WriteString("Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n")
	for _, r := range fit {
		b.WriteString("\t * " + r.Function.Name + "(" + typeList(r.Args) + "):" + r.Result.String() + "\n")
	}
	return trinoerr.New(trinoerr.AmbiguousFunctionCall, "%s", b.String())
}

// operatorText is how the operators are written.
var operatorText = map[string]string{
	"$add": "+", "$subtract": "-", "$multiply": "*", "$divide": "/", "$modulus": "%",
}

// mismatch is the error for arguments that no overload takes.
func mismatch(name string, candidates []*Function, args []Arg) error {
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = "<function>"
		if a.Lambda == nil {
			shown[i] = a.Type.String()
		}
	}
	switch {
	case operatorText[name] != "" && len(args) == 2:
		return trinoerr.New(trinoerr.TypeMismatch, "Cannot apply operator: %s %s %s", shown[0], operatorText[name], shown[1])
	case name == "$negate" && len(args) == 1:
		return trinoerr.New(trinoerr.TypeMismatch, "Cannot negate %s", shown[0])
	case name == "$subscript" && len(args) == 2:
		return trinoerr.New(trinoerr.TypeMismatch, "Cannot use %s for subscript of %s", shown[1], shown[0])
	}
	var expected []string
	for _, f := range candidates {
		if !f.Hidden {
			expected = append(expected, f.display())
		}
	}
	sort.Strings(expected)
	return trinoerr.New(trinoerr.FunctionNotFound, "Unexpected parameters (%s) for function %s. Expected: %s",
		strings.Join(shown, ", "), name, strings.Join(expected, ", "))
}

func typeList(ts []types.Type) string {
	s := make([]string, len(ts))
	for i, t := range ts {
		s[i] = t.String()
	}
	return strings.Join(s, ", ")
}
