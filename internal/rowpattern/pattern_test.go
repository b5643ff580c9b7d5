package rowpattern

import (
	"strconv"
	"strings"
	"testing"
)

// parsePattern reads a pattern over one-letter variables: A B | (C D)*? {2,3}, ^ $ <excluded> and &(A B C) for PERMUTE.
func parsePattern(t testing.TB, text string) *Pattern {
	p := &patternParser{t: t, rest: strings.ReplaceAll(text, " ", "")}
	out := p.alternatives()
	if p.rest != "" {
		t.Fatalf("pattern %q: unread %q", text, p.rest)
	}
	return out
}

type patternParser struct {
	t    testing.TB
	rest string
}

func (p *patternParser) accept(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *patternParser) alternatives() *Pattern {
	list := []*Pattern{p.sequence()}
	for p.accept("|") {
		list = append(list, p.sequence())
	}
	if len(list) == 1 {
		return list[0]
	}
	return &Pattern{Op: Alternate, Subs: list}
}

func (p *patternParser) sequence() *Pattern {
	var list []*Pattern
	for p.rest != "" && !strings.ContainsAny(p.rest[:1], "|)>") {
		list = append(list, p.quantified())
	}
	switch len(list) {
	case 0:
		return &Pattern{Op: Empty}
	case 1:
		return list[0]
	}
	return &Pattern{Op: Concat, Subs: list}
}

func (p *patternParser) quantified() *Pattern {
	q := &Pattern{Op: Quantified, Subs: []*Pattern{p.primary()}, Max: Unbounded}
	switch {
	case p.accept("*"):
	case p.accept("+"):
		q.Min = 1
	case p.accept("?"):
		q.Max = 1
	case p.accept("{"):
		bounds, rest, _ := strings.Cut(p.rest, "}")
		p.rest = rest
		low, high, ranged := strings.Cut(bounds, ",")
		q.Min, _ = strconv.Atoi(low)
		if !ranged {
			q.Max = q.Min
		}
		if high != "" {
			q.Max, _ = strconv.Atoi(high)
		}
	default:
		return q.Subs[0]
	}
	q.Lazy = p.accept("?")
	return q
}

func (p *patternParser) primary() *Pattern {
	switch {
	case p.accept("("):
		out := p.alternatives()
		p.accept(")")
		return out
	case p.accept("<"):
		out := p.alternatives()
		p.accept(">")
		return &Pattern{Op: Exclude, Subs: []*Pattern{out}}
	case p.accept("&("):
		out := p.sequence()
		p.accept(")")
		return &Pattern{Op: Permute, Subs: out.Subs}
	case p.accept("^"):
		return &Pattern{Op: Start}
	case p.accept("$"):
		return &Pattern{Op: End}
	}
	v := int(p.rest[0] - 'A')
	p.rest = p.rest[1:]
	return &Pattern{Op: Variable, Var: v}
}

func TestPatternText(t *testing.T) {
	names := []string{"A", "B", "C"}
	for in, want := range map[string]string{
		"A B* C+?":        "A B* C+?",
		"(A B){2,3}|C":    "((A B){2,3} | C)",
		"&(A B C)":        "PERMUTE(A, B, C)",
		"^ <A{2,}> $":     "^ {- A{2,} -} $",
		"(A|()) (B?)??":   "(A | ()) B???",
		"(A | B | C){1,}": "(A | B | C)+",
	} {
		if got := parsePattern(t, in).text(names); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestPatternSize(t *testing.T) {
	for in, want := range map[string]bool{
		"A{1,1000}":                   true,
		"((A{1000}){1000}){1000}":     false,
		"&(A B C A B C)":              true,
		"&(A B C A B C A B C A B C)":  false,
		"(A{1,100000}|B{1,100000})*":  true,
		"((A{1,100000}){1,100000})?":  false,
		"((((A?){9}){9}){9}){9}":      true,
		"(((((A?){99}){99}){99}){9})": false,
	} {
		err := (&Spec{Pattern: parsePattern(t, in)}).Check()
		if (err == nil) != want {
			t.Errorf("%s: %v", in, err)
		}
	}
}
