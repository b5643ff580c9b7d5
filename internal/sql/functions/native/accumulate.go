package native

// accumulating makes an Aggregate of functions over a state. The state starts as nil when there was no row yet, and the result
// is NULL then.
func accumulating[S any](name, result string, parameters []string, f accumulate[S]) Aggregate {
	return Aggregate{Name: name, Params: parameters, Result: result, CalledOnNull: f.onNull,
		New: func() Accumulator { return &accumulated[S]{accumulate: &f} }}
}

// accumulate are the functions of an aggregate whose state is an S.
type accumulate[S any] struct {
	onNull bool
	// first makes the state for the first row, which is then added as well.
	first  func(args []any) (*S, error)
	add    func(s *S, args []any) error
	merge  func(s, other *S) error
	copy   func(s *S) *S // deep
	result func(s *S) (any, error)
}

type accumulated[S any] struct {
	*accumulate[S]
	state *S
}

func (a *accumulated[S]) Add(args []any) error {
	if a.state == nil {
		s, err := a.first(args)
		if err != nil {
			return err
		}
		a.state = s
	}
	return a.add(a.state, args)
}

func (a *accumulated[S]) Merge(other Accumulator) error {
	o := other.(*accumulated[S])
	switch {
	case o.state == nil:
		return nil
	case a.state == nil:
		a.state = a.copy(o.state)
		return nil
	}
	return a.merge(a.state, o.state)
}

func (a *accumulated[S]) Result() (any, error) {
	if a.state == nil {
		return nil, nil
	}
	return a.result(a.state)
}
