package binder

import (
	"math"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// patternClauses are the clauses that MATCH_RECOGNIZE and windows with a pattern have in common.
type patternClauses struct {
	pattern  ast.RowPattern
	subsets  []*ast.SubsetDefinition
	defines  []*ast.VariableDefinition
	measures []*ast.MeasureDefinition
	skip     *ast.SkipTo
}

// variables are the variables of a pattern and of SUBSET.
type variables struct {
	names []string         // of the pattern, as CLASSIFIER() gives them
	of    map[string][]int // by name: indexes into names; several for a subset
}

// label is a variable's name as it is compared: in upper case, unless it is quoted.
func label(id *ast.Identifier) string {
	if id.Delimited {
		return id.Value
	}
	return strings.ToUpper(id.Value)
}

// analyzePattern checks what can be checked without types, and translates pattern and AFTER MATCH SKIP.
func analyzePattern(c *patternClauses) (*variables, *rowpattern.Spec, error) {
	vars := &variables{of: map[string][]int{}}
	spec := &rowpattern.Spec{Skip: rowpattern.Skip{To: rowpattern.PastLast}}
	vars.collect(c.pattern)
	spec.Variables = vars.names
	for _, s := range c.subsets {
		if err := vars.subset(s); err != nil {
			return nil, nil, err
		}
	}
	if err := checkDefines(c.defines, vars); err != nil {
		return nil, nil, err
	}
	var err error
	if spec.Pattern, err = vars.translate(c.pattern); err != nil {
		return nil, nil, err
	}
	if err := spec.Check(); err != nil {
		return nil, nil, located(c.pattern, err)
	}
	if s := c.skip; s != nil {
		switch s.Kind {
		case ast.SkipToNext:
			spec.Skip.To = rowpattern.ToNext
		case ast.SkipToFirst, ast.SkipToLast:
			spec.Skip.To = rowpattern.ToLast
			if s.Kind == ast.SkipToFirst {
				spec.Skip.To = rowpattern.ToFirst
			}
			if spec.Skip.Vars = vars.of[label(s.Variable)]; spec.Skip.Vars == nil {
				return nil, nil, errAt(s.Variable, trinoerr.InvalidLabel, "%s is not a primary or union pattern variable", s.Variable.Value)
			}
		}
	}
	return vars, spec, checkNestedPatterns(c)
}

// collect numbers the variables of a pattern in the order of the text.
func (v *variables) collect(p ast.RowPattern) {
	ast.Walk(p, func(n ast.Node) bool {
		if p, ok := n.(*ast.PatternVariable); ok {
			if name := label(p.Name); v.of[name] == nil {
				v.of[name] = []int{len(v.names)}
				v.names = append(v.names, name)
			}
		}
		return true
	})
}

func (v *variables) primary(name string) bool { return slices.Contains(v.names, name) }

// subset adds a variable of SUBSET.
func (v *variables) subset(s *ast.SubsetDefinition) error {
	name := label(s.Name)
	switch {
	case v.primary(name):
		return errAt(s.Name, trinoerr.InvalidLabel, "union pattern variable name: %s is a duplicate of primary pattern variable name", s.Name.Value)
	case v.of[name] != nil:
		return errAt(s.Name, trinoerr.InvalidLabel, "union pattern variable name: %s is declared twice", s.Name.Value)
	}
	var members []int
	for _, m := range s.Variables {
		if !v.primary(label(m)) {
			return errAt(m, trinoerr.InvalidLabel, "subset element: %s is not a primary pattern variable", m.Value)
		}
		if i := v.of[label(m)][0]; !slices.Contains(members, i) {
			members = append(members, i)
		}
	}
	slices.Sort(members)
	v.of[name] = members
	return nil
}

func checkDefines(defines []*ast.VariableDefinition, vars *variables) error {
	seen := map[string]bool{}
	for _, d := range defines {
		name := label(d.Name)
		switch {
		case !vars.primary(name):
			return errAt(d.Name, trinoerr.InvalidLabel, "defined variable: %s is not a primary pattern variable", d.Name.Value)
		case seen[name]:
			return errAt(d.Name, trinoerr.InvalidLabel, "pattern variable with name: %s is defined twice", d.Name.Value)
		}
		seen[name] = true
		var final *ast.FunctionCall
		ast.Walk(d.Condition, func(n ast.Node) bool {
			if c, ok := n.(*ast.FunctionCall); ok && c.Mode == ast.Final && final == nil {
				final = c
			}
			return final == nil
		})
		if final != nil {
			return errAt(final.ModeLocation, trinoerr.InvalidProcessingMode, "FINAL semantics is not supported in DEFINE clause")
		}
	}
	return nil
}

// translate makes the matcher's pattern of the text's.
func (v *variables) translate(p ast.RowPattern) (*rowpattern.Pattern, error) {
	list := func(op rowpattern.Op, ps ...ast.RowPattern) (*rowpattern.Pattern, error) {
		out := &rowpattern.Pattern{Op: op}
		for _, p := range ps {
			s, err := v.translate(p)
			if err != nil {
				return nil, err
			}
			out.Subs = append(out.Subs, s)
		}
		return out, nil
	}
	switch p := p.(type) {
	case *ast.PatternVariable:
		return &rowpattern.Pattern{Op: rowpattern.Variable, Var: v.of[label(p.Name)][0]}, nil
	case *ast.EmptyPattern:
		return &rowpattern.Pattern{Op: rowpattern.Empty}, nil
	case *ast.PatternAnchor:
		if p.End {
			return &rowpattern.Pattern{Op: rowpattern.End}, nil
		}
		return &rowpattern.Pattern{Op: rowpattern.Start}, nil
	case *ast.PatternPermutation:
		return list(rowpattern.Permute, p.Patterns...)
	case *ast.ExcludedPattern:
		return list(rowpattern.Exclude, p.Pattern)
	case *ast.PatternConcatenation:
		return list(rowpattern.Concat, p.Patterns...)
	case *ast.PatternAlternation:
		return list(rowpattern.Alternate, p.Patterns...)
	case *ast.QuantifiedPattern:
		out, err := list(rowpattern.Quantified, p.Pattern)
		if err != nil {
			return nil, err
		}
		out.Lazy = !p.Greedy
		out.Min, out.Max, err = bounds(p)
		return out, err
	}
	return nil, unsupported(p, "Row pattern")
}

// bounds are the numbers of a quantifier.
func bounds(p *ast.QuantifiedPattern) (least, most int, err error) {
	switch p.Kind {
	case ast.ZeroOrMore:
		return 0, rowpattern.Unbounded, nil
	case ast.OneOrMore:
		return 1, rowpattern.Unbounded, nil
	case ast.ZeroOrOne:
		return 0, 1, nil
	}
	most = rowpattern.Unbounded
	bad := func(code *trinoerr.Code, message string) (int, int, error) {
		return 0, 0, errAt(p, code, "%s", message)
	}
	if p.Min != nil {
		if least = *p.Min; least > math.MaxInt32 {
			return bad(trinoerr.NumericValueOutOfRange, "Pattern quantifier lower bound must not exceed 2147483647")
		}
	}
	if p.Max != nil {
		switch most = *p.Max; {
		case most < 1:
			return bad(trinoerr.NumericValueOutOfRange, "Pattern quantifier upper bound must be greater than or equal to 1")
		case most > math.MaxInt32:
			return bad(trinoerr.NumericValueOutOfRange, "Pattern quantifier upper bound must not exceed 2147483647")
		case least > most:
			return bad(trinoerr.InvalidRange, "Pattern quantifier lower bound must not exceed upper bound")
		}
	}
	return least, most, nil
}

// checkNestedPatterns refuses row patterns inside of the expressions of one.
func checkNestedPatterns(c *patternClauses) error {
	var es []ast.Expression
	for _, m := range c.measures {
		es = append(es, m.Value)
	}
	for _, d := range c.defines {
		es = append(es, d.Condition)
	}
	for _, e := range es {
		var nested ast.Node
		ast.Walk(e, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.PatternRecognition, ast.RowPattern:
				if nested == nil {
					nested = n
				}
			}
			return nested == nil
		})
		if nested != nil {
			return errAt(nested, trinoerr.NestedRowPatternRecognition, "nested row pattern recognition in row pattern recognition")
		}
	}
	return nil
}

// firstPattern returns the first part of a pattern that is an N, the zero N when there is none.
func firstPattern[N ast.Node](p ast.RowPattern) (hit N, found bool) {
	ast.Walk(p, func(n ast.Node) bool {
		if m, ok := n.(N); ok && !found {
			hit, found = m, true
		}
		return !found
	})
	return hit, found
}
