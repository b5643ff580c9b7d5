package jsonpath

// truth is the value of a predicate.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// test evaluates a predicate. An error within it makes it unknown.
func (v *evaluation) test(p Predicate, sc scope) truth {
	switch p := p.(type) {
	case *And:
		left := v.test(p.Left, sc)
		if left == no {
			return no
		}
		right := v.test(p.Right, sc)
		if right == no || left == yes {
			return right
		}
		return unknown
	case *Or:
		left := v.test(p.Left, sc)
		if left == yes {
			return yes
		}
		right := v.test(p.Right, sc)
		if right == yes || left == no {
			return right
		}
		return unknown
	case *Not:
		switch v.test(p.Arg, sc) {
		case yes:
			return no
		case no:
			return yes
		}
		return unknown
	case *IsUnknown:
		return truthOf(v.test(p.Arg, sc) == unknown)
	case *Exists:
		items, err := v.eval(p.Arg, sc)
		if err != nil {
			return unknown
		}
		return truthOf(len(items) > 0)
	case *StartsWith:
		return v.startsWith(p, sc)
	case *Comparison:
		return v.comparison(p, sc)
	}
	return unknown
}
